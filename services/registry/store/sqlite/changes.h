// Reading the history of changes.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "common/storage/sqlite.h"
#include "services/registry/store/store.h"

namespace orewatch::registry {

// All within one read transaction. The lineage of revisions is left to the caller.
absl::StatusOr<v1::ChangeSet> ReadChangeSet(storage::Sqlite& db, int64_t revision, int first, size_t max_bytes);
absl::StatusOr<HistoryResult> ReadChangesOf(storage::Sqlite& db, const HistoryQuery& query);

absl::StatusOr<std::string> ReadDigest(storage::Sqlite& db, int64_t revision);
absl::StatusOr<int64_t> ReadRevisionAt(storage::Sqlite& db, absl::Time time);
absl::StatusOr<int64_t> ReadRevisionReached(storage::Sqlite& db, int64_t after, int changes);
absl::StatusOr<std::optional<int64_t>> ReadSlowestFollower(storage::Sqlite& db, absl::Time since);

}  // namespace orewatch::registry
