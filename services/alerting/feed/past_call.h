// How the services that remember are asked.
#pragma once

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "common/rpc/deadline.h"
#include "common/rpc/grpc_status.h"
#include "common/rpc/speak_for.h"
#include "common/status/status.h"
#include "grpcpp/client_context.h"
#include "services/alerting/api/past_source.h"

namespace orewatch::alerting {

inline absl::Status Abandoned() { return absl::CancelledError("the caller has gone away"); }

// In the name of who asks, for as long as he waits.
inline void Prepare(const PastQuestion& question, grpc::ClientContext& context) {
  rpc::SetDeadline(context, question.deadline);
  rpc::SpeakFor(question.caller, context);
}

// The answer before was of another history, or of one that has begun earlier.
inline absl::Status HistoryChanged() {
  return MakeError(absl::StatusCode::kAborted, "LINEAGE_CHANGED",
                   "the registry was restored while its history was read; ask again");
}

}  // namespace orewatch::alerting
