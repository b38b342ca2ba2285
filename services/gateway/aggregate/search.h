// One search over resources, alerts and rules, from what the neighbours said.
#pragma once

#include <string>

#include "absl/status/statusor.h"
#include "orewatch/alerting/v1/alerting.pb.h"
#include "orewatch/gateway/v1/gateway.pb.h"
#include "orewatch/registry/v1/registry.pb.h"
#include "services/gateway/client/part.h"

namespace orewatch::gateway {

// What is searched.
struct SearchScope {
  bool resources = true;
  bool alerts = true;
  bool rules = true;
};

struct SearchParts {
  SearchScope scope;
  // The page of resources that is being handed out; not asked for if the registry has no more.
  Part<registry::v1::SearchResponse> resources;
  Part<alerting::v1::ListAlertsResponse> alerts;
  Part<alerting::v1::ListRulesResponse> rules;
};

// A page, and where the next one begins; `more` is false on the last one.
struct SearchPage {
  gateway::v1::SearchResponse response;
  gateway::v1::SearchPosition next;
  bool more = false;
};

// The best `page_size` after `position`, equals by name. A page ends with what is known of the registry's matches, for
// a better one may follow; without the registry the rest is ranked alone. UNAVAILABLE if no part came; the registry's
// own error if it says that the query or the token is wrong.
absl::StatusOr<SearchPage> MakeSearchPage(const std::string& query, int page_size,
                                          const gateway::v1::SearchPosition& position, SearchParts parts);

}  // namespace orewatch::gateway
