#include "services/alerting/store/rows.h"

#include <map>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/time/time.h"
#include "common/status/status.h"
#include "services/alerting/record/record_bytes.h"

namespace orewatch::alerting {

namespace {

// One row for each key: with what the changes hold of it last, or without a body.
template <typename Row, typename Key>
std::vector<Row> RowsOf(std::map<Key, std::string> bodies, const std::vector<Key>& removed) {
  for (const Key& key : removed) {
    bodies[key].clear();
  }
  std::vector<Row> rows;
  rows.reserve(bodies.size());
  for (auto& [key, body] : bodies) {
    rows.push_back({key, std::move(body)});
  }
  return rows;
}

}  // namespace

std::vector<RuleRow> RuleRowsOf(const Changes& changes) {
  std::map<std::string, std::string> bodies;
  for (const Rule& rule : changes.rules) {
    bodies[rule.id] = BytesOf(rule);
  }
  return RowsOf<RuleRow>(std::move(bodies), changes.deleted_rules);
}

std::vector<ScoreRow> ScoreRowsOf(const Changes& changes) {
  std::map<ScoreKey, std::string> bodies;
  for (const ScoreValue& score : changes.scores) {
    bodies[score.key] = BytesOf(score);
  }
  return RowsOf<ScoreRow>(std::move(bodies), changes.removed_scores);
}

std::vector<FactRow> FactRowsOf(const Changes& changes) {
  std::map<std::string, std::string> bodies;
  for (const Fact& fact : changes.facts) {
    bodies[fact.resource] = BytesOf(fact);
  }
  return RowsOf<FactRow>(std::move(bodies), changes.removed_facts);
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

DeliveryRow RowOf(const Delivery& delivery) {
  return {.sequence = delivery.sequence,
          .target = delivery.target,
          .alert = delivery.alert_id,
          .state = static_cast<int64_t>(delivery.state),
          .created = absl::ToUnixMicros(delivery.create_time),
          .next_attempt = absl::ToUnixMicros(delivery.next_attempt),
          .notified = delivery.notified_time.has_value() ? absl::ToUnixMicros(*delivery.notified_time) : 0,
          .body = BytesOf(delivery)};
}

absl::StatusOr<Delivery> DeliveryOf(const DeliveryRow& row) {
  OREWATCH_ASSIGN_OR_RETURN(Delivery delivery, DeliveryOf(absl::string_view(row.body)));
  delivery.sequence = row.sequence;
  delivery.target = row.target;
  delivery.alert_id = row.alert;
  delivery.state = static_cast<DeliveryState>(row.state);
  delivery.create_time = absl::FromUnixMicros(row.created);
  delivery.next_attempt = absl::FromUnixMicros(row.next_attempt);
  if (row.notified != 0) {
    delivery.notified_time = absl::FromUnixMicros(row.notified);
  }
  return delivery;
}

absl::Status NoDelivery(int64_t sequence, const std::string& target) {
  return MakeError(absl::StatusCode::kNotFound, "DELIVERY_NOT_FOUND",
                   absl::StrCat("there is no delivery of ", sequence, " to ", target));
}

absl::StatusOr<Delivery> Replayed(std::vector<Delivery> found, int64_t sequence, const std::string& target) {
  if (found.empty()) {
    return NoDelivery(sequence, target);
  }
  if (found.front().state != DeliveryState::kPending) {
    return MakeError(absl::StatusCode::kFailedPrecondition, "DELIVERY_NOT_DEAD",
                     absl::StrCat("the delivery of ", sequence, " is ", DeliveryStateName(found.front().state),
                                  ": only a dead one is sent to Alertmanager again"));
  }
  return std::move(found.front());
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

absl::Status AddFact(absl::string_view resource, absl::string_view body, Changes& changes) {
  if (body.empty()) {
    changes.removed_facts.emplace_back(resource);
    return absl::OkStatus();
  }
  OREWATCH_ASSIGN_OR_RETURN(Fact fact, FactOf(body));
  changes.facts.push_back(std::move(fact));
  return absl::OkStatus();
}

absl::Status AddAlert(absl::string_view body, Changes& changes) {
  OREWATCH_ASSIGN_OR_RETURN(Alert alert, AlertOf(body));
  changes.alerts.push_back(std::move(alert));
  return absl::OkStatus();
}

}  // namespace orewatch::alerting
