#include "services/risk/domain/recorded_changes.h"

#include <memory>
#include <optional>
#include <set>
#include <utility>

namespace orewatch::risk {
namespace {

std::shared_ptr<const Score> Kept(const Model& model, const ScoreKey& key) {
  const auto found = model.scores().find(key);
  return found == model.scores().end() ? nullptr : found->second;
}

// Those that may differ. A model that follows another shares the scores that it did not change.
std::set<ScoreKey> Differing(const Model& before, const Model& after) {
  if (after.revision() == before.revision() + 1 && after.first_revision() == before.first_revision()) {
    return after.touched();
  }
  std::set<ScoreKey> keys;
  for (const auto& [key, score] : after.scores()) {
    if (Kept(before, key) != score) {
      keys.insert(key);
    }
  }
  for (const auto& [key, score] : before.scores()) {
    if (after.scores().count(key) == 0) {
      keys.insert(key);
    }
  }
  return keys;
}

ScoreRecord At(int64_t revision, ChangeCause cause, ScoreRecord record) {
  record.score.changed_revision = revision;
  record.score.change_cause = cause;
  return record;
}

std::optional<ScoreRecord> ChangeOf(const ScoreRecord& before, const ScoreKey& key, const Model& after) {
  const auto score = Kept(after, key);
  ScoreRecord record = score == nullptr ? RemovalOf(key) : RecordOf(*score, after.parameters());
  if (SameRecord(before, record)) {
    return std::nullopt;
  }
  const ChangeCause cause = CauseOf(before, record);
  return At(after.revision(), cause, std::move(record));
}

}  // namespace

std::vector<ScoreRecord> RecordedChanges(const Model& before, const Model& after) {
  std::vector<ScoreRecord> changes;
  for (const ScoreKey& key : Differing(before, after)) {
    const auto score = Kept(before, key);
    const ScoreRecord was = score == nullptr ? RemovalOf(key) : RecordOf(*score, before.parameters());
    if (auto change = ChangeOf(was, key, after)) {
      changes.push_back(*std::move(change));
    }
  }
  return changes;
}

ChangesSinceRecords::ChangesSinceRecords(const Model& after) : after_(after), next_(after.scores().begin()) {}

void ChangesSinceRecords::AddNew() {
  const Score& score = *next_->second;
  changes_.push_back(At(after_.revision(), score.change_cause, RecordOf(score, after_.parameters())));
  ++next_;
}

void ChangesSinceRecords::Pass(const ScoreRecord& recorded) {
  const ScoreKey& key = recorded.score.key;
  while (next_ != after_.scores().end() && next_->first < key) {
    AddNew();
  }
  if (next_ != after_.scores().end() && next_->first == key) {
    ++next_;
  }
  if (auto change = ChangeOf(recorded, key, after_)) {
    changes_.push_back(*std::move(change));
  }
}

std::vector<ScoreRecord> ChangesSinceRecords::Finish() {
  while (next_ != after_.scores().end()) {
    AddNew();
  }
  return std::move(changes_);
}

}  // namespace orewatch::risk
