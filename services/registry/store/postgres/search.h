// The table that search looks into.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/types/span.h"
#include "common/storage/postgres.h"
#include "services/registry/store/postgres/entry_rows.h"
#include "services/registry/store/store.h"

namespace orewatch::registry {

// One row of `search`, without what the server makes of it.
struct SearchRow {
  // It is found while the version holds.
  std::shared_ptr<const EntryRow> version;
  // As ReadersText says.
  std::string readers;
  // Each word between two blanks of its own, so that words in a row are found as a text: ` sumitomo  metal `.
  std::string title;
  std::string body;
  // In words.
  int64_t length = 0;
  // Each word once, as far as the index takes them.
  std::string terms;
};

// Nothing for entries without text, which are not found.
std::optional<SearchRow> SearchRowOf(std::shared_ptr<const EntryRow> version, const v1::Entry& entry);

// A statement that adds rows, and the columns that it takes.
extern const char* const kAddSearchRows;
storage::PostgresParameters SearchColumns(absl::Span<const SearchRow> rows);

absl::StatusOr<int64_t> ReadEarliestSearched(storage::Postgres& db);
// In one snapshot.
absl::StatusOr<std::vector<SearchHit>> SearchEntries(storage::Postgres& db, const SearchQuery& query);

}  // namespace orewatch::registry
