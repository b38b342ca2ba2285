#include "services/alerting/feed/fact_stager.h"

#include <utility>

#include "common/time/proto_time.h"
#include "services/alerting/feed/fact_converter.h"

namespace orewatch::alerting {
namespace {

// A registry that does not say when, as the empty one does, means now.
template <typename Message>
absl::Time CommitTimeOf(const Message& message) {
  return message.has_commit_time() ? FromProto(message.commit_time()) : absl::InfiniteFuture();
}

}  // namespace

void FactStager::Stage(const std::string& resource, std::optional<Fact> fact) {
  const bool says_something = fact.has_value() && !fact->spells.empty();
  if (says_something || knows_(resource)) {
    staged_.insert_or_assign(resource, std::move(fact));
  } else {
    staged_.erase(resource);
  }
}

template <typename Message>
FactBatch FactStager::Close(const Message& last) {
  FactBatch batch;
  batch.position.revision = {.lineage = last.revision().lineage(), .number = last.revision().number()};
  batch.position.digest = last.digest();
  batch.commit_time = CommitTimeOf(last);
  for (auto& [resource, fact] : std::exchange(staged_, {})) {
    if (fact.has_value()) {
      batch.facts.push_back(*std::move(fact));
    } else {
      batch.removed.push_back(resource);
    }
  }
  return batch;
}

absl::StatusOr<std::optional<FactBatch>> FactStager::Receive(const registry::v1::ChangeSet& chunk) {
  const int64_t number = chunk.revision().number();
  if (number <= reached_ || (open_ != 0 && number != open_)) {
    return absl::DataLossError("the registry's feed does not go on from here");
  }
  open_ = number;
  for (const auto& change : chunk.changes()) {
    std::optional<Fact> fact = FactOf(change, CommitTimeOf(chunk));
    if (fact.has_value()) {
      fact->revision = number;
    }
    const std::string resource = fact.has_value() ? fact->resource : change.name();
    Stage(resource, std::move(fact));
  }
  if (!chunk.last_chunk()) {
    return std::nullopt;
  }
  reached_ = std::exchange(open_, 0);
  return Close(chunk);
}

std::optional<FactBatch> FactStager::Receive(const registry::v1::ExportResponse& chunk) {
  for (const auto& entry : chunk.entries()) {
    if (std::optional<Fact> fact = FactOf(entry); fact.has_value()) {
      const std::string resource = fact->resource;
      Stage(resource, std::move(fact));
    }
  }
  if (!chunk.done()) {
    return std::nullopt;
  }
  FactBatch batch = Close(chunk);
  batch.complete = true;
  return batch;
}

}  // namespace orewatch::alerting
