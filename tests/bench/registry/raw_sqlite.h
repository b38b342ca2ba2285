// The rows that the registry writes, written by hand: prepared statements over SQLite's own interface, no rules, no
// reads, everything known beforehand.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "absl/types/span.h"
#include "orewatch/registry/v1/resources.pb.h"

struct sqlite3;
struct sqlite3_stmt;

namespace orewatch::bench {

// What is stored of one new entry.
struct RawRow {
  int kind = 0;
  std::string key;
  std::string payload;
  std::vector<std::string> targets;
  std::string title;
  std::string body;
  // Of both, in words.
  int64_t length = 0;
};
RawRow RawRowOf(const registry::v1::Entry& entry);

// The registry's tables in a new file, under the same settings. Aborts if anything fails. Thread-compatible.
class RawSqlite {
 public:
  explicit RawSqlite(const std::string& path);
  ~RawSqlite();
  RawSqlite(const RawSqlite&) = delete;
  RawSqlite& operator=(const RawSqlite&) = delete;

  // One transaction and `rows_per_revision` rows a revision; durable on return.
  void Write(absl::Span<const RawRow> rows, size_t rows_per_revision);

 private:
  sqlite3_stmt* Prepare(const char* sql);
  void Run(sqlite3_stmt* statement);
  void Insert(const RawRow& row, int64_t number);
  void InsertRevision();

  sqlite3* db_ = nullptr;
  int64_t revision_ = 0;
  int64_t search_rows_ = 0;
  std::vector<sqlite3_stmt*> statements_;
  sqlite3_stmt* begin_ = nullptr;
  sqlite3_stmt* commit_ = nullptr;
  sqlite3_stmt* entry_ = nullptr;
  sqlite3_stmt* reference_ = nullptr;
  sqlite3_stmt* change_ = nullptr;
  sqlite3_stmt* search_row_ = nullptr;
  sqlite3_stmt* search_text_ = nullptr;
  sqlite3_stmt* change_set_ = nullptr;
  sqlite3_stmt* head_ = nullptr;
};

}  // namespace orewatch::bench
