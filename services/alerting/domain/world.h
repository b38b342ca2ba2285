// Everything that alerting knows, and what one step of it changed.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "absl/container/btree_map.h"
#include "absl/time/time.h"
#include "services/alerting/domain/alert.h"
#include "services/alerting/domain/alert_table.h"
#include "services/alerting/domain/concern_index.h"
#include "services/alerting/domain/rule.h"
#include "services/alerting/domain/score.h"
#include "services/alerting/domain/timeline.h"

namespace orewatch::alerting {

// Where a world stands, beside what there is in it.
struct WorldPosition {
  Revision applied;
  int64_t tick = 0;
  int64_t sequence = 0;
  std::optional<absl::Time> silent_since = std::nullopt;
  FactPosition facts = {};

  // Up to which scores and, where the registry is followed, facts are known.
  Revision Reflected() const {
    return facts.revision.lineage == applied.lineage && facts.revision.number < applied.number ? facts.revision
                                                                                               : applied;
  }
  // Everything is arriving at whoever evaluates.
  bool InputIsLive() const { return !silent_since.has_value() && applied != Revision(); }

  friend bool operator==(const WorldPosition&, const WorldPosition&) = default;
};

// A plain value: copying one and taking the same steps gives the same world.
struct World {
  // By id.
  std::map<std::string, Rule> rules;
  absl::btree_map<ScoreKey, ScoreValue> scores;
  // Of things that are in some state, by their names.
  Facts facts;
  // Every alert that ever left the inactive state.
  AlertTable alerts;
  // Scores have been applied up to here.
  Revision applied;
  // The last tick that was evaluated; 0: none yet.
  int64_t tick = 0;
  // Of the last transition.
  int64_t sequence = 0;
  // Since when nothing has come from risk, or from the registry; unset: both come, or never have.
  std::optional<absl::Time> silent_since = std::nullopt;
  // Facts have been taken over up to here.
  FactPosition facts_position = {};

  WorldPosition position() const { return {applied, tick, sequence, silent_since, facts_position}; }

  friend bool operator==(const World&, const World&) = default;
};

// The scores of one revision, or of several merged ones.
struct ScoreBatch {
  // Everything up to here is in the batch.
  Revision revision;
  // When the revision was committed: from then on the values hold.
  absl::Time commit_time = absl::InfiniteFuture();
  // The batch holds every score there is: the others are gone.
  bool complete = false;
  std::vector<ScoreValue> scores;
  std::vector<ScoreKey> removed;
};

// What a step changed: to be stored as one transaction. The parts hold the new state, so storing twice does no harm.
struct Changes {
  std::vector<Rule> rules;
  std::vector<std::string> deleted_rules;
  std::vector<ScoreValue> scores;
  std::vector<ScoreKey> removed_scores;
  std::vector<Fact> facts;
  std::vector<std::string> removed_facts;
  std::vector<Alert> alerts;
  // In the order of their sequence numbers.
  std::vector<Transition> transitions;
  // Where the world stands after the step.
  WorldPosition position;

  // Things that the step changed.
  int64_t Count() const {
    return static_cast<int64_t>(rules.size() + deleted_rules.size() + scores.size() + removed_scores.size() +
                                facts.size() + removed_facts.size() + alerts.size());
  }
  // Nothing but where the world stands.
  bool OnlyPosition() const {
    return rules.empty() && deleted_rules.empty() && scores.empty() && removed_scores.empty() && facts.empty() &&
           removed_facts.empty() && alerts.empty() && transitions.empty();
  }
};

// Takes everything that the changes name out of a world, so that what it was before can be put back.
void Forget(const Changes& changes, World& world);
// Brings a world to where the changes lead.
void Apply(const Changes& changes, World& world);

}  // namespace orewatch::alerting
