#include "services/gateway/client/head_calls.h"

#include <utility>

#include "common/rpc/grpc_status.h"
#include "orewatch/alerting/v1/alerting.grpc.pb.h"
#include "orewatch/registry/v1/registry.grpc.pb.h"
#include "orewatch/risk/v1/risk.grpc.pb.h"

namespace orewatch::gateway {
namespace {

// What a call needs until it is over.
template <typename Stub, typename Request, typename Response>
struct Pending {
  std::shared_ptr<Stub> stub;
  Request request;
  Response response;
};

// Reads a stream to its end.
template <typename Message>
absl::Status ReadAll(grpc::ClientReader<Message>& reader, const std::function<void(const Message&)>& on_message) {
  Message message;
  while (reader.Read(&message)) {
    on_message(message);
  }
  return rpc::FromGrpc(reader.Finish());
}

class OfRegistry final : public HeadCalls {
 public:
  using Stub = registry::v1::Registry::Stub;
  explicit OfRegistry(const std::shared_ptr<grpc::Channel>& channel)
      : stub_(registry::v1::Registry::NewStub(channel)) {}

  void Ask(grpc::ClientContext& context, OnHead done) const override {
    auto call = std::make_shared<Pending<Stub, registry::v1::GetHeadRequest, registry::v1::GetHeadResponse>>();
    call->stub = stub_;
    stub_->async()->GetHead(
        &context, &call->request, &call->response, [call, done = std::move(done)](const grpc::Status& status) {
          const type::v1::Revision& revision = call->response.revision();
          done(rpc::FromGrpc(status), {revision.lineage(), revision.number(), call->response.digest()});
        });
  }
  absl::Status Follow(grpc::ClientContext& context, const Head& after,
                      const std::function<void(const Head&)>& heard) const override {
    registry::v1::WatchRequest request;
    request.mutable_after()->set_lineage(after.lineage);
    request.mutable_after()->set_number(after.number);
    // One that rarely changes: of the others only the bookmarks are wanted.
    request.add_kinds("blocs");
    const auto reader = stub_->Watch(&context, request);
    return ReadAll<registry::v1::ChangeSet>(*reader, [&](const registry::v1::ChangeSet& set) {
      if (set.last_chunk()) {
        heard({set.revision().lineage(), set.revision().number(), set.digest()});
      }
    });
  }

 private:
  const std::shared_ptr<Stub> stub_;
};

class OfRisk final : public HeadCalls {
 public:
  using Stub = risk::v1::Risk::Stub;
  explicit OfRisk(const std::shared_ptr<grpc::Channel>& channel) : stub_(risk::v1::Risk::NewStub(channel)) {}

  void Ask(grpc::ClientContext& context, OnHead done) const override {
    auto call = std::make_shared<Pending<Stub, risk::v1::ListScoresRequest, risk::v1::ListScoresResponse>>();
    call->stub = stub_;
    call->request.set_page_size(1);
    stub_->async()->ListScores(&context, &call->request, &call->response,
                               [call, done = std::move(done)](const grpc::Status& status) {
                                 const type::v1::Revision& revision = call->response.revision();
                                 done(rpc::FromGrpc(status), {revision.lineage(), revision.number(), ""});
                               });
  }
  absl::Status Follow(grpc::ClientContext& context, const Head& after,
                      const std::function<void(const Head&)>& heard) const override {
    risk::v1::WatchScoresRequest request;
    request.mutable_after()->set_lineage(after.lineage);
    request.mutable_after()->set_number(after.number);
    const auto reader = stub_->WatchScores(&context, request);
    return ReadAll<risk::v1::WatchScoresResponse>(*reader, [&](const risk::v1::WatchScoresResponse& scores) {
      if (scores.has_bookmark()) {
        heard({scores.bookmark().lineage(), scores.bookmark().number(), ""});
      }
    });
  }

 private:
  const std::shared_ptr<Stub> stub_;
};

class OfAlerting final : public HeadCalls {
 public:
  using Stub = alerting::v1::Alerting::Stub;
  explicit OfAlerting(const std::shared_ptr<grpc::Channel>& channel)
      : stub_(alerting::v1::Alerting::NewStub(channel)) {}

  void Ask(grpc::ClientContext& context, OnHead done) const override {
    auto call = std::make_shared<Pending<Stub, alerting::v1::ListAlertsRequest, alerting::v1::ListAlertsResponse>>();
    call->stub = stub_;
    call->request.set_page_size(1);
    stub_->async()->ListAlerts(&context, &call->request, &call->response,
                               [call, done = std::move(done)](const grpc::Status& status) {
                                 done(rpc::FromGrpc(status), {call->response.lineage(), call->response.sequence(), ""});
                               });
  }
  absl::Status Follow(grpc::ClientContext& context, const Head& after,
                      const std::function<void(const Head&)>& heard) const override {
    alerting::v1::WatchAlertsRequest request;
    request.set_lineage(after.lineage);
    request.set_after_sequence(after.number);
    const auto reader = stub_->WatchAlerts(&context, request);
    return ReadAll<alerting::v1::WatchAlertsResponse>(*reader, [&](const alerting::v1::WatchAlertsResponse& told) {
      const bool bookmark = told.has_bookmark();
      heard({after.lineage, bookmark ? told.bookmark().sequence() : told.event().sequence(), ""});
    });
  }

 private:
  const std::shared_ptr<Stub> stub_;
};

}  // namespace

std::shared_ptr<const HeadCalls> RegistryHead(const std::shared_ptr<grpc::Channel>& channel) {
  return std::make_shared<OfRegistry>(channel);
}

std::shared_ptr<const HeadCalls> RiskHead(const std::shared_ptr<grpc::Channel>& channel) {
  return std::make_shared<OfRisk>(channel);
}

std::shared_ptr<const HeadCalls> AlertingHead(const std::shared_ptr<grpc::Channel>& channel) {
  return std::make_shared<OfAlerting>(channel);
}

}  // namespace orewatch::gateway
