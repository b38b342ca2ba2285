// orewatch.risk.v1.Risk over the newest model.
#pragma once

#include <functional>

#include "common/rpc/notifier.h"
#include "common/rpc/revision_gate.h"
#include "common/rpc/service.h"
#include "orewatch/risk/v1/risk.pb.h"
#include "services/risk/feed/registry_feed.h"

namespace orewatch::risk {

// Answers from memory. Thread-safe; the feed outlives it.
class RiskService {
 public:
  explicit RiskService(const RegistryFeed& feed);
  rpc::Service& service() { return service_; }
  // The feed has a new model.
  void OnPublished();

 private:
  // Runs `answer` with a snapshot of at least `min_revision`: at once, or when it has been applied, or with
  // OUT_OF_RANGE if the registry does not have it, UNAVAILABLE if it does not come in time or before the drain, if the
  // registry cannot be asked, or if nothing is loaded.
  template <typename Response>
  void WithSnapshot(const rpc::CallContext& context, int64_t min_revision, rpc::Respond<Response> respond,
                    std::function<absl::StatusOr<Response>(const Snapshot&)> answer);
  void BindLookups();
  void BindList();
  void BindWatch();

  const RegistryFeed& feed_;
  // Of the model published last; used by the feed's thread alone.
  std::string lineage_;
  rpc::RevisionGate gate_;
  rpc::Notifier published_;
  rpc::Service service_;
};

}  // namespace orewatch::risk
