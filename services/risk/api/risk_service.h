// orewatch.risk.v1.Risk over the newest model.
#pragma once

#include <functional>
#include <memory>
#include <string>

#include "common/rpc/notifier.h"
#include "common/rpc/revision_gate.h"
#include "common/rpc/service.h"
#include "orewatch/risk/v1/risk.pb.h"
#include "services/risk/api/chain_reader.h"
#include "services/risk/api/history_reader.h"
#include "services/risk/api/project_calls.h"
#include "services/risk/feed/registry_feed.h"

namespace orewatch::risk {

// Answers from memory, and about the past from the score history. Thread-safe; feed and clock outlive it.
class RiskService {
 public:
  // `history` may be null: then none is kept. Else it outlives the service.
  RiskService(const RegistryFeed& feed, ScoreHistory* history, const Clock& clock);
  rpc::Service& service() { return service_; }
  // From now on called for each answer from a snapshot, on the thread that answers. Before anything is served.
  void OnServed(std::function<void()> served) { served_ = std::move(served); }
  // The feed has a new model.
  void OnPublished();
  // The history has been recorded up to here.
  void OnRecorded(const HistoryPosition& position) { history_.OnRecorded(position); }

 private:
  Paging paging() const;
  // Runs `done` with a snapshot of at least `min_revision`: at once, or when it has been applied, or with
  // OUT_OF_RANGE if the registry does not have it, UNAVAILABLE if it does not come in time or before the drain, if the
  // registry cannot be asked, or if nothing is loaded.
  void AwaitSnapshot(const rpc::CallContext& context, int64_t min_revision,
                     std::function<void(const absl::StatusOr<Snapshot>&)> done);
  // Answers with what `answer` makes of such a snapshot.
  template <typename Response>
  void WithSnapshot(const rpc::CallContext& context, int64_t min_revision, rpc::Respond<Response> respond,
                    std::function<absl::StatusOr<Response>(const Snapshot&)> answer);
  // From the model, or computed on threads of its own.
  void FindScore(const rpc::CallContext& context, const v1::ScoreKey& key, const v1::ScoreOptions& options,
                 const Snapshot& snapshot, const rpc::Respond<std::shared_ptr<const Score>>& found);
  void Explain(const rpc::CallContext& context, const v1::ExplainScoreRequest& request, const Score& score,
               const Snapshot& snapshot, const rpc::Respond<v1::ScoreExplanation>& respond);
  // Answers with what `answer` makes of the score that is asked for.
  template <typename Request, typename Response>
  void BindScore(const std::string& method, std::function<void(const rpc::CallContext&, const Request&, const Score&,
                                                               const Snapshot&, const rpc::Respond<Response>&)>
                                                answer);
  // A method of which Answer (chain_answers.h) says what it gives to whom.
  template <typename Request, typename Response>
  void BindChain(const std::string& method);
  void BindLookups();
  void BindHistory();
  void BindYears();
  void BindList();
  void BindWatch();

  const RegistryFeed& feed_;
  const Clock& clock_;
  std::function<void()> served_ = [] {};
  // Of page tokens.
  const std::string secret_;
  // Of the model published last; used by the feed's thread alone.
  std::string lineage_;
  rpc::RevisionGate gate_;
  rpc::Notifier published_;
  HistoryReader history_;
  ChainReader chains_;
  rpc::Service service_;
  // Last: its threads answer calls of the service.
  ProjectCalls projects_;
};

}  // namespace orewatch::risk
