// Random histories for rules and alerts: scores, ticks, clocks that jump, silences, restarts and edits of rules.
#pragma once

#include <string>
#include <variant>
#include <vector>

#include "absl/time/time.h"
#include "services/alerting/domain/rule.h"
#include "services/alerting/domain/world.h"
#include "tests/chaos/run.h"

namespace orewatch::testing {

struct PutRule {
  alerting::Rule rule;
};
struct DeleteRule {
  std::string id;
};
struct Scores {
  alerting::ScoreBatch batch;
};
// The ticker of the engine.
struct Tick {};
struct LoseInput {};
struct Restart {};

struct Step {
  absl::Time now;
  std::variant<PutRule, DeleteRule, Scores, Tick, LoseInput, Restart> what;
};

using AlertHistory = std::vector<Step>;

AlertHistory RandomAlertHistory(Random& random);

}  // namespace orewatch::testing
