// What all calls of one server share: limits, threads, metrics, the open streams.
#pragma once

#include <atomic>
#include <functional>
#include <limits>
#include <memory>
#include <set>
#include <string>

#include "absl/base/thread_annotations.h"
#include "absl/status/statusor.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "common/exec/byte_budget.h"
#include "common/exec/executor.h"
#include "common/rpc/call_ledger.h"
#include "common/rpc/call_lines.h"
#include "common/rpc/call_log.h"
#include "common/rpc/call_table.h"
#include "common/rpc/caller.h"
#include "common/rpc/intake.h"
#include "common/rpc/rate_limiter.h"
#include "common/rpc/rpc_metrics.h"
#include "grpcpp/server_context.h"

namespace orewatch::rpc {

// Finds out who calls, or UNAUTHENTICATED. Runs on the transport's threads, so it must not block. What the caller may
// do is checked after it, against the role that the method declares.
using Authenticator = std::function<absl::StatusOr<Caller>(const grpc::ServerContextBase& context)>;

// Admits everybody as `anonymous`.
Authenticator AllowAnonymous();
// Admits everybody as whom the header says, or as `anonymous` without it: for networks whose callers are trusted.
// UNAUTHENTICATED if the header is empty, longer than 128 bytes, or not of visible ASCII characters.
Authenticator TrustPrincipalHeader();

struct CallLimits {
  // Unary calls handled at once; more are refused, and before that those of a lower priority. Callers wait in no queue
  // of ours beyond the executor's.
  int64_t max_in_flight = 1000;
  int64_t max_streams = 1000;
  // Every channel of a caller who minds readiness holds one.
  int64_t max_health_streams = 10'000;
  int blocking_threads = 8;
  // Writes that wait together are committed together, so many are welcome.
  int writing_threads = 64;
  // Of each of the two.
  size_t blocking_queue = 500;
  int stream_threads = 4;
  // For the messages of client streams, which are writes.
  int sink_threads = 4;
  // Wait for a thread beyond which batch calls are refused, and four times which reads are; 0: they all wait.
  absl::Duration queue_target = absl::Seconds(1);
  RateLimits rate;
  // Of requests in flight and queued, decoded; those of a kibibyte are not counted.
  size_t max_request_memory = size_t{256} << 20;
  // Unary calls that are given less are refused: their answer would come too late.
  absl::Duration min_deadline = absl::Milliseconds(5);
  // Refuses unary calls without any.
  bool require_deadline = false;
};

// A stream that can be told to look around: it finishes by itself when the server drains or the caller is gone.
class OpenStream {
 public:
  virtual ~OpenStream() = default;
  virtual void Wake() = 0;
  // Cancels the call if it waits for a caller who does not read. While it is among the streams of the runtime.
  virtual void CutOffIfWriting() = 0;
};

// Thread-safe. Outlives every call.
class CallRuntime {
 public:
  // `ledger` may be null.
  CallRuntime(const CallLimits& limits, Authenticator authenticator, RpcMetrics& metrics, CallLedger* ledger,
              CallLog call_log);

  // A place for a unary call, or RESOURCE_EXHAUSTED. Given back by ReleaseUnary.
  absl::Status AdmitUnary(access::v1::Priority priority);
  void ReleaseUnary();
  // DEADLINE_EXCEEDED, reason DEADLINE_TOO_SHORT, or INVALID_ARGUMENT, reason NO_DEADLINE, if a unary call is given too
  // little time.
  absl::Status CheckTimeGiven(absl::Duration given, access::v1::Priority priority);
  // The same for a stream, or UNAVAILABLE while draining. Infrastructure (health) takes no place from the others.
  absl::Status AdmitStream(OpenStream* stream, bool infrastructure, access::v1::Priority priority);
  void ReleaseStream(OpenStream* stream, bool infrastructure);

  // From now on streams end with UNAVAILABLE, reason DRAINING. Unary calls go on until the transport closes.
  void BeginDrain();
  // Some time after BeginDrain: ends the streams that could not end because their callers do not read.
  void CutOffWriters();
  // When the drain cancels the calls that are left.
  void EndPatienceAt(absl::Time time) { patience_ends_.store(absl::ToUnixNanos(time)); }
  bool PatienceEnded(absl::Time now) const { return absl::ToUnixNanos(now) >= patience_ends_.load(); }
  bool draining() const { return draining_.load(); }
  // What a stream ends with while draining.
  static absl::Status DrainingError();

  // RESOURCE_EXHAUSTED if the queue is full or too slow for that priority. What comes first goes first.
  absl::Status RunBlocking(access::v1::Priority priority, std::function<void()> task);
  absl::Status RunWriting(access::v1::Priority priority, std::function<void()> task);
  // Of an allowance what a call costs: RESOURCE_EXHAUSTED, reason RATE_LIMITED, if it is not there.
  absl::Status Spend(const std::string& owner, int32_t cost, access::v1::Priority priority);
  // What messages of requests take. RESOURCE_EXHAUSTED if there is not so much; then it stays as it was.
  absl::Status Hold(ByteBudget::Holding& memory, size_t bytes, access::v1::Priority priority);
  ByteBudget& request_memory() { return request_memory_; }
  // Never refuses: a stream queues at most one task, and AdmitStream bounds the streams. Infrastructure, which never
  // blocks, has a thread of its own, so that whoever minds readiness hears of it however slow storage is.
  void RunStream(bool infrastructure, std::function<void()> task);
  void RunSink(std::function<void()> task);

  // Null: nothing is kept.
  CallLedger* ledger() const { return ledger_; }
  CallLog call_log() const { return call_log_; }
  CallLines& call_lines() { return call_lines_; }
  RateLimiter& rate_limiter() { return rate_limiter_; }
  RpcMetrics& metrics() { return metrics_; }
  Intake& intake() { return intake_; }
  CallTable& calls() { return calls_; }
  const CallTable& calls() const { return calls_; }
  const Authenticator& authenticator() const { return authenticator_; }
  int64_t in_flight() const { return in_flight_.load(); }

 private:
  absl::Status RunOn(Executor& executor, access::v1::Priority priority, std::function<void()> task);

  const CallLimits limits_;
  const Authenticator authenticator_;
  RpcMetrics& metrics_;
  CallLedger* const ledger_;
  const CallLog call_log_;
  CallLines call_lines_;
  RateLimiter rate_limiter_;
  ByteBudget request_memory_;
  Intake intake_;
  CallTable calls_;
  std::atomic<bool> draining_{false};
  // Nanoseconds of Unix time.
  std::atomic<int64_t> patience_ends_{std::numeric_limits<int64_t>::max()};
  std::atomic<int64_t> in_flight_{0};
  absl::Mutex streams_mutex_;
  std::set<OpenStream*> streams_ ABSL_GUARDED_BY(streams_mutex_);
  std::set<OpenStream*> health_streams_ ABSL_GUARDED_BY(streams_mutex_);
  // Last, so that they join while the rest still lives.
  Executor blocking_;
  Executor writing_;
  Executor stream_;
  Executor health_stream_;
  Executor sink_;
};

}  // namespace orewatch::rpc
