// Writes to the registry at random, for ever, and remembers what it asked for and what it was told.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/status/statusor.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "tests/chaos/history.h"
#include "tests/chaos/replica_caller.h"

namespace orewatch::testing {

// What the writers share: a country and a few minerals that all of them rename.
RecordedWrite CreateSharedEntries(RegistryStub& registry);

// How many writes have been acknowledged to all writers. Thread-safe.
class AcknowledgedWrites {
 public:
  void Add();
  // False if `more` further ones do not come in time.
  bool Await(int64_t more, absl::Duration patience);

 private:
  absl::Mutex mutex_;
  int64_t count_ ABSL_GUARDED_BY(mutex_) = 0;
};

// Creates, updates, deletes and undeletes suppliers of its own, one by one and in sets with facilities and statistics,
// and renames shared minerals, for which it competes with the others. Where it gets no answer it asks another replica
// with the same request_id, and now and then gives up. Reads back part of what it wrote, elsewhere. Thread-safe.
class RandomWriter {
 public:
  // `acknowledged` outlives it.
  RandomWriter(int number, uint64_t seed, const std::vector<std::string>& replicas, AcknowledgedWrites& acknowledged);
  ~RandomWriter() { Stop(); }

  // Finishes what is under way.
  void Stop();
  // Complete once stopped.
  const std::vector<RecordedWrite>& writes() const { return writes_; }
  const std::vector<RecordedRead>& reads() const { return reads_; }

 private:
  struct Answer {
    type::v1::Revision revision;
    std::string etag;
  };
  struct Owned {
    registry::v1::Supplier supplier;
    std::string etag;
    bool deleted = false;
  };
  using Attempt = std::function<absl::StatusOr<Answer>(const std::string& request_id)>;

  void WriteUntilStopped();
  void WriteOnce();
  void Create();
  void Update(Owned& owned);
  void Delete(Owned& owned);
  void Undelete(Owned& owned);
  void CreateWithFacilityAndStatistic();
  void RenameSharedMinerals();
  // Makes attempts until there is an answer, and records them; nothing unless it was acknowledged.
  std::optional<Answer> Write(std::vector<ExpectedChange> changes, const Attempt& attempt);
  // Repeats a read elsewhere while it does not reach anybody.
  template <typename Response>
  absl::StatusOr<Response> Read(const std::function<absl::StatusOr<Response>()>& read);
  void ReadBack(const std::string& supplier, int64_t revision);
  void NoteAnswer(const std::string& name, const std::optional<Answer>& answer, const registry::v1::Supplier& supplier,
                  bool deleted);
  registry::v1::Supplier NewSupplier();
  std::string NewText();
  bool stopped();

  const int number_;
  Random random_;
  ReplicaCaller caller_;
  std::map<std::string, Owned> owned_;
  int64_t created_ = 0;
  int64_t texts_ = 0;
  int64_t statistics_ = 0;
  std::vector<RecordedWrite> writes_;
  std::vector<RecordedRead> reads_;
  AcknowledgedWrites& acknowledged_;
  absl::Mutex mutex_;
  bool stopped_ ABSL_GUARDED_BY(mutex_) = false;
  std::thread thread_;
};

}  // namespace orewatch::testing
