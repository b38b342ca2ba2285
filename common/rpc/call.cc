#include "common/rpc/call.h"

#include <algorithm>
#include <exception>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "common/log/log.h"
#include "common/rpc/call_log.h"
#include "common/rpc/call_trace.h"
#include "common/rpc/deadline.h"
#include "common/rpc/decoded_size.h"
#include "common/rpc/ended_call.h"
#include "common/rpc/grpc_status.h"
#include "common/rpc/method_traits.h"
#include "common/rpc/rate_limiter.h"
#include "common/rpc/server.h"
#include "common/rpc/subject.h"
#include "common/rpc/transport.h"
#include "common/rpc/validate.h"
#include "common/rpc/wanted.h"
#include "common/status/status.h"
#include "common/time/deadline_scope.h"
#include "common/time/steady.h"
#include "grpcpp/impl/codegen/proto_utils.h"

namespace orewatch::rpc {
namespace {

constexpr char kMalformedRequest[] = "MALFORMED_REQUEST";
constexpr char kRequestTooLarge[] = "REQUEST_TOO_LARGE";

// What becomes of a smaller message is not worth to be counted: the calls are.
constexpr size_t kUncountedBytes = 1024;

// A caller's clock starts before the call arrives, so that its deadline cancels the call a little before ours passes.
constexpr absl::Duration kDeadlineSkew = absl::Milliseconds(20);

absl::Status ResponseTooLarge(size_t size) {
  return MakeError(absl::StatusCode::kResourceExhausted, kResponseTooLarge,
                   absl::StrCat("the answer takes ", size, " bytes, and a message at most ", kMaxMessageBytes,
                                ": ask for less at once"),
                   {{"size_bytes", absl::StrCat(size)}, {"limit_bytes", absl::StrCat(kMaxMessageBytes)}});
}

absl::Status RequestTooLarge(size_t size, const access::v1::Access& access) {
  return MakeError(
      absl::StatusCode::kResourceExhausted, kRequestTooLarge,
      absl::StrCat("the request takes ", size, " bytes, and one of this method at most ", access.max_request_bytes()),
      {{"size_bytes", absl::StrCat(size)}, {"limit_bytes", absl::StrCat(access.max_request_bytes())}});
}

absl::Status CheckRole(const Caller& caller, const access::v1::Access& access) {
  if (caller.role >= access.role()) {
    return absl::OkStatus();
  }
  const std::string& needed = access::v1::Role_Name(access.role());
  return MakeError(absl::StatusCode::kPermissionDenied, "ROLE_MISSING",
                   absl::StrCat("this method is for ", needed, " and above; ", caller.principal, " has ",
                                access::v1::Role_Name(caller.role)),
                   {{"role", needed}});
}

absl::Status CheckScope(const Caller& caller, const google::protobuf::MethodDescriptor& method) {
  if (caller.scopes == nullptr || std::any_of(caller.scopes->begin(), caller.scopes->end(), [&](const auto& scope) {
        return scope == method.full_name() || scope == method.service()->full_name();
      })) {
    return absl::OkStatus();
  }
  return MakeError(absl::StatusCode::kPermissionDenied, "OUT_OF_SCOPE",
                   absl::StrCat("the credential of ", caller.principal, " is not for ", method.full_name()));
}

// Of a caller whose word is taken for who they are.
constexpr char kHeaderCredential[] = "header";

// Whom an allowance belongs to: on whose behalf the call is made; of those whom nobody knows, where they are.
std::string OwnerOfAllowance(const Caller& caller, const grpc::ServerContextBase& transport) {
  return caller.credential == kNoCredential ? absl::StrCat("peer:", HostOfPeer(transport.peer()))
                                            : absl::StrCat("principal:", caller.principal);
}

}  // namespace

Call::Call(const BoundMethod& bound, CallRuntime& runtime, grpc::CallbackServerContext& transport)
    : bound_(bound),
      runtime_(runtime),
      transport_(transport),
      peer_(transport.peer()),
      started_(SteadyNow()),
      deadline_(DeadlineOf(transport)),
      trace_(bound.infrastructure ? nullptr : TraceOf(transport)),
      memory_(std::in_place, runtime.request_memory()) {
  bound_.metrics.started->Increment();
  runtime_.intake().NoteCall(peer_);
  if (!bound_.infrastructure) {
    place_.emplace(runtime_.calls(), CallInFlight{PathOf(*bound_.method.descriptor), started_, deadline_, peer_, "",
                                                  std::string(trace_->id), bound_.metrics.seconds == nullptr});
  }
}

absl::Status Call::Authorize() {
  if (bound_.infrastructure) {
    context_ = std::make_unique<CallContext>(Caller(), deadline_, cancellation_);
    return absl::OkStatus();
  }
  absl::StatusOr<Caller> caller = runtime_.authenticator()(transport_);
  if (!caller.ok()) {
    // Who cannot prove who they are has the allowance of where they are.
    OREWATCH_RETURN_IF_ERROR(Spend(absl::StrCat("peer:", HostOfPeer(transport_.peer()))));
    return caller.status();
  }
  caller->trace = trace_;
  context_ = std::make_unique<CallContext>(*std::move(caller), deadline_, cancellation_);
  place_->SetPrincipal(context_->principal());
  // First, so that those who may not are limited too.
  OREWATCH_RETURN_IF_ERROR(CheckAllowance());
  OREWATCH_RETURN_IF_ERROR(CheckScope(context_->caller(), *bound_.method.descriptor));
  OREWATCH_RETURN_IF_ERROR(CheckRole(context_->caller(), bound_.access));
  return bound_.changes && runtime_.ledger() != nullptr ? runtime_.ledger()->MayChange() : absl::OkStatus();
}

void Call::AtExpiry(std::function<void()> hook) {
  if (const absl::Time end = context_->caller().expire_time; end != absl::InfiniteFuture()) {
    expiry_.Set(absl::ToChronoTime(end), [hook = std::move(hook)](bool due) {
      if (due) {
        hook();
      }
    });
  }
}

absl::Status Call::StillTrusted() const {
  const Caller& caller = context_->caller();
  if (!expired_.load() && caller.expire_time > absl::Now()) {
    return absl::OkStatus();
  }
  return MakeError(absl::StatusCode::kUnauthenticated, caller.credential == "key" ? "KEY_EXPIRED" : "TOKEN_EXPIRED",
                   absl::StrCat("the ", caller.credential, " of ", caller.principal,
                                " has expired; open the stream again with a new one"));
}

absl::Status Call::CheckAllowance() const {
  const Caller& caller = context_->caller();
  // Our services follow one another whatever callers do, and one that asks on somebody's behalf has taken what that
  // costs them already.
  const bool proven_service = caller.service && caller.credential != kHeaderCredential;
  if (proven_service || !caller.through.empty() || FromThisProcess(transport_)) {
    return absl::OkStatus();
  }
  return Spend(OwnerOfAllowance(caller, transport_));
}

absl::Status Call::Spend(const std::string& owner) const {
  return runtime_.Spend(owner, bound_.access.cost(), bound_.access.priority());
}

void Call::AddRequest(const google::protobuf::Message& request) {
  if (runtime_.ledger() != nullptr && bound_.changes) {
    AddSubject(SubjectOf(*bound_.method.descriptor, request), subject_);
  }
}

bool Call::IsForTheLedger(const absl::Status& outcome) const {
  if (runtime_.ledger() == nullptr || bound_.infrastructure) {
    return false;
  }
  if (bound_.changes) {
    // Who gave up before it ran has neither changed anything nor been refused.
    return began_ ||
           (outcome.code() != absl::StatusCode::kCancelled && outcome.code() != absl::StatusCode::kDeadlineExceeded);
  }
  switch (outcome.code()) {
    case absl::StatusCode::kUnauthenticated:
    case absl::StatusCode::kPermissionDenied:
      return true;
    case absl::StatusCode::kResourceExhausted:
      // Of a call that nobody had time for there is nothing to be said against its caller.
      return ErrorReason(outcome) == kRateLimited;
    case absl::StatusCode::kInvalidArgument:
      return !began_ && ErrorReason(outcome) == kMalformedRequest;
    default:
      return false;
  }
}

void Call::EnterInLedger(const absl::Status& outcome, const google::protobuf::Message* response,
                         const absl::Status& answer, std::function<void(const absl::Status&)> told) {
  CallRecord record;
  record.duration = SteadyNow() - started_;
  record.start = absl::Now() - record.duration;
  record.ran = began_;
  if (context_ != nullptr) {
    record.caller = context_->caller();
  }
  record.peer = transport_.peer();
  record.trace_id = std::string(trace_->id);
  record.method = PathOf(*bound_.method.descriptor);
  record.subject = std::move(subject_);
  record.code = outcome.code();
  record.reason = ErrorReason(outcome);
  record.told = answer.code();
  if (response != nullptr) {
    record.revision = RevisionOf(*response);
    // As the service named it.
    if (std::string name = NameOf(*response); !name.empty() && record.subject.count <= 1) {
      record.subject.resources = {std::move(name)};
      record.subject.count = 1;
    }
  }
  if (!bound_.changes || !began_) {
    runtime_.ledger()->Note(std::move(record));
    return told(answer);
  }
  runtime_.ledger()->Keep(std::move(record), [answer, told = std::move(told)](const absl::Status& kept) {
    told(answer.ok() ? kept : answer);
  });
}

void Call::NoteArrival(const grpc::ByteBuffer& bytes) const { runtime_.intake().NoteMessage(peer_, bytes.Length()); }

absl::Status Call::CheckTimeGiven() const {
  return bound_.infrastructure ? absl::OkStatus()
                               : runtime_.CheckTimeGiven(deadline_ - started_, bound_.access.priority());
}

absl::Status Call::CheckRequestSize(const grpc::ByteBuffer& bytes) const {
  if (bytes.Length() <= static_cast<size_t>(bound_.access.max_request_bytes())) {
    return absl::OkStatus();
  }
  runtime_.metrics().rejected(Rejection::kTooLarge, bound_.access.priority()).Increment();
  return RequestTooLarge(bytes.Length(), bound_.access);
}

bool Call::IsLarge(const grpc::ByteBuffer& bytes) { return bytes.Length() > static_cast<size_t>(kSmallRequestBytes); }

absl::Status Call::Hold(const grpc::ByteBuffer& bytes) {
  return runtime_.Hold(*memory_, bytes.Length(), bound_.access.priority());
}

absl::Status Call::HoldDecoded(grpc::ByteBuffer& bytes) {
  if (bytes.Length() <= kUncountedBytes) {
    ForgetMessage();
    return absl::OkStatus();
  }
  grpc::ProtoBufferReader reader(&bytes);
  OREWATCH_RETURN_IF_ERROR(FromGrpc(reader.status()));
  return runtime_.Hold(*memory_, DecodedSize(reader, *bound_.method.request_prototype->GetDescriptor()),
                       bound_.access.priority());
}

absl::StatusOr<Service::MessagePtr> Call::Decode(grpc::ByteBuffer& bytes) {
  if (!bytes.Valid()) {
    // The call was given up on its way, of which the transport may tell a little later.
    const absl::Status wanted = StillWanted();
    return wanted.ok() ? MakeError(absl::StatusCode::kCancelled, "CANCELLED", "the call came without its message")
                       : wanted;
  }
  bound_.metrics.received->Increment();
  OREWATCH_RETURN_IF_ERROR(HoldDecoded(bytes));
  Service::MessagePtr request(bound_.method.request_prototype->New());
  const grpc::Status parsed = grpc::GenericDeserialize<grpc::ProtoBufferReader, google::protobuf::Message>(
      &bytes, static_cast<google::protobuf::MessageLite*>(request.get()));
  if (!parsed.ok()) {
    return MakeError(absl::StatusCode::kInvalidArgument, kMalformedRequest,
                     absl::StrCat("the request is not a ", request->GetTypeName()));
  }
  OREWATCH_RETURN_IF_ERROR(ValidateRequest(*request));
  return request;
}

absl::Status Call::CheckSize(size_t bytes) const {
  if (bytes <= static_cast<size_t>(kMaxMessageBytes)) {
    return absl::OkStatus();
  }
  runtime_.metrics().responses_too_large().Increment();
  return ResponseTooLarge(bytes);
}

absl::Status Call::Wrap(const std::string& encoded, grpc::ByteBuffer& bytes) const {
  OREWATCH_RETURN_IF_ERROR(CheckSize(encoded.size()));
  const grpc::Slice slice(encoded);
  bytes = grpc::ByteBuffer(&slice, 1);
  return absl::OkStatus();
}

absl::Status Call::Encode(const google::protobuf::Message& message, grpc::ByteBuffer& bytes) const {
  OREWATCH_RETURN_IF_ERROR(CheckSize(message.ByteSizeLong()));
  // The writer insists on a fresh buffer.
  bytes.Clear();
  bool own_buffer = false;
  const grpc::Status encoded = grpc::GenericSerialize<grpc::ProtoBufferWriter, google::protobuf::Message>(
      static_cast<const google::protobuf::MessageLite&>(message), &bytes, &own_buffer);
  return encoded.ok() ? absl::OkStatus()
                      : MakeError(absl::StatusCode::kInternal, "ENCODING_FAILED", "the answer could not be encoded");
}

absl::Status Call::StillWanted() const { return rpc::StillWanted(deadline_, cancellation_.cancelled()); }

absl::Status Call::Guard(const std::function<absl::Status()>& body) const {
  // Of the table, which stays when the call has ended.
  const BoundMethod& bound = bound_;
  const DeadlineScope deadline(deadline_);
  const TraceScope trace(trace_);
  std::string what = "an exception that is no std::exception";
  try {
    return body();
  } catch (const std::exception& error) {
    what = error.what();
  } catch (...) {
    // Named above.
  }
  bound.metrics.exceptions->Increment();
  log::Error("handler threw", {{"grpc_method", bound.method.descriptor->full_name()}, {"what", what}});
  return MakeError(absl::StatusCode::kInternal, "HANDLER_FAILED", "the call failed for a reason that was logged");
}

void Call::Measure(absl::Time now) const {
  RpcMetrics& metrics = runtime_.metrics();
  if (bound_.metrics.seconds != nullptr && deadline_ != absl::InfiniteFuture()) {
    const bool late = deadline_ <= now;
    metrics.deadline_remaining_ratio().Observe(late ? 0 : absl::FDivDuration(deadline_ - now, deadline_ - started_));
  }
  if (transport_.IsCancelled() && (cut_off_.load() || runtime_.PatienceEnded(now))) {
    metrics.drain_cancelled_calls().Increment();
  }
}

absl::StatusCode Call::SeenByCaller(absl::StatusCode code, absl::Time now) const {
  const bool cancelled = code == absl::StatusCode::kCancelled || transport_.IsCancelled();
  // Who has no time left sees that, whatever did not come in time. Our own faults stay what they are.
  const bool unanswered = code == absl::StatusCode::kUnavailable && bound_.metrics.seconds != nullptr;
  if (unanswered ? deadline_ > now && !cancelled
                 : !cancelled || (code != absl::StatusCode::kOk && code != absl::StatusCode::kCancelled)) {
    return code;
  }
  // The transport tells handlers nothing of a passed deadline but that the call is cancelled.
  return deadline_ <= now + kDeadlineSkew ? absl::StatusCode::kDeadlineExceeded : absl::StatusCode::kCancelled;
}

void Call::Account(const absl::Status& status) const {
  const absl::Time now = SteadyNow();
  const absl::StatusCode code = SeenByCaller(status.code(), now);
  if (IsImpatient(code)) {
    bound_.metrics.impatient->Increment();
  }
  bound_.metrics.handled.at(static_cast<size_t>(code))->Increment();
  if (bound_.metrics.seconds != nullptr) {
    bound_.metrics.seconds->Observe(absl::ToDoubleSeconds(now - started_));
  }
  if (bound_.infrastructure) {
    return;
  }
  Measure(now);
  WriteLine(code, status, now);
}

void Call::CutOff() {
  cut_off_.store(true);
  transport_.TryCancel();
}

void Call::GiveBack() {
  runtime_.intake().NoteEnd(peer_);
  place_.reset();
  memory_.reset();
}

void Call::NoteRevision(const google::protobuf::Message& response) {
  // To look for it takes time.
  if (runtime_.call_log() == CallLog::kAll) {
    revision_ = RevisionOf(response);
  }
}

void Call::TellTrace() {
  if (trace_ != nullptr && !trace_told_) {
    transport_.AddInitialMetadata(kTraceIdHeader, std::string(trace_->id));
    trace_told_ = true;
  }
}

grpc::Status Call::ToCaller(const absl::Status& status) {
  if (status.ok()) {
    TellTrace();
    return grpc::Status::OK;
  }
  if (trace_ == nullptr) {
    return ToGrpc(status);
  }
  if (!trace_told_) {
    // An answer that begins with headers of its own is one that clients do not ask for again.
    transport_.AddTrailingMetadata(kTraceIdHeader, std::string(trace_->id));
  }
  return ToGrpc(status, trace_->id.view());
}

bool Call::IsImpatient(absl::StatusCode code) const {
  return code == absl::StatusCode::kDeadlineExceeded && deadline_ - started_ < kFairTime;
}

bool Call::IsWorthALine(log::Level level, absl::StatusCode code, const std::string& reason) const {
  if (!log::Enabled(level)) {
    return false;
  }
  // Who asks for the lines of all calls gets all.
  if (level == log::Level::kDebug || runtime_.call_log() == CallLog::kAll) {
    return true;
  }
  RefusalCounter::Sum call;
  call.caller = std::string(HostOfPeer(peer_));
  call.code = CodeName(static_cast<int>(code));
  call.reason = reason.empty() ? call.code : reason;
  call.method = PathOf(*bound_.method.descriptor);
  return runtime_.call_lines().Tell(level, call, absl::Now());
}

void Call::WriteLine(absl::StatusCode code, const absl::Status& status, absl::Time now) const {
  const std::string reason = ErrorReason(status);
  const absl::optional<log::Level> level =
      LevelOf(code, IsImpatient(code) ? kDeadlineTooShortReason : reason, runtime_.call_log());
  if (!level.has_value() || !IsWorthALine(*level, code, reason)) {
    return;
  }
  const auto* const method = bound_.method.descriptor;
  EndedCall ended = {trace_, method->service()->full_name(), method->name(), code, reason};
  if (context_ != nullptr) {
    ended.principal = context_->principal();
    ended.through = context_->caller().through;
  }
  ended.peer = peer_;
  ended.started = started_;
  ended.ended = now;
  ended.deadline = deadline_;
  ended.revision = revision_;
  rpc::WriteLine(*level, ended);
}

}  // namespace orewatch::rpc
