// A thin, typed layer over libpq: connections, prepared statements, batches in one round trip, transactions, deadlines,
// cancellation, notifications; errors as canonical codes (postgres_errors.h).
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <unordered_set>
#include <vector>

#include "absl/functional/function_ref.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "common/storage/postgres_values.h"

struct pg_cancel;
struct pg_conn;

namespace orewatch::storage {

class PostgresMetrics;

struct PostgresOptions {
  // A URI (`postgres://host/name`) or `key=value` pairs, as libpq takes them. What is left out comes from the
  // environment (PGHOST, PGUSER, ...). Never holds the password, which libpq finds in PGPASSWORD or a password file.
  std::string database;
  // How the server's views name the connection.
  std::string application_name = "orewatch";
  // Per host and attempt; whole seconds, at least 2 (libpq's rule).
  absl::Duration connect_timeout = absl::Seconds(5);
  // Statements that set up each new session.
  std::string session = "";
  // Has the server stop a statement at the deadline. Off for a connection that sets statement_timeout itself.
  bool statement_timeouts = true;
  // Counts errors; outlives the connection. None if null.
  PostgresMetrics* metrics = nullptr;
};

// INVALID_ARGUMENT if `database` is malformed or holds a password. Does not connect.
absl::Status CheckPostgresDatabase(const std::string& database);

// One statement of a batch. `sql` is constant text, prepared once per connection and known by its address.
struct PostgresStatement {
  const char* sql;
  PostgresParameters parameters = {};
};

// One connection to a server that takes writes. Thread-compatible, but for Cancel. Blocks. Every method returns the
// statuses of postgres_errors.h; after UNAVAILABLE or DEADLINE_EXCEEDED ask lost().
class Postgres {
 public:
  // UNAVAILABLE with the reason (STORAGE_REFUSED: waiting does not mend it), of interest to the operator alone: it
  // names host and role. FAILED_PRECONDITION for a server older than 15 or a database that is not in UTF-8.
  static absl::StatusOr<std::unique_ptr<Postgres>> Open(const PostgresOptions& options);
  ~Postgres();
  Postgres(const Postgres&) = delete;
  Postgres& operator=(const Postgres&) = delete;

  // Applies to every statement from here on. The server stops a statement then; a server that does not answer at all is
  // given up a little later, and the connection with it.
  void set_deadline(absl::Time deadline) { deadline_ = deadline; }

  // Runs one or more statements without parameters or rows.
  absl::Status Execute(const std::string& sql);

  // Sends all statements at once and returns the rows of each. A failed statement stops those after it and is what is
  // returned. Outside a transaction the batch is one.
  absl::StatusOr<std::vector<PostgresRows>> Run(const std::vector<PostgresStatement>& batch);
  absl::StatusOr<PostgresRows> Query(const char* sql, PostgresParameters parameters = {});

  // Runs `body` in a transaction: commits if it returns OK, else rolls back and returns its status.
  absl::Status Transact(absl::FunctionRef<absl::Status()> body);
  // Ends a transaction, failed or not; nothing to do outside one.
  void Rollback();
  bool in_transaction() const;

  // Stops the statement that runs at present, if any, with DEADLINE_EXCEEDED. From any thread. Opens a connection of
  // its own for it, so it may block.
  void Cancel() const;

  // True if the connection broke or was given up: what was sent last may or may not have happened.
  bool lost() const;
  // It serves no longer, whatever its state: as if it were lost.
  void GiveUp() { given_up_ = true; }
  // Looks, without a round trip, whether the server has closed a connection that rested.
  bool StillOpen();

  absl::Status Listen(const std::string& channel);
  // Waits for payloads sent to the channels listened to, until `timeout` has passed or `wake_fd` becomes readable: then
  // there are none. UNAVAILABLE if the connection breaks.
  absl::StatusOr<std::vector<std::string>> AwaitNotifications(absl::Duration timeout, int wake_fd);

  // Process of the server that serves this connection.
  int backend_pid() const;

 private:
  // What was sent and not yet answered.
  struct Sent {
    const char* sql;
    // Preparing it, as opposed to running it for the caller.
    bool prepares;
    bool wanted;
  };

  Postgres(pg_conn* connection, const PostgresOptions& options);
  absl::Status CheckServer() const;
  absl::Status Send(const PostgresStatement& statement, bool wanted, std::vector<Sent>& sent);
  absl::Status SendTimeout(std::vector<Sent>& sent);
  absl::StatusOr<std::vector<PostgresRows>> Receive(const std::vector<Sent>& sent);
  absl::Status TakeResult(pg_result* result, const Sent& sent, std::vector<PostgresRows>& wanted);
  absl::Status ReceiveUntilIdle();
  absl::Status Flush();
  absl::Status AwaitResult();
  // Waits for the socket; DEADLINE_EXCEEDED gives the connection up.
  absl::Status AwaitSocket(bool to_write);
  absl::Status Lost(const char* what);
  absl::Status ErrorOf(const pg_result* result);
  absl::Status Counted(absl::Status status) const;

  pg_conn* connection_;
  pg_cancel* cancel_;
  const bool statement_timeouts_;
  PostgresMetrics* const metrics_;
  absl::Time deadline_ = absl::InfiniteFuture();
  // What the server was told last; less than zero if that is not known.
  int64_t statement_timeout_ms_ = -1;
  bool given_up_ = false;
  std::unordered_set<const char*> prepared_;
};

}  // namespace orewatch::storage
