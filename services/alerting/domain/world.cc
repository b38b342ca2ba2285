#include "services/alerting/domain/world.h"

namespace orewatch::alerting {

void Forget(const Changes& changes, World& world) {
  for (const Rule& rule : changes.rules) {
    world.rules.erase(rule.id);
  }
  for (const std::string& id : changes.deleted_rules) {
    world.rules.erase(id);
  }
  for (const ScoreValue& score : changes.scores) {
    world.scores.erase(score.key);
  }
  for (const ScoreKey& key : changes.removed_scores) {
    world.scores.erase(key);
  }
  for (const Fact& fact : changes.facts) {
    world.facts.erase(fact.resource);
  }
  for (const std::string& resource : changes.removed_facts) {
    world.facts.erase(resource);
  }
  for (const Alert& alert : changes.alerts) {
    world.alerts.erase(alert.key);
  }
}

void Apply(const Changes& changes, World& world) {
  for (const Rule& rule : changes.rules) {
    world.rules.insert_or_assign(rule.id, rule);
  }
  for (const std::string& id : changes.deleted_rules) {
    world.rules.erase(id);
  }
  for (const ScoreValue& score : changes.scores) {
    world.scores.insert_or_assign(score.key, score);
  }
  for (const ScoreKey& key : changes.removed_scores) {
    world.scores.erase(key);
  }
  for (const Fact& fact : changes.facts) {
    world.facts.insert_or_assign(fact.resource, fact);
  }
  for (const std::string& resource : changes.removed_facts) {
    world.facts.erase(resource);
  }
  for (const Alert& alert : changes.alerts) {
    world.alerts.insert_or_assign(alert.key, alert);
  }
  world.applied = changes.position.applied;
  world.tick = changes.position.tick;
  world.sequence = changes.position.sequence;
  world.silent_since = changes.position.silent_since;
  world.facts_position = changes.position.facts;
}

}  // namespace orewatch::alerting
