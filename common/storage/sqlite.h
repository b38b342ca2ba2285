// A thin, typed layer over SQLite: connections, cached statements, transactions, errors as canonical codes.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <unordered_map>
#include <utility>

#include "absl/functional/function_ref.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "common/storage/storage_metrics.h"

struct sqlite3;
struct sqlite3_stmt;

namespace orewatch::storage {

// A prepared statement on loan from its connection; returned and reset when it goes out of scope.
// Parameters are bound by position from 1. Thread-compatible.
class Statement {
 public:
  // `error`: of SQLite, why there is no statement. `metrics` may be null.
  Statement(sqlite3* db, sqlite3_stmt* statement, int error, StorageMetrics* metrics)
      : db_(db), statement_(statement), error_(error), metrics_(metrics) {}
  Statement(Statement&& other) noexcept;
  Statement& operator=(Statement&&) = delete;
  ~Statement();

  // Bound by copy. Return *this, so that bindings chain in the order of the SQL.
  Statement& Bind(int64_t value);
  Statement& Bind(double value);
  Statement& Bind(absl::string_view text);
  Statement& BindBlob(absl::string_view bytes);
  Statement& BindNull();

  // True while there is a row. ALREADY_EXISTS on a unique violation, FAILED_PRECONDITION on another constraint,
  // UNAVAILABLE when the file is busy, failing, or full (reason STORAGE_FULL), DATA_LOSS when it is corrupt.
  absl::StatusOr<bool> Step();
  // Steps to the end, for statements that return no rows.
  absl::Status Run();

  bool IsNull(int column) const;
  int64_t Int(int column) const;
  double Double(int column) const;
  // Valid until the next step.
  absl::string_view Text(int column) const;
  absl::string_view Blob(int column) const { return Text(column); }

 private:
  absl::Status Failed(int code);

  sqlite3* db_;
  sqlite3_stmt* statement_;
  int error_;
  StorageMetrics* metrics_;
  int next_parameter_ = 1;
};

// One connection. Thread-compatible: give each thread its own, or guard it.
class Sqlite {
 public:
  // What a connection runs first.
  static constexpr char kReaderSettings[] = "PRAGMA foreign_keys=ON; PRAGMA cache_size=-65536;";
  static constexpr char kWriterSettings[] =
      "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA foreign_keys=ON; PRAGMA cache_size=-65536;";

  struct Options {
    bool read_only = false;
    // Adds functions to the new connection, for SQL that needs them.
    absl::Status (*extend)(sqlite3*) = nullptr;
    // Of what writes: counts what fails. May be null.
    std::shared_ptr<StorageMetrics> metrics = nullptr;
  };

  // Opens or creates the file (`:memory:` for a private one) in WAL mode with synchronous=FULL: a commit is durable
  // when it returns. UNAVAILABLE if the file cannot be opened.
  static absl::StatusOr<std::unique_ptr<Sqlite>> Open(const std::string& path, const Options& options);
  static absl::StatusOr<std::unique_ptr<Sqlite>> Open(const std::string& path) { return Open(path, Options()); }
  ~Sqlite();
  Sqlite(const Sqlite&) = delete;
  Sqlite& operator=(const Sqlite&) = delete;

  // Runs one or more statements without parameters or rows.
  absl::Status Execute(const std::string& sql);

  // The statement for constant SQL text; compiled once. One loan of the same text at a time. Aborts on malformed SQL:
  // that is a bug of ours, never of the input. What keeps it from being compiled else is the error of its steps.
  Statement Prepare(const char* sql);

  // Runs `body` in an immediate (write) transaction: commits if it returns OK, else rolls back and returns its status.
  absl::Status Transact(absl::FunctionRef<absl::Status()> body);
  // The same for a consistent read.
  absl::Status Read(absl::FunctionRef<absl::Status()> body);

  // Rows changed by the last statement.
  int64_t changes() const;

 private:
  Sqlite(sqlite3* db, std::shared_ptr<StorageMetrics> metrics) : db_(db), metrics_(std::move(metrics)) {}
  absl::Status RunTransaction(const char* begin, absl::FunctionRef<absl::Status()> body);

  sqlite3* db_;
  const std::shared_ptr<StorageMetrics> metrics_;
  std::unordered_map<const char*, sqlite3_stmt*> statements_;
};

}  // namespace orewatch::storage
