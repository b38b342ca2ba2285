// One import: rows in, a report of every row that was not taken out.
#pragma once

#include <functional>
#include <future>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "common/exec/byte_budget.h"
#include "common/hash/sha256.h"
#include "common/status/status.h"
#include "orewatch/registry/v1/registry.pb.h"
#include "services/registry/engine/dry_run.h"
#include "services/registry/engine/registry.h"

namespace orewatch::registry {

// Thread-compatible; blocks on storage.
class Importer {
 public:
  // A change set holds at most this many rows.
  static constexpr size_t kMaxAtomicRows = 250'000;
  // What is not atomic commits this many rows a revision.
  static constexpr size_t kRowsPerRevision = 1000;
  static constexpr int kMaxRejectionsNamed = 10'000;
  // ... as long as they fit into one answer; further ones are only counted.
  static constexpr size_t kMaxRejectionBytes = 2'000'000;
  // Rows may come before what they refer to; at most this many are kept for later.
  static constexpr size_t kMaxWaiting = 100'000;
  // Of so many rows it is known whether a later one contradicts them.
  static constexpr size_t kMaxRemembered = 8'000'000;

  // What is kept in memory, in bytes of rows.
  struct Limits {
    size_t atomic = size_t{256} << 20;
    // What is not atomic commits sooner where its rows are large.
    size_t revision = size_t{16} << 20;
    size_t waiting = size_t{128} << 20;
    // Resources that a dry run would write.
    size_t dry_run = size_t{256} << 20;
  };

  struct Options {
    Author author;
    // All rows or none.
    bool atomic = false;
    bool validate_only = false;
    Limits limits = {};
    // Somebody still waits for the report; asked before each change set.
    std::function<bool()> wanted = [] { return true; };
  };

  Importer(Registry& registry, Options options)
      : registry_(registry), options_(std::move(options)), memory_(registry.import_memory()) {}

  // INVALID_ARGUMENT if an atomic import or a dry run grows too large; RESOURCE_EXHAUSTED (TOO_MANY_IMPORTS) if all
  // imports under way do; CANCELLED if nobody waits for it; storage errors, also of rows that were added before.
  absl::Status Add(v1::ImportRequest::Row row);
  absl::StatusOr<v1::ImportResponse> Finish();

 private:
  struct CheckedRow {
    v1::ImportRequest::Row row;
    // What can be said about it by itself.
    FieldViolations violations;
    // Nothing: it holds none.
    absl::optional<Kind> kind;
  };
  // What came of a row of the change set under way, if that is committed.
  struct Counted {
    Kind kind = Kind::kMineral;
    Mutation::Operation operation = Mutation::Operation::kUpdate;
    RegistryMetrics::Outcome outcome = RegistryMetrics::Outcome::kCommitted;
  };
  // Rows that are committed together.
  struct Batch {
    std::vector<CheckedRow> rows;
    size_t bytes = 0;
    // Of the rows, for storage to fetch in one go.
    std::vector<EntryKey> touched;
    // Names of the resources in the rows, which other rows of an atomic import may refer to.
    std::set<std::string> names;
  };
  struct Waiting {
    v1::ImportRequest::Row row;
    std::string reason;
  };
  // The change set under way.
  struct Portion {
    WriteTransaction& transaction;
    ChangeSetWriter writer;
    v1::ImportResponse& report;
  };

  void Keep(v1::ImportRequest::Row row);
  // Says how much memory the rows take that are kept.
  absl::Status HoldMemory();
  absl::Status CommitIfFull();
  // Commits the rows at hand while the next are added, once those before are committed.
  absl::Status StartCommit();
  // The end of the commit under way; its error.
  absl::Status AwaitCommit();
  // Checks and writes a batch as one change set. One at a time.
  absl::Status Commit(Batch batch);
  // Commits what `write` does; the report is then its, or that of the first import with the same request_id.
  absl::Status Write(const std::vector<EntryKey>& touched, const Registry::Body& write, v1::ImportResponse& report);
  // Tries the waiting rows again, each after those that it refers to, as long as that helps; then rejects the others.
  absl::Status CommitWaiting();
  static std::vector<v1::ImportRequest::Row> InOrder(std::vector<Waiting> waiting);
  absl::Status CommitInPortions(std::vector<v1::ImportRequest::Row> rows);
  absl::Status TakeRow(CheckedRow& checked, Portion& portion);
  // Of a row that is sound by itself.
  absl::Status TakeEntry(v1::ImportRequest::Row& row, Portion& portion);
  // Tells the metrics of a batch; `report` is to follow `report_`.
  void CountRows(const Batch& batch, const absl::Status& written, const v1::ImportResponse& report);
  void CountRejected(const v1::ImportRequest::Row& row);
  // Rejects a row for what its writer says, or lets it wait for what it refers to; an error of the store is returned.
  absl::Status RejectFor(v1::ImportRequest::Row row, const absl::Status& status, v1::ImportResponse& report);
  static void Count(bool was_there, bool written, v1::ImportResponse& report);
  // Keeps the row for another change set; false: too many wait.
  bool Wait(v1::ImportRequest::Row& row, absl::string_view reason);
  void Reject(const v1::ImportRequest::Row& row, const std::string& field, const std::string& reason,
              v1::ImportResponse& report);

  Registry& registry_;
  const Options options_;
  // Of all rows, to tell a repeat from another import.
  Sha256 payload_;
  Batch batch_;
  // While a commit is under way what follows is its own.
  v1::ImportResponse report_;
  std::vector<Counted> counted_;
  bool replayed_ = false;
  size_t rejection_bytes_ = 0;
  std::vector<Waiting> waiting_;
  size_t waiting_bytes_ = 0;
  // Of the batch that is being committed, and of what the commits before left waiting or checked.
  size_t committing_bytes_ = 0;
  size_t left_bytes_ = 0;
  ByteBudget::Holding memory_;
  // Hashes of the keys and values of the rows that were taken: one key has one value, wherever its rows stand.
  absl::flat_hash_map<uint64_t, uint64_t> taken_;
  DryRun dry_run_;
  // Last, so that it ends before the rest goes.
  std::future<absl::Status> commit_;
};

}  // namespace orewatch::registry
