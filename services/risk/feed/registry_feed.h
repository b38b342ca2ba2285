// Follows the registry and keeps the newest model.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "common/rpc/follower.h"
#include "grpcpp/channel.h"
#include "orewatch/registry/v1/registry.grpc.pb.h"
#include "services/risk/domain/model.h"

namespace orewatch::risk {

// A model and the history that it belongs to.
struct Snapshot {
  std::string lineage;
  std::shared_ptr<const Model> model;
};

// Thread-safe. Loads a snapshot, then applies each revision; a new history loads again.
class RegistryFeed {
 public:
  // `published` runs on the feed's thread after each revision.
  RegistryFeed(const Parameters& parameters, std::function<void()> published);
  ~RegistryFeed() { Stop(); }

  void Start(const std::shared_ptr<grpc::Channel>& registry);
  void Stop();

  // Nothing until the first snapshot has been loaded.
  std::optional<Snapshot> Current() const;
  // Asks the registry, for callers who want a revision that is not here yet; `done` gets its head.
  void AskHead(absl::Time deadline, std::function<void(absl::StatusOr<int64_t>)> done) const;

 private:
  std::unique_ptr<grpc::ClientReader<registry::v1::ChangeSet>> Open(grpc::ClientContext& context);
  absl::Status LoadIfForeign();
  absl::Status Load();
  absl::Status Take(const registry::v1::ChangeSet& chunk);
  void Publish(std::string lineage, std::shared_ptr<const Model> model);

  const Parameters parameters_;
  const std::function<void()> published_;
  std::shared_ptr<registry::v1::Registry::Stub> stub_;
  // Of a revision whose last chunk has not come; used by the feed's thread alone.
  Changes pending_;
  mutable absl::Mutex mutex_;
  std::optional<Snapshot> current_ ABSL_GUARDED_BY(mutex_);
  // Last: its thread uses the rest.
  std::unique_ptr<rpc::Follower<registry::v1::ChangeSet>> follower_;
};

}  // namespace orewatch::risk
