// Where it is kept who did what: each call that changes something, and each that was refused.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "absl/types/optional.h"
#include "common/rpc/caller.h"

namespace orewatch::rpc {

// The credential of a caller who has shown none.
inline constexpr char kNoCredential[] = "none";

// What a request is about, as far as its fields have the usual names.
struct Subject {
  // Names of resources; the first few of many.
  std::vector<std::string> resources;
  // How many there are.
  int64_t count = 0;
  std::string request_id;
};

struct CallRecord {
  absl::Time start;
  absl::Duration duration;
  // False: the method did not run.
  bool ran = false;
  // Nothing: who it was could not be found out.
  absl::optional<Caller> caller;
  // As gRPC writes it.
  std::string peer;
  // Empty: part of none.
  std::string trace_id = {};
  // `package.Service/Method`.
  std::string method;
  Subject subject;
  // What the method returned, or why it did not run.
  absl::StatusCode code = absl::StatusCode::kOk;
  std::string reason;
  // What the caller is told, which differs if they have gone away, or the answer is too large to be sent.
  absl::StatusCode told = absl::StatusCode::kOk;
  // Of the answer.
  absl::optional<int64_t> revision;
};

// Thread-safe. Outlives the server.
class CallLedger {
 public:
  virtual ~CallLedger() = default;

  // Asked before a method that changes something runs; not OK: nothing could be kept of it, and the caller gets this.
  // Must not block.
  virtual absl::Status MayChange() = 0;
  // Keeps what a method that changes something did. The caller is not answered before `kept` runs: exactly once, from
  // any thread, also before the return. Not OK: nothing is kept of it, and the caller gets this instead of an answer.
  virtual void Keep(CallRecord record, std::function<void(const absl::Status&)> kept) = 0;
  // Notes that a call was refused. Nobody waits for it.
  virtual void Note(CallRecord record) = 0;
};

}  // namespace orewatch::rpc
