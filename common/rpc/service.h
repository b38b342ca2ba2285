// How a gRPC service is declared: a table of handlers over the service's descriptor.
//
// A handler converts, makes one call and converts back. Everything else that a call needs (admission, authorisation,
// validation, deadline, catch-all, status mapping, metrics, the log line) is done once, around every handler, by
// common/rpc/server. Nothing here includes grpcpp.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "common/rpc/caller.h"
#include "common/rpc/cancellation.h"
#include "google/protobuf/descriptor.h"
#include "google/protobuf/message.h"

namespace orewatch::rpc {

// What a handler may know of its call. Cheap to copy; thread-safe.
class CallContext {
 public:
  CallContext(Caller caller, absl::Time deadline, Cancellation cancellation = {})
      : caller_(std::move(caller)), deadline_(deadline), cancellation_(std::move(cancellation)) {}

  const Caller& caller() const { return caller_; }
  // Who calls: `anonymous`, or the authenticated subject.
  const std::string& principal() const { return caller_.principal; }
  // absl::InfiniteFuture() if the caller gave none.
  absl::Time deadline() const { return deadline_; }
  // The caller has gone away; the answer will not be read.
  bool cancelled() const { return cancellation_.cancelled(); }
  // For what a call leaves behind while it waits: see Cancellation::OnCancel.
  void OnCancel(std::function<void()> hook) const { cancellation_.OnCancel(std::move(hook)); }

 private:
  Caller caller_;
  absl::Time deadline_;
  Cancellation cancellation_;
};

// Where a unary handler runs.
enum class Runs {
  // At once, on the transport's own thread: answers from memory, never blocks.
  kInline,
  // On the bounded executor: may block.
  kBlocking,
  // On an executor of its own: waits for other writes, and so must not keep readers waiting.
  kWriting,
};

enum class Poll {
  kMessage,  // `out` holds the next message.
  kWait,     // Nothing now; the waker is called when there may be.
  kEnd,      // The stream ends with OK.
};

// Tells a stream that Next() may have something. Thread-safe, cheap, may outlive the stream.
using Waker = std::function<void()>;

// What a server stream sends, pulled one message at a time: at most one message is buffered, so a slow reader costs no
// memory.
template <typename Response>
class StreamSource {
 public:
  virtual ~StreamSource() = default;
  // Never called concurrently. Runs on the stream executor and may block briefly. An error ends the stream with it.
  // A source must arrange for wake-ups before it looks for data, so that none is lost between.
  virtual absl::StatusOr<Poll> Next(Response& out) = 0;
  // When the facts of the last message were committed, for those who measure how late it is; by default unknown.
  virtual absl::Time CommitTime() const { return absl::InfinitePast(); }
};

// Where a client stream goes. Calls are never concurrent and may block; destroyed early if the caller goes away.
template <typename Request, typename Response>
class StreamSink {
 public:
  virtual ~StreamSink() = default;
  // An error ends the call with it.
  virtual absl::Status Receive(const Request& request) = 0;
  // The client has sent everything.
  virtual absl::StatusOr<Response> Finish() = 0;
};

template <typename Response>
using Respond = std::function<void(absl::StatusOr<Response>)>;

// The table. Built once at start, then immutable. Binding a method that the descriptor does not have, twice, or with
// other types aborts: that is a bug of ours. Server::Start refuses a service with an unbound method.
class Service {
 public:
  // Type-erased forms; `Message` is always of the method's declared type.
  using MessagePtr = std::unique_ptr<google::protobuf::Message>;
  using ErasedRespond = std::function<void(absl::StatusOr<MessagePtr>)>;
  using ErasedUnary = std::function<void(const CallContext&, const google::protobuf::Message&, ErasedRespond)>;
  // Of the encoded answer.
  using ErasedAtOnce =
      std::function<std::optional<absl::StatusOr<std::string>>(const CallContext&, const google::protobuf::Message&)>;
  struct ErasedSource {
    std::function<absl::StatusOr<Poll>(google::protobuf::Message&)> next;
    std::function<absl::Time()> commit_time;
  };
  using ErasedOpenSource =
      std::function<absl::StatusOr<ErasedSource>(const CallContext&, const google::protobuf::Message&, Waker)>;
  struct ErasedSink {
    std::function<absl::Status(const google::protobuf::Message&)> receive;
    std::function<absl::StatusOr<MessagePtr>()> finish;
  };
  using ErasedOpenSink = std::function<absl::StatusOr<ErasedSink>(const CallContext&)>;
  struct Method {
    const google::protobuf::MethodDescriptor* descriptor = nullptr;
    const google::protobuf::Message* request_prototype = nullptr;
    const google::protobuf::Message* response_prototype = nullptr;
    Runs runs = Runs::kInline;
    ErasedUnary unary;
    // Asked first if there is one.
    ErasedAtOnce at_once;
    ErasedOpenSource open_source;
    ErasedOpenSink open_sink;
  };

