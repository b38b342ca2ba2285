// Connections to one database, shared by the threads that need one for a moment.
#pragma once

#include <functional>
#include <memory>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/functional/function_ref.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "common/exec/steady_cond_var.h"
#include "common/storage/postgres.h"
#include "common/storage/postgres_metrics.h"

namespace orewatch::storage {

// Thread-safe. Opens connections when they are needed, never more than `size`, and replaces those that broke.
class PostgresPool {
 public:
  // `connected` looks at each new connection before it serves; an error closes it and is returned to who asked. The
  // metrics outlive the pool.
  PostgresPool(PostgresOptions options, int size, PostgresMetrics& metrics,
               std::function<absl::Status(Postgres&)> connected = nullptr);

  // Runs `body` on a connection whose statements end at `deadline`. `body` only reads: it runs a second time, on a new
  // connection, if the first turned out to be broken. `operation` is a constant that names it in metrics.
  // RESOURCE_EXHAUSTED (STORAGE_CONNECTIONS) if no connection is free in time, UNAVAILABLE if none can be opened, else
  // what `body` returns.
  absl::Status Read(const char* operation, absl::Time deadline, absl::FunctionRef<absl::Status(Postgres&)> body);

 private:
  absl::Status ReadOnce(const char* operation, absl::Time deadline, absl::FunctionRef<absl::Status(Postgres&)> body,
                        bool& worth_repeating);
  // A connection that has served before if there is one, else a new one.
  absl::StatusOr<std::unique_ptr<Postgres>> Acquire(absl::Time deadline, bool& served_before);
  absl::StatusOr<std::unique_ptr<Postgres>> Connect(absl::Time deadline);
  absl::StatusOr<std::unique_ptr<Postgres>> TakeTurn(absl::Time deadline);
  // A null connection gives the turn back.
  void Release(std::unique_ptr<Postgres> connection);
  void ShowCounts() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);

  const PostgresOptions options_;
  const int size_;
  const std::function<absl::Status(Postgres&)> connected_;
  PostgresMetrics& metrics_;
  absl::Mutex mutex_;
  SteadyCondVar released_;
  int in_use_ ABSL_GUARDED_BY(mutex_) = 0;
  std::vector<std::unique_ptr<Postgres>> idle_ ABSL_GUARDED_BY(mutex_);
};

// An error of opening a connection, for callers of the service: the text, which names host and role, is logged instead.
absl::Status WithoutDetails(const absl::Status& status);

}  // namespace orewatch::storage
