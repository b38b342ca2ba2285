#include "common/rpc/call_runtime.h"

#include <algorithm>
#include <cstdlib>
#include <utility>

#include "absl/strings/str_cat.h"
#include "common/rpc/priority.h"
#include "common/rpc/speak_for.h"
#include "common/status/quota.h"
#include "common/status/status.h"
#include "common/time/steady.h"

namespace orewatch::rpc {
namespace {

absl::Status Overloaded(absl::string_view message, size_t used, size_t limit) {
  return OverloadError("OVERLOADED", message, RetryAfter(used, limit));
}

}  // namespace

Authenticator AllowAnonymous() {
  return [](const grpc::ServerContextBase&) -> absl::StatusOr<Caller> { return Caller(); };
}

Authenticator TrustPrincipalHeader() {
  return [](const grpc::ServerContextBase& context) -> absl::StatusOr<Caller> {
    Caller caller;
    const auto header = context.client_metadata().find(kPrincipalHeader);
    if (header == context.client_metadata().end()) {
      return caller;
    }
    caller.principal.assign(header->second.data(), header->second.size());
    caller.credential = "header";
    caller.service = true;
    const std::string& principal = caller.principal;
    constexpr size_t kMaxBytes = 128;
    const bool visible = std::all_of(principal.begin(), principal.end(), [](char c) { return c > ' ' && c < 0x7f; });
    if (principal.empty() || principal.size() > kMaxBytes || !visible) {
      return MakeError(absl::StatusCode::kUnauthenticated, "BAD_PRINCIPAL",
                       absl::StrCat(kPrincipalHeader, " must be 1 to ", kMaxBytes, " visible ASCII characters"));
    }
    return caller;
  };
}

CallRuntime::CallRuntime(const CallLimits& limits, Authenticator authenticator, RpcMetrics& metrics, CallLedger* ledger,
                         CallLog call_log)
    : limits_(limits),
      authenticator_(std::move(authenticator)),
      metrics_(metrics),
      ledger_(ledger),
      call_log_(call_log),
      rate_limiter_(limits.rate),
      request_memory_(limits.max_request_memory),
      blocking_(limits.blocking_threads, limits.blocking_queue),
      writing_(limits.writing_threads, limits.blocking_queue),
      // A running task may queue its successor before it ends.
      stream_(limits.stream_threads, static_cast<size_t>(limits.max_streams + limits.stream_threads)),
      health_stream_(1, static_cast<size_t>(limits.max_health_streams + 1)),
      sink_(limits.sink_threads, static_cast<size_t>(limits.max_streams + limits.sink_threads)) {
  metrics_.in_flight_limit().Set(static_cast<double>(limits.max_in_flight));
}

absl::Status CallRuntime::AdmitUnary(access::v1::Priority priority) {
  const auto limit = static_cast<size_t>(limits_.max_in_flight);
  const auto others = static_cast<size_t>(in_flight_.fetch_add(1));
  if (others >= PlacesFor(priority, limit)) {
    in_flight_.fetch_sub(1);
    metrics_.rejected(Rejection::kConcurrency, priority).Increment();
    return Overloaded("too many calls are being handled", others, limit);
  }
  metrics_.in_flight().Increment();
  return absl::OkStatus();
}

absl::Status CallRuntime::CheckTimeGiven(absl::Duration given, access::v1::Priority priority) {
  if (given < limits_.min_deadline) {
    metrics_.rejected(Rejection::kDeadlineTooShort, priority).Increment();
    return MakeError(absl::StatusCode::kDeadlineExceeded, kDeadlineTooShortReason,
                     absl::StrCat("a call needs ", absl::FormatDuration(limits_.min_deadline), " or more"));
  }
  if (limits_.require_deadline && given == absl::InfiniteDuration()) {
    metrics_.rejected(Rejection::kNoDeadline, priority).Increment();
    return MakeError(absl::StatusCode::kInvalidArgument, "NO_DEADLINE", "a call must have a deadline here");
  }
  return absl::OkStatus();
}

void CallRuntime::ReleaseUnary() {
  in_flight_.fetch_sub(1);
  metrics_.in_flight().Decrement();
}

absl::Status CallRuntime::DrainingError() {
  return MakeError(absl::StatusCode::kUnavailable, kServerDraining, "this server is going away; connect to another");
}

absl::Status CallRuntime::AdmitStream(OpenStream* stream, bool infrastructure, access::v1::Priority priority) {
  absl::MutexLock lock(&streams_mutex_);
  // Under the lock, so that BeginDrain wakes every stream that was let in before it.
  if (draining()) {
    metrics_.rejected(Rejection::kDraining, priority).Increment();
    return DrainingError();
  }
  auto& streams = infrastructure ? health_streams_ : streams_;
  const auto limit = static_cast<size_t>(infrastructure ? limits_.max_health_streams : limits_.max_streams);
  // Nobody acknowledges by a stream, so that readers need leave no place free.
  if (streams.size() >= (priority == access::v1::PRIORITY_BATCH ? PlacesFor(priority, limit) : limit)) {
    metrics_.rejected(Rejection::kStreams, priority).Increment();
    return OverloadError("TOO_MANY_STREAMS", "too many streams are open", RetryAfter(streams.size(), limit));
  }
  streams.insert(stream);
  metrics_.streams().Set(static_cast<double>(streams_.size()));
  return absl::OkStatus();
}

void CallRuntime::ReleaseStream(OpenStream* stream, bool infrastructure) {
  absl::MutexLock lock(&streams_mutex_);
  (infrastructure ? health_streams_ : streams_).erase(stream);
  metrics_.streams().Set(static_cast<double>(streams_.size()));
}

void CallRuntime::BeginDrain() {
  absl::MutexLock lock(&streams_mutex_);
  draining_.store(true);
  for (const auto* streams : {&streams_, &health_streams_}) {
    for (OpenStream* stream : *streams) {
      stream->Wake();
    }
  }
}

void CallRuntime::CutOffWriters() {
  // Under the lock a stream is still the transport's.
  absl::MutexLock lock(&streams_mutex_);
  for (const auto* streams : {&streams_, &health_streams_}) {
    for (OpenStream* stream : *streams) {
      stream->CutOffIfWriting();
    }
  }
}

absl::Status CallRuntime::RunBlocking(access::v1::Priority priority, std::function<void()> task) {
  return RunOn(blocking_, priority, std::move(task));
}

absl::Status CallRuntime::RunWriting(access::v1::Priority priority, std::function<void()> task) {
  return RunOn(writing_, priority, std::move(task));
}

absl::Status CallRuntime::RunOn(Executor& executor, access::v1::Priority priority, std::function<void()> task) {
  const absl::Time queued = SteadyNow();
  const size_t lane = RankOf(priority);
  const size_t limit = executor.queue_limit();
  if (queued - executor.WaitingSince(lane) > LongestWait(priority, limits_.queue_target)) {
    metrics_.rejected(Rejection::kQueueSlow, priority).Increment();
    // However short the queue is, it stands still.
    return Overloaded("calls wait for too long", limit, limit);
  }
  auto timed = [this, queued, priority, task = std::move(task)] {
    metrics_.queue_seconds(priority).Observe(absl::ToDoubleSeconds(SteadyNow() - queued));
    task();
  };
  if (!executor.TrySubmit(std::move(timed), lane, PlacesFor(priority, limit))) {
    metrics_.rejected(Rejection::kQueueFull, priority).Increment();
    return Overloaded("too many calls wait for storage", executor.queued(), limit);
  }
  return absl::OkStatus();
}

absl::Status CallRuntime::Spend(const std::string& owner, int32_t cost, access::v1::Priority priority) {
  if (!rate_limiter_.enabled()) {
    return absl::OkStatus();
  }
  const absl::Duration wait = rate_limiter_.Spend(owner, cost, SteadyNow());
  if (wait == absl::ZeroDuration()) {
    return absl::OkStatus();
  }
  metrics_.rejected(Rejection::kRate, priority).Increment();
  return QuotaError(kRateLimited,
                    absl::StrCat("you may ask for ", rate_limiter_.limits().cost_per_second,
                                 " a second, and this method costs ", cost),
                    wait, owner);
}

absl::Status CallRuntime::Hold(ByteBudget::Holding& memory, size_t bytes, access::v1::Priority priority) {
  if (memory.Resize(bytes)) {
    return absl::OkStatus();
  }
  metrics_.rejected(Rejection::kMemory, priority).Increment();
  return Overloaded("the requests being handled take too much memory", limits_.max_request_memory,
                    limits_.max_request_memory);
}

void CallRuntime::RunStream(bool infrastructure, std::function<void()> task) {
  if (!(infrastructure ? health_stream_ : stream_).TrySubmit(std::move(task))) {
    std::abort();  // The bound above is wrong.
  }
}

void CallRuntime::RunSink(std::function<void()> task) {
  if (!sink_.TrySubmit(std::move(task))) {
    std::abort();  // As above.
  }
}

}  // namespace orewatch::rpc
