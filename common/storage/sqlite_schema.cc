#include "common/storage/sqlite_schema.h"

#include <algorithm>
#include <cstdint>

#include "common/status/status.h"

namespace orewatch::storage {
namespace {

// The version; 0 where there is none yet.
absl::StatusOr<int> FindVersion(Sqlite& db, const Schema& schema) {
  OREWATCH_RETURN_IF_ERROR(
      db.Execute("CREATE TABLE IF NOT EXISTS schema(version INTEGER NOT NULL, oldest_user INTEGER NOT NULL)"));
  auto row = db.Prepare("SELECT version, oldest_user FROM schema");
  OREWATCH_ASSIGN_OR_RETURN(const bool found, row.Step());
  if (!found) {
    return 0;
  }
  const int version = static_cast<int>(row.Int(0));
  OREWATCH_RETURN_IF_ERROR(CheckUsable(schema, version, static_cast<int>(row.Int(1))));
  return version;
}

}  // namespace

absl::StatusOr<Migration> Migrate(Sqlite& db, const Schema& schema) {
  OREWATCH_ASSIGN_OR_RETURN(const int version, FindVersion(db, schema));
  if (version == 0) {
    OREWATCH_RETURN_IF_ERROR(db.Prepare("INSERT INTO schema VALUES (0, ?)").Bind(int64_t{schema.first}).Run());
  }
  for (int next = std::max(version + 1, schema.first); next <= schema.newest(); ++next) {
    OREWATCH_RETURN_IF_ERROR(OfStep(schema.database, next, db.Execute(schema.MigrationTo(next))));
  }
  if (version < schema.newest()) {
    OREWATCH_RETURN_IF_ERROR(db.Prepare("UPDATE schema SET version = ?").Bind(int64_t{schema.newest()}).Run());
  }
  return Migration{version, std::max(version, schema.newest())};
}

}  // namespace orewatch::storage
