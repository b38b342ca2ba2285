// The table that search looks into.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/types/span.h"
#include "common/storage/postgres.h"
#include "services/registry/store/store.h"

namespace orewatch::registry {

// One row of `search`, without what the server makes of it.
struct SearchRow {
  EntryKey entry;
  // Each word between two blanks of its own, so that words in a row are found as a text: ` sumitomo  metal `.
  std::string title;
  std::string body;
  int64_t words = 0;
  // Each word once, as far as the index takes them.
  std::string terms;
};

// Nothing for entries without text, which are not found.
std::optional<SearchRow> SearchRowOf(const EntryKey& key, const v1::Entry& entry);

// Statements that drop and add rows, and the columns that they take. Both keep the totals in `history`.
extern const char* const kDropSearchRows;
extern const char* const kAddSearchRows;
storage::PostgresParameters SearchKeyColumns(absl::Span<const EntryKey* const> rows);
storage::PostgresParameters SearchColumns(absl::Span<const SearchRow* const> rows);

// In one snapshot.
absl::StatusOr<std::vector<SearchHit>> SearchEntries(storage::Postgres& db, const SearchQuery& query);

}  // namespace orewatch::registry
