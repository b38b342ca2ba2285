// Opaque tokens that say where the next page of a list begins.
#pragma once

#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace orewatch::alerting {

// `query` is everything but the token that decides what a list holds; `position` is where it stands.
std::string MakePageToken(absl::string_view query, absl::string_view position);

// The position. INVALID_ARGUMENT naming page_token if the token is not one of ours or was made for another query.
absl::StatusOr<std::string> ReadPageToken(absl::string_view query, absl::string_view token);

}  // namespace orewatch::alerting
