#include "services/alerting/engine/alert_view.h"

#include <algorithm>
#include <array>
#include <utility>

namespace orewatch::alerting {
namespace {

// Who needs to act, then who may have to, then what is over.
int UrgencyOf(AlertState state) {
  switch (state) {
    case AlertState::kFiring:
      return 3;
    case AlertState::kPending:
      return 2;
    case AlertState::kResolved:
      return 1;
    case AlertState::kInactive:
      return 0;
  }
  return 0;
}

bool Accepts(const AlertQuery& query, const Alert& alert) {
  return (!query.state.has_value() || alert.state == *query.state) &&
         (query.rule.empty() || alert.key.rule == query.rule) &&
         (query.subject.empty() || alert.key.score.subject == query.subject) &&
         (!query.after.has_value() || query.after->Before(RankOf(alert)));
}

constexpr std::array kStates = {AlertState::kInactive, AlertState::kPending, AlertState::kFiring,
                                AlertState::kResolved};
constexpr std::array kSeverities = {Severity::kInfo, Severity::kWarning, Severity::kCritical};

}  // namespace

AlertRank RankOf(const Alert& alert) {
  return {.urgency = UrgencyOf(alert.state), .severity = static_cast<int>(alert.severity), .sequence = alert.sequence};
}

void AlertView::Reset(const World& world) {
  absl::MutexLock lock(&mutex_);
  rules_ = world.rules;
  alerts_.clear();
  for (const auto& [key, alert] : world.alerts) {
    alerts_.emplace(alert.Id(), alert);
  }
  position_.applied = world.applied;
  position_.sequence = world.sequence;
  Publish();
}

void AlertView::Apply(const Changes& changes) {
  absl::MutexLock lock(&mutex_);
  for (const Rule& rule : changes.rules) {
    rules_.insert_or_assign(rule.id, rule);
  }
  for (const std::string& id : changes.deleted_rules) {
    rules_.erase(id);
  }
  for (const Alert& alert : changes.alerts) {
    alerts_.insert_or_assign(alert.Id(), alert);
  }
  position_.applied = changes.applied;
  if (!changes.transitions.empty()) {
    position_.sequence = changes.transitions.back().after.sequence;
  }
  Publish();
}

void AlertView::SetInputLive(bool live) {
  absl::MutexLock lock(&mutex_);
  position_.input_live = live;
}

Position AlertView::position() const {
  absl::MutexLock lock(&mutex_);
  return position_;
}

std::optional<Rule> AlertView::FindRule(const std::string& id) const {
  absl::MutexLock lock(&mutex_);
  const auto rule = rules_.find(id);
  return rule == rules_.end() ? std::nullopt : std::optional(rule->second);
}

std::vector<Rule> AlertView::RulesAfter(const std::string& id, size_t limit) const {
  absl::MutexLock lock(&mutex_);
  std::vector<Rule> page;
  for (auto rule = rules_.upper_bound(id); rule != rules_.end() && page.size() < limit; ++rule) {
    page.push_back(rule->second);
  }
  return page;
}

std::optional<RuledAlert> AlertView::FindAlert(const std::string& id, Position& position) const {
  absl::MutexLock lock(&mutex_);
  position = position_;
  const auto alert = alerts_.find(id);
  return alert == alerts_.end() ? std::nullopt : std::optional(WithRule(alert->second));
}

std::vector<RuledAlert> AlertView::FiringOrEndedSince(absl::Time since, Position& position) const {
  absl::MutexLock lock(&mutex_);
  position = position_;
  std::vector<RuledAlert> found;
  for (const auto& [id, alert] : alerts_) {
    const bool ended = alert.state == AlertState::kResolved && alert.resolve_time >= since;
    if (alert.state == AlertState::kFiring || ended) {
      found.push_back(WithRule(alert));
    }
  }
  return found;
}

AlertPage AlertView::ListAlerts(const AlertQuery& query, Position& position) const {
  absl::MutexLock lock(&mutex_);
  position = position_;
  std::vector<std::pair<AlertRank, const Alert*>> found;
  for (const auto& [id, alert] : alerts_) {
    if (Accepts(query, alert)) {
      found.emplace_back(RankOf(alert), &alert);
    }
  }
  const size_t count = std::min(query.limit, found.size());
  std::partial_sort(found.begin(), found.begin() + static_cast<std::ptrdiff_t>(count), found.end(),
                    [](const auto& a, const auto& b) { return a.first.Before(b.first); });
  AlertPage page;
  page.more = count < found.size();
  for (size_t i = 0; i < count; ++i) {
    page.alerts.push_back(WithRule(*found[i].second));
  }
  return page;
}

RuledAlert AlertView::WithRule(const Alert& alert) const {
  const auto rule = rules_.find(alert.key.rule);
  return {.alert = alert, .rule = rule == rules_.end() ? std::nullopt : std::optional(rule->second)};
}

void AlertView::Publish() const {
  const auto disabled =
      std::count_if(rules_.begin(), rules_.end(), [](const auto& rule) { return rule.second.disabled; });
  metrics_.SetRules(static_cast<int64_t>(rules_.size()) - disabled, disabled);
  metrics_.SetAppliedRevision(position_.applied.number);
  std::map<std::pair<AlertState, Severity>, int64_t> counts;
  for (const auto& [id, alert] : alerts_) {
    ++counts[{alert.state, alert.severity}];
  }
  // Every combination, so that one that has emptied goes back to zero.
  for (const AlertState state : kStates) {
    for (const Severity severity : kSeverities) {
      metrics_.SetAlerts(state, severity, counts[{state, severity}]);
    }
  }
}

}  // namespace orewatch::alerting
