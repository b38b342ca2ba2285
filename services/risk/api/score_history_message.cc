#include "services/risk/api/score_history_message.h"

#include <algorithm>

#include "common/time/proto_time.h"
#include "services/risk/api/score_message.h"
#include "services/risk/domain/score_difference.h"

namespace orewatch::risk {
namespace {

constexpr size_t kMaxSteps = 20;
constexpr size_t kMaxInputs = 100;

void FillInputs(const ScoreRecord& before, const ScoreRecord& after, v1::ScoreChange& change) {
  const auto differences = DifferencesOf(before, after);
  const size_t shown = std::min(differences.size(), kMaxInputs);
  for (size_t i = 0; i < shown; ++i) {
    v1::InputChange& input = *change.add_inputs();
    if (differences[i].before != nullptr) {
      *input.mutable_before() = MessageOf(*differences[i].before);
    }
    if (differences[i].after != nullptr) {
      *input.mutable_after() = MessageOf(*differences[i].after);
    }
    if (differences[i].effect.has_value()) {
      input.set_effect(*differences[i].effect);
    }
    input.set_driver(differences[i].driver);
  }
  change.set_omitted_inputs(static_cast<int32_t>(differences.size() - shown));
}

// Null: there was none before.
v1::ScoreChange ChangeOf(const KeptRecord* before, const KeptRecord& after, ChangeCause cause,
                         const Snapshot& snapshot) {
  v1::ScoreChange change;
  if (before != nullptr) {
    *change.mutable_before() = MessageOf(*before, snapshot);
    const auto& was = before->record.score.estimate.value;
    const auto& is = after.record.score.estimate.value;
    if (was.has_value() && is.has_value()) {
      change.set_effect(*is - *was);
    }
  }
  *change.mutable_after() = MessageOf(after, snapshot);
  change.set_cause(static_cast<v1::ChangeCause>(cause));
  FillInputs(before == nullptr ? RemovalOf(after.record.score.key) : before->record, after.record, change);
  return change;
}

}  // namespace

v1::ScoreRecord MessageOf(const KeptRecord& kept, const Snapshot& snapshot) {
  v1::ScoreRecord message;
  const ScoreRecord& record = kept.record;
  v1::Score& score = *message.mutable_score();
  if (record.removed) {
    *score.mutable_key() = MessageOf(record.score.key);
    score.set_change_cause(static_cast<v1::ChangeCause>(record.score.change_cause));
  } else {
    score = MessageOf(record.score, snapshot);
    score.set_edition(record.edition);
    score.set_parameter_set(record.parameter_set);
  }
  score.mutable_revision()->set_lineage(kept.lineage);
  score.mutable_revision()->set_number(record.score.changed_revision);
  *score.mutable_changed_revision() = score.revision();
  if (kept.commit_time != absl::InfinitePast()) {
    *message.mutable_commit_time() = ToProto(kept.commit_time);
  }
  message.set_removed(record.removed);
  message.set_superseded(kept.superseded);
  return message;
}

v1::ScoreChanges ChangesOf(const RecordedScore& recorded, const Snapshot& snapshot) {
  v1::ScoreChanges changes;
  changes.set_since_revision(recorded.since);
  const auto& records = recorded.records;
  if (records.empty()) {
    return changes;
  }
  const KeptRecord& oldest = records.front();
  const bool begins = !recorded.from_since && oldest.record.score.change_cause == ChangeCause::kUnknown;
  if (begins) {
    *changes.mutable_begins() = RevisionOf(snapshot, oldest.record.score.changed_revision);
  }
  // Whether the first is where all begins rather than a change.
  const size_t first = recorded.from_since || begins ? 1 : 0;
  const size_t steps = records.size() - first;
  for (size_t i = records.size(); i > std::max(first, records.size() - std::min(records.size(), kMaxSteps)); --i) {
    const KeptRecord& after = records[i - 1];
    *changes.add_steps() =
        ChangeOf(i > 1 ? &records[i - 2] : nullptr, after, after.record.score.change_cause, snapshot);
  }
  changes.set_omitted_steps(static_cast<int32_t>(steps - static_cast<size_t>(changes.steps_size())));
  if (steps > 0) {
    const KeptRecord& newest = records.back();
    const KeptRecord* before = first == 1 ? &oldest : nullptr;
    const ChangeCause cause = before == nullptr ? ChangeCause::kReal : CauseOf(before->record, newest.record);
    *changes.mutable_overall() = ChangeOf(before, newest, cause, snapshot);
  }
  return changes;
}

}  // namespace orewatch::risk
