// Where a search or a feed goes on, as its caller keeps it: a message in text. It holds nothing that its holder may not
// know: the registry's own token within it is sealed and bound to its caller.
#pragma once

#include <string>

#include "absl/status/statusor.h"
#include "orewatch/gateway/v1/gateway.pb.h"

namespace orewatch::gateway {

std::string TokenOf(const v1::FeedPosition& position);
// INVALID_ARGUMENT blaming `token`.
absl::StatusOr<v1::FeedPosition> FeedPositionOf(const std::string& token);

// What is searched, and by whom.
std::string DigestOf(const v1::SearchRequest& request, const std::string& principal);
std::string TokenOf(const v1::SearchPosition& position);
// The beginning for an empty token. INVALID_ARGUMENT blaming `page_token`: it is none, or of another search.
absl::StatusOr<v1::SearchPosition> SearchPositionOf(const std::string& token, const std::string& digest);

}  // namespace orewatch::gateway
