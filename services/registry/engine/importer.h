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
  // Checks and writes the rows at hand in one change set.
  absl::Status CommitRows();
  std::vector<EntryKey> TouchedByRows() const;
  absl::Status TakeRow(const v1::ImportRequest::Row& row, WriteTransaction& transaction, v1::ImportResponse& report);
  static void Reject(const v1::ImportRequest::Row& row, const std::string& field, const std::string& reason,
                     v1::ImportResponse& report);

  Registry& registry_;
  const Options options_;
  std::vector<v1::ImportRequest::Row> rows_;
  // Names of the resources in `rows_`, which other rows of an atomic import may refer to.
  std::set<std::string> names_;
  v1::ImportResponse report_;
};

}  // namespace orewatch::registry
