// The audit log of a process: what every call that changes something did, and every call that was refused.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "common/audit/anchor_store.h"
#include "common/audit/audit_metrics.h"
#include "common/audit/chain_file.h"
#include "common/exec/sleeper.h"
#include "common/exec/steady_cond_var.h"
#include "common/rpc/call_ledger.h"
#include "common/rpc/refusal_counter.h"
#include "common/storage/storage_metrics.h"
#include "common/time/clock.h"

namespace orewatch::audit {

// Thread-safe. Calls never wait for the disk on their own thread: one thread writes what has come together since it
// last wrote, and has their answers sent when the disk has it.
class AuditLog final : public rpc::CallLedger {
 public:
  struct Options {
    ChainFile::Options file;
    // While the log cannot be written: true, changes go on without it; false, they are refused.
    bool fail_open = false;
    rpc::RefusalCounter::Options refusals;
    absl::Duration anchor_interval = absl::Minutes(1);
    // Counts what could not be written. May be null.
    std::shared_ptr<storage::StorageMetrics> storage = nullptr;
  };

  // Errors of ChainFile::Open, and UNAVAILABLE if its first record cannot be written. `anchors` may be null: the head
  // is anchored nowhere. Clock and metrics outlive the log.
  static absl::StatusOr<std::unique_ptr<AuditLog>> Open(const Options& options, std::unique_ptr<AnchorStore> anchors,
                                                        const Clock& clock, AuditMetrics& metrics);
  // Writes what there is, and anchors the last record.
  ~AuditLog() override;

  absl::Status MayChange() override;
  void Keep(rpc::CallRecord record, std::function<void(const absl::Status&)> kept) override;
  void Note(rpc::CallRecord record) override;

  // Anchors the head now. Status of AnchorStore::Put; OK without one.
  absl::Status Anchor();
  Head head() const;

 private:
  struct Entry {
    Record record;
    std::function<void(const absl::Status&)> kept;
  };

  AuditLog(const Options& options, std::unique_ptr<ChainFile> file, std::unique_ptr<AnchorStore> anchors,
           const Clock& clock, AuditMetrics& metrics);
  absl::Status WriteStart();
  // Says so if the database knows of more than the file holds.
  void CompareWithAnchors();
  void Add(Entry entry);
  void AddSums(const std::vector<rpc::RefusalCounter::Sum>& sums) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  void WriteUntilClosed();
  // Waits for something to write, or for a while.
  std::vector<Entry> TakeEntries(bool& closed);
  // Brings them to the disk and tells those who wait; keeps what failed for the next time.
  void Write(std::vector<Entry> entries);
  void KeepForLater(std::vector<Record> records);
  void AnchorUntilClosed();

  const Options options_;
  const Clock& clock_;
  AuditMetrics& metrics_;
  // These three are the writing thread's.
  const std::unique_ptr<ChainFile> file_;
  std::vector<Record> unwritten_;
  int64_t lost_ = 0;
  // What was there at the start.
  const Head found_;

  mutable absl::Mutex mutex_;
  // Entries have come, or there will be none.
  SteadyCondVar arrived_;
  std::vector<Entry> entries_ ABSL_GUARDED_BY(mutex_);
  // Refusals that there was no place for, since the writer looked last.
  int64_t unheard_ ABSL_GUARDED_BY(mutex_) = 0;
  rpc::RefusalCounter refusals_ ABSL_GUARDED_BY(mutex_);
  absl::Status writable_ ABSL_GUARDED_BY(mutex_);
  Head head_ ABSL_GUARDED_BY(mutex_);
  bool closed_ ABSL_GUARDED_BY(mutex_) = false;

  absl::Mutex anchor_mutex_;
  const std::unique_ptr<AnchorStore> anchors_ ABSL_PT_GUARDED_BY(anchor_mutex_);
  int64_t anchored_ ABSL_GUARDED_BY(anchor_mutex_) = 0;

  Sleeper anchoring_;
  std::thread writer_;
  std::thread anchorer_;
};

}  // namespace orewatch::audit
