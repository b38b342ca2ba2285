#include "tests/bench/registry/raw_postgres.h"

#include <array>
#include <cstdio>
#include <cstdlib>
#include <memory>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "common/storage/postgres.h"
#include "services/registry/store/postgres/schema.h"
#include "tests/testing/postgres_server.h"

namespace orewatch::bench {
namespace {

// Those that an import fills.
constexpr std::array<const char*, 5> kTables = {"entries", "refs", "change_sets", "changes", "search"};

void Check(const absl::Status& status) {
  if (!status.ok()) {
    std::fprintf(stderr, "%s\n", status.ToString().c_str());
    std::abort();
  }
}

std::unique_ptr<storage::Postgres> Open(const std::string& database) {
  auto opened = storage::Postgres::Open({database});
  Check(opened.status());
  return *std::move(opened);
}

int64_t NumberFrom(storage::Postgres& db, const char* query) {
  const auto rows = db.Query(query);
  Check(rows.status());
  return rows->Int(0, 0);
}

// In a folder of the server's, which reads and writes it itself.
std::string FileOf(const char* table) { return (testing::SharedPostgresServer().dir() / table).string(); }

}  // namespace

std::string NewPostgresDatabase() {
  auto& server = testing::SharedPostgresServer();
  return server.Address(server.CreateDatabase());
}

int64_t PostgresDatabaseBytes(const std::string& database) {
  return NumberFrom(*Open(database), "SELECT pg_database_size(current_database())");
}

double CopiedPerSecond(const std::string& database) {
  const auto source = Open(database);
  for (const char* table : kTables) {
    Check(source->Execute(absl::StrCat("COPY ", table, " TO '", FileOf(table), "' (FORMAT binary)")));
  }
  const auto target = Open(NewPostgresDatabase());
  Check(registry::Migrate(*target).status());
  const absl::Time start = absl::Now();
  Check(target->Transact([&] {
    for (const char* table : kTables) {
      Check(target->Execute(absl::StrCat("COPY ", table, " FROM '", FileOf(table), "' (FORMAT binary)")));
    }
    return absl::OkStatus();
  }));
  const double seconds = absl::ToDoubleSeconds(absl::Now() - start);
  return static_cast<double>(NumberFrom(*target, "SELECT count(*) FROM changes")) / seconds;
}

}  // namespace orewatch::bench
