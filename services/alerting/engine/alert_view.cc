#include "services/alerting/engine/alert_view.h"

#include <algorithm>
#include <array>
#include <limits>
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
         (query.subject.empty() || alert.key.score.subject == query.subject) && alert.VisibleTo(query.principal);
}

// Ahead of every alert of a state, and behind them.
AlertRank FirstOf(AlertState state) {
  constexpr int kMost = std::numeric_limits<int>::max();
  return {.urgency = UrgencyOf(state), .severity = kMost, .sequence = std::numeric_limits<int64_t>::max()};
}
AlertRank LastOf(AlertState state) { return {.urgency = UrgencyOf(state), .severity = -1, .sequence = 0}; }

// Unset: receivers were never told of it.
std::optional<absl::Time> EndToldOf(const Alert& alert) {
  if (alert.announced) {
    return absl::InfiniteFuture();
  }
  return alert.told.has_value() ? std::optional(alert.told->time) : std::nullopt;
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
  by_rank_.clear();
  by_rule_.clear();
  by_subject_.clear();
  by_end_told_.clear();
  counts_.clear();
  flapping_ = 0;
  alerts_.clear();
  for (const auto& [key, alert] : world.alerts) {
    Put(alert);
  }
  position_.applied = world.position().Reflected();
  position_.sequence = world.sequence;
  position_.silent_since = world.silent_since;
  Publish();
}

