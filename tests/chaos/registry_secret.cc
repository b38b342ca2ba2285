#include "tests/chaos/registry_secret.h"

#include "common/storage/postgres.h"
#include "common/storage/sqlite.h"
#include "gtest/gtest.h"

namespace orewatch::testing {
namespace {

constexpr char kSelect[] = "SELECT secret FROM history";

}  // namespace

std::string SecretOfFile(const std::string& path) {
  const auto db = storage::Sqlite::Open(path, {/*read_only=*/true, {}});
  if (!db.ok()) {
    ADD_FAILURE() << db.status();
    return "";
  }
  auto row = (*db)->Prepare(kSelect);
  const auto found = row.Step();
  EXPECT_TRUE(found.value_or(false)) << found.status();
  return found.value_or(false) ? std::string(row.Blob(0)) : "";
}

std::string SecretOfDatabase(const std::string& address) {
  const auto db = storage::Postgres::Open({address});
  if (!db.ok()) {
    ADD_FAILURE() << db.status();
    return "";
  }
  const auto rows = (*db)->Query(kSelect);
  EXPECT_TRUE(rows.ok() && rows->size() == 1) << rows.status();
  return rows.ok() && rows->size() == 1 ? std::string(rows->Bytes(0, 0)) : "";
}

}  // namespace orewatch::testing
