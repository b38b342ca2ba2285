// The index that search looks into.
#pragma once

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "common/storage/sqlite.h"
#include "services/registry/store/sqlite/written_entries.h"
#include "services/registry/store/store.h"

namespace orewatch::registry {

// Has search find what was written, by its text. Last within a transaction: after it a savepoint would cut the index
// into small pieces.
absl::Status IndexAll(storage::Sqlite& db, const WrittenEntries& written);
// Within one read transaction.
absl::StatusOr<std::vector<SearchHit>> SearchEntries(storage::Sqlite& db, const SearchQuery& query);

}  // namespace orewatch::registry