  explicit Service(const google::protobuf::ServiceDescriptor* descriptor) : descriptor_(descriptor) {}

  // A handler that returns its answer.
  template <typename Request, typename Response>
  void Unary(const std::string& method, Runs runs,
             std::function<absl::StatusOr<Response>(const CallContext&, const Request&)> handler) {
    Method& bound = Bind<Request, Response>(method);
    bound.runs = runs;
    bound.unary = [handler = std::move(handler)](const CallContext& context, const google::protobuf::Message& request,
                                                 const ErasedRespond& respond) {
      respond(Erase(handler(context, static_cast<const Request&>(request))));
    };
  }

  // A handler that answers later, from any thread, exactly once; it holds no thread while it waits. Starts inline.
  // The request lives until the answer.
  template <typename Request, typename Response>
  void UnaryAsync(const std::string& method,
                  std::function<void(const CallContext&, const Request&, Respond<Response>)> handler) {
    Bind<Request, Response>(method).unary = [handler = std::move(handler)](const CallContext& context,
                                                                           const google::protobuf::Message& request,
                                                                           ErasedRespond respond) {
      handler(context, static_cast<const Request&>(request),
              [respond = std::move(respond)](absl::StatusOr<Response> answer) { respond(Erase(std::move(answer))); });
    };
  }

  // A handler for methods that differ in their types alone: it sees messages, and answers with one of the declared
  // type.
  void UnaryOfAnyType(
      const std::string& method, Runs runs,
      std::function<absl::StatusOr<MessagePtr>(const CallContext&, const google::protobuf::Message&)> handler);

  // For a bound method that may block, but often need not: gives the encoded answer on the transport's own thread,
  // without blocking, or nothing, which leaves the call to its handler.
  void AtOnce(const std::string& method, ErasedAtOnce handler);

  template <typename Request, typename Response>
  using OpenSource =
      std::function<absl::StatusOr<std::unique_ptr<StreamSource<Response>>>(const CallContext&, const Request&, Waker)>;

  // `open` runs on the stream executor.
  template <typename Request, typename Response>
  void ServerStream(const std::string& method, OpenSource<Request, Response> open) {
    Bind<Request, Response>(method).open_source =
        [open = std::move(open)](const CallContext& context, const google::protobuf::Message& request,
                                 Waker waker) -> absl::StatusOr<ErasedSource> {
      auto source = open(context, static_cast<const Request&>(request), std::move(waker));
      if (!source.ok()) {
        return source.status();
      }
      const std::shared_ptr<StreamSource<Response>> shared = *std::move(source);
      return ErasedSource{
          [shared](google::protobuf::Message& out) { return shared->Next(static_cast<Response&>(out)); },
          [shared] { return shared->CommitTime(); }};
    };
  }

  template <typename Request, typename Response>
  using OpenSink = std::function<absl::StatusOr<std::unique_ptr<StreamSink<Request, Response>>>(const CallContext&)>;

  template <typename Request, typename Response>
  void ClientStream(const std::string& method, OpenSink<Request, Response> open) {
    Bind<Request, Response>(method).open_sink =
        [open = std::move(open)](const CallContext& context) -> absl::StatusOr<ErasedSink> {
      auto opened = open(context);
      if (!opened.ok()) {
        return opened.status();
      }
      std::shared_ptr<StreamSink<Request, Response>> sink = *std::move(opened);
      return ErasedSink{[sink](const google::protobuf::Message& request) {
                          return sink->Receive(static_cast<const Request&>(request));
                        },
                        [sink]() -> absl::StatusOr<MessagePtr> { return Erase(sink->Finish()); }};
    };
  }

  // What ends the waits of calls in flight: runs when the server begins to drain, before it stops to take calls.
  // Must not block.
  void OnDrain(std::function<void()> hook) { on_drain_ = std::move(hook); }
  void BeginDrain() const {
    if (on_drain_ != nullptr) {
      on_drain_();
    }
  }

  const google::protobuf::ServiceDescriptor* descriptor() const { return descriptor_; }
  // By method name.
  const std::map<std::string, Method>& methods() const { return methods_; }

 private:
  template <typename Response>
  static absl::StatusOr<MessagePtr> Erase(absl::StatusOr<Response> answer) {
    if (!answer.ok()) {
      return std::move(answer).status();
    }
    return MessagePtr(std::make_unique<Response>(*std::move(answer)));
  }

  template <typename Request, typename Response>
  Method& Bind(const std::string& method) {
    return Add(method, Request::default_instance(), Response::default_instance());
  }
  Method& Add(const std::string& method, const google::protobuf::Message& request,
              const google::protobuf::Message& response);

  const google::protobuf::ServiceDescriptor* descriptor_;
  std::map<std::string, Method> methods_;
  std::function<void()> on_drain_;
};

}  // namespace orewatch::rpc
