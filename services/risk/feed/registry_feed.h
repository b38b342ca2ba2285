// Follows the registry and keeps the newest model.
#pragma once

#include <cstdint>
#include <deque>
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
#include "common/rpc/service.h"
#include "grpcpp/channel.h"
#include "orewatch/registry/v1/registry.grpc.pb.h"
#include "services/risk/domain/chain_editor.h"
#include "services/risk/domain/snapshot.h"

namespace orewatch::risk {

// How a model came to be.
struct Publication {
  // It was loaded as a whole; else it follows from one change set.
  bool loaded = false;
  int computed_series = 0;
  absl::Duration took;
};

// Thread-safe. Loads a snapshot, then applies each revision. Where the registry goes on under another lineage, but with
// the same history, so does the feed; else it loads again and forgets the revisions that were lost.
class RegistryFeed {
 public:
  // Pages and explanations of this many revisions stay readable.
  static constexpr size_t kKeptSnapshots = 64;

  // `published` runs on the feed's thread after each revision.
  RegistryFeed(const Parameters& parameters, std::function<void(const Publication&)> published);
  ~RegistryFeed() { Stop(); }

  void Start(const std::shared_ptr<grpc::Channel>& registry);
  void Stop();

  // Nothing until the first snapshot has been loaded.
  std::optional<Snapshot> Current() const;
  // One of the last snapshots; nothing if it is no longer kept.
  std::optional<Snapshot> Kept(const std::string& lineage, int64_t revision) const;
  // The newest revision that the registry is known to have had, in the history that is followed.
  int64_t known_head() const;
  // How long ago the current snapshot was last known to be the registry's newest. While the registry's changes are
  // followed, and all have been applied that are known of, that is now. Nothing until there is one.
  std::optional<absl::Duration> Age() const;
  // Whether the history in which a revision had this digest goes on in the snapshot's: it does not if a restore has
  // lost the revision. Asks the registry, and blocks for a few seconds at most. UNAVAILABLE if the registry does not
  // answer, or has left the snapshot's lineage.
  absl::StatusOr<bool> Continues(const HistoryPosition& position, const std::string& lineage) const;
  // Asks the registry, for callers who want a revision that is not here yet; `done` gets its head.
  // As long as the call is wanted, and no longer than a few seconds.
  void AskHead(const rpc::CallContext& call, std::function<void(absl::StatusOr<int64_t>)> done) const;

 private:
  // The changes from where the current snapshot stands. Whoever reads to the end knows no longer what is newest.
  class Stream {
   public:
    Stream(std::unique_ptr<grpc::ClientReader<registry::v1::ChangeSet>> reader, RegistryFeed& feed)
        : reader_(std::move(reader)), feed_(feed) {}
    bool Read(registry::v1::ChangeSet* chunk);
    grpc::Status Finish() { return reader_->Finish(); }

   private:
    std::unique_ptr<grpc::ClientReader<registry::v1::ChangeSet>> reader_;
    RegistryFeed& feed_;
  };
  std::unique_ptr<Stream> Open(grpc::ClientContext& context);
  void NoteFollowing(bool follows);
  // Makes sure that the registry's feed goes on from the current model.
  absl::Status LoadIfForeign();
  void TakeLineage(const std::string& lineage);
  absl::Status Load();
  absl::Status Take(const registry::v1::ChangeSet& chunk);
  // The next model. Loaded: what was kept before belongs to another history.
  absl::Status Publish(Snapshot next, bool loaded, absl::Duration took);
  void NoteHead(const type::v1::Revision& head);

  const Parameters parameters_;
  const std::function<void(const Publication&)> published_;
  std::shared_ptr<registry::v1::Registry::Stub> stub_;
  // Of a revision whose last chunk has not come; used by the feed's thread alone.
  Changes pending_;
  // Of the newest snapshot; used by the feed's thread alone.
  std::unique_ptr<ChainEditor> chains_;
  mutable absl::Mutex mutex_;
  // Oldest first; the newest is the current one.
  std::deque<Snapshot> kept_ ABSL_GUARDED_BY(mutex_);
  int64_t known_head_ ABSL_GUARDED_BY(mutex_) = 0;
  bool follows_ ABSL_GUARDED_BY(mutex_) = false;
  // When the newest snapshot was last known to be the registry's newest, as long as that is over.
  absl::Time newest_until_ ABSL_GUARDED_BY(mutex_) = absl::InfinitePast();
  // Last: its thread uses the rest.
  std::unique_ptr<rpc::Follower<registry::v1::ChangeSet>> follower_;
};

}  // namespace orewatch::risk
