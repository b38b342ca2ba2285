#include "common/storage/postgres_pool.h"

#include <algorithm>
#include <utility>

#include "common/log/log.h"
#include "common/status/status.h"
#include "common/storage/postgres_errors.h"
#include "common/time/steady.h"

namespace orewatch::storage {
namespace {

constexpr absl::Duration kRetryAfter = absl::Milliseconds(200);

}  // namespace

absl::Status WithoutDetails(const absl::Status& status) {
  log::Warning("cannot connect to the database", {{"text", std::string(status.message())}});
  return StatusOfSqlState("");
}

PostgresPool::PostgresPool(PostgresOptions options, int size, PostgresMetrics& metrics,
                           std::function<absl::Status(Postgres&)> connected)
    : options_(std::move(options)), size_(size), connected_(std::move(connected)), metrics_(metrics) {
  metrics_.max().Set(size);
}

absl::Status PostgresPool::Read(const char* operation, absl::Time deadline,
                                absl::FunctionRef<absl::Status(Postgres&)> body) {
  bool worth_repeating = false;
  absl::Status status = ReadOnce(operation, deadline, body, worth_repeating);
  if (!worth_repeating) {
    return status;
  }
  metrics_.CountRetry(operation);
  return ReadOnce(operation, deadline, body, worth_repeating);
}

absl::Status PostgresPool::ReadOnce(const char* operation, absl::Time deadline,
                                    absl::FunctionRef<absl::Status(Postgres&)> body, bool& worth_repeating) {
  bool served_before = false;
  OREWATCH_ASSIGN_OR_RETURN(auto connection, Acquire(deadline, served_before));
  connection->set_deadline(deadline);
  const absl::Time start = SteadyNow();
  absl::Status status = body(*connection);
  const absl::Time end = SteadyNow();
  metrics_.ObserveQuery(operation, end - start);
  worth_repeating = absl::IsUnavailable(status) && connection->lost() && served_before && end < deadline;
  Release(std::move(connection));
  return status;
}

absl::StatusOr<std::unique_ptr<Postgres>> PostgresPool::Acquire(absl::Time deadline, bool& served_before) {
  const absl::Time start = SteadyNow();
  auto idle = TakeTurn(deadline);
  metrics_.ObserveAcquire(SteadyNow() - start);
  OREWATCH_RETURN_IF_ERROR(idle.status());
  std::unique_ptr<Postgres> connection = *std::move(idle);
  served_before = connection != nullptr && connection->StillOpen();
  if (served_before) {
    return connection;
  }
  auto opened = Connect(deadline);
  if (!opened.ok()) {
    Release(nullptr);
  }
  return opened;
}

absl::StatusOr<std::unique_ptr<Postgres>> PostgresPool::Connect(absl::Time deadline) {
  PostgresOptions options = options_;
  options.connect_timeout = std::min(options.connect_timeout, deadline - SteadyNow());
  auto opened = Postgres::Open(options);
  if (!opened.ok()) {
    return WithoutDetails(opened.status());
  }
  if (connected_ != nullptr) {
    (*opened)->set_deadline(deadline);
    OREWATCH_RETURN_IF_ERROR(connected_(**opened));
  }
  return opened;
}

absl::StatusOr<std::unique_ptr<Postgres>> PostgresPool::TakeTurn(absl::Time deadline) {
  absl::MutexLock lock(&mutex_);
  for (absl::Time now = SteadyNow(); in_use_ == size_ && now < deadline; now = SteadyNow()) {
    released_.WaitFor(mutex_, deadline - now);
  }
  if (in_use_ == size_) {
    absl::Status status = OverloadError("STORAGE_CONNECTIONS", "every connection to storage is in use", kRetryAfter);
    metrics_.CountError(status);
    return status;
  }
  ++in_use_;
  std::unique_ptr<Postgres> connection;
  if (!idle_.empty()) {
    // The one that rested least is the one most likely to be open.
    connection = std::move(idle_.back());
    idle_.pop_back();
  }
  ShowCounts();
  return connection;
}

void PostgresPool::Release(std::unique_ptr<Postgres> connection) {
  if (connection != nullptr) {
    connection->Rollback();
  }
  absl::MutexLock lock(&mutex_);
  --in_use_;
  released_.SignalAll();
  if (connection != nullptr && !connection->lost()) {
    idle_.push_back(std::move(connection));
  }
  ShowCounts();
}

void PostgresPool::ShowCounts() {
  metrics_.in_use().Set(in_use_);
  metrics_.idle().Set(static_cast<double>(idle_.size()));
}

}  // namespace orewatch::storage
