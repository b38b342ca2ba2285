// Reading entries and changes from their tables.
#pragma once

#include <optional>
#include <string>

#include "absl/status/statusor.h"
#include "common/storage/sqlite.h"
#include "services/registry/store/store.h"
#include "services/registry/store/versions.h"

namespace orewatch::registry {

absl::StatusOr<std::optional<StoredEntry>> FindLive(storage::Sqlite& db, Kind kind, const std::string& key);
absl::StatusOr<ListResult> ReadList(storage::Sqlite& db, const ListQuery& query);
// The lineage is left to the caller.
absl::StatusOr<v1::ChangeSet> ReadChangeSet(storage::Sqlite& db, int64_t revision, int first, size_t max_bytes);

}  // namespace orewatch::registry
