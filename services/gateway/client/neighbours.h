// What the gateway asks of the other services. Every call returns at once and answers later; no thread waits.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <utility>

#include "absl/time/time.h"
#include "common/rpc/caller.h"
#include "common/rpc/cancellation.h"
#include "orewatch/alerting/v1/alerting.pb.h"
#include "orewatch/registry/v1/registry.pb.h"
#include "orewatch/risk/v1/risk.pb.h"
#include "services/gateway/client/backend.h"
#include "services/gateway/client/part.h"

namespace orewatch::gateway {

template <typename T>
using Done = std::function<void(Part<T>)>;

// Who asks, by when an answer must come, and which registry revision it must reflect at least.
struct Terms {
  rpc::Caller caller;
  absl::Time deadline;
  int64_t min_revision = 0;
  // Of the time that is left: less than 1 if others wait for the answer before they can ask.
  double share_of_time = 1;
  // That nobody waits for the answer any more: what is under way is given up.
  rpc::Cancellation cancellation = {};
};

// Of a list: what is beyond them is left, with the next_page_token that says so.
struct RowLimit {
  int rows;
  // A neighbour that pages on for ever must not keep us.
  int pages = 50;
};
// More than any list of ours that is shown whole.
inline constexpr RowLimit kWholeList = {50'000};
// What a brief holds of one kind.
inline constexpr RowLimit kBriefList = {500, 5};
// What stands at the head of a list.
inline constexpr RowLimit kHeadOfList = {20, 1};
inline constexpr RowLimit kExposureList = {50, 1};

// Thread-safe. `done` runs once, on any thread, perhaps before the call returns. The backends outlive it.
class Neighbours {
 public:
  struct Backends {
    Backend& registry;
    Backend& risk;
    Backend& alerting;
  };
  explicit Neighbours(const Backends& backends) : backends_(backends) {}

  // One resource, with the revision at which it is so. NOT_FOUND; INVALID_ARGUMENT blames `names`.
  void GetResource(const std::string& name, const Terms& terms, Done<registry::v1::BatchGetResponse> done);
  void ListMinerals(const Terms& terms, Done<registry::v1::ListMineralsResponse> done);
  // Those that match the filter, up to what a brief holds.
  void ListMeasures(const std::string& filter, const Terms& terms, Done<registry::v1::ListMeasuresResponse> done);
  void ListAgreements(const std::string& filter, const Terms& terms, Done<registry::v1::ListAgreementsResponse> done);
  void ListProjects(const std::string& filter, const Terms& terms, Done<registry::v1::ListProjectsResponse> done);
  void ListLinks(const std::string& filter, const Terms& terms, Done<registry::v1::ListLinksResponse> done);
  // Of one supplier, or of all (`suppliers/-`).
  void ListFacilities(const std::string& parent, const std::string& filter, const Terms& terms,
                      Done<registry::v1::ListFacilitiesResponse> done);
  // The newest 20 of one resource.
  void ListChanges(const std::string& name, const Terms& terms, Done<registry::v1::ListChangesResponse> done);
  // One page.
  void Search(registry::v1::SearchRequest request, const Terms& terms, Done<registry::v1::SearchResponse> done);

  // Unset fields of the request match all.
  void ListScores(risk::v1::ListScoresRequest request, const Terms& terms, Done<risk::v1::ListScoresResponse> done);
  void ExplainScore(const risk::v1::ScoreKey& key, const Terms& terms, Done<risk::v1::ScoreExplanation> done);
  void ListExposures(const std::string& subject, const Terms& terms, Done<risk::v1::ListExposuresResponse> done);
  void GetProjectOutlook(const std::string& name, const Terms& terms, Done<risk::v1::ProjectOutlook> done);

  void ListAlerts(alerting::v1::ListAlertsRequest request, const RowLimit& limit, const Terms& terms,
                  Done<alerting::v1::ListAlertsResponse> done);
  void ListRules(const RowLimit& limit, const Terms& terms, Done<alerting::v1::ListRulesResponse> done);

 private:
  const Backends backends_;
};

}  // namespace orewatch::gateway
