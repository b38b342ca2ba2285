#include "tests/chaos/alert_reference.h"

#include <algorithm>
#include <cmath>
#include <iterator>
#include <utility>
#include <variant>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"

namespace orewatch::testing {

using alerting::AlertKey;
using alerting::AlertState;
using alerting::Direction;
using alerting::Rule;
using alerting::ScoreBatch;
using alerting::ScoreKey;
using alerting::ScoreValue;
using alerting::Severity;

namespace {

int64_t MinuteBefore(absl::Time time) {
  return absl::ToInt64Minutes(absl::Floor(time - absl::UnixEpoch(), absl::Minutes(1)));
}
int64_t MinuteAfter(absl::Time time) {
  return absl::ToInt64Minutes(absl::Ceil(time - absl::UnixEpoch(), absl::Minutes(1)));
}
absl::Time AtMinute(int64_t minute) { return absl::UnixEpoch() + absl::Minutes(minute); }
int64_t InMinutes(absl::Duration duration) { return absl::ToInt64Minutes(absl::Ceil(duration, absl::Minutes(1))); }

int64_t WindowOf(const Rule& rule) {
  if (const auto* change = std::get_if<alerting::Change>(&rule.condition)) {
    return InMinutes(change->window);
  }
  const auto* band = std::get_if<alerting::BandChange>(&rule.condition);
  return band != nullptr ? InMinutes(band->window) : 0;
}

bool IsSilence(const Rule& rule) { return std::holds_alternative<alerting::SilentInput>(rule.condition); }
bool OnGrid(const Rule& rule) { return rule.hold > absl::ZeroDuration() || rule.m_of_n.n > 0; }

// Whether a size has reached a threshold, or fallen short of one, seen from the side that is worse.
bool Reaches(double size, double threshold, bool down) { return down ? size <= threshold : size >= threshold; }

double Sized(Direction direction, double difference) {
  return direction == Direction::kEither ? std::fabs(difference)
         : direction == Direction::kDown ? 0 - difference
                                         : difference;
}

bool IsDown(const Rule& rule) {
  const auto* threshold = std::get_if<alerting::Threshold>(&rule.condition);
  return threshold != nullptr && threshold->direction == Direction::kDown;
}

template <typename S>
std::optional<double> Pick(alerting::Measure measure, const S& state) {
  return measure == alerting::Measure::kValue        ? state.value
         : measure == alerting::Measure::kLowerBound ? state.lower
                                                     : state.upper;
}

}  // namespace

bool AlertReference::Live(const Row& row) {
  return row.state == AlertState::kPending || row.state == AlertState::kFiring;
}

bool AlertReference::Speaks(const Rule& rule, const ScoreKey& key) {
  const ScoreKey& target = rule.target;
  return !rule.disabled && !IsSilence(rule) && target.method == key.method &&
         (target.subject.empty() || target.subject == key.subject) && rule.filter.Passes(key);
}

AlertReference::Judgement AlertReference::Judge(const Rule& rule, const Score& score, int64_t tick) const {
  Judgement out{.counts = rule.causes.empty() || score.cause == 0 ||
                          std::count(rule.causes.begin(), rule.causes.end(), score.cause) > 0};
  const auto stood = [&](int64_t at) {
    auto next = score.history.upper_bound(at);
    return next == score.history.begin() ? next->second : std::prev(next)->second;
  };
  double raise = 1;
  double clear = 1;
  if (const auto* it = std::get_if<alerting::Threshold>(&rule.condition)) {
    out.size = Pick(it->measured_by, score.now);
    raise = it->raise;
    clear = it->clear;
  } else if (const auto* change = std::get_if<alerting::Change>(&rule.condition)) {
    const auto is = Pick(change->measured_by, score.now);
    const auto was = Pick(change->measured_by, stood(tick - InMinutes(change->window)));
    raise = change->raise;
    clear = change->clear;
    if (is && was && change->relative && *was == 0 && *is != 0) {
      out.broken = true;
    } else if (is && was) {
      const double whole = change->relative && *was != 0 ? std::fabs(*was) : 1;
      out.size = Sized(change->direction, (*is - *was) / whole);
    }
  } else if (const auto* band = std::get_if<alerting::BandChange>(&rule.condition)) {
    const int is = score.now.band;
    const int was = stood(tick - InMinutes(band->window)).band;
    if (is > 0 && was > 0) {
      out.size = is >= band->at_least ? Sized(band->direction, is - was) : 0;
    }
  } else if (const auto* missing = std::get_if<alerting::MissingInput>(&rule.condition)) {
    out.size = score.completeness > missing->worse_than ? 1 : 0;
  }
  if (!out.size) {
    out.missing = !out.broken;
    if (out.missing && rule.no_data == alerting::NoDataPolicy::kFire) {
      out.verdict = Verdict::kMet;
    } else if (out.missing && rule.no_data == alerting::NoDataPolicy::kResolve) {
      out.verdict = Verdict::kCleared;
    }
    return out;
  }
  out.verdict = Reaches(*out.size, raise, IsDown(rule))   ? Verdict::kMet
                : Reaches(*out.size, clear, IsDown(rule)) ? Verdict::kBetween
                                                          : Verdict::kCleared;
  return out;
}

Severity AlertReference::SeverityFor(const Rule& rule, const Judgement& judgement, const Row& before) {
  if (!judgement.size) {
    return Live(before) ? before.severity : rule.severity;
  }
  Severity reached = rule.severity;
  for (const alerting::Level& level : rule.levels) {
    const bool had = Live(before) && before.severity >= level.severity;
    if (Reaches(*judgement.size, had ? level.clear : level.raise, IsDown(rule))) {
      reached = level.severity;
    }
  }
  const bool rises = Live(before) && reached > before.severity;
  return rises && !judgement.counts ? std::max(before.severity, rule.severity) : reached;
}

void AlertReference::Turn(const AlertKey& key, AlertState to, bool by_condition, Row& row) {
  events_.push_back({key, "STATE", row.state, to, by_condition, row.severity});
  row.state = to;
  row.exists = true;
  row.held_back = false;
  row.clearing = false;
  if (to != AlertState::kPending && to != AlertState::kFiring) {
    row.last.clear();
  }
}

void AlertReference::Count(const Rule& rule, const Judgement& judgement, int64_t tick, Row& row) {
  for (; row.counted_to < tick; ++row.counted_to) {
    if (judgement.verdict == Verdict::kUnknown) {
      continue;
    }
    const bool begins = rule.m_of_n.n > 0 ? std::count(row.last.begin(), row.last.end(), true) == 0 : row.met == 0;
    const bool met = judgement.verdict == Verdict::kMet && (judgement.counts || !begins);
    row.met = met ? row.met + 1 : 0;
    row.last.push_back(met);
    if (rule.m_of_n.n > 0) {
      while (static_cast<int>(row.last.size()) > rule.m_of_n.n) {
        row.last.pop_front();
      }
    }
  }
}

void AlertReference::Raise(const Rule& rule, const Judgement& judgement, When when, int64_t tick, Row& row) {
  const AlertKey none;
  const bool met = judgement.verdict == Verdict::kMet;
  const bool known = judgement.verdict != Verdict::kUnknown;
  const bool pending = row.state == AlertState::kPending;
  if (!OnGrid(rule)) {
    if (met && (pending || judgement.counts)) {
      row.state = AlertState::kFiring;
    } else if (pending && known && !met) {
      row.state = AlertState::kInactive;
    }
    return;
  }
  if (!pending) {
    if (met && judgement.counts) {
      row.state = AlertState::kPending;
      const bool seen = when == When::kTick;
      row.counted_to = seen ? tick : MinuteAfter(time_) - 1;
      row.met = seen ? 1 : 0;
      row.last.clear();
      if (seen) {
        row.last.push_back(true);
      }
    }
    return;
  }
  if (when == When::kEdit && known && !met) {
    row.state = AlertState::kInactive;
  }
  if (when != When::kTick || row.counted_to >= tick) {
    return;
  }
  Count(rule, judgement, tick, row);
  if (!known) {
    return;
  }
  row.held_back = false;
  const auto hits = std::count(row.last.begin(), row.last.end(), true);
  if (rule.m_of_n.n > 0 ? hits == 0 : row.met == 0) {
    row.state = AlertState::kInactive;
  } else if (rule.m_of_n.n > 0 ? hits >= rule.m_of_n.m : row.met > InMinutes(rule.hold)) {
    row.state = AlertState::kFiring;
  }
}

void AlertReference::Clear(const Rule& rule, const Judgement& judgement, When when, int64_t tick, Row& row) {
  const bool cleared = judgement.verdict == Verdict::kCleared;
  const bool known = judgement.verdict != Verdict::kUnknown;
  const int64_t keep = InMinutes(rule.keep_firing);
  if (when == When::kEdit || keep == 0) {
    if (cleared && (when != When::kRevision || !OnGrid(rule))) {
      row.state = AlertState::kResolved;
    }
    row.clearing = row.clearing && !(when == When::kEdit && known);
    return;
  }
  if (when == When::kRevision) {
    if (cleared && !row.clearing) {
      row.clearing = true;
      row.cleared = 0;
      row.cleared_to = MinuteAfter(time_) - 1;
    }
    return;
  }
  if (row.clearing && row.cleared_to >= tick) {
    return;
  }
  if (!known) {
    row.cleared_to = tick;
    return;
  }
  if (!cleared) {
    row.clearing = false;
    return;
  }
  if (!row.clearing) {
    row.clearing = true;
    row.cleared = 0;
    row.cleared_to = tick - 1;
  }
  row.cleared += tick - row.cleared_to;
  row.cleared_to = tick;
  if (row.cleared > keep) {
    row.state = AlertState::kResolved;
  }
}

void AlertReference::Look(const Rule& rule, const ScoreKey& key, When when) {
  const AlertKey alert{rule.id, key};
  const auto score = scores_.find(key);
  Row& row = rows_[alert];
  if (score == scores_.end()) {
    if (row.exists) {
      EndFromOutside(alert, row);
    }
    return;
  }
  const Row before = row;
  const Judgement judgement = Judge(rule, score->second, when == When::kTick ? tick_ : MinuteBefore(time_));
  if (row.state == AlertState::kFiring) {
    Clear(rule, judgement, when, tick_, row);
  } else {
    // An edit is followed by the look that any revision gets.
    Raise(rule, judgement, when, tick_, row);
  }
  AlertState to = row.state;
  const bool fires = to == AlertState::kFiring && before.state != AlertState::kFiring;
  const bool waits = fires && rule.max_alerts > 0;
  if (waits) {
    to = AlertState::kPending;
    if (before.state != AlertState::kPending) {
      row.counted_to = MinuteAfter(time_) - 1;
      row.met = 0;
      row.last.clear();
    }
  }
  if (to == before.state && !before.exists) {
    row = before;
    return;
  }
  row.missing = judgement.missing;
  row.broken = judgement.broken;
  row.top_country = score->second.top_country;
  row.state = to;
  const bool judged = !(when == When::kRevision && OnGrid(rule) && before.state == AlertState::kFiring);
  if (Live(row) && judged) {
    row.severity = SeverityFor(rule, judgement, before);
  }
  if (to != before.state) {
    row.state = before.state;
    Turn(alert, to, when != When::kEdit || rows_.count({"new " + rule.id, {}}) > 0, row);
  } else if (to == AlertState::kFiring && row.severity != before.severity) {
    events_.push_back({alert, row.severity > before.severity ? "RISE" : "FALL", to, to, false, row.severity});
  }
  row.held_back = waits || row.held_back;
}

void AlertReference::EndFromOutside(const AlertKey& key, Row& row) {
  row.flips.clear();
  if (row.flapping && !Live(row)) {
    events_.push_back({key, "CALM", row.state, row.state, false, row.severity});
  }
  row.flapping = false;
  if (Live(row)) {
    Turn(key, row.state == AlertState::kFiring ? AlertState::kResolved : AlertState::kInactive, false, row);
  }
}

void AlertReference::TakeScore(const ScoreValue& received) {
  const State state{received.value, received.certainty.lower, received.certainty.upper, received.band};
  const auto known = scores_.find(received.key);
  if (known == scores_.end()) {
    scores_[received.key] = {state, received.certainty.completeness, received.cause, received.top_country,
                             time_, {{MinuteAfter(time_), state}}};
    return;
  }
  Score& score = known->second;
  const bool moved = !(state == score.now);
  score.completeness = received.certainty.completeness;
  score.top_country = received.top_country;
  if (moved || received.cause != 0) {
    score.cause = received.cause;
  }
  if (!moved) {
    return;
  }
  score.now = state;
  const int64_t since = std::max(MinuteAfter(time_), score.history.rbegin()->first);
  score.history[since] = state;
  int64_t window = 0;
  for (const auto& [id, rule] : rules_) {
    window = std::max(window, Speaks(rule, received.key) ? WindowOf(rule) : 0);
  }
  if (window == 0) {
    score.history = {{since, state}};
  }
  // The one that stood when the window began is the last that is needed.
  while (score.history.size() > 1 && std::next(score.history.begin())->first <= since - window) {
    score.history.erase(score.history.begin());
  }
}

bool AlertReference::Apply(const ScoreBatch& batch, absl::Time now) {
  if (batch.revision.lineage == applied_.lineage && batch.revision.number < applied_.number) {
    return false;
  }
  applied_ = batch.revision;
  time_ = std::min(now, batch.commit_time);
  HearAgain();
  std::set<ScoreKey> named;
  for (const ScoreValue& score : batch.scores) {
    named.insert(score.key);
    TakeScore(score);
    for (const auto& [id, rule] : rules_) {
      if (Speaks(rule, score.key)) {
        Look(rule, score.key, When::kRevision);
      }
    }
  }
  std::vector<ScoreKey> gone = batch.removed;
  if (batch.complete) {
    gone.clear();
    for (const auto& [key, score] : scores_) {
      if (named.count(key) == 0) {
        gone.push_back(key);
      }
    }
  }
  for (const ScoreKey& key : gone) {
    scores_.erase(key);
    for (const auto& [id, rule] : rules_) {
      if (Speaks(rule, key)) {
        Look(rule, key, When::kRevision);
      }
    }
  }
  Settle("", false);
  return true;
}

void AlertReference::HearAgain() {
  silent_since_.reset();
  for (auto& [key, row] : rows_) {
    row.stale = false;
  }
  JudgeSilence();
}

void AlertReference::TickTo(absl::Time time, absl::Time now) {
  const int64_t tick = MinuteBefore(std::min(time, now));
  if (tick <= tick_) {
    return;
  }
  tick_ = tick;
  time_ = AtMinute(tick);
  for (const auto& [id, rule] : rules_) {
    if (!OnGrid(rule) && rule.keep_firing == absl::ZeroDuration() && WindowOf(rule) == 0) {
      continue;
    }
    for (const auto& [key, score] : scores_) {
      if (Speaks(rule, key)) {
        Look(rule, key, When::kTick);
      }
    }
  }
  Settle("", true);
}

void AlertReference::Put(const Rule& rule, absl::Time now) {
  time_ = now;
  const auto old = rules_.find(rule.id);
  const bool is_new = old == rules_.end();
  const bool recount = !is_new && !(old->second.m_of_n == rule.m_of_n);
  rules_[rule.id] = rule;
  for (auto& [key, row] : rows_) {
    if (key.rule != rule.id || !row.exists) {
      continue;
    }
    const bool of_rule = key.score == ScoreKey();
    if (of_rule ? rule.disabled : !Speaks(rule, key.score)) {
      EndFromOutside(key, row);
    }
    if (recount && row.state == AlertState::kPending) {
      row.counted_to = MinuteAfter(now) - 1;
      row.met = 0;
      row.last.clear();
    }
  }
  const AlertKey marker{"new " + rule.id, {}};
  if (is_new) {
    rows_[marker];
  }
  for (const auto& [key, score] : scores_) {
    if (Speaks(rule, key)) {
      Look(rule, key, When::kEdit);
    }
  }
  rows_.erase(marker);
  JudgeSilence();
  Settle(rule.id, false);
}

void AlertReference::Delete(const std::string& id, absl::Time now) {
  time_ = now;
  rules_[id].disabled = true;
  for (auto& [key, row] : rows_) {
    if (key.rule == id && row.exists) {
      EndFromOutside(key, row);
    }
  }
  JudgeSilence();
  Settle(id, false);
  rules_.erase(id);
}

void AlertReference::Lose(absl::Time now) {
  if (!silent_since_) {
    silent_since_ = now;
  }
}

void AlertReference::BeSilent(absl::Time now) {
  time_ = now;
  if (silent_since_ && now - *silent_since_ >= absl::Minutes(5)) {
    for (auto& [key, row] : rows_) {
      row.stale = row.stale || (Live(row) && !(key.score == ScoreKey()));
    }
  }
  JudgeSilence();
  Settle("", false);
}

void AlertReference::JudgeSilence() {
  for (const auto& [id, rule] : rules_) {
    if (const auto* silent = std::get_if<alerting::SilentInput>(&rule.condition)) {
      RuleAlert(rule, !rule.disabled && silent_since_ && time_ - *silent_since_ >= silent->longer_than);
    }
  }
}

void AlertReference::RuleAlert(const Rule& rule, bool fires) {
  const AlertKey key{rule.id, {}};
  Row& row = rows_[key];
  if (fires) {
    row.severity = rule.severity;
  }
  if (fires != (row.state == AlertState::kFiring)) {
    // A rule alert that clears does so by its condition; how it fires never counts as flapping.
    Turn(key, fires ? AlertState::kFiring : AlertState::kResolved, !fires, row);
  }
}

void AlertReference::Limit(const Rule& rule) {
  if (IsSilence(rule)) {
    return;
  }
  int room = rule.max_alerts;
  for (const auto& [key, row] : rows_) {
    room -= key.rule == rule.id && !(key.score == ScoreKey()) && row.state == AlertState::kFiring ? 1 : 0;
  }
  bool left = false;
  for (auto& [key, row] : rows_) {
    if (key.rule != rule.id || !row.held_back) {
      continue;
    }
    if (rule.max_alerts == 0 || room-- > 0) {
      Turn(key, AlertState::kFiring, true, row);
    } else {
      left = true;
    }
  }
  RuleAlert(rule, left);
}

void AlertReference::CountFlips() {
  const size_t end = events_.size();
  for (size_t i = 0; i < end; ++i) {
    const Event event = events_[i];
    const bool flips = event.what == "STATE" && event.by_condition &&
                       (event.to == AlertState::kFiring || event.from == AlertState::kFiring);
    const auto rule = rules_.find(event.key.rule);
    if (!flips || rule == rules_.end() || rule->second.flapping.transitions == 0) {
      continue;
    }
    const alerting::Flapping& limit = rule->second.flapping;
    Row& row = rows_[event.key];
    std::vector<absl::Time> recent;
    for (const absl::Time flip : row.flips) {
      if (flip > time_ - limit.window) {
        recent.push_back(flip);
      }
    }
    recent.push_back(time_);
    while (static_cast<int>(recent.size()) > limit.transitions) {
      recent.erase(recent.begin());
    }
    row.flips = recent;
    if (!row.flapping && static_cast<int>(recent.size()) == limit.transitions) {
      row.flapping = true;
      events_.push_back({event.key, "FLAPPING", row.state, row.state, false, row.severity});
    }
  }
}

void AlertReference::Calm(const std::string& edited, bool tick) {
  for (auto& [key, row] : rows_) {
    const auto rule = rules_.find(key.rule);
    if (!row.flapping || !(tick || key.rule == edited) || rule == rules_.end()) {
      continue;
    }
    const alerting::Flapping& limit = rule->second.flapping;
    const auto recent =
        std::count_if(row.flips.begin(), row.flips.end(), [&](absl::Time flip) { return flip > time_ - limit.window; });
    if (limit.transitions == 0 || recent <= limit.transitions / 2) {
      row.flapping = false;
      events_.push_back({key, "CALM", row.state, row.state, false, row.severity});
    }
  }
}

std::optional<AlertKey> AlertReference::Inhibitor(const Rule& rule, const AlertKey& key, const Row& row) const {
  for (const std::string& parent : rule.inhibited_by) {
    for (const std::string& about : {key.score.subject, key.score.importer, "countries/" + row.top_country}) {
      for (const auto& [other, its] : rows_) {
        if (other.rule == parent && its.state == AlertState::kFiring && other.score.subject == about &&
            !about.empty()) {
          return other;
        }
      }
    }
  }
  return std::nullopt;
}

void AlertReference::Mute() {
  for (auto& [key, row] : rows_) {
    row.inhibited_by.reset();
    row.quiet = false;
    const auto rule = rules_.find(key.rule);
    if (row.state != AlertState::kFiring || rule == rules_.end()) {
      continue;
    }
    row.inhibited_by = Inhibitor(rule->second, key, row);
    const auto score = scores_.find(key.score);
    row.quiet = score != scores_.end() && rule->second.new_subject_grace > absl::ZeroDuration() &&
                score->second.first_seen + rule->second.new_subject_grace > AtMinute(tick_);
  }
}

void AlertReference::Tell() {
  Texts states;
  std::vector<std::string> told;
  const auto state_told = [&](const AlertKey& key, bool firing) {
    const std::string text = absl::StrCat(alerting::Alert{.key = key}.Id(), firing ? " FIRING" : " OVER");
    (key.score == ScoreKey() ? told : states[{key.rule, firing}]).push_back(text);
  };
  for (const Event& event : events_) {
    Row& row = rows_[event.key];
    const std::string id = alerting::Alert{.key = event.key}.Id();
    const bool muted = row.inhibited_by || row.quiet;
    const bool firing = event.to == AlertState::kFiring;
    const bool live = firing || event.to == AlertState::kPending;
    if (event.what == "RISE") {
      if (row.announced && !muted && !row.flapping) {
        told.push_back(id + " RISE");
      }
    } else if (event.what == "FLAPPING") {
      if (!muted) {
        told.push_back(id + " FLAPPING");
        row.announced = true;
      }
    } else if (event.what == "CALM") {
      if (firing ? !muted && !row.flapping : row.announced) {
        told.push_back(id + " CALM");
      }
      row.announced = firing && (row.announced || (!muted && !row.flapping));
    } else if (event.what == "STATE" && firing) {
      if (!muted && !row.flapping) {
        state_told(event.key, true);
        row.announced = true;
      }
    } else if (event.what == "STATE" && !live && row.announced && !row.flapping) {
      state_told(event.key, false);
      row.announced = false;
    }
  }
  events_.clear();
  for (auto& [key, row] : rows_) {
    if (row.state == AlertState::kFiring && !row.announced && !row.flapping && !row.quiet && !row.inhibited_by) {
      row.announced = true;
      state_told(key, true);
    }
  }
  for (const bool firing : {true, false}) {
    for (const auto audience : {alerting::Audience::kRisk, alerting::Audience::kPlatform}) {
      TellTogether(audience, firing, states, told);
    }
  }
  told_.insert(told_.end(), told.begin(), told.end());
}

void AlertReference::TellTogether(alerting::Audience audience, bool firing, const Texts& states,
                                  std::vector<std::string>& told) {
  const auto digest = [&](size_t size) { return absl::StrCat("many DIGEST ", size, firing ? " FIRING" : " OVER"); };
  size_t all = 0;
  int most = 0;
  std::vector<std::string> one_by_one;
  for (const auto& [group, texts] : states) {
    const auto rule = rules_.find(group.first);
    const int above = rule == rules_.end() ? 0 : rule->second.digest_above;
    const bool heard = rule == rules_.end() ? audience == alerting::Audience::kRisk : rule->second.audience == audience;
    if (group.second != firing || !heard) {
      continue;
    }
    if (above == 0) {
      told.insert(told.end(), texts.begin(), texts.end());
      continue;
    }
    all += texts.size();
    most = std::max(most, above);
    if (static_cast<int>(texts.size()) > above) {
      one_by_one.push_back(digest(texts.size()));
    } else {
      one_by_one.insert(one_by_one.end(), texts.begin(), texts.end());
    }
  }
  if (most > 0 && static_cast<int>(all) > most) {
    told.push_back(digest(all));
  } else {
    told.insert(told.end(), one_by_one.begin(), one_by_one.end());
  }
}

void AlertReference::Settle(const std::string& edited, bool tick) {
  if (tick) {
    Calm("", tick);
  }
  for (const auto& [id, rule] : rules_) {
    if (rule.max_alerts > 0 || id == edited) {
      Limit(rule);
    }
  }
  CountFlips();
  Mute();
  Calm(edited, false);
  Tell();
}

std::map<std::string, std::string> AlertReference::Alerts() const {
  std::map<std::string, std::string> alerts;
  for (const auto& [key, row] : rows_) {
    if (!row.exists) {
      continue;
    }
    std::vector<std::string> words{absl::StrCat("state ", static_cast<int>(row.state))};
    const auto add = [&](bool is, const std::string& word) {
      if (is) {
        words.push_back(word);
      }
    };
    add(Live(row), absl::StrCat("severity ", static_cast<int>(row.severity)));
    add(row.held_back, "held back");
    add(row.stale, "stale");
    add(row.missing, "missing");
    add(row.broken, "broken");
    add(row.flapping, "flapping");
    add(row.quiet, "quiet");
    add(row.announced, "announced");
    add(row.inhibited_by.has_value(),
        row.inhibited_by ? "inhibited by " + alerting::Alert{.key = *row.inhibited_by}.Id() : "");
    alerts[alerting::Alert{.key = key}.Id()] = absl::StrJoin(words, ", ");
  }
  return alerts;
}

std::vector<std::string> AlertReference::TakeTold() {
  std::sort(told_.begin(), told_.end());
  return std::exchange(told_, {});
}

}  // namespace orewatch::testing
