// Records what each snapshot changed, while it holds the lease.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "common/time/clock.h"
#include "services/risk/domain/snapshot.h"
#include "services/risk/store/score_history.h"

namespace orewatch::risk {

// Thread-compatible. Blocks on the store, and on `continues`.
class HistoryWriter {
 public:
  struct Options {
    // Unlike that of any other replica.
    std::string holder;
    // Another replica takes over this long after the last sign of life.
    absl::Duration lease_life = absl::Seconds(20);
  };
  // Whether a position is part of the history that goes on under the lineage.
  using Continues = std::function<absl::StatusOr<bool>(const HistoryPosition&, const std::string& lineage)>;

  // Store and clock outlive it.
  HistoryWriter(ScoreHistory& store, const Clock& clock, Options options, Continues continues);

  // Takes the lease if it is free, and keeps it once it is due. What the store returns.
  absl::Status KeepLease();
  // So that another replica may take it at once.
  void GiveUpLease();
  bool leading() const { return epoch_.has_value(); }

  // Records what the snapshot changed since the last one, or since what is stored where there is none of its history.
  // A snapshot from before what is stored changes nothing. `more` follow: that nothing changed need not be stored yet.
  // After an error the next snapshot starts from what is stored. Only while leading: FAILED_PRECONDITION (LEASE_LOST)
  // ends that.
  absl::Status Record(const Snapshot& snapshot, bool more);
  // The snapshot has not been recorded since the lease was taken, nor one after it in its history.
  bool Lacks(const Snapshot& snapshot) const;
  // The last position stored by this writer or found in the store.
  const HistoryPosition& position() const { return position_; }
  // Where others have brought the history.
  absl::Status LookAtPosition();

 private:
  // Nothing of the snapshot's history has been recorded since the lease was taken.
  bool MustResume(const Snapshot& snapshot) const;
  absl::Status RecordOrFail(const Snapshot& snapshot, bool more);
  absl::Status Resume(const Snapshot& snapshot);
  absl::Status LeaveOtherHistory(const Snapshot& snapshot);
  // The newest position recorded that is part of the snapshot's history.
  absl::StatusOr<HistoryPosition> CommonPosition(const Snapshot& snapshot);
  absl::StatusOr<std::vector<ScoreRecord>> ChangesSinceStored(const Model& model);
  absl::Status Append(const Snapshot& snapshot, std::vector<ScoreRecord> records);

  ScoreHistory& store_;
  const Clock& clock_;
  const Options options_;
  const Continues continues_;
  std::optional<int64_t> epoch_;
  absl::Time renew_ = absl::InfinitePast();
  HistoryPosition position_;
  // Recorded last, by this epoch.
  std::optional<Snapshot> base_;
};

}  // namespace orewatch::risk
