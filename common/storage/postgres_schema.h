// Schemas of a PostgreSQL database, which several processes may find at once.
#pragma once

#include <cstdint>
#include <string>

#include "absl/status/statusor.h"
#include "common/storage/postgres.h"
#include "common/storage/schema.h"

namespace orewatch::storage {

struct PostgresSchema {
  Schema schema;
  // Of the table that keeps which schema the database has; and a statement that reads both of its columns, version and
  // oldest_user.
  const char* table;
  const char* read_table;
  // Any number that no other program takes for a lock in this database.
  int64_t lock;
};

// Brings a database, new or old, to the newest schema in one transaction, whichever process is first.
// Errors of CheckUsable.
absl::StatusOr<Migration> Migrate(Postgres& db, const PostgresSchema& wanted);
// The same of a database that nobody has opened yet, for as long as it takes. Errors of Postgres::Open, too.
absl::StatusOr<Migration> Migrate(const std::string& database, const PostgresSchema& wanted);

}  // namespace orewatch::storage
