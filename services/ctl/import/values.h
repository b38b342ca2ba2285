// Numbers, flags and dates as text.
#pragma once

#include <cstdint>
#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "orewatch/type/v1/types.pb.h"

namespace orewatch::ctl {

// Each returns INVALID_ARGUMENT with the text and what was expected.
absl::StatusOr<double> ParseNumber(absl::string_view text);
absl::StatusOr<int32_t> ParseInteger(absl::string_view text);
// `true` or `false`, `yes` or `no`, `1` or `0`.
absl::StatusOr<bool> ParseFlag(absl::string_view text);
// `2024`, `2024-07` or `2024-07-01`.
absl::StatusOr<type::v1::PartialDate> ParseDate(absl::string_view text);

// The shortest decimal that reads back as the same number.
std::string NumberText(double value);
std::string DateText(const type::v1::PartialDate& date);

}  // namespace orewatch::ctl
