#include "services/alerting/store/rows.h"

#include <map>
#include <utility>

#include "common/status/status.h"
#include "services/alerting/record/record_bytes.h"

namespace orewatch::alerting {

std::vector<RuleRow> RuleRowsOf(const Changes& changes) {
  std::map<std::string, std::string> bodies;
  for (const Rule& rule : changes.rules) {
    bodies[rule.id] = BytesOf(rule);
  }
  for (const std::string& id : changes.deleted_rules) {
    bodies[id].clear();
  }
  std::vector<RuleRow> rows;
  rows.reserve(bodies.size());
  for (auto& [id, body] : bodies) {
    rows.push_back({id, std::move(body)});
  }
  return rows;
}

std::vector<ScoreRow> ScoreRowsOf(const Changes& changes) {
  std::map<ScoreKey, std::string> bodies;
  for (const ScoreValue& score : changes.scores) {
    bodies[score.key] = BytesOf(score);
  }
  for (const ScoreKey& key : changes.removed_scores) {
    bodies[key].clear();
  }
  std::vector<ScoreRow> rows;
  rows.reserve(bodies.size());
  for (auto& [key, body] : bodies) {
    rows.push_back({key, std::move(body)});
  }
  return rows;
}

std::vector<AlertRow> AlertRowsOf(const Changes& changes) {
  std::vector<AlertRow> rows;
  rows.reserve(changes.alerts.size());
  for (const Alert& alert : changes.alerts) {
    rows.push_back({alert.Id(), BytesOf(alert)});
  }
  return rows;
}

std::vector<TransitionRow> TransitionRowsOf(const Changes& changes) {
  std::vector<TransitionRow> rows;
  rows.reserve(changes.transitions.size());
  for (const Transition& transition : changes.transitions) {
    rows.push_back({transition.after.sequence, transition.after.Id(), BytesOf(transition)});
  }
  return rows;
}

std::string AlertIdOf(const AlertKey& key) {
  Alert alert;
  alert.key = key;
  return alert.Id();
}

absl::Status AddRule(absl::string_view id, absl::string_view body, Changes& changes) {
  if (body.empty()) {
    changes.deleted_rules.emplace_back(id);
    return absl::OkStatus();
  }
  OREWATCH_ASSIGN_OR_RETURN(Rule rule, RuleOf(body));
  changes.rules.push_back(std::move(rule));
  return absl::OkStatus();
}

absl::Status AddScore(const ScoreKey& key, absl::string_view body, Changes& changes) {
  if (body.empty()) {
    changes.removed_scores.push_back(key);
    return absl::OkStatus();
  }
  OREWATCH_ASSIGN_OR_RETURN(ScoreValue score, ScoreOf(body));
  changes.scores.push_back(std::move(score));
  return absl::OkStatus();
}

absl::Status AddAlert(absl::string_view body, Changes& changes) {
  OREWATCH_ASSIGN_OR_RETURN(Alert alert, AlertOf(body));
  changes.alerts.push_back(std::move(alert));
  return absl::OkStatus();
}

}  // namespace orewatch::alerting
