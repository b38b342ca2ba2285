// The index that search looks into.
#pragma once

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "common/storage/sqlite.h"
#include "services/registry/store/store.h"

namespace orewatch::registry {

// Replaces what an entry is found by; entries without text are not found.
absl::Status IndexEntry(storage::Sqlite& db, Kind kind, const std::string& key, const v1::Entry& entry);
absl::Status UnindexEntry(storage::Sqlite& db, Kind kind, const std::string& key);
// Within one read transaction.
absl::StatusOr<std::vector<SearchHit>> SearchEntries(storage::Sqlite& db, const SearchQuery& query);

}  // namespace orewatch::registry
