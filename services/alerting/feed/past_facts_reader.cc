#include "services/alerting/feed/past_facts_reader.h"

#include <set>
#include <string>
#include <utility>

#include "absl/container/btree_map.h"
#include "absl/strings/str_cat.h"
#include "common/time/proto_time.h"
#include "services/alerting/feed/fact_collections.h"
#include "services/alerting/feed/fact_converter.h"
#include "services/alerting/feed/fact_stager.h"
#include "services/alerting/feed/past_call.h"

namespace orewatch::alerting {
namespace {

using registry::v1::ChangeSet;

absl::Status Explained(const absl::Status& status) {
  const std::string reason = ErrorReason(status);
  return reason == "LINEAGE_CHANGED" || reason == "REVISION_COMPACTED" ? HistoryChanged() : status;
}

absl::Status TooMuchHistory() {
  return MakeError(absl::StatusCode::kFailedPrecondition, "TOO_MUCH_HISTORY",
                   absl::StrCat("the registry has changed more than ", PastSource::kMaxFacts,
                                " times in what the rule asks for; ask for less"));
}

// Calls with each message of a stream until it says that it was the last one needed. An error if the stream ends
// before.
template <typename Message, typename Take>
absl::Status ReadUntil(const PastQuestion& question, grpc::ClientContext& context,
                       grpc::ClientReaderInterface<Message>& reader, Take take) {
  Message message;
  while (reader.Read(&message)) {
    absl::StatusOr<bool> last = question.cancelled() ? Abandoned() : take(message);
    if (!last.ok() || *last) {
      context.TryCancel();
      reader.Finish();
      return last.status();
    }
  }
  const absl::Status ended = Explained(rpc::FromGrpc(reader.Finish()));
  return ended.ok() ? absl::UnavailableError("the registry's history ended early") : ended;
}

// Reads one past. Where its beginning is compacted, what stands there is what stands at the end, but for what the
// changes in between say that it was before.
class Reading {
 public:
  Reading(registry::v1::Registry::StubInterface& registry, const PastQuestion& question)
      : registry_(registry), question_(question), sieve_(question.rule) {}

  absl::StatusOr<PastFacts> Read() {
    OREWATCH_RETURN_IF_ERROR(FindHead());
    if (after_ > 0) {
      OREWATCH_RETURN_IF_ERROR(ReadStanding());
      OREWATCH_RETURN_IF_ERROR(FindBegin());
    }
    if (past_.revision.number > after_) {
      OREWATCH_RETURN_IF_ERROR(ReadChanges());
    }
    Begin();
    past_.thing_count = sieve_.thing_count();
    return std::move(past_);
  }

 private:
  absl::Status FindHead() {
    grpc::ClientContext context;
    Prepare(question_, context);
    registry::v1::GetHeadResponse head;
    OREWATCH_RETURN_IF_ERROR(rpc::FromGrpc(registry_.GetHead(&context, {}, &head)));
    past_.revision = {.lineage = head.revision().lineage(), .number = head.revision().number()};
    after_ = head.earliest_revision();
    return absl::OkStatus();
  }

  // At a revision that is the head from here on.
  absl::Status ReadStanding() {
    grpc::ClientContext context;
    Prepare(question_, context);
    registry::v1::ExportRequest request;
    request.set_min_revision(past_.revision.number);
    const auto reader = registry_.Export(&context, request);
    return ReadUntil(question_, context, *reader,
                     [&](const registry::v1::ExportResponse& chunk) -> absl::StatusOr<bool> {
                       if (chunk.revision().lineage() != past_.revision.lineage) {
                         return HistoryChanged();
                       }
                       for (const auto& entry : chunk.entries()) {
                         Stands(FactOf(entry));
                       }
                       past_.revision.number = chunk.revision().number();
                       past_.begins = HistoryBegin{past_.revision, orewatch::FromProto(chunk.commit_time())};
                       return chunk.done() ? absl::StatusOr<bool>(true) : InBounds();
                     });
  }

