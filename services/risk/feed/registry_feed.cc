#include "services/risk/feed/registry_feed.h"

#include <algorithm>
#include <thread>
#include <utility>

#include "absl/time/clock.h"
#include "common/log/log.h"
#include "common/rpc/deadline.h"
#include "common/rpc/grpc_status.h"
#include "common/rpc/speak_for.h"
#include "common/status/status.h"
#include "common/time/proto_time.h"
#include "services/risk/feed/convert.h"

namespace orewatch::risk {
namespace {

constexpr absl::Duration kHeadTimeout = absl::Seconds(5);
// One of the registry's --trusted_followers. What has an owner goes into no score, and is shown to its readers alone.
constexpr char kPrincipal[] = "orewatch-risk";
constexpr absl::Duration kLoadTimeout = absl::Minutes(2);

}  // namespace

RegistryFeed::RegistryFeed(const Parameters& parameters, std::function<void(const Publication&)> published)
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
  return kept_.empty() ? std::nullopt : std::optional<Snapshot>(kept_.back());
}

std::optional<Snapshot> RegistryFeed::Kept(const std::string& lineage, int64_t revision) const {
  absl::MutexLock lock(&mutex_);
  for (const Snapshot& snapshot : kept_) {
    if (snapshot.lineage == lineage && snapshot.model->revision() == revision) {
      return snapshot;
    }
  }
  return std::nullopt;
}

int64_t RegistryFeed::known_head() const {
  absl::MutexLock lock(&mutex_);
  return known_head_;
}

void RegistryFeed::NoteHead(const type::v1::Revision& head) {
  absl::MutexLock lock(&mutex_);
  if (!kept_.empty() && kept_.back().lineage == head.lineage()) {
    known_head_ = std::max(known_head_, head.number());
  }
}

bool RegistryFeed::Stream::Read(registry::v1::ChangeSet* chunk) {
  const bool read = reader_->Read(chunk);
  if (!read) {
    feed_.NoteFollowing(false);
  }
  return read;
}

void RegistryFeed::NoteFollowing(bool follows) {
  absl::MutexLock lock(&mutex_);
  if (follows_ && !follows && !kept_.empty() && kept_.back().model->revision() >= known_head_) {
    newest_until_ = absl::Now();
  }
  follows_ = follows;
}

std::optional<absl::Duration> RegistryFeed::Age() const {
  absl::MutexLock lock(&mutex_);
  if (kept_.empty()) {
    return std::nullopt;
  }
  const bool newest = follows_ && kept_.back().model->revision() >= known_head_;
  return newest ? absl::ZeroDuration() : absl::Now() - std::max(newest_until_, kept_.back().commit_time);
}

std::unique_ptr<RegistryFeed::Stream> RegistryFeed::Open(grpc::ClientContext& context) {
  NoteFollowing(false);
  context.AddMetadata(rpc::kPrincipalHeader, kPrincipal);
  if (const absl::Status status = LoadIfForeign(); !status.ok()) {
    log::Info("the registry cannot be loaded yet", {{"status", status.ToString()}});
    // The stream will fail for the same reason, and be opened again after a pause.
    context.TryCancel();
  } else {
    NoteFollowing(true);
  }
  pending_ = {};
  registry::v1::WatchRequest request;
  if (const auto current = Current()) {
    request.mutable_after()->set_lineage(current->lineage);
    request.mutable_after()->set_number(current->model->revision());
    request.set_after_digest(current->digest);
  }
  return std::make_unique<Stream>(stub_->Watch(&context, request), *this);
}

absl::Status RegistryFeed::LoadIfForeign() {
  grpc::ClientContext context;
  rpc::SetTimeout(context, kHeadTimeout);
  const auto current = Current();
  registry::v1::GetHeadRequest request;
  if (current.has_value()) {
    request.mutable_after()->set_lineage(current->lineage);
    request.mutable_after()->set_number(current->model->revision());
    request.set_after_digest(current->digest);
  }
  registry::v1::GetHeadResponse head;
  OREWATCH_RETURN_IF_ERROR(rpc::FromGrpc(stub_->GetHead(&context, request, &head)));
  if (!current.has_value() || !head.continues()) {
    return Load();
  }
  TakeLineage(head.revision().lineage());
  NoteHead(head.revision());
  return absl::OkStatus();
}

