#include "common/storage/postgres.h"

#include <libpq-fe.h>
#include <poll.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <utility>

#include "absl/cleanup/cleanup.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "common/log/log.h"
#include "common/status/status.h"
#include "common/storage/postgres_errors.h"
#include "common/storage/postgres_metrics.h"
#include "common/time/patience.h"
#include "common/time/steady.h"

namespace orewatch::storage {
namespace {

constexpr int kOldestServer = 150'000;
constexpr int64_t kShortestConnectTimeout = 2;
// The server's own word that a deadline has passed keeps the connection; it gets this long to arrive.
constexpr absl::Duration kGrace = absl::Seconds(1);
// How often who waits for an answer looks whether the process waits on.
constexpr int kLookMillis = 500;
constexpr absl::Duration kTimeoutStep = absl::Milliseconds(250);
constexpr absl::Duration kLongestWait = absl::Hours(1);
constexpr int kBinary = 1;
constexpr char kSetTimeout[] = "SELECT set_config('statement_timeout', $1, false)";

// libpq's texts have several lines and end with one.
std::string OneLine(const char* text) {
  return absl::StrReplaceAll(absl::StripSuffix(text, "\n"), {{"\n\t", "; "}, {"\n", "; "}});
}

void LogNotice(void*, const char* message) { log::Debug("database notice", {{"text", OneLine(message)}}); }

int WholeMillis(absl::Duration wait) {
  const absl::Duration bounded = std::clamp(wait, absl::ZeroDuration(), kLongestWait);
  return static_cast<int>(absl::ToInt64Milliseconds(absl::Ceil(bounded, absl::Milliseconds(1))));
}

// What the server is told. In steps, which are shorter than the grace, so that it need not be told with every
// statement.
int64_t TimeoutMillis(absl::Duration left) {
  const absl::Duration step = left > absl::Seconds(1) ? kTimeoutStep : absl::Milliseconds(1);
  return std::max(1, WholeMillis(absl::Ceil(left, step)));
}

// A name that the server knows the statement by: its address is unique among the texts of this process.
std::string NameOf(const char* sql) { return absl::StrCat("s", absl::Hex(reinterpret_cast<uintptr_t>(sql))); }

absl::Status DeadlineError() { return StatusOfSqlState("57014"); }

struct KeyValue {
  const char* key;
  std::string value;
};

// In this order a later value wins: ours that an operator may change, the operator's, ours that nobody may change.
PGconn* Connect(const PostgresOptions& options) {
  const int64_t timeout = std::max(kShortestConnectTimeout, absl::ToInt64Seconds(options.connect_timeout));
  const KeyValue parameters[] = {
      {"connect_timeout", absl::StrCat(timeout)},
      {"fallback_application_name", options.application_name},
      {"keepalives_idle", "10"},
      {"keepalives_interval", "5"},
      {"keepalives_count", "3"},
      {"tcp_user_timeout", "20000"},
      // Of several hosts the one that is the primary now.
      {"target_session_attrs", "read-write"},
      {"dbname", options.database},
      {"client_encoding", "UTF8"},
  };
  std::vector<const char*> keys;
  std::vector<const char*> values;
  for (const KeyValue& parameter : parameters) {
    keys.push_back(parameter.key);
    values.push_back(parameter.value.c_str());
  }
  keys.push_back(nullptr);
  values.push_back(nullptr);
  return PQconnectdbParams(keys.data(), values.data(), /*expand_dbname=*/1);
}

bool IsRefusal(absl::string_view sqlstate) { return ErrorReason(StatusOfSqlState(sqlstate)) == "STORAGE_REFUSED"; }

// Whether a server that could be reached will not have this login, now or later. libpq gives the code of such an error
// only to those who ask for it before they connect, so a connection that failed is tried a second time.
bool Refused(PGconn* connection) {
  if (!absl::StrContains(PQerrorMessage(connection), "FATAL")) {
    return false;
  }
  PQsetErrorVerbosity(connection, PQERRORS_SQLSTATE);
  PQreset(connection);
  const std::vector<std::string> words =
      absl::StrSplit(PQerrorMessage(connection), absl::ByAnyChar(" \n"), absl::SkipEmpty());
  // Of several hosts each has its line; a port may look like a code.
  for (size_t i = 1; i < words.size(); ++i) {
    if (words[i - 1] == "FATAL:" && IsRefusal(words[i])) {
      return true;
    }
  }
  return false;
}

}  // namespace

absl::Status CheckPostgresDatabase(const std::string& database) {
  char* error = nullptr;
  PQconninfoOption* settings = PQconninfoParse(database.c_str(), &error);
  const absl::Cleanup free_all = [&] {
    PQconninfoFree(settings);
    PQfreemem(error);
  };
  if (settings == nullptr) {
    return InvalidField("--database", OneLine(error != nullptr ? error : "out of memory"));
  }
  for (const PQconninfoOption* setting = settings; setting->keyword != nullptr; ++setting) {
    if (setting->val != nullptr && absl::string_view(setting->keyword) == "password") {
      return InvalidField("--database", "holds a password, which others may read; use PGPASSWORD or a password file");
    }
  }
  return absl::OkStatus();
}

absl::StatusOr<std::unique_ptr<Postgres>> Postgres::Open(const PostgresOptions& options) {
  OREWATCH_RETURN_IF_ERROR(CheckPostgresDatabase(options.database));
  if (PatienceEnded()) {
    return MakeError(absl::StatusCode::kUnavailable, "STORAGE_UNAVAILABLE", "the process ends");
  }
  auto connection = std::unique_ptr<Postgres>(new Postgres(Connect(options), options));
  if (PQstatus(connection->connection_) != CONNECTION_OK) {
    const std::string text = absl::StrCat("the database: ", OneLine(PQerrorMessage(connection->connection_)));
    const char* reason = Refused(connection->connection_) ? "STORAGE_REFUSED" : "STORAGE_UNAVAILABLE";
    return connection->Counted(MakeError(absl::StatusCode::kUnavailable, reason, text));
  }
  OREWATCH_RETURN_IF_ERROR(connection->CheckServer());
  connection->set_deadline(SteadyNow() + options.connect_timeout);
  OREWATCH_RETURN_IF_ERROR(connection->Execute(options.session));
  connection->set_deadline(absl::InfiniteFuture());
  return connection;
}

Postgres::Postgres(pg_conn* connection, const PostgresOptions& options)
    : connection_(connection),
      cancel_(PQgetCancel(connection)),
      statement_timeouts_(options.statement_timeouts),
      metrics_(options.metrics) {
  PQsetNoticeProcessor(connection_, LogNotice, nullptr);
  PQsetnonblocking(connection_, 1);
  PQenterPipelineMode(connection_);
}

Postgres::~Postgres() {
  PQfreeCancel(cancel_);
  PQfinish(connection_);
}

absl::Status Postgres::CheckServer() const {
  if (PQserverVersion(connection_) < kOldestServer) {
    return MakeError(absl::StatusCode::kFailedPrecondition, "SERVER_TOO_OLD",
                     absl::StrCat("the database server is PostgreSQL ",
                                  PQparameterStatus(connection_, "server_version"), "; 15 or newer is needed"));
  }
  const absl::string_view encoding = PQparameterStatus(connection_, "server_encoding");
  if (encoding != "UTF8") {
    return MakeError(absl::StatusCode::kFailedPrecondition, "WRONG_ENCODING",
                     absl::StrCat("the database is in ", encoding, "; create it with ENCODING 'UTF8'"));
  }
  return absl::OkStatus();
}

absl::Status Postgres::Execute(const std::string& sql) {
  if (lost()) {
    return Lost("statement on a lost connection");
  }
  // Several statements in one text are not for pipelines.
  PQexitPipelineMode(connection_);
  absl::Status status = PQsendQuery(connection_, sql.c_str()) == 1 ? Flush() : Lost("send");
  if (status.ok()) {
    status = ReceiveUntilIdle();
  }
  PQenterPipelineMode(connection_);
  return status;
}

absl::Status Postgres::ReceiveUntilIdle() {
  absl::Status first;
  for (;;) {
    OREWATCH_RETURN_IF_ERROR(AwaitResult());
    PGresult* result = PQgetResult(connection_);
    if (result == nullptr) {
      return first;
    }
    const PostgresRows rows(result);
    const ExecStatusType status = PQresultStatus(result);
    if (status != PGRES_COMMAND_OK && status != PGRES_TUPLES_OK && status != PGRES_EMPTY_QUERY) {
      first.Update(ErrorOf(result));
    }
    if (lost()) {
      return first;
    }
  }
}

absl::StatusOr<PostgresRows> Postgres::Query(const char* sql, PostgresParameters parameters) {
  OREWATCH_ASSIGN_OR_RETURN(auto results, Run({{sql, std::move(parameters)}}));
  return std::move(results.front());
}

absl::StatusOr<std::vector<PostgresRows>> Postgres::Run(const std::vector<PostgresStatement>& batch) {
  if (lost()) {
    return Lost("batch on a lost connection");
  }
  if (deadline_ <= SteadyNow()) {
    return Counted(DeadlineError());
  }
  std::vector<Sent> sent;
  OREWATCH_RETURN_IF_ERROR(SendTimeout(sent));
  for (const PostgresStatement& statement : batch) {
    OREWATCH_RETURN_IF_ERROR(Send(statement, /*wanted=*/true, sent));
  }
  if (PQpipelineSync(connection_) != 1) {
    return Lost("end of batch");
  }
  OREWATCH_RETURN_IF_ERROR(Flush());
  auto results = Receive(sent);
  if (!results.ok()) {
    // A setting made in a transaction that fails is undone with it.
    statement_timeout_ms_ = -1;
  }
  return results;
}

absl::Status Postgres::SendTimeout(std::vector<Sent>& sent) {
  // A failed transaction takes nothing but its end.
  if (!statement_timeouts_ || PQtransactionStatus(connection_) == PQTRANS_INERROR) {
    return absl::OkStatus();
  }
  // Zero is the server's way to say never.
  const int64_t timeout_ms = deadline_ == absl::InfiniteFuture() ? 0 : TimeoutMillis(deadline_ - SteadyNow());
  if (timeout_ms == statement_timeout_ms_) {
    return absl::OkStatus();
  }
  statement_timeout_ms_ = timeout_ms;
  return Send({kSetTimeout, PostgresParameters().Text(absl::StrCat(timeout_ms))}, /*wanted=*/false, sent);
}

absl::Status Postgres::Send(const PostgresStatement& statement, bool wanted, std::vector<Sent>& sent) {
  const PostgresParameters& parameters = statement.parameters;
  const std::string name = NameOf(statement.sql);
  if (prepared_.insert(statement.sql).second) {
    if (PQsendPrepare(connection_, name.c_str(), statement.sql, parameters.size(), parameters.types().data()) != 1) {
      return Lost("prepare");
    }
    sent.push_back({statement.sql, /*prepares=*/true, false});
  }
  std::vector<const char*> values;
  std::vector<int> lengths;
  for (const std::string& value : parameters.values()) {
    values.push_back(value.data());
    lengths.push_back(static_cast<int>(value.size()));
  }
  const std::vector<int> formats(values.size(), kBinary);
  if (PQsendQueryPrepared(connection_, name.c_str(), parameters.size(), values.data(), lengths.data(), formats.data(),
                          kBinary) != 1) {
    return Lost("send");
  }
  sent.push_back({statement.sql, /*prepares=*/false, wanted});
  // Now rather than at the end, so that a large batch is not held twice.
  return Flush();
}

absl::StatusOr<std::vector<PostgresRows>> Postgres::Receive(const std::vector<Sent>& sent) {
  std::vector<PostgresRows> wanted;
  absl::Status first;
  size_t next = 0;
  for (;;) {
    OREWATCH_RETURN_IF_ERROR(AwaitResult());
    PGresult* result = PQgetResult(connection_);
    if (result == nullptr) {
      // The end of one statement's results; of a broken connection too.
      if (lost()) {
        return first.ok() ? Lost("receive") : first;
      }
      continue;
    }
    if (PQresultStatus(result) == PGRES_PIPELINE_SYNC) {
      PQclear(result);
      if (!first.ok()) {
        return first;
      }
      return wanted;
    }
    const absl::Status status = TakeResult(result, sent[std::min(next++, sent.size() - 1)], wanted);
    first.Update(status);
  }
}

absl::Status Postgres::TakeResult(pg_result* result, const Sent& sent, std::vector<PostgresRows>& wanted) {
  PostgresRows rows(result);
  const ExecStatusType status = PQresultStatus(result);
  if (status == PGRES_COMMAND_OK || status == PGRES_TUPLES_OK) {
    if (sent.wanted) {
      wanted.push_back(std::move(rows));
    }
    return absl::OkStatus();
  }
  if (sent.prepares) {
    prepared_.erase(sent.sql);
  }
  // What follows a failed statement was not run; that statement has said why.
  return status == PGRES_PIPELINE_ABORTED ? absl::OkStatus() : ErrorOf(result);
}

absl::Status Postgres::Flush() {
  for (;;) {
    const int left = PQflush(connection_);
    if (left == 0) {
      return absl::OkStatus();
    }
    if (left < 0) {
      return Lost("flush");
    }
    // The server may wait for us to read before it reads on.
    OREWATCH_RETURN_IF_ERROR(AwaitSocket(/*to_write=*/true));
    if (PQconsumeInput(connection_) != 1) {
      return Lost("read");
    }
  }
}

absl::Status Postgres::AwaitResult() {
  while (PQisBusy(connection_) == 1) {
    OREWATCH_RETURN_IF_ERROR(AwaitSocket(/*to_write=*/false));
    if (PQconsumeInput(connection_) != 1) {
      // A last word of the server's may have arrived; if so it is the next result.
      return PQisBusy(connection_) == 1 ? Lost("read") : absl::OkStatus();
    }
  }
  return absl::OkStatus();
}

absl::Status Postgres::AwaitSocket(bool to_write) {
  for (;;) {
    pollfd socket{PQsocket(connection_), static_cast<int16_t>(POLLIN | (to_write ? POLLOUT : 0)), 0};
    const int left = WholeMillis(deadline_ + kGrace - SteadyNow());
    const int ready = poll(&socket, 1, std::min(left, kLookMillis));
    if (ready > 0) {
      return absl::OkStatus();
    }
    if (ready < 0 && errno != EINTR) {
      return Lost("poll");
    }
    if (deadline_ + kGrace <= SteadyNow() || PatienceEnded()) {
      given_up_ = true;
      log::Warning("database connection given up", {{"why", "the server did not answer in time"}});
      return Counted(DeadlineError());
    }
  }
}

absl::Status Postgres::Lost(const char* what) {
  given_up_ = true;
  log::Warning("database connection lost", {{"at", what}, {"text", OneLine(PQerrorMessage(connection_))}});
  return Counted(StatusOfSqlState(""));
}

absl::Status Postgres::ErrorOf(const pg_result* result) {
  const char* state = PQresultErrorField(result, PG_DIAG_SQLSTATE);
  const std::string sqlstate = state != nullptr ? state : "";
  // The primary message alone: the detail may quote data.
  const char* text = PQresultErrorField(result, PG_DIAG_MESSAGE_PRIMARY);
  absl::Status status = StatusOfSqlState(sqlstate);
  log::Write(
      status.code() == absl::StatusCode::kAlreadyExists ? log::Level::kDebug : log::Level::kWarning, "database error",
      {{"sqlstate", sqlstate}, {"text", text != nullptr ? text : OneLine(PQresultErrorMessage(result)).c_str()}});
  given_up_ = given_up_ || EndsConnection(sqlstate);
  return Counted(std::move(status));
}

absl::Status Postgres::Counted(absl::Status status) const {
  if (metrics_ != nullptr) {
    metrics_->CountError(status);
  }
  return status;
}

absl::Status Postgres::Transact(absl::FunctionRef<absl::Status()> body) {
  OREWATCH_RETURN_IF_ERROR(Query("BEGIN").status());
  absl::Status status = body();
  if (status.ok()) {
    status = Query("COMMIT").status();
  }
  if (!status.ok()) {
    Rollback();
  }
  return status;
}

void Postgres::Rollback() {
  if (lost() || !in_transaction()) {
    return;
  }
  // A failure shows as lost(), and the server rolls back what it lost.
  Query("ROLLBACK").status().IgnoreError();
  statement_timeout_ms_ = -1;
}

bool Postgres::in_transaction() const {
  const PGTransactionStatusType status = PQtransactionStatus(connection_);
  return status == PQTRANS_INTRANS || status == PQTRANS_INERROR;
}

void Postgres::Cancel() const {
  std::array<char, 256> error{};
  if (cancel_ == nullptr || PQcancel(cancel_, error.data(), static_cast<int>(error.size())) != 1) {
    log::Warning("database statement could not be cancelled", {{"text", OneLine(error.data())}});
  }
}

bool Postgres::lost() const { return given_up_ || PQstatus(connection_) != CONNECTION_OK; }

bool Postgres::StillOpen() {
  while (!lost()) {
    pollfd socket{PQsocket(connection_), POLLIN, 0};
    if (poll(&socket, 1, 0) == 0) {
      return true;
    }
    // Words of farewell, or the end of the stream.
    if (PQconsumeInput(connection_) != 1 || PQisBusy(connection_) != 0) {
      given_up_ = true;
    }
  }
  return false;
}

absl::Status Postgres::Listen(const std::string& channel) {
  char* quoted = PQescapeIdentifier(connection_, channel.c_str(), channel.size());
  absl::Status status =
      quoted != nullptr ? Execute(absl::StrCat("LISTEN ", quoted)) : Lost("quoting the name of a channel");
  PQfreemem(quoted);
  return status;
}

absl::StatusOr<std::vector<std::string>> Postgres::AwaitNotifications(absl::Duration timeout, int wake_fd) {
  std::array<pollfd, 2> sockets{{{PQsocket(connection_), POLLIN, 0}, {wake_fd, POLLIN, 0}}};
  std::vector<std::string> payloads;
  // Some may have come along with the answer to a statement.
  if (lost() || PQconsumeInput(connection_) != 1) {
    return Lost("listen");
  }
  const auto take_all = [&] {
    while (PGnotify* notification = PQnotifies(connection_)) {
      payloads.emplace_back(notification->extra);
      PQfreemem(notification);
    }
  };
  take_all();
  if (payloads.empty() && poll(sockets.data(), sockets.size(), WholeMillis(timeout)) > 0 && sockets[0].revents != 0) {
    if (PQconsumeInput(connection_) != 1) {
      return Lost("listen");
    }
    take_all();
  }
  return payloads;
}

int Postgres::backend_pid() const { return PQbackendPID(connection_); }

}  // namespace orewatch::storage
