#include "services/risk/engine/history_writer.h"

#include <utility>

#include "common/status/status.h"
#include "services/risk/domain/recorded_changes.h"

namespace orewatch::risk {
namespace {

// A lease is kept long before it ends.
constexpr int kRenewalsInALife = 3;
constexpr int kLatestAtOnce = 1000;

}  // namespace

HistoryWriter::HistoryWriter(ScoreHistory& store, const Clock& clock, Options options, Continues continues)
    : store_(store), clock_(clock), options_(std::move(options)), continues_(std::move(continues)) {}

absl::Status HistoryWriter::KeepLease() {
  const absl::Time now = clock_.Now();
  if (leading() && now < renew_) {
    return absl::OkStatus();
  }
  OREWATCH_ASSIGN_OR_RETURN(const auto epoch, store_.TakeLease(options_.holder, now, options_.lease_life));
  if (epoch != epoch_) {
    base_.reset();
  }
  epoch_ = epoch;
  renew_ = now + options_.lease_life / kRenewalsInALife;
  return absl::OkStatus();
}

void HistoryWriter::GiveUpLease() {
  if (leading()) {
    // Else it ends by itself.
    store_.GiveUpLease(*epoch_).IgnoreError();
  }
  epoch_.reset();
  base_.reset();
}

bool HistoryWriter::MustResume(const Snapshot& snapshot) const {
  return !base_.has_value() || base_->lineage != snapshot.lineage ||
         base_->model->first_revision() != snapshot.model->first_revision();
}

bool HistoryWriter::Lacks(const Snapshot& snapshot) const {
  return MustResume(snapshot) || base_->model->revision() < snapshot.model->revision();
}

absl::Status HistoryWriter::LookAtPosition() {
  OREWATCH_ASSIGN_OR_RETURN(position_, store_.Position());
  return absl::OkStatus();
}

absl::Status HistoryWriter::Record(const Snapshot& snapshot, bool more) {
  if (!leading()) {
    return LeaseLost();
  }
  absl::Status status = RecordOrFail(snapshot, more);
  if (!status.ok()) {
    base_.reset();
  }
  if (ErrorReason(status) == ErrorReason(LeaseLost())) {
    epoch_.reset();
  }
  return status;
}

absl::Status HistoryWriter::RecordOrFail(const Snapshot& snapshot, bool more) {
  if (MustResume(snapshot)) {
    return Resume(snapshot);
  }
  if (!Lacks(snapshot)) {
    return absl::OkStatus();
  }
  std::vector<ScoreRecord> records = RecordedChanges(*base_->model, *snapshot.model);
  if (records.empty() && more) {
    base_ = snapshot;
    return absl::OkStatus();
  }
  return Append(snapshot, std::move(records));
}

absl::Status HistoryWriter::Resume(const Snapshot& snapshot) {
  OREWATCH_RETURN_IF_ERROR(LookAtPosition());
  if (!position_.lineage.empty() && position_.lineage != snapshot.lineage) {
    OREWATCH_RETURN_IF_ERROR(LeaveOtherHistory(snapshot));
  }
  if (snapshot.model->revision() < position_.revision) {
    return absl::OkStatus();
  }
  OREWATCH_ASSIGN_OR_RETURN(auto records, ChangesSinceStored(*snapshot.model));
  return Append(snapshot, std::move(records));
}

absl::Status HistoryWriter::LeaveOtherHistory(const Snapshot& snapshot) {
  OREWATCH_ASSIGN_OR_RETURN(HistoryPosition common, CommonPosition(snapshot));
  if (common == position_) {
    return absl::OkStatus();
  }
  common.lineage = snapshot.lineage;
  OREWATCH_RETURN_IF_ERROR(store_.Supersede(*epoch_, common));
  position_ = std::move(common);
  return absl::OkStatus();
}

absl::StatusOr<HistoryPosition> HistoryWriter::CommonPosition(const Snapshot& snapshot) {
  OREWATCH_ASSIGN_OR_RETURN(const bool goes_on, continues_(position_, snapshot.lineage));
  if (goes_on) {
    return position_;
  }
  HistoryPosition common;
  // Whatever is recorded of a revision up to `kept` is part of both histories, and what is from `lost` on is not.
  int64_t kept = 0;
  int64_t lost = position_.revision;
  while (lost - kept > 1) {
    const int64_t middle = kept + (lost - kept) / 2;
    OREWATCH_ASSIGN_OR_RETURN(const auto recorded, store_.RecordedUpTo(middle));
    if (!recorded.has_value() || recorded->revision <= kept) {
      kept = middle;
      continue;
    }
    OREWATCH_ASSIGN_OR_RETURN(const bool shared, continues_(*recorded, snapshot.lineage));
    if (shared) {
      kept = middle;
      common = *recorded;
    } else {
      lost = recorded->revision;
    }
  }
  return common;
}

absl::StatusOr<std::vector<ScoreRecord>> HistoryWriter::ChangesSinceStored(const Model& model) {
  ChangesSinceRecords changes(model);
  std::optional<ScoreKey> after;
  for (;;) {
    OREWATCH_ASSIGN_OR_RETURN(const auto latest, store_.Latest(after, kLatestAtOnce));
    for (const ScoreRecord& record : latest) {
      changes.Pass(record);
    }
    if (latest.size() < kLatestAtOnce) {
      return changes.Finish();
    }
    after = latest.back().score.key;
  }
}

absl::Status HistoryWriter::Append(const Snapshot& snapshot, std::vector<ScoreRecord> records) {
  OREWATCH_RETURN_IF_ERROR(store_.Append(*epoch_, {snapshot.position(), snapshot.commit_time, std::move(records)}));
  position_ = snapshot.position();
  base_ = snapshot;
  return absl::OkStatus();
}

}  // namespace orewatch::risk
