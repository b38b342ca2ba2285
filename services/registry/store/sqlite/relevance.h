// What SQLite's full-text search calls to score a match.
#pragma once

#include "absl/status/status.h"

struct sqlite3;

namespace orewatch::registry {

// Gives a connection the function `relevance(index, length)` (domain/relevance.h) over a full-text index whose first
// column is the title; `length` is how many words the row has.
absl::Status AddRelevance(sqlite3* db);

}  // namespace orewatch::registry
