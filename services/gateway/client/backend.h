// One read of a neighbour, and who answers it: the interface of the stack of decorators around each neighbour.
#pragma once

#include <cstdint>
#include <functional>
#include <limits>
#include <memory>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "common/rpc/caller.h"
#include "common/rpc/cancellation.h"
#include "google/protobuf/message.h"

namespace orewatch::gateway {

// Where an answer stands in time.
struct Marks {
  // Registry revision that it reflects; 0: it does not say.
  int64_t revision = 0;
  // The same in what its neighbour counts by: the revision, or alerting's sequence. By default it does not say, and is
  // taken for current.
  int64_t position = std::numeric_limits<int64_t>::max();
};

// Immutable once asked.
struct Question {
  // `/package.Service/Method`
  std::string method;
  std::shared_ptr<const google::protobuf::Message> request;
  // The request in bytes, without what it says of revisions.
  std::string encoded;
  // Of the answer.
  const google::protobuf::Message* prototype = nullptr;
  Marks (*marks_of)(const google::protobuf::Message& answer) = nullptr;
  // On whose behalf.
  rpc::Caller caller;
  absl::Time deadline;
  // That nobody waits for the answer any more. Hooks must not keep the question, which keeps them.
  rpc::Cancellation cancellation;
  int64_t min_revision = 0;
  // Of the time that is left: less than 1 if others wait for the answer before they can ask.
  double share_of_time = 1;
};
using QuestionPtr = std::shared_ptr<const Question>;

// What is one caller's alone, in a key: principal and role.
std::string KeyOf(const rpc::Caller& caller);
// What two callers may share: the same question by the same principal in the same role.
std::string KeyOf(const Question& question);

struct Reply {
  std::shared_ptr<const google::protobuf::Message> message;
  // Why the neighbour could not be asked; OK: this is what it said.
  absl::Status stale_because;
  // When it was asked for.
  absl::Time as_of;
  // Not older than what the neighbour was known to have when it was asked for.
  bool current = false;
};
using Answered = std::function<void(absl::StatusOr<Reply>)>;

// Thread-safe. Ask returns at once; `answered` runs once, on any thread, and perhaps before Ask returns.
class Backend {
 public:
  virtual ~Backend() = default;
  virtual void Ask(const QuestionPtr& question, Answered answered) = 0;
};

// The neighbour, or the way to it, failed; what it does not have is no failure. REVISION_NOT_REACHED is none either.
bool IsOutage(const absl::Status& status);
// The neighbour did not get to answer, for whatever cause: what it said before may be told. Other than an outage this
// says nothing about its health.
bool IsUnanswered(const absl::Status& status);
// The neighbour answered, and would not say again what it said before.
bool IsRefusal(const absl::Status& status);
// The same question may fare better at once: it reached nobody, or somebody who was just leaving.
bool MayRepeat(const absl::Status& status);

inline constexpr char kCircuitOpen[] = "CIRCUIT_OPEN";

}  // namespace orewatch::gateway
