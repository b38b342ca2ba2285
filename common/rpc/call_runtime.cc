#include "common/rpc/call_runtime.h"

#include <algorithm>
#include <cstdlib>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "common/rpc/speak_for.h"
#include "common/status/status.h"

namespace orewatch::rpc {
namespace {

constexpr absl::Duration kRetryAfter = absl::Milliseconds(200);

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

CallRuntime::CallRuntime(const CallLimits& limits, Authenticator authenticator, RpcMetrics& metrics)
    : limits_(limits),
      authenticator_(std::move(authenticator)),
      metrics_(metrics),
      blocking_(limits.blocking_threads, limits.blocking_queue),
      writing_(limits.writing_threads, limits.blocking_queue),
      // A running task may queue its successor before it ends.
      stream_(limits.stream_threads,
              static_cast<size_t>(limits.max_streams + limits.max_health_streams + limits.stream_threads)),
      sink_(limits.sink_threads, static_cast<size_t>(limits.max_streams + limits.sink_threads)) {
  metrics_.in_flight_limit().Set(static_cast<double>(limits.max_in_flight));
}

absl::Status CallRuntime::AdmitUnary() {
  if (in_flight_.fetch_add(1) >= limits_.max_in_flight) {
    in_flight_.fetch_sub(1);
    metrics_.rejected(Rejection::kConcurrency).Increment();
    return OverloadError("OVERLOADED", "too many calls are being handled", kRetryAfter);
  }
  metrics_.in_flight().Increment();
  return absl::OkStatus();
}

void CallRuntime::ReleaseUnary() {
  in_flight_.fetch_sub(1);
  metrics_.in_flight().Decrement();
}

absl::Status CallRuntime::DrainingError() {
  return MakeError(absl::StatusCode::kUnavailable, "DRAINING", "this server is going away; connect to another");
}

absl::Status CallRuntime::AdmitStream(OpenStream* stream, bool infrastructure) {
  absl::MutexLock lock(&streams_mutex_);
  // Under the lock, so that BeginDrain wakes every stream that was let in before it.
  if (draining()) {
    metrics_.rejected(Rejection::kDraining).Increment();
    return DrainingError();
  }
  auto& streams = infrastructure ? health_streams_ : streams_;
  if (streams.size() >= static_cast<size_t>(infrastructure ? limits_.max_health_streams : limits_.max_streams)) {
    metrics_.rejected(Rejection::kStreams).Increment();
    return OverloadError("TOO_MANY_STREAMS", "too many streams are open", absl::Seconds(1));
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

absl::Status CallRuntime::RunBlocking(std::function<void()> task) { return RunOn(blocking_, std::move(task)); }

absl::Status CallRuntime::RunWriting(std::function<void()> task) { return RunOn(writing_, std::move(task)); }

absl::Status CallRuntime::RunOn(Executor& executor, std::function<void()> task) {
  const absl::Time queued = absl::Now();
  auto timed = [this, queued, task = std::move(task)] {
    metrics_.queue_seconds().Observe(absl::ToDoubleSeconds(absl::Now() - queued));
    task();
  };
  if (!executor.TrySubmit(std::move(timed))) {
    metrics_.rejected(Rejection::kQueueFull).Increment();
    return OverloadError("OVERLOADED", "too many calls wait for storage", kRetryAfter);
  }
  return absl::OkStatus();
}

void CallRuntime::RunStream(std::function<void()> task) {
  if (!stream_.TrySubmit(std::move(task))) {
    std::abort();  // The bound above is wrong.
  }
}

void CallRuntime::RunSink(std::function<void()> task) {
  if (!sink_.TrySubmit(std::move(task))) {
    std::abort();  // As above.
  }
}

}  // namespace orewatch::rpc
