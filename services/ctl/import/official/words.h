// Words that the tables share.
#pragma once

#include <cstdint>
#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "orewatch/registry/v1/resources.pb.h"
#include "orewatch/type/v1/types.pb.h"

namespace orewatch::ctl {

// Each names the line of a table if the text is no such value.
absl::StatusOr<type::v1::Stage> ParseStage(int64_t line, absl::string_view text);
absl::StatusOr<type::v1::Basis> ParseBasis(int64_t line, absl::string_view text);
absl::StatusOr<registry::v1::Mineral::Kind> ParseMineralKind(int64_t line, absl::string_view text);

// An id from a name: letters in lower case, digits, and one dash for whatever stands between.
std::string IdOf(absl::string_view name);

}  // namespace orewatch::ctl
