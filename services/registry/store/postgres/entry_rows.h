// Versions of entries, as they are read from their table.
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
  std::optional<absl::Time> delete_time;
  // Canonical (domain/change_digest.h).
  std::string payload;
};

// Row `i`, whose columns are those of `entries` from the column `first` on.
EntryRow EntryRowAt(const storage::PostgresRows& rows, int i, int first = 0);
// DATA_LOSS if the payload is not an entry.
absl::Status ParseEntry(absl::string_view payload, v1::Entry& entry);
absl::StatusOr<StoredEntry> StoredEntryOf(const EntryRow& row);

// Reads the last versions of what the keys name, in any order. Of one that has ended, only that it was there.
storage::PostgresStatement ReadLast(const std::vector<EntryKey>& keys);
// What it has read: live ones have the to_revision kLive.
std::vector<EntryRow> LastOf(const storage::PostgresRows& rows);

// Deleted ones too.
absl::StatusOr<std::optional<StoredEntry>> FindLive(storage::Postgres& db, Kind kind, const std::string& key);
absl::StatusOr<FoundEntries> FindEach(storage::Postgres& db, const std::vector<EntryKey>& keys, size_t max_bytes);
absl::StatusOr<ListResult> ReadList(storage::Postgres& db, const ListQuery& query);
absl::StatusOr<std::vector<EntryKey>> ReadDeletedBefore(storage::Postgres& db, absl::Time time, int limit);
absl::StatusOr<std::vector<EntryCount>> ReadEntryCounts(storage::Postgres& db);

}  // namespace orewatch::registry
