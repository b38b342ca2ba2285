#include "common/storage/sqlite.h"

#include <sqlite3.h>

#include <cstdio>
#include <cstdlib>
#include <optional>
#include <utility>

#include "absl/strings/str_cat.h"
#include "common/status/status.h"
#include "common/time/deadline_scope.h"
#include "common/time/steady.h"

namespace orewatch::storage {
namespace {

constexpr int kBusyTimeoutMs = 5000;
// Of SQLite's machine, some tenths of a millisecond together.
constexpr int kStepsBetweenLooks = 10'000;

// Unset: that was no matter of the disk.
std::optional<WriteError> WriteErrorIn(sqlite3* db, int code) {
  switch (code & 0xff) {
    case SQLITE_FULL:
      return WriteError::kFull;
    case SQLITE_IOERR:
      // Also of the file that readers and writers share, which is full when the disk is.
      return WriteErrorOf(sqlite3_system_errno(db)) == WriteError::kFull ? WriteError::kFull : WriteError::kIo;
    case SQLITE_READONLY:
      return WriteError::kReadOnly;
    case SQLITE_CANTOPEN:
    case SQLITE_CORRUPT:
    case SQLITE_NOTADB:
    case SQLITE_PERM:
      return WriteError::kOther;
    default:
      return std::nullopt;
  }
}

absl::Status ErrorOf(sqlite3* db, int code) {
  if (WriteErrorIn(db, code) == WriteError::kFull) {
    return MakeError(absl::StatusCode::kUnavailable, "STORAGE_FULL", "storage is full");
  }
  switch (code & 0xff) {
    case SQLITE_CONSTRAINT:
      if (code == SQLITE_CONSTRAINT_UNIQUE || code == SQLITE_CONSTRAINT_PRIMARYKEY) {
        return MakeError(absl::StatusCode::kAlreadyExists, "ALREADY_EXISTS", "a row with this key exists");
      }
      return MakeError(absl::StatusCode::kFailedPrecondition, "CONSTRAINT", "a storage constraint was violated");
    case SQLITE_CORRUPT:
    case SQLITE_NOTADB:
      return MakeError(absl::StatusCode::kDataLoss, "STORAGE_CORRUPT", "the database file is corrupt");
    case SQLITE_INTERRUPT:
      return MakeError(absl::StatusCode::kDeadlineExceeded, "STORAGE_TIMEOUT", "storage did not answer in time");
    default:
      // The text is SQLite's own and names no data.
      return MakeError(absl::StatusCode::kUnavailable, "STORAGE_UNAVAILABLE",
                       absl::StrCat("storage: ", db != nullptr ? sqlite3_errmsg(db) : sqlite3_errstr(code)));
  }
}

// Not 0: the statement ends.
int IsTooLate(void* /*unused*/) { return SteadyNow() > DeadlineScope::Current() ? 1 : 0; }

// For the process, before its first connection.
bool ConfigureOnce() {
  // What a savepoint is undone with stays in memory, also where it is more than the 64 KiB of the default.
  const bool journal = sqlite3_config(SQLITE_CONFIG_STMTJRNL_SPILL, -1) == SQLITE_OK;
  // Nobody asks for SQLite's own statistics of memory, which take a lock for each allocation.
  return sqlite3_config(SQLITE_CONFIG_MEMSTATUS, 0) == SQLITE_OK && journal;
}

}  // namespace

Statement::Statement(Statement&& other) noexcept
    : db_(other.db_),
      statement_(std::exchange(other.statement_, nullptr)),
      error_(other.error_),
      metrics_(other.metrics_),
      next_parameter_(other.next_parameter_) {}

Statement::~Statement() {
  if (statement_ != nullptr) {
    sqlite3_reset(statement_);
    sqlite3_clear_bindings(statement_);
  }
}

Statement& Statement::Bind(int64_t value) {
  sqlite3_bind_int64(statement_, next_parameter_++, value);
  return *this;
}

Statement& Statement::Bind(double value) {
  sqlite3_bind_double(statement_, next_parameter_++, value);
  return *this;
}

Statement& Statement::Bind(absl::string_view text) {
  sqlite3_bind_text64(statement_, next_parameter_++, text.data() != nullptr ? text.data() : "", text.size(),
                      SQLITE_TRANSIENT, SQLITE_UTF8);
  return *this;
}

Statement& Statement::BindBlob(absl::string_view bytes) {
  sqlite3_bind_blob64(statement_, next_parameter_++, bytes.data() != nullptr ? bytes.data() : "", bytes.size(),
                      SQLITE_TRANSIENT);
  return *this;
}

Statement& Statement::BindNull() {
  sqlite3_bind_null(statement_, next_parameter_++);
  return *this;
}

absl::Status Statement::Failed(int code) {
  const std::optional<WriteError> error = WriteErrorIn(db_, code);
  if (metrics_ != nullptr && error.has_value()) {
    metrics_->CountWriteError(*error);
  }
  return ErrorOf(db_, code);
}

absl::StatusOr<bool> Statement::Step() {
  if (error_ != SQLITE_OK) {
    return Failed(error_);
  }
  const int code = sqlite3_step(statement_);
  if (code == SQLITE_ROW) {
    return true;
  }
  if (code == SQLITE_DONE) {
    return false;
  }
  return Failed(sqlite3_extended_errcode(db_));
}

absl::Status Statement::Run() {
  for (;;) {
    OREWATCH_ASSIGN_OR_RETURN(const bool row, Step());
    if (!row) {
      return absl::OkStatus();
    }
  }
}

bool Statement::IsNull(int column) const { return sqlite3_column_type(statement_, column) == SQLITE_NULL; }
int64_t Statement::Int(int column) const { return sqlite3_column_int64(statement_, column); }
double Statement::Double(int column) const { return sqlite3_column_double(statement_, column); }

absl::string_view Statement::Text(int column) const {
  const auto* bytes = static_cast<const char*>(sqlite3_column_blob(statement_, column));
  return {bytes != nullptr ? bytes : "", static_cast<size_t>(sqlite3_column_bytes(statement_, column))};
}

absl::StatusOr<std::unique_ptr<Sqlite>> Sqlite::Open(const std::string& path, const Options& options) {
  static const bool configured = ConfigureOnce();
  static_cast<void>(configured);
  sqlite3* db = nullptr;
  const int flags = options.read_only ? SQLITE_OPEN_READONLY : SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE;
  const int code = sqlite3_open_v2(path.c_str(), &db, flags | SQLITE_OPEN_NOMUTEX, nullptr);
  auto connection = std::unique_ptr<Sqlite>(new Sqlite(db, options.metrics));
  if (code != SQLITE_OK) {
    return MakeError(absl::StatusCode::kUnavailable, "STORAGE_UNAVAILABLE",
                     absl::StrCat("cannot open ", path, ": ", sqlite3_errstr(code)));
  }
  sqlite3_extended_result_codes(db, 1);
  sqlite3_busy_timeout(db, kBusyTimeoutMs);
  if (options.read_only) {
    // What writes is ended by nobody's deadline: others' writes are in the same transaction.
    sqlite3_progress_handler(db, kStepsBetweenLooks, &IsTooLate, nullptr);
  }
  OREWATCH_RETURN_IF_ERROR(connection->Execute(options.read_only ? kReaderSettings : kWriterSettings));
  if (options.extend != nullptr) {
    OREWATCH_RETURN_IF_ERROR(options.extend(db));
  }
  return connection;
}

Sqlite::~Sqlite() {
  for (auto& [sql, statement] : statements_) {
    sqlite3_finalize(statement);
  }
  sqlite3_close(db_);
}

absl::Status Sqlite::Execute(const std::string& sql) {
  const int code = sqlite3_exec(db_, sql.c_str(), nullptr, nullptr, nullptr);
  return code == SQLITE_OK ? absl::OkStatus() : ErrorOf(db_, code);
}

Statement Sqlite::Prepare(const char* sql) {
  sqlite3_stmt*& statement = statements_[sql];
  int code = SQLITE_OK;
  if (statement == nullptr) {
    code = sqlite3_prepare_v3(db_, sql, -1, SQLITE_PREPARE_PERSISTENT, &statement, nullptr);
  }
  // Else the tables could not be looked at.
  if (code == SQLITE_ERROR) {
    std::fprintf(stderr, "malformed SQL: %s\n%s\n", sqlite3_errmsg(db_), sql);
    std::abort();
  }
  return Statement(db_, statement, code, metrics_.get());
}

absl::Status Sqlite::Transact(absl::FunctionRef<absl::Status()> body) {
  return RunTransaction("BEGIN IMMEDIATE", body);
}
absl::Status Sqlite::Read(absl::FunctionRef<absl::Status()> body) { return RunTransaction("BEGIN", body); }

absl::Status Sqlite::RunTransaction(const char* begin, absl::FunctionRef<absl::Status()> body) {
  OREWATCH_RETURN_IF_ERROR(Prepare(begin).Run());
  absl::Status status = body();
  if (status.ok()) {
    status = Prepare("COMMIT").Run();
  }
  if (!status.ok() && sqlite3_get_autocommit(db_) == 0) {
    Execute("ROLLBACK").IgnoreError();
  }
  return status;
}

int64_t Sqlite::changes() const { return sqlite3_changes64(db_); }

}  // namespace orewatch::storage
