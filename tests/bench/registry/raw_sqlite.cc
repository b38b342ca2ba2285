#include "tests/bench/registry/raw_sqlite.h"

#include <sqlite3.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <limits>

#include "common/storage/sqlite.h"
#include "services/registry/domain/change_digest.h"
#include "services/registry/domain/references.h"
#include "services/registry/domain/search_terms.h"
#include "services/registry/domain/statistic_key.h"
#include "services/registry/store/sqlite/schema.h"

namespace orewatch::bench {
namespace {

constexpr int64_t kTime = 1'700'000'000'000'000;
constexpr size_t kDigestBytes = 32;

void Check(bool done, const char* what, sqlite3* db) {
  if (!done) {
    std::fprintf(stderr, "%s: %s\n", what, db == nullptr ? "" : sqlite3_errmsg(db));
    std::abort();
  }
}

void BindText(sqlite3_stmt* statement, int index, const std::string& text) {
  sqlite3_bind_text(statement, index, text.data(), static_cast<int>(text.size()), SQLITE_STATIC);
}

void BindBlob(sqlite3_stmt* statement, int index, const std::string& bytes) {
  sqlite3_bind_blob(statement, index, bytes.data(), static_cast<int>(bytes.size()), SQLITE_STATIC);
}

}  // namespace

RawRow RawRowOf(const registry::v1::Entry& entry) {
  RawRow row;
  const registry::Kind kind = *registry::KindOf(entry);
  row.kind = static_cast<int>(kind);
  row.key = registry::IsStatistic(kind) ? registry::StatisticKey(entry.statistic())
                                        : registry::NameIn(registry::MessageIn(kind, entry));
  row.payload = registry::CanonicalBytes(entry);
  for (auto& reference : registry::ReferencesOf(entry)) {
    row.targets.push_back(std::move(reference.target));
  }
  std::sort(row.targets.begin(), row.targets.end());
  row.targets.erase(std::unique(row.targets.begin(), row.targets.end()), row.targets.end());
  registry::SearchText text = registry::SearchTextOf(entry);
  row.title = std::move(text.title);
  row.body = std::move(text.body);
  row.length = text.length;
  return row;
}

RawSqlite::RawSqlite(const std::string& path) {
  {
    auto made = storage::Sqlite::Open(path);
    Check(made.ok() && registry::Migrate(**made).ok(), "cannot make the tables", nullptr);
  }
  Check(sqlite3_open(path.c_str(), &db_) == SQLITE_OK, "cannot open", db_);
  Check(sqlite3_exec(db_, storage::Sqlite::kWriterSettings, nullptr, nullptr, nullptr) == SQLITE_OK, "settings", db_);
  begin_ = Prepare("BEGIN IMMEDIATE");
  commit_ = Prepare("COMMIT");
  entry_ = Prepare("INSERT INTO entries VALUES (?, ?, ?, ?, ?, ?, NULL, ?)");
  reference_ = Prepare("INSERT INTO refs VALUES (?, ?, ?)");
  change_ = Prepare("INSERT INTO changes VALUES (?, ?, ?, ?, 1)");
  search_row_ = Prepare("INSERT INTO search_rows VALUES (?, ?, ?, ?, 9223372036854775807, ?, '')");
  search_text_ = Prepare("INSERT INTO search_index(rowid, title, body) VALUES (?, ?, ?)");
  change_set_ = Prepare("INSERT INTO change_sets VALUES (?, ?, 'anonymous', '', ?)");
  head_ = Prepare("UPDATE history SET head = ?, last_commit = ?");
}

RawSqlite::~RawSqlite() {
  for (sqlite3_stmt* statement : statements_) {
    sqlite3_finalize(statement);
  }
  sqlite3_close(db_);
}

sqlite3_stmt* RawSqlite::Prepare(const char* sql) {
  sqlite3_stmt* statement = nullptr;
  Check(sqlite3_prepare_v3(db_, sql, -1, SQLITE_PREPARE_PERSISTENT, &statement, nullptr) == SQLITE_OK, sql, db_);
  statements_.push_back(statement);
  return statement;
}

void RawSqlite::Run(sqlite3_stmt* statement) {
  Check(sqlite3_step(statement) == SQLITE_DONE, sqlite3_sql(statement), db_);
  sqlite3_reset(statement);
}

void RawSqlite::Write(absl::Span<const RawRow> rows, size_t rows_per_revision) {
  Run(begin_);
  for (size_t i = 0; i < rows.size(); ++i) {
    const size_t number = i % rows_per_revision;
    if (number == 0) {
      InsertRevision();
    }
    Insert(rows[i], static_cast<int64_t>(number));
  }
  sqlite3_bind_int64(head_, 1, revision_);
  sqlite3_bind_int64(head_, 2, kTime);
  Run(head_);
  Run(commit_);
}

void RawSqlite::InsertRevision() {
  const std::string digest(kDigestBytes, 'd');
  sqlite3_bind_int64(change_set_, 1, ++revision_);
  sqlite3_bind_int64(change_set_, 2, kTime + revision_);
  BindBlob(change_set_, 3, digest);
  Run(change_set_);
}

void RawSqlite::Insert(const RawRow& row, int64_t number) {
  sqlite3_bind_int(entry_, 1, row.kind);
  BindText(entry_, 2, row.key);
  sqlite3_bind_int64(entry_, 3, revision_);
  sqlite3_bind_int64(entry_, 4, std::numeric_limits<int64_t>::max());
  sqlite3_bind_int64(entry_, 5, kTime);
  sqlite3_bind_int64(entry_, 6, kTime);
  BindBlob(entry_, 7, row.payload);
  Run(entry_);
  for (const std::string& target : row.targets) {
    BindText(reference_, 1, target);
    sqlite3_bind_int(reference_, 2, row.kind);
    BindText(reference_, 3, row.key);
    Run(reference_);
  }
  sqlite3_bind_int64(change_, 1, revision_);
  sqlite3_bind_int64(change_, 2, number);
  sqlite3_bind_int(change_, 3, row.kind);
  BindText(change_, 4, row.key);
  Run(change_);
  if (row.title.empty() && row.body.empty()) {
    return;
  }
  sqlite3_bind_int64(search_row_, 1, ++search_rows_);
  sqlite3_bind_int(search_row_, 2, row.kind);
  BindText(search_row_, 3, row.key);
  sqlite3_bind_int64(search_row_, 4, revision_);
  sqlite3_bind_int64(search_row_, 5, row.length);
  Run(search_row_);
  sqlite3_bind_int64(search_text_, 1, search_rows_);
  BindText(search_text_, 2, row.title);
  BindText(search_text_, 3, row.body);
  Run(search_text_);
}

}  // namespace orewatch::bench
