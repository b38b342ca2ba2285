// The numbered schemas of a database, and how one leads to the next.
#pragma once

#include <cstddef>
#include <string>

#include "absl/status/status.h"
#include "absl/types/span.h"

namespace orewatch::storage {

// The database itself keeps which schema it has, and from which one on a binary may use it (oldest_user).
struct Schema {
  // For errors: `the score history`.
  const char* database = "the database";
  // Schemas before it were never released: nothing leads on from them.
  int first = 1;
  // Each leads to the next schema, the first of them to `first`; forward only. A migration that an older binary cannot
  // live with raises oldest_user.
  absl::Span<const char* const> migrations;

  int newest() const { return first - 1 + static_cast<int>(migrations.size()); }
  const char* MigrationTo(int version) const { return migrations[static_cast<size_t>(version - first)]; }
};

// What bringing a database up to date came to: the schema that it had, 0 if none, and the one that it has.
struct Migration {
  int from = 0;
  int to = 0;
};

// `schema 2, nothing to do`, `schema 1 to 2` or `new, schema 2`.
std::string Describe(const Migration& migration);

// FAILED_PRECONDITION if a newer binary has changed what is found in a way that this one cannot use (SCHEMA_TOO_NEW),
// or if it is older than the first release (SCHEMA_TOO_OLD).
absl::Status CheckUsable(const Schema& schema, int version, int oldest_user);

// Why the migration of `database` that leads to `version` was not to be had, or OK.
absl::Status OfStep(const char* database, int version, const absl::Status& status);

}  // namespace orewatch::storage
