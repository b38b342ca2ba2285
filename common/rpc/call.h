// The parts of a call that every kind of it shares: its head, its clockwork and how it is accounted for.
#pragma once

#include <atomic>
#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "absl/types/optional.h"
#include "common/log/log.h"
#include "common/rpc/call_ledger.h"
#include "common/rpc/call_runtime.h"
#include "common/rpc/cancellation.h"
#include "common/rpc/rpc_metrics.h"
#include "common/rpc/service.h"
#include "grpcpp/alarm.h"
#include "grpcpp/server_context.h"
#include "grpcpp/support/byte_buffer.h"
#include "grpcpp/support/status.h"

namespace orewatch::rpc {

// A method of the table with its series.
struct BoundMethod {
  const Service::Method& method;
  ServerMethodMetrics metrics;
  // Health checks are not worth a line, and are let in whatever the load.
  bool infrastructure;
  // A stream that follows something; counted as such.
  bool watch;
  // What it asks of its caller.
  access::v1::Access access;
  // It may change something, so that what it does is kept in the ledger.
  bool changes;
};

// Thread-compatible, except for Cancel, CutOff and NoteExpired.
class Call {
 public:
  Call(const BoundMethod& bound, CallRuntime& runtime, grpc::CallbackServerContext& transport);
  Call(const Call&) = delete;
  Call& operator=(const Call&) = delete;

  // Finds out who calls, and whether they may: fills the context. UNAUTHENTICATED, PERMISSION_DENIED, or
  // RESOURCE_EXHAUSTED with reason RATE_LIMITED; UNAVAILABLE if the ledger cannot keep what the method would do. Health
  // checks are open to all: those who make them have no credentials.
  absl::Status Authorize();
  // After Authorize. `hook` runs, on a thread of the transport's, when what the caller proved himself with ends; it may
  // outlive the call.
  void AtExpiry(std::function<void()> hook);
  // The hook says so, since its clock may be a little ahead of ours.
  void NoteExpired() { expired_.store(true); }
  // UNAUTHENTICATED, reason TOKEN_EXPIRED or KEY_EXPIRED, from then on.
  absl::Status StillTrusted() const;
  // Of every message, before anything else is done with it.
  void NoteArrival(const grpc::ByteBuffer& bytes) const;
  // Of a unary call: status of CallRuntime::CheckTimeGiven.
  absl::Status CheckTimeGiven() const;
  // RESOURCE_EXHAUSTED, reason REQUEST_TOO_LARGE, if the method takes no message of that size.
  absl::Status CheckRequestSize(const grpc::ByteBuffer& bytes) const;
  // Whether to decode it would keep a thread of the transport's from others.
  static bool IsLarge(const grpc::ByteBuffer& bytes);
  // Counts a message that waits to be decoded.
  absl::Status Hold(const grpc::ByteBuffer& bytes);
  // INVALID_ARGUMENT if the bytes are no such message or break a rule for all requests; RESOURCE_EXHAUSTED if there is
  // no memory for it, which it holds until the next is decoded; DEADLINE_EXCEEDED or CANCELLED if none came, because
  // the caller has given up.
  absl::StatusOr<Service::MessagePtr> Decode(grpc::ByteBuffer& bytes);
  // The message that was decoded is gone.
  void ForgetMessage() { memory_->Resize(0); }
  // RESOURCE_EXHAUSTED, reason RESPONSE_TOO_LARGE, if no caller would take a message of that size.
  absl::Status Encode(const google::protobuf::Message& message, grpc::ByteBuffer& bytes) const;
  // The same of an answer that is encoded already.
  absl::Status Wrap(const std::string& encoded, grpc::ByteBuffer& bytes) const;
  // Not OK if nobody waits for the answer any more.
  absl::Status StillWanted() const;
  // Runs a handler's code, within the deadline and the trace of its call (common/time/deadline_scope.h,
  // common/trace/trace.h); an exception becomes INTERNAL and is counted. The handler may end the call.
  absl::Status Guard(const std::function<absl::Status()>& body) const;

  // The method runs from here on.
  void Begin() { began_ = true; }
  // What it is about: of each request message as it comes in.
  void AddRequest(const google::protobuf::Message& request);
  // Whether the ledger wants to know of a call that ended like this.
  bool IsForTheLedger(const absl::Status& outcome) const;
  // Enters it there, then runs `told` with what the caller is to be told: `answer`, or that the outcome could not be
  // kept. `outcome` is what the method returned, `response` its message, if any.
  void EnterInLedger(const absl::Status& outcome, const google::protobuf::Message* response, const absl::Status& answer,
                     std::function<void(const absl::Status&)> told);

  // Of the answer, for the line of the call.
  void NoteRevision(const google::protobuf::Message& response);
  // Has the answer say of which trace it is: before the first of several messages.
  void TellTrace();
  // What the caller gets to see of the end, with the trace; once.
  grpc::Status ToCaller(const absl::Status& status);

  void Cancel() { cancellation_.Cancel(); }
  // Has the transport cancel it, for a drain.
  void CutOff();
  const CallContext& context() const { return *context_; }
  const BoundMethod& bound() const { return bound_; }
  CallRuntime& runtime() const { return runtime_; }

  // Counts the call and writes its line. `status` is what was sent; what the caller saw may differ if it had left.
  void Account(const absl::Status& status) const;
  // Its places and its memory, when the transport is done with it: the call itself may outlive the server.
  void GiveBack();

 private:
  absl::Status CheckSize(size_t bytes) const;
  // The status of what the bytes are, once there is memory for it.
  absl::Status HoldDecoded(grpc::ByteBuffer& bytes);
  absl::Status CheckAllowance() const;
  // Of an allowance what the method costs: RESOURCE_EXHAUSTED, reason RATE_LIMITED, if it is not there.
  absl::Status Spend(const std::string& owner) const;
  // How its deadline was used, and whether a drain cut it short.
  void Measure(absl::Time now) const;
  // `code` is what was sent.
  absl::StatusCode SeenByCaller(absl::StatusCode code, absl::Time now) const;
  // Whether it ended like that because its caller gave it too little time.
  bool IsImpatient(absl::StatusCode code) const;
  bool IsWorthALine(log::Level level, absl::StatusCode code, const std::string& reason) const;
  void WriteLine(absl::StatusCode code, const absl::Status& status, absl::Time now) const;

  const BoundMethod& bound_;
  CallRuntime& runtime_;
  grpc::CallbackServerContext& transport_;
  const std::string peer_;
  const absl::Time started_;
  const absl::Time deadline_;
  const Cancellation cancellation_;
  // Null: health checks are not worth one.
  const TracePtr trace_;
  // None: as above.
  std::optional<CallTable::Place> place_;
  std::unique_ptr<CallContext> context_;
  std::atomic<bool> expired_{false};
  std::atomic<bool> cut_off_{false};
  grpc::Alarm expiry_;
  bool began_ = false;
  bool trace_told_ = false;
  absl::optional<int64_t> revision_;
  Subject subject_;
  // None: given back.
  std::optional<ByteBudget::Holding> memory_;
};

}  // namespace orewatch::rpc
