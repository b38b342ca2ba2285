// Reading entries and changes from their tables.
#pragma once

#include <limits>
#include <optional>
#include <string>

#include "absl/status/statusor.h"
#include "common/storage/sqlite.h"
#include "services/registry/store/store.h"

namespace orewatch::registry {

// to_revision of a live version.
inline constexpr int64_t kLive = std::numeric_limits<int64_t>::max();

absl::StatusOr<std::optional<StoredEntry>> FindLive(storage::Sqlite& db, Kind kind, const std::string& key);
absl::StatusOr<ListResult> ReadList(storage::Sqlite& db, const ListQuery& query);
// The lineage is left to the caller.
absl::StatusOr<v1::ChangeSet> ReadChangeSet(storage::Sqlite& db, int64_t revision, int first, size_t max_bytes);

}  // namespace orewatch::registry
