// Answers from the score history.
#pragma once

#include <functional>
#include <memory>
#include <string>

#include "common/exec/executor.h"
#include "common/rpc/revision_gate.h"
#include "common/rpc/service.h"
#include "orewatch/risk/v1/risk.pb.h"
#include "services/risk/domain/snapshot.h"
#include "services/risk/store/score_history.h"

namespace orewatch::risk {

// Thread-safe. Reads on threads of its own.
class HistoryReader {
 public:
  // Null: no history is kept, and every answer is FAILED_PRECONDITION (HISTORY_NOT_KEPT). Else it outlives the reader.
  explicit HistoryReader(ScoreHistory* history);

  // How far the history has been recorded, by whomever.
  void OnRecorded(const HistoryPosition& position);
  // Ends the waits for a revision.
  void Close() { gate_.Close(); }

  void List(const rpc::CallContext& context, const v1::ListScoreHistoryRequest& request, const Snapshot& snapshot,
            const rpc::Respond<v1::ListScoreHistoryResponse>& respond);
  // What changed of a score after a revision up to the snapshot.
  void Changes(const rpc::CallContext& context, const ScoreKey& key, int64_t since, const Snapshot& snapshot,
               const rpc::Respond<v1::ScoreChanges>& respond);
  // What the score is for each year: of the snapshot alone, whether or not a history is kept.
  void Years(const rpc::CallContext& context, const v1::ListScoreYearsRequest& request, const ScoreKey& key,
             const Snapshot& snapshot, const rpc::Respond<v1::ListScoreYearsResponse>& respond);

 private:
  ScoreHistory* const history_;
  rpc::RevisionGate gate_;
  // Of the position seen last; used by the thread that records alone.
  std::string lineage_;
  // Last: its threads use the rest.
  Executor executor_;
};

}  // namespace orewatch::risk
