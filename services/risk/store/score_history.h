// Where risk keeps what scores have been. One holder of a lease appends; anybody reads.
#pragma once

#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "services/risk/domain/score_record.h"
#include "services/risk/domain/snapshot.h"

namespace orewatch::risk {

// What one transaction adds.
struct HistoryAppend {
  // Where the history then stands.
  HistoryPosition position;
  absl::Time commit_time;
  // One of a score at most.
  std::vector<ScoreRecord> records;
};

// A record as it is kept.
struct KeptRecord {
  ScoreRecord record;
  // Grows with each append; the same for what was appended together.
  int64_t sequence = 0;
  std::string lineage;
  absl::Time commit_time;
  bool superseded = false;
};

// Records of one score that fulfil everything here.
struct HistoryQuery {
  ScoreKey key;
  bool oldest_first = false;
  // Of sequences in between, both excluded.
  int64_t after_sequence = 0;
  int64_t before_sequence = std::numeric_limits<int64_t>::max();
  // Of revisions from the one on, up to the other.
  int64_t from_revision = 0;
  int64_t to_revision = std::numeric_limits<int64_t>::max();
  // Committed at the one or later, and before the other.
  absl::Time start = absl::InfinitePast();
  absl::Time end = absl::InfiniteFuture();
  bool superseded = false;
  int limit = 0;
};

// Thread-safe; every method may block, no longer than DeadlineScope says. Besides what is named, each returns
// UNAVAILABLE while storage is busy, full or failing, DATA_LOSS when it is corrupt. Where an answer to a write was lost
// the write may have happened: ask Position.
class ScoreHistory {
 public:
  virtual ~ScoreHistory() = default;

  // 32 random bytes that nobody outside gets to know, the same for all who share the storage.
  virtual const std::string& secret() const = 0;

  // Takes the lease for the holder, or keeps it, from `now` until `life` later; nothing while another has it. The epoch
  // is a new one whenever the holder changes: it fences off whoever had the lease before.
  virtual absl::StatusOr<std::optional<int64_t>> TakeLease(const std::string& holder, absl::Time now,
                                                           absl::Duration life) = 0;
  // Gives it up, so that another may take it at once. Nothing happens if the epoch is over.
  virtual absl::Status GiveUpLease(int64_t epoch) = 0;

  // Up to which everything has been recorded; revision 0 and no lineage at first.
  virtual absl::StatusOr<HistoryPosition> Position() = 0;
  // Of the records that are not superseded the newest up to a revision; nothing if there is none.
  virtual absl::StatusOr<std::optional<HistoryPosition>> RecordedUpTo(int64_t revision) = 0;

  // All or nothing, durable when it returns. FAILED_PRECONDITION (LEASE_LOST) if the epoch is over.
  virtual absl::Status Append(int64_t epoch, const HistoryAppend& append) = 0;
  // Marks what was recorded of revisions after the position as superseded, and goes back to it. FAILED_PRECONDITION
  // (LEASE_LOST) if the epoch is over.
  virtual absl::Status Supersede(int64_t epoch, const HistoryPosition& position) = 0;

  // The newest record of each score that is not superseded, by key, from the first after `after`.
  virtual absl::StatusOr<std::vector<ScoreRecord>> Latest(const std::optional<ScoreKey>& after, int limit) = 0;
  virtual absl::StatusOr<std::vector<KeptRecord>> List(const HistoryQuery& query) = 0;
};

// FAILED_PRECONDITION.
absl::Status LeaseLost();

}  // namespace orewatch::risk
