// Versions of entries and sets of changes, as they are read from their tables.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "common/storage/postgres.h"
#include "services/registry/store/store.h"
#include "services/registry/store/versions.h"

namespace orewatch::registry {

// One row of `entries`.
struct EntryRow {
  Kind kind = Kind::kMineral;
  std::string key;
  int64_t from_revision = 0;
  int64_t to_revision = kLive;
  absl::Time create_time;
  absl::Time update_time;
  std::string payload;
};

// DATA_LOSS if the payload is not an entry.
absl::StatusOr<StoredEntry> StoredEntryOf(const EntryRow& row);

// Reads the live versions among the keys, in any order.
storage::PostgresStatement ReadLive(const std::vector<EntryKey>& keys);
// What it has read.
std::vector<EntryRow> LiveOf(const storage::PostgresRows& rows);

absl::StatusOr<std::optional<StoredEntry>> FindLive(storage::Postgres& db, Kind kind, const std::string& key);
absl::StatusOr<ListResult> ReadList(storage::Postgres& db, const ListQuery& query);
// The lineage is left to the caller.
absl::StatusOr<v1::ChangeSet> ReadChangeSet(storage::Postgres& db, int64_t revision, int first, size_t max_bytes);

}  // namespace orewatch::registry
