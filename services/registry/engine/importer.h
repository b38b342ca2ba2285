// One import: rows in, a report of every row that was not taken out.
#pragma once

#include <set>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "orewatch/registry/v1/registry.pb.h"
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

  struct Options {
    Author author;
    // All rows or none.
    bool atomic = false;
    bool validate_only = false;
  };

  Importer(Registry& registry, Options options) : registry_(registry), options_(std::move(options)) {}

  // INVALID_ARGUMENT if an atomic import grows too large; storage errors.
  absl::Status Add(const v1::ImportRequest::Row& row);
  absl::StatusOr<v1::ImportResponse> Finish();

 private:
  void Keep(v1::ImportRequest::Row row);
  // Checks and writes the rows at hand in one change set.
  absl::Status CommitRows();
  // Tries the waiting rows again as long as that helps, then rejects the others.
  absl::Status CommitWaiting();
  absl::Status CommitInPortions(std::vector<v1::ImportRequest::Row> rows);
  absl::Status TakeRow(const v1::ImportRequest::Row& row, WriteTransaction& transaction, ChangeSetWriter& writer,
                       v1::ImportResponse& report);
  // Rejects a row for what its writer says, or lets it wait for what it refers to; an error of the store is returned.
  absl::Status RejectFor(const v1::ImportRequest::Row& row, const absl::Status& status, v1::ImportResponse& report);
  void Reject(const v1::ImportRequest::Row& row, const std::string& field, const std::string& reason,
              v1::ImportResponse& report);
  // All rows are checked or written as one change set.
  bool one_set() const { return options_.atomic || options_.validate_only; }

  Registry& registry_;
  const Options options_;
  std::vector<v1::ImportRequest::Row> rows_;
  // Of the rows, for storage to fetch in one go.
  std::vector<EntryKey> touched_;
  // Names of the resources in `rows_`, which other rows of an atomic import may refer to.
  std::set<std::string> names_;
  v1::ImportResponse report_;
  size_t rejection_bytes_ = 0;
  struct Waiting {
    v1::ImportRequest::Row row;
    std::string missing;
  };
  std::vector<Waiting> waiting_;
};

}  // namespace orewatch::registry
