#include "services/registry/engine/registry_metrics.h"

#include <algorithm>
#include <array>
#include <map>

#include "common/status/status.h"

namespace orewatch::registry {
namespace {

using Operation = Mutation::Operation;
using Outcome = RegistryMetrics::Outcome;

// Ten at most: what there are few of stands together.
const std::vector<std::string>& KindLabels() {
  static const std::vector<std::string> kLabels = {"mineral", "country", "bloc",      "supplier",  "facility",
                                                   "link",    "project", "agreement", "statistic", "other"};
  return kLabels;
}

size_t PlaceOf(Kind kind) {
  const auto& labels = KindLabels();
  const std::string name = IsStatistic(kind) ? "statistic" : InfoOf(kind).entry_field->name();
  const auto found = std::find(labels.begin(), labels.end(), name);
  return found == labels.end() ? labels.size() - 1 : static_cast<size_t>(found - labels.begin());
}

constexpr std::array kOperations = {"create", "update", "delete", "undelete"};
// By number of the outcome.
constexpr std::array kOutcomes = {"committed", "conflict", "replayed", "invalid", "denied", "unavailable"};

prometheus::Family<prometheus::Gauge>& Resources(prometheus::Registry& registry) {
  return metrics::AddGauges(registry, "orewatch_registry_resources", "Resources and statistics, by kind and state.");
}

const prometheus::Histogram::BucketBoundaries& CommitBuckets() {
  static const prometheus::Histogram::BucketBoundaries kBuckets = {0.001, 0.0025, 0.005, 0.01, 0.025, 0.05,
                                                                   0.1,   0.25,   0.5,   1.5,  5.5};
  return kBuckets;
}

}  // namespace

RegistryMetrics::RegistryMetrics(prometheus::Registry& registry)
    : revision_(metrics::AddGauge(registry, "orewatch_registry_revision", "Newest revision.")),
      compacted_(metrics::AddGauge(registry, "orewatch_registry_compacted_revision",
                                   "Revision up to which the history has been compacted.")),
      active_(Resources(registry), "kind", KindLabels(), {{"state", "active"}}),
      deleted_(Resources(registry), "kind", KindLabels(), {{"state", "deleted"}}),
      etag_conflicts_(metrics::AddCounter(registry, "orewatch_registry_etag_conflicts_total",
                                          "Change sets refused because an etag was no longer the entry's.")),
      replays_(metrics::AddCounter(registry, "orewatch_registry_idempotent_replays_total",
                                   "Writes answered as they were the first time.")),
      mismatches_(metrics::AddCounter(registry, "orewatch_registry_idempotency_mismatch_total",
                                      "Writes refused because their request_id was another's.")),
      rejected_tokens_(metrics::AddCounters(registry, "orewatch_registry_page_tokens_rejected_total",
                                            "Page tokens that led nowhere, by why.", "reason", {"expired", "invalid"})),
      import_rows_(metrics::AddCounters(registry, "orewatch_registry_import_rows_total",
                                        "Rows of imports, by what came of them.", "outcome", {"accepted", "rejected"})),
      commit_seconds_(metrics::AddHistogram(registry, "orewatch_registry_commit_seconds",
                                            "Time to bring a group of writes to durable storage.", CommitBuckets())) {
  auto& mutations = metrics::AddCounters(registry, "orewatch_registry_mutations_total",
                                         "Entries that were to be written, by what came of it.");
  for (const std::string& kind : KindLabels()) {
    Outcomes outcomes;
    for (const char* operation : kOperations) {
      outcomes.of_operation.emplace_back(mutations, "outcome",
                                         std::vector<std::string>(kOutcomes.begin(), kOutcomes.end()),
                                         prometheus::Labels{{"kind", kind}, {"operation", operation}});
    }
    mutations_.push_back(std::move(outcomes));
  }
}

Outcome RegistryMetrics::OutcomeOf(const absl::Status& status) {
  switch (status.code()) {
    case absl::StatusCode::kOk:
      return Outcome::kCommitted;
    case absl::StatusCode::kAborted:
    case absl::StatusCode::kAlreadyExists:
      return Outcome::kConflict;
    case absl::StatusCode::kInvalidArgument:
    case absl::StatusCode::kNotFound:
    case absl::StatusCode::kFailedPrecondition:
    case absl::StatusCode::kOutOfRange:
      return Outcome::kInvalid;
    case absl::StatusCode::kPermissionDenied:
    case absl::StatusCode::kUnauthenticated:
      return Outcome::kDenied;
    default:
      return Outcome::kUnavailable;
  }
}

void RegistryMetrics::CountMutation(Kind kind, Operation operation, Outcome outcome) {
  mutations_[PlaceOf(kind)]
      .of_operation[static_cast<size_t>(operation)]
      .Of(kOutcomes[static_cast<size_t>(outcome)])
      .Increment();
}

void RegistryMetrics::CountMutations(const std::vector<Mutation>& mutations, Outcome outcome) {
  for (const Mutation& mutation : mutations) {
    CountMutation(mutation.kind, mutation.operation, outcome);
  }
}

void RegistryMetrics::CountFailure(const std::vector<Mutation>& mutations, const absl::Status& status) {
  CountMutations(mutations, OutcomeOf(status));
  if (ErrorReason(status) == "ETAG_MISMATCH") {
    etag_conflicts_.Increment();
  }
}

void RegistryMetrics::CountRejectedToken(const absl::Status& status) {
  rejected_tokens_.Of(ErrorReason(status) == "PAGE_TOKEN_EXPIRED" ? "expired" : "invalid").Increment();
}

void RegistryMetrics::CountImportRows(int64_t accepted, int64_t rejected) {
  import_rows_.Of("accepted").Increment(static_cast<double>(accepted));
  import_rows_.Of("rejected").Increment(static_cast<double>(rejected));
}

void RegistryMetrics::SetRevisions(int64_t head, int64_t compacted) {
  revision_.Set(static_cast<double>(head));
  compacted_.Set(static_cast<double>(compacted));
}

void RegistryMetrics::SetResources(const std::vector<EntryCount>& counts) {
  std::map<std::pair<size_t, bool>, int64_t> sums;
  for (const EntryCount& count : counts) {
    // The date is nobody's entry.
    sums[{PlaceOf(count.kind), count.deleted}] += count.kind == Kind::kToday ? 0 : count.count;
  }
  // Each, so that what is gone goes back to nothing.
  for (size_t place = 0; place < KindLabels().size(); ++place) {
    active_.Of(KindLabels()[place]).Set(static_cast<double>(sums[{place, false}]));
    deleted_.Of(KindLabels()[place]).Set(static_cast<double>(sums[{place, true}]));
  }
}

}  // namespace orewatch::registry
