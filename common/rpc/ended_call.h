// The line of a call that has ended.
#pragma once

#include <cstdint>
#include <string>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "absl/types/optional.h"
#include "common/log/log.h"
#include "common/trace/trace.h"

namespace orewatch::rpc {

struct EndedCall {
  // Not null.
  TracePtr trace = nullptr;
  std::string service = {};
  std::string method = {};
  absl::StatusCode code = absl::StatusCode::kOk;
  std::string reason = {};
  // Empty: nobody found out.
  std::string principal = {};
  // As in Caller.
  std::string through = {};
  std::string peer = {};
  absl::Time started = {};
  absl::Time ended = {};
  // absl::InfiniteFuture(): the caller gave none.
  absl::Time deadline = absl::InfiniteFuture();
  absl::optional<int64_t> revision = absl::nullopt;
};

void WriteLine(log::Level level, const EndedCall& call);

}  // namespace orewatch::rpc
