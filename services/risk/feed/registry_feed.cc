#include "services/risk/feed/registry_feed.h"

#include <algorithm>
#include <utility>

#include "absl/time/clock.h"
#include "common/log/log.h"
#include "common/rpc/grpc_status.h"
#include "common/status/status.h"
#include "services/risk/feed/convert.h"

namespace orewatch::risk {
namespace {

constexpr absl::Duration kHeadTimeout = absl::Seconds(5);
constexpr absl::Duration kLoadTimeout = absl::Minutes(2);

}  // namespace

RegistryFeed::RegistryFeed(const Parameters& parameters, std::function<void()> published)
    : parameters_(parameters), published_(std::move(published)) {}

void RegistryFeed::Start(const std::shared_ptr<grpc::Channel>& registry) {
  stub_ = registry::v1::Registry::NewStub(registry);
  follower_ = std::make_unique<rpc::Follower<registry::v1::ChangeSet>>(
      "registry", [this](grpc::ClientContext& context) { return Open(context); },
      [this](const registry::v1::ChangeSet& chunk) { return Take(chunk); });
}

void RegistryFeed::Stop() {
  if (follower_ != nullptr) {
    follower_->Stop();
  }
}

std::optional<Snapshot> RegistryFeed::Current() const {
  absl::MutexLock lock(&mutex_);
  return current_;
}

std::unique_ptr<grpc::ClientReader<registry::v1::ChangeSet>> RegistryFeed::Open(grpc::ClientContext& context) {
  if (const absl::Status status = LoadIfForeign(); !status.ok()) {
    log::Info("the registry cannot be loaded yet", {{"status", status.ToString()}});
    // The stream will fail for the same reason, and be opened again after a pause.
    context.TryCancel();
  }
  pending_ = {};
  registry::v1::WatchRequest request;
  if (const auto current = Current()) {
    request.mutable_after()->set_lineage(current->lineage);
    request.mutable_after()->set_number(current->model->revision());
  }
  return stub_->Watch(&context, request);
}

absl::Status RegistryFeed::LoadIfForeign() {
  grpc::ClientContext context;
  context.set_deadline(absl::ToChronoTime(absl::Now() + kHeadTimeout));
  registry::v1::GetHeadResponse head;
  OREWATCH_RETURN_IF_ERROR(rpc::FromGrpc(stub_->GetHead(&context, {}, &head)));
  const auto current = Current();
  const bool known = current.has_value() && current->lineage == head.revision().lineage() &&
                     current->model->revision() <= head.revision().number();
  return known ? absl::OkStatus() : Load();
}

absl::Status RegistryFeed::Load() {
  grpc::ClientContext context;
  context.set_deadline(absl::ToChronoTime(absl::Now() + kLoadTimeout));
  const auto reader = stub_->Export(&context, {});
  registry::v1::ExportResponse chunk;
  Changes changes;
  bool done = false;
  while (reader->Read(&chunk)) {
    for (const auto& entry : chunk.entries()) {
      AddEntry(entry, changes);
    }
    done = chunk.done();
  }
  OREWATCH_RETURN_IF_ERROR(rpc::FromGrpc(reader->Finish()));
  if (!done) {
    return absl::UnavailableError("the export ended early");
  }
  Publish(chunk.revision().lineage(), Model(parameters_).Apply(changes, chunk.revision().number()));
  return absl::OkStatus();
}

absl::Status RegistryFeed::Take(const registry::v1::ChangeSet& chunk) {
  AddChangeSet(chunk, pending_);
  if (!chunk.last_chunk()) {
    return absl::OkStatus();
  }
  const auto current = Current();
  if (chunk.revision().number() != current->model->revision() + 1) {
    return absl::DataLossError("the registry's feed has a gap");
  }
  Publish(current->lineage, current->model->Apply(std::exchange(pending_, {}), chunk.revision().number()));
  return absl::OkStatus();
}

void RegistryFeed::Publish(std::string lineage, std::shared_ptr<const Model> model) {
  {
    absl::MutexLock lock(&mutex_);
    current_ = Snapshot{std::move(lineage), std::move(model)};
  }
  published_();
}

void RegistryFeed::AskHead(absl::Time deadline, std::function<void(absl::StatusOr<int64_t>)> done) const {
  struct State {
    grpc::ClientContext context;
    registry::v1::GetHeadRequest request;
    registry::v1::GetHeadResponse response;
  };
  auto state = std::make_shared<State>();
  state->context.set_deadline(absl::ToChronoTime(std::min(deadline, absl::Now() + kHeadTimeout)));
  stub_->async()->GetHead(&state->context, &state->request, &state->response,
                          [state, stub = stub_, done = std::move(done)](const grpc::Status& status) {
                            if (!status.ok()) {
                              return done(rpc::FromGrpc(status));
                            }
                            done(state->response.revision().number());
                          });
}

}  // namespace orewatch::risk
