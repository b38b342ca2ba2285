// Answers about supply chains, and scores made of them.
#pragma once

#include <memory>
#include <optional>
#include <string>

#include "common/exec/executor.h"
#include "common/rpc/service.h"
#include "common/time/clock.h"
#include "services/risk/api/answer_on.h"
#include "services/risk/api/chain_answers.h"
#include "services/risk/api/supplier_score.h"
#include "services/risk/domain/score.h"
#include "services/risk/feed/registry_feed.h"

namespace orewatch::risk {

// Thread-safe. Computes on a few threads of its own, so that long questions keep neither the transport nor the readers
// of storage waiting.
class ChainReader {
 public:
  // Seals page tokens with `secret`. Feed and clock outlive the reader.
  ChainReader(const RegistryFeed& feed, const Clock& clock, std::string secret);

  // What Answer (chain_answers.h) gives to the caller, as long as he waits for it.
  template <typename Request, typename Response>
  void Read(const rpc::CallContext& context, const Request& request, const Snapshot& newest,
            const rpc::Respond<Response>& respond) {
    AnswerOn<Response>(executor_, context, respond, [this, context, request, newest]() -> absl::StatusOr<Response> {
      absl::StatusOr<Response> answer = AnswerTo(request, newest, AskerOf(context));
      // What was computed for nobody may have ended early.
      const absl::Status wanted = rpc::StillWanted(context);
      return wanted.ok() ? std::move(answer) : wanted;
    });
  }

  // What SupplierScoreOf (supplier_score.h) gives to the caller.
  void FindOfSupplier(const rpc::CallContext& context, const v1::ScoreKey& key, const v1::ScoreOptions& options,
                      const Snapshot& snapshot, const rpc::Respond<std::shared_ptr<const Score>>& respond);
  // METHOD_HHI_OWNERSHIP, the same for every caller.
  void FindOwnership(const rpc::CallContext& context, const ScoreKey& key, const Snapshot& snapshot,
                     const rpc::Respond<std::shared_ptr<const Score>>& respond);

 private:
  static Asker AskerOf(const rpc::CallContext& context) {
    return {context.principal(), [context] { return rpc::StillWanted(context).ok(); }};
  }
  template <typename Request>
  auto AnswerTo(const Request& request, const Snapshot& newest, const Asker& asker) {
    return Answer(request, newest, asker);
  }
  absl::StatusOr<v1::ListExposuresResponse> AnswerTo(const v1::ListExposuresRequest& request, const Snapshot& newest,
                                                     const Asker& asker);

  const RegistryFeed& feed_;
  const Clock& clock_;
  const std::string secret_;
  // Last: its threads use the rest.
  Executor executor_;
};

}  // namespace orewatch::risk