  // The first revision that is kept as a change, of whatever.
  absl::Status FindBegin() {
    if (past_.revision.number == after_) {
      return absl::OkStatus();
    }
    grpc::ClientContext context;
    Prepare(question_, context);
    const auto reader = registry_.Watch(&context, RequestAfter());
    return ReadUntil(question_, context, *reader, [&](const ChangeSet& first) -> absl::StatusOr<bool> {
      past_.begins =
          HistoryBegin{{past_.revision.lineage, first.revision().number()}, orewatch::FromProto(first.commit_time())};
      return true;
    });
  }

  absl::Status ReadChanges() {
    grpc::ClientContext context;
    Prepare(question_, context);
    registry::v1::WatchRequest request = RequestAfter();
    AskForFacts(request);
    const auto reader = registry_.Watch(&context, request);
    FactStager stager(after_, [&](const std::string& resource) { return sieve_.Knows(resource); });
    return ReadUntil(question_, context, *reader, [&](const ChangeSet& chunk) -> absl::StatusOr<bool> {
      NoteWhatWas(chunk);
      OREWATCH_ASSIGN_OR_RETURN(std::optional<FactBatch> batch, stager.Receive(chunk));
      return batch.has_value() ? Take(*std::move(batch)) : InBounds();
    });
  }

  registry::v1::WatchRequest RequestAfter() const {
    registry::v1::WatchRequest request;
    request.mutable_after()->set_lineage(past_.revision.lineage);
    request.mutable_after()->set_number(after_);
    return request;
  }

  void NoteWhatWas(const ChangeSet& chunk) {
    if (after_ == 0) {
      return;
    }
    for (const auto& change : chunk.changes()) {
      if (changed_.insert(change.name()).second) {
        standing_.erase(change.name());
        Stands(FactOf(change.before()));
      }
    }
  }

  void Stands(std::optional<Fact> fact) {
    if (fact.has_value() && !fact->spells.empty() && sieve_.Keeps(*fact)) {
      const std::string resource = fact->resource;
      standing_.insert_or_assign(resource, *std::move(fact));
    }
  }

  // True if nothing that comes later is needed.
  absl::StatusOr<bool> Take(FactBatch batch) {
    const bool over = batch.commit_time >= question_.end;
    const bool last = batch.position.revision.number >= past_.revision.number || (over && after_ == 0);
    if (!over && batch.position.revision.number <= past_.revision.number) {
      sieve_.Sift(batch);
      fact_count_ += batch.facts.size();
      if (!batch.facts.empty() || !batch.removed.empty()) {
        past_.batches.push_back(std::move(batch));
      }
    }
    return last ? absl::StatusOr<bool>(true) : InBounds();
  }

  // False: there is more to come.
  absl::StatusOr<bool> InBounds() const {
    if (past_.batches.size() > PastSource::kMaxFactBatches || fact_count_ + standing_.size() > PastSource::kMaxFacts ||
        changed_.size() > PastSource::kMaxFacts) {
      return TooMuchHistory();
    }
    return false;
  }

  // With what stood before the first change, so that all else is seen to come.
  void Begin() {
    FactBatch first;
    first.position.revision = {.lineage = past_.revision.lineage, .number = after_};
    if (past_.begins.has_value()) {
      first.commit_time = past_.begins->commit_time;
    } else if (!past_.batches.empty()) {
      first.commit_time = past_.batches.front().commit_time;
    }
    for (auto& [resource, fact] : standing_) {
      first.facts.push_back(std::move(fact));
    }
    past_.batches.insert(past_.batches.begin(), std::move(first));
  }

  registry::v1::Registry::StubInterface& registry_;
  const PastQuestion& question_;
  FactSieve sieve_;
  PastFacts past_;
  // The last revision that is not read as a change.
  int64_t after_ = 0;
  size_t fact_count_ = 0;
  absl::btree_map<std::string, Fact> standing_;
  // Names of what has changed since.
  std::set<std::string> changed_;
};

}  // namespace

absl::StatusOr<PastFacts> ReadPastFacts(registry::v1::Registry::StubInterface& registry, const PastQuestion& question) {
  return Reading(registry, question).Read();
}

}  // namespace orewatch::alerting
