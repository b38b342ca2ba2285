// What TestRule answers.
#pragma once

#include "absl/status/statusor.h"
#include "common/rpc/service.h"
#include "orewatch/alerting/v1/rehearsal.pb.h"
#include "services/alerting/api/past_source.h"
#include "services/alerting/engine/alert_engine.h"

namespace orewatch::alerting {

// Blocks while history is read and evaluated; the contract says what the errors are. `past` is null while nobody can be
// asked.
absl::StatusOr<v1::TestRuleResponse> TestRule(const v1::TestRuleRequest& request, const rpc::CallContext& context,
                                              const AlertEngine& engine, PastSource* past);

}  // namespace orewatch::alerting
