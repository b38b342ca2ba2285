// Follows the registry, as far as states of its things go, into whoever keeps them.
#pragma once

#include <memory>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "common/rpc/follower.h"
#include "grpcpp/channel.h"
#include "grpcpp/client_context.h"
#include "orewatch/registry/v1/registry.grpc.pb.h"
#include "services/alerting/domain/fact.h"
#include "services/alerting/feed/fact_stager.h"

namespace orewatch::alerting {

// Keeps facts. Called from the feed's thread alone.
class FactSink {
 public:
  virtual ~FactSink() = default;

  // Takes over a batch, from which on facts count as live; one that it has had does no harm. An error ends the stream,
  // and the batch comes again.
  virtual absl::Status ApplyFacts(const FactBatch& batch) = 0;
  // Facts have stopped arriving; called also when they have not begun to.
  virtual absl::Status FactsLost() = 0;
  virtual FactPosition facts() const = 0;
  // Something is kept about the thing of this name: a fact, or what must be seen by those who may see it.
  virtual bool Knows(const std::string& resource) const = 0;
};

// Reads the streams on a thread of its own and opens them again whenever they end. Goes on from where the sink stands,
// also under another lineage if the history is the same; where the registry no longer has that revision, and at first,
// it loads everything. As one of the registry's --trusted_followers it is shown what has an owner, which facts say of
// themselves. Thread-safe; the sink outlives it.
class FactFeed {
 public:
  FactFeed(const std::shared_ptr<grpc::Channel>& registry, FactSink& sink);
  // Ends the stream and joins.
  void Stop() { thread_.Stop(); }

 private:
  absl::Status FollowOnce(grpc::ClientContext& context);
  // Either ends with an error; a load that is done does not.
  absl::Status LoadOrWatch(grpc::ClientContext& context);
  absl::Status Load(grpc::ClientContext& context);
  absl::Status Watch(const FactPosition& position, grpc::ClientContext& context);
  absl::StatusOr<registry::v1::GetHeadResponse> AskHead(const FactPosition& position);
  FactStager NewStager(int64_t after) const;

  const std::unique_ptr<registry::v1::Registry::StubInterface> stub_;
  FactSink& sink_;
  // Last: it uses the rest.
  rpc::FollowerThread thread_;
};

}  // namespace orewatch::alerting
