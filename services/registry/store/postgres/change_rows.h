// Reading the history of changes from its tables.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "common/storage/postgres.h"
#include "services/registry/store/store.h"

namespace orewatch::registry {

// Each reads one snapshot. NOT_FOUND, OUT_OF_RANGE as the methods of RegistryStore.
absl::StatusOr<v1::ChangeSet> ReadChangeSet(storage::Postgres& db, int64_t revision, int first, size_t max_bytes);
absl::StatusOr<HistoryResult> ReadChangesOf(storage::Postgres& db, const HistoryQuery& query);

absl::StatusOr<std::string> ReadDigest(storage::Postgres& db, int64_t revision);
absl::StatusOr<int64_t> ReadRevisionAt(storage::Postgres& db, absl::Time time);
absl::StatusOr<int64_t> ReadRevisionReached(storage::Postgres& db, int64_t after, int changes);
absl::StatusOr<std::optional<int64_t>> ReadSlowestFollower(storage::Postgres& db, absl::Time since);

}  // namespace orewatch::registry