void AlertView::Apply(const Changes& changes) {
  absl::MutexLock lock(&mutex_);
  for (const Rule& rule : changes.rules) {
    rules_.insert_or_assign(rule.id, rule);
    RuleChanged(rule.id);
  }
  for (const std::string& id : changes.deleted_rules) {
    rules_.erase(id);
    RuleChanged(id);
  }
  for (const Alert& alert : changes.alerts) {
    Put(alert);
  }
  position_.applied = changes.position.Reflected();
  position_.sequence = changes.position.sequence;
  position_.silent_since = changes.position.silent_since;
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

std::vector<Rule> AlertView::RulesAfter(const std::string& id, size_t limit, const std::string& principal) const {
  absl::MutexLock lock(&mutex_);
  std::vector<Rule> page;
  for (auto rule = rules_.upper_bound(id); rule != rules_.end() && page.size() < limit; ++rule) {
    if (rule->second.visibility.Admits(principal)) {
      page.push_back(rule->second);
    }
  }
  return page;
}

std::optional<RuledAlert> AlertView::FindAlert(const std::string& id, Position& position) const {
  absl::MutexLock lock(&mutex_);
  position = position_;
  const auto alert = alerts_.find(id);
  return alert == alerts_.end() ? std::nullopt : std::optional(WithRule(alert->second.alert));
}

void AlertView::ForEachAnnounced(absl::Time since, const std::string& principal, Position& position,
                                 absl::FunctionRef<void(const Alert&, const Rule*, int64_t)> take) const {
  absl::MutexLock lock(&mutex_);
  position = position_;
  for (auto at = by_end_told_.lower_bound({since, nullptr}); at != by_end_told_.end(); ++at) {
    const Kept& kept = *at->second;
    if (kept.alert.VisibleTo(principal)) {
      take(kept.alert, RuleOf(kept.alert), kept.stamp);
    }
  }
}

AlertPage AlertView::ListAlerts(const AlertQuery& query, Position& position) const {
  absl::MutexLock lock(&mutex_);
  position = position_;
  const Index* index = IndexOf(query);
  AlertPage page;
  if (index == nullptr) {
    return page;
  }
  AlertRank begin = query.state.has_value() ? FirstOf(*query.state) : FirstOf(AlertState::kFiring);
  if (query.after.has_value() && begin.Before(*query.after)) {
    begin = *query.after;
  }
  const AlertRank end = LastOf(query.state.value_or(AlertState::kInactive));
  size_t looked = 0;
  AlertRank last;
  for (auto at = index->upper_bound({begin, nullptr}); at != index->end() && at->rank.Before(end); ++at) {
    if (looked == query.limit) {
      page.next = last;
      return page;
    }
    ++looked;
    last = at->rank;
    if (Accepts(query, *at->alert)) {
      page.alerts.push_back(WithRule(*at->alert));
    }
  }
  return page;
}

const AlertView::Index* AlertView::IndexOf(const AlertQuery& query) const {
  const auto find = [](const auto& indices, const std::string& key) {
    const auto found = indices.find(key);
    return found == indices.end() ? nullptr : &found->second;
  };
  if (query.rule.empty() && query.subject.empty()) {
    return &by_rank_;
  }
  const Index* of_rule = query.rule.empty() ? nullptr : find(by_rule_, query.rule);
  const Index* of_subject = query.subject.empty() ? nullptr : find(by_subject_, query.subject);
  if (query.rule.empty() || query.subject.empty()) {
    return query.rule.empty() ? of_subject : of_rule;
  }
  if (of_rule == nullptr || of_subject == nullptr) {
    return nullptr;
  }
  return of_rule->size() < of_subject->size() ? of_rule : of_subject;
}

void AlertView::Put(const Alert& alert) {
  const auto [stored, inserted] = alerts_.try_emplace(alert.Id());
  Kept& kept = stored->second;
  if (!inserted) {
    RemoveFromIndices(kept);
  }
  kept = {.alert = alert, .stamp = ++last_stamp_};
  AddToIndices(kept);
}

void AlertView::AddToIndices(const Kept& kept) {
  const Alert& alert = kept.alert;
  const Ranked ranked{RankOf(alert), &alert};
  by_rank_.insert(ranked);
  by_rule_[alert.key.rule].insert(ranked);
  by_subject_[alert.key.score.subject].insert(ranked);
  ++counts_[{alert.state, alert.severity}];
  flapping_ += alert.flapping ? 1 : 0;
  if (const auto end_told = EndToldOf(alert); end_told.has_value()) {
    by_end_told_.insert({*end_told, &kept});
  }
}

void AlertView::RemoveFromIndices(const Kept& kept) {
  const Alert& alert = kept.alert;
  const Ranked ranked{RankOf(alert), &alert};
  by_rank_.erase(ranked);
  by_rule_[alert.key.rule].erase(ranked);
  by_subject_[alert.key.score.subject].erase(ranked);
  --counts_[{alert.state, alert.severity}];
  flapping_ -= alert.flapping ? 1 : 0;
  if (const auto end_told = EndToldOf(alert); end_told.has_value()) {
    by_end_told_.erase({*end_told, &kept});
  }
}

void AlertView::RuleChanged(const std::string& id) {
  for (const Ranked& ranked : by_rule_[id]) {
    alerts_.at(ranked.alert->Id()).stamp = ++last_stamp_;
  }
}

const Rule* AlertView::RuleOf(const Alert& alert) const {
  const auto rule = rules_.find(alert.key.rule);
  return rule == rules_.end() ? nullptr : &rule->second;
}

RuledAlert AlertView::WithRule(const Alert& alert) const {
  const Rule* rule = RuleOf(alert);
  return {.alert = alert, .rule = rule == nullptr ? std::nullopt : std::optional(*rule)};
}

void AlertView::Publish() const {
  const auto disabled =
      std::count_if(rules_.begin(), rules_.end(), [](const auto& rule) { return rule.second.disabled; });
  metrics_.SetRules(static_cast<int64_t>(rules_.size()) - disabled, disabled);
  metrics_.SetAppliedRevision(position_.applied.number);
  metrics_.SetFlapping(flapping_);
  // Every combination, so that one that has emptied goes back to zero.
  for (const AlertState state : kStates) {
    for (const Severity severity : kSeverities) {
      const auto count = counts_.find({state, severity});
      metrics_.SetAlerts(state, severity, count == counts_.end() ? 0 : count->second);
    }
  }
}

}  // namespace orewatch::alerting
