// Reading entries from their table.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "common/storage/sqlite.h"
#include "services/registry/store/store.h"
#include "services/registry/store/versions.h"

namespace orewatch::registry {

// From the columns kind, key, from_revision, create_time, update_time, delete_time, payload.
absl::StatusOr<StoredEntry> EntryOf(const storage::Statement& row);

// Deleted ones too. `ended`, if it is asked for: there is none, but there was.
absl::StatusOr<std::optional<StoredEntry>> FindLive(storage::Sqlite& db, Kind kind, const std::string& key,
                                                    bool* ended = nullptr);
// Within one read transaction.
absl::StatusOr<FoundEntries> FindEach(storage::Sqlite& db, const std::vector<EntryKey>& keys, size_t max_bytes);
absl::StatusOr<ListResult> ReadList(storage::Sqlite& db, const ListQuery& query);
absl::StatusOr<std::vector<EntryKey>> ReadDeletedBefore(storage::Sqlite& db, absl::Time time, int limit);
absl::StatusOr<std::vector<EntryCount>> ReadEntryCounts(storage::Sqlite& db);

}  // namespace orewatch::registry
