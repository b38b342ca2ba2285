// Why an alert says what it says: asked when somebody reads it, so that evaluation waits for nobody.
#pragma once

#include "absl/time/time.h"
#include "common/rpc/caller.h"
#include "orewatch/alerting/v1/alert.pb.h"

namespace orewatch::alerting {

struct AlertQuestion {
  risk::v1::ScoreKey subject;
  // After which the alert came to its state.
  type::v1::Revision cause;
  // Who asks: what he may not read is left out.
  rpc::Caller caller;
  absl::Time deadline;
};

// Thread-safe. Blocks, but no longer than the deadline or a few seconds. What cannot be had is named in the answer.
class AlertExplainer {
 public:
  virtual ~AlertExplainer() = default;
  virtual v1::AlertExplanation Explain(const AlertQuestion& question) = 0;
};

}  // namespace orewatch::alerting
