// The index that search looks into.
#pragma once

#include <cstdint>
#include <vector>

#include "absl/status/statusor.h"
#include "common/storage/sqlite.h"
#include "services/registry/store/sqlite/written_entries.h"
#include "services/registry/store/store.h"

namespace orewatch::registry {

// Has search find what was written, by its text. Last within a transaction: after it a savepoint would cut the index
// into small pieces.
absl::Status IndexAll(storage::Sqlite& db, const WrittenEntries& written);
// As WriteTransaction::DropSearched.
absl::Status DropSearchRows(storage::Sqlite& db, int64_t revision, int max_changes);
absl::StatusOr<int64_t> ReadEarliestSearched(storage::Sqlite& db);
// Within one read transaction, on a connection with AddRelevance (relevance.h).
absl::StatusOr<std::vector<SearchHit>> SearchEntries(storage::Sqlite& db, const SearchQuery& query);

}  // namespace orewatch::registry