void RegistryFeed::TakeLineage(const std::string& lineage) {
  absl::MutexLock lock(&mutex_);
  for (Snapshot& snapshot : kept_) {
    snapshot.lineage = lineage;
  }
}

absl::Status RegistryFeed::Load() {
  const absl::Time start = absl::Now();
  grpc::ClientContext context;
  context.AddMetadata(rpc::kPrincipalHeader, kPrincipal);
  rpc::SetTimeout(context, kLoadTimeout);
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
  chains_ = std::make_unique<ChainEditor>(static_cast<int>(std::max(1U, std::thread::hardware_concurrency())));
  return Publish(
      {chunk.revision().lineage(), chunk.digest(), Model(parameters_).Apply(changes, chunk.revision().number()),
       chains_->Apply(changes.chain), FromProto(chunk.commit_time())},
      /*loaded=*/true, absl::Now() - start);
}

absl::Status RegistryFeed::Take(const registry::v1::ChangeSet& chunk) {
  AddChangeSet(chunk, pending_);
  if (!chunk.last_chunk()) {
    return absl::OkStatus();
  }
  const auto current = Current();
  const Changes changes = std::exchange(pending_, {});
  if (!current.has_value() || chunk.revision().lineage() != current->lineage ||
      chunk.revision().number() != current->model->revision() + 1) {
    return absl::DataLossError("the registry's feed does not go on from here");
  }
  const absl::Time start = absl::Now();
  auto model = current->model->Apply(changes, chunk.revision().number());
  auto chain = chains_->Apply(changes.chain);
  return Publish({current->lineage, chunk.digest(), std::move(model), std::move(chain), FromProto(chunk.commit_time())},
                 /*loaded=*/false, absl::Now() - start);
}

absl::Status RegistryFeed::Publish(Snapshot next, bool loaded, absl::Duration took) {
  const Publication publication{loaded, next.model->computed_series(), took};
  {
    absl::MutexLock lock(&mutex_);
    const int64_t revision = next.model->revision();
    if (loaded) {
      kept_.clear();
    }
    known_head_ = loaded ? revision : std::max(known_head_, revision);
    kept_.push_back(std::move(next));
    if (kept_.size() > kKeptSnapshots) {
      kept_.pop_front();
    }
  }
  published_(publication);
  return absl::OkStatus();
}

absl::StatusOr<bool> RegistryFeed::Continues(const HistoryPosition& position, const std::string& lineage) const {
  grpc::ClientContext context;
  rpc::SetTimeout(context, kHeadTimeout);
  registry::v1::GetHeadRequest request;
  request.mutable_after()->set_lineage(position.lineage);
  request.mutable_after()->set_number(position.revision);
  request.set_after_digest(position.digest);
  registry::v1::GetHeadResponse head;
  OREWATCH_RETURN_IF_ERROR(rpc::FromGrpc(stub_->GetHead(&context, request, &head)));
  if (head.revision().lineage() != lineage) {
    return absl::UnavailableError("the registry has gone on under another lineage");
  }
  return head.continues();
}

void RegistryFeed::AskHead(const rpc::CallContext& call, std::function<void(absl::StatusOr<int64_t>)> done) const {
  struct State {
    grpc::ClientContext context;
    registry::v1::GetHeadRequest request;
    registry::v1::GetHeadResponse response;
  };
  auto state = std::make_shared<State>();
  rpc::SetDeadline(state->context, std::min(call.deadline(), absl::Now() + kHeadTimeout));
  call.OnCancel([state] { state->context.TryCancel(); });
  stub_->async()->GetHead(&state->context, &state->request, &state->response,
                          [state, stub = stub_, done = std::move(done)](const grpc::Status& status) {
                            if (!status.ok()) {
                              return done(rpc::FromGrpc(status));
                            }
                            done(state->response.revision().number());
                          });
}

}  // namespace orewatch::risk
