#include "services/alerting/feed/fact_feed.h"

#include <optional>

#include "common/log/log.h"
#include "common/rpc/deadline.h"
#include "common/rpc/grpc_status.h"
#include "common/rpc/speak_for.h"
#include "common/status/status.h"
#include "services/alerting/feed/fact_collections.h"

namespace orewatch::alerting {
namespace {

// One of the registry's --trusted_followers, and the name under which the registry keeps how far it has read.
constexpr char kPrincipal[] = "orewatch-alerting";
constexpr absl::Duration kHeadTimeout = absl::Seconds(5);
constexpr absl::Duration kLoadTimeout = absl::Minutes(2);

registry::v1::WatchRequest RequestAfter(const FactPosition& position) {
  registry::v1::WatchRequest request;
  request.mutable_after()->set_lineage(position.revision.lineage);
  request.mutable_after()->set_number(position.revision.number);
  request.set_after_digest(position.digest);
  AskForFacts(request);
  request.set_follower(kPrincipal);
  return request;
}

// Says only where the registry stands: there is nothing that the sink does not have.
FactBatch NothingSince(const registry::v1::GetHeadResponse& head) {
  FactBatch batch;
  batch.position.revision = {.lineage = head.revision().lineage(), .number = head.revision().number()};
  batch.position.digest = head.digest();
  return batch;
}

// Why a stream ended: for `status` on this side, else for a reason of its own.
template <typename Reader>
absl::Status EndOfStream(const absl::Status& status, grpc::ClientContext& context, Reader& reader) {
  if (!status.ok()) {
    context.TryCancel();
  }
  const absl::Status ended = rpc::FromGrpc(reader.Finish());
  return status.ok() ? ended : status;
}

}  // namespace

FactFeed::FactFeed(const std::shared_ptr<grpc::Channel>& registry, FactSink& sink)
    : stub_(registry::v1::Registry::NewStub(registry)),
      sink_(sink),
      thread_("facts", [this](grpc::ClientContext& context) { return FollowOnce(context); }) {}

absl::Status FactFeed::FollowOnce(grpc::ClientContext& context) {
  context.AddMetadata(rpc::kPrincipalHeader, kPrincipal);
  absl::Status status = LoadOrWatch(context);
  if (!status.ok()) {
    status.Update(sink_.FactsLost());
  }
  return status;
}

absl::Status FactFeed::LoadOrWatch(grpc::ClientContext& context) {
  const FactPosition position = sink_.facts();
  if (position.revision.lineage.empty()) {
    return Load(context);
  }
  OREWATCH_ASSIGN_OR_RETURN(const registry::v1::GetHeadResponse head, AskHead(position));
  if (!head.continues()) {
    return Load(context);
  }
  if (head.revision().number() == position.revision.number) {
    // The stream may bring nothing for a day.
    OREWATCH_RETURN_IF_ERROR(sink_.ApplyFacts(NothingSince(head)));
  }
  return Watch(position, context);
}

absl::StatusOr<registry::v1::GetHeadResponse> FactFeed::AskHead(const FactPosition& position) {
  grpc::ClientContext context;
  rpc::SetTimeout(context, kHeadTimeout);
  registry::v1::GetHeadRequest request;
  request.mutable_after()->set_lineage(position.revision.lineage);
  request.mutable_after()->set_number(position.revision.number);
  request.set_after_digest(position.digest);
  registry::v1::GetHeadResponse head;
  OREWATCH_RETURN_IF_ERROR(rpc::FromGrpc(stub_->GetHead(&context, request, &head)));
  return head;
}

FactStager FactFeed::NewStager(int64_t after) const {
  return FactStager(after, [&sink = sink_](const std::string& resource) { return sink.Knows(resource); });
}

absl::Status FactFeed::Load(grpc::ClientContext& context) {
  rpc::SetTimeout(context, kLoadTimeout);
  const auto reader = stub_->Export(&context, {});
  FactStager stager = NewStager(0);
  registry::v1::ExportResponse chunk;
  std::optional<FactBatch> everything;
  while (reader->Read(&chunk)) {
    everything = stager.Receive(chunk);
  }
  OREWATCH_RETURN_IF_ERROR(rpc::FromGrpc(reader->Finish()));
  if (!everything.has_value()) {
    return absl::UnavailableError("the export ended early");
  }
  OREWATCH_RETURN_IF_ERROR(sink_.ApplyFacts(*everything));
  if (sink_.facts() != everything->position) {
    // Of a replica that is behind, most likely: another may not be.
    return absl::UnavailableError("the registry has gone back");
  }
  thread_.NoteProgress();
  log::Info("facts loaded", {{"revision", everything->position.revision.number},
                             {"facts", static_cast<int64_t>(everything->facts.size())}});
  return absl::OkStatus();
}

absl::Status FactFeed::Watch(const FactPosition& position, grpc::ClientContext& context) {
  const auto reader = stub_->Watch(&context, RequestAfter(position));
  FactStager stager = NewStager(position.revision.number);
  registry::v1::ChangeSet chunk;
  absl::Status status;
  while (status.ok() && reader->Read(&chunk)) {
    thread_.NoteProgress();
    const auto batch = stager.Receive(chunk);
    status = batch.status();
    if (status.ok() && batch->has_value()) {
      status = sink_.ApplyFacts(**batch);
    }
  }
  status = EndOfStream(status, context, *reader);
  return status.ok() ? absl::UnavailableError("the registry has ended its feed") : status;
}

}  // namespace orewatch::alerting
