#include "services/alerting/domain/settlement.h"

#include <algorithm>
#include <map>
#include <tuple>
#include <utility>

#include "absl/strings/str_cat.h"
#include "services/alerting/domain/attention.h"
#include "services/alerting/domain/grid.h"
#include "services/alerting/domain/state_machine.h"

namespace orewatch::alerting {
namespace {

bool IsFlip(const Transition& entry) {
  const bool flips = entry.after.state == AlertState::kFiring || entry.from == AlertState::kFiring;
  switch (entry.reason) {
    case Reason::kConditionMet:
    case Reason::kConditionCleared:
    case Reason::kHeld:
    case Reason::kNoData:
      return flips && entry.ChangesState();
    default:
      return false;
  }
}

bool MutedButForFlapping(const Alert& alert) {
  return alert.Attended() || alert.inhibited_by.has_value() || alert.quiet_until.has_value();
}

// What is told because of it is told, and so the alert is announced.
bool Announce(bool told, Alert& alert) {
  alert.announced = alert.announced || told;
  return told;
}

bool TellState(const TimelineEntry& entry, Alert& alert) {
  if (entry.after.state == AlertState::kFiring) {
    return Announce(!alert.Muted(), alert);
  }
  const bool over = !entry.after.Live() && !alert.flapping;
  return over && std::exchange(alert.announced, false);
}

bool TellFlappingEnded(const TimelineEntry& entry, Alert& alert) {
  return entry.after.state == AlertState::kFiring ? Announce(!alert.Muted(), alert)
                                                  : std::exchange(alert.announced, false);
}

// The only place that says whether an entry is told; notes what has been told then. A muted alert is not spoken of,
// save that it is over; what ends the muting is told, as long as the alert fires.
bool Tell(const TimelineEntry& entry, Alert& alert) {
  const bool firing = entry.after.state == AlertState::kFiring;
  switch (entry.kind) {
    case EntryKind::kStateChanged:
      return TellState(entry, alert);
    case EntryKind::kSeverityChanged:
      return entry.reason == Reason::kSeverityRaised && alert.announced && !alert.Muted();
    case EntryKind::kAcknowledgementEnded:
      // A rise has an entry of its own.
      return entry.reason != Reason::kSeverityRose && Announce(firing && !alert.Muted(), alert);
    case EntryKind::kUnacknowledged:
    case EntryKind::kSnoozeEnded:
      return Announce(firing && !alert.Muted(), alert);
    case EntryKind::kReminded:
      return firing && alert.announced && !alert.snooze.has_value() && !alert.flapping;
    case EntryKind::kFlappingBegan:
      return Announce(!MutedButForFlapping(alert), alert);
    case EntryKind::kFlappingEnded:
      return TellFlappingEnded(entry, alert);
    case EntryKind::kUnmuted:
      return Announce(true, alert);
    case EntryKind::kAcknowledged:
    case EntryKind::kSnoozed:
    case EntryKind::kCommented:
    case EntryKind::kAssigned:
    case EntryKind::kStaleInputBegan:
    case EntryKind::kStaleInputEnded:
    case EntryKind::kNotified:
    case EntryKind::kDigest:
      return false;
  }
  return false;
}

// What of an alert is decided after its entry has been written.
void CopyWhatIsTold(const Alert& alert, Alert& entry) {
  entry.flips = alert.flips;
  entry.flapping = alert.flapping;
  entry.inhibited_by = alert.inhibited_by;
  entry.quiet_until = alert.quiet_until;
  entry.announced = alert.announced;
  entry.told = alert.told;
}

// `announced`: it was before.
void NoteTold(const TimelineEntry& entry, bool announced, Alert& alert) {
  if (announced == alert.announced && entry.kind != EntryKind::kSeverityChanged) {
    return;
  }
  const Severity before = announced && alert.told.has_value() ? alert.told->worst : Severity::kUnspecified;
  alert.told =
      Told{.sequence = entry.after.sequence, .time = entry.time, .worst = std::max(before, entry.after.severity)};
}

// Entries that can be told as one.
struct Together {
  std::vector<size_t> entries;
  std::map<std::string, std::vector<size_t>> of_rule;
  // The most that one of their rules would have told one by one.
  size_t most = 0;
};

bool IsInDigest(const Transition& entry) {
  // How many there are of what not all may know of is nobody's to know.
  return entry.notifies && !entry.after.OfRule() && !entry.after.Restricted() &&
         (entry.ChangesState() || entry.reason == Reason::kUnmuted);
}

}  // namespace

std::vector<Alert*> AlertsOf(World& world, const std::string& rule) {
  std::vector<Alert*> alerts;
  for (auto at = world.alerts.lower_bound(AlertKey{rule, ScoreKey{}});
       at != world.alerts.end() && at->first.rule == rule; ++at) {
    alerts.push_back(&at->second);
  }
  return alerts;
}

std::vector<AlertKey> AlertKeysAbout(const World& world, const std::string& rule, const std::string& resource) {
  std::vector<AlertKey> keys;
  const ScoreKey subject = SubjectKey(resource);
  if (!world.alerts.AnyAbout(subject)) {
    return keys;
  }
  for (auto at = world.alerts.lower_bound(AlertKey{rule, subject});
       at != world.alerts.end() && at->first.rule == rule && at->first.score == subject; ++at) {
    if (!at->first.happening.empty()) {
      keys.push_back(at->first);
    }
  }
  return keys;
}

void Settlement::RuleChanged(const Rule& rule) {
  rules_.insert(rule.id);
  JudgeSilence();
}

void Settlement::Sweep() {
  for (auto& [key, alert] : world().alerts) {
    if (alert.flapping) {
      CalmDown(alert);
    }
    if (alert.quiet_until.has_value() && *alert.quiet_until <= TimeOf(world().tick)) {
      ledger_.Touch(alert);
    }
  }
}

void Settlement::JudgeSilence() {
  for (const auto& [id, rule] : world().rules) {
    const auto* silent = std::get_if<SilentInput>(&rule.condition);
    if (silent != nullptr) {
      const auto since = world().silent_since;
      const bool fires = !rule.disabled && since.has_value() && ledger_.time() - *since >= silent->longer_than;
      SettleRuleAlert(rule, fires, Reason::kInputSilent, 0);
    }
  }
}

void Settlement::ForgetFlips(Alert& alert) {
  if (!alert.flips.empty()) {
    alert.flips.clear();
    ledger_.Touch(alert);
  }
  // One that is live ends with an entry of its own.
  if (std::exchange(alert.flapping, false) && !alert.Live()) {
    ledger_.Note(Reason::kFlappingEnded, alert);
  }
}

void Settlement::Settle() {
  std::set<std::string> rules = rules_;
  for (const AlertKey& key : ledger_.unsettled()) {
    rules.insert(key.rule);
  }
  for (const std::string& id : rules) {
    const auto rule = world().rules.find(id);
    if (rule != world().rules.end() && (rule->second.max_alerts > 0 || rules_.contains(id))) {
      Limit(rule->second);
    }
  }
  CountFlips();
  FindInhibited();
  Notify();
  Unmute();
  Digest();
  rules_.clear();
  ledger_.Settled();
}

const Rule* Settlement::RuleOf(const Alert& alert) {
  const auto rule = world().rules.find(alert.key.rule);
  return rule == world().rules.end() ? nullptr : &rule->second;
}

void Settlement::Limit(const Rule& rule) {
  if (IsSilence(rule.condition)) {
    return;
  }
  int firing = 0;
  std::vector<Alert*> waiting;
  for (Alert* alert : AlertsOf(world(), rule.id)) {
    firing += alert->state == AlertState::kFiring && !alert->OfRule() && !alert->Restricted() ? 1 : 0;
    if (alert->held_back) {
      waiting.push_back(alert);
    }
  }
  size_t let_go = 0;
  for (; let_go < waiting.size() && (rule.max_alerts == 0 || firing < rule.max_alerts); ++let_go, ++firing) {
    Alert& alert = *waiting[let_go];
    LetGo(alert);
    ledger_.Record(AlertState::kPending, rule.Waits() ? Reason::kHeld : Reason::kConditionMet, world().applied.number,
                   alert);
    ledger_.Touch(alert);
  }
  const size_t left = waiting.size() - let_go;
  SettleRuleAlert(rule, left > 0, Reason::kTooManyAlerts, static_cast<double>(left));
}

void Settlement::SettleRuleAlert(const Rule& rule, bool fires, Reason reason, double value) {
  const AlertKey key{rule.id, ScoreKey{}};
  const auto found = world().alerts.find(key);
  const bool known = found != world().alerts.end();
  const bool fired = known && found->second.state == AlertState::kFiring;
  if (known && !fired && found->second.resolved_by_hand) {
    if (!HeldDown(!fires, found->second)) {
      ledger_.Touch(found->second);
    }
    return;
  }
  if (!fires && !fired) {
    return;
  }
  Alert alert = known ? found->second : Alert{.key = key};
  const AlertState from = alert.state;
  alert.value = value;
  alert.visibility = rule.visibility;
  if (fires) {
    alert.state = AlertState::kFiring;
    alert.severity = rule.severity;
  } else {
    End(alert);
  }
  if (from != alert.state) {
    ledger_.Record(from, fires ? reason : Reason::kConditionCleared, world().applied.number, alert);
  }
  if (!known || alert != found->second) {
    ledger_.Keep(std::move(alert));
  }
}

void Settlement::CountFlips() {
  const size_t end = ledger_.changes().transitions.size();
  for (size_t i = ledger_.first_unsettled(); i < end; ++i) {
    const Transition& entry = ledger_.changes().transitions[i];
    Alert& alert = world().alerts.at(entry.after.key);
    const Rule* rule = RuleOf(alert);
    if (rule == nullptr || rule->flapping.transitions == 0 || !IsFlip(entry)) {
      continue;
    }
    alert.flips.push_back(entry.time);
    const auto most = static_cast<size_t>(rule->flapping.transitions);
    const absl::Time begin = ledger_.time() - rule->flapping.window;
    // A clock that went back has left them out of order.
    std::erase_if(alert.flips, [&](absl::Time at) { return at <= begin; });
    // An edit of the rule may have lowered how many matter.
    while (alert.flips.size() > most) {
      alert.flips.erase(alert.flips.begin());
    }
    if (!alert.flapping && alert.flips.size() == most) {
      alert.flapping = true;
      ledger_.Note(Reason::kFlappingBegan, alert);
    }
  }
}

void Settlement::CalmDown(Alert& alert) {
  const Rule* rule = RuleOf(alert);
  const absl::Time begin = ledger_.time() - rule->flapping.window;
  const auto left = std::count_if(alert.flips.begin(), alert.flips.end(), [&](absl::Time at) { return at > begin; });
  if (rule->flapping.transitions == 0 || static_cast<size_t>(left) <= rule->flapping.CalmTransitions()) {
    alert.flapping = false;
    ledger_.Note(Reason::kFlappingEnded, alert);
  }
}

void Settlement::FindInhibited() {
  std::set<std::string> turned;
  for (size_t i = ledger_.first_unsettled(); i < ledger_.changes().transitions.size(); ++i) {
    const Transition& entry = ledger_.changes().transitions[i];
    if (entry.ChangesState() && (entry.from == AlertState::kFiring || entry.after.state == AlertState::kFiring)) {
      turned.insert(entry.after.key.rule);
    }
  }
  const std::set<AlertKey> touched = ledger_.unsettled();
  for (const AlertKey& key : touched) {
    Alert& alert = world().alerts.at(key);
    Refresh(RuleOf(alert), alert);
  }
  for (const auto& [id, rule] : world().rules) {
    const bool affected = rules_.contains(id) || std::any_of(rule.inhibited_by.begin(), rule.inhibited_by.end(),
                                                             [&](const auto& by) { return turned.contains(by); });
    if (!affected) {
      continue;
    }
    for (Alert* alert : AlertsOf(world(), id)) {
      Refresh(&rule, *alert);
    }
  }
}

void Settlement::Refresh(const Rule* rule, Alert& alert) {
  std::optional<AlertKey> inhibited_by;
  std::optional<absl::Time> quiet_until;
  if (rule != nullptr && alert.state == AlertState::kFiring) {
    const Alert* inhibitor = InhibitorOf(*rule, alert);
    inhibited_by = inhibitor != nullptr ? std::optional(inhibitor->key) : std::nullopt;
    const auto score = world().scores.find(alert.key.score);
    if (rule->new_subject_grace > absl::ZeroDuration() && score != world().scores.end()) {
      const absl::Time until = absl::FromUnixNanos(score->second.first_seen) + rule->new_subject_grace;
      quiet_until = until > TimeOf(world().tick) ? std::optional(until) : std::nullopt;
    }
  }
  if (alert.inhibited_by != inhibited_by || alert.quiet_until != quiet_until) {
    alert.inhibited_by = inhibited_by;
    alert.quiet_until = quiet_until;
    ledger_.Touch(alert);
  }
  if (alert.flapping && rules_.contains(alert.key.rule)) {
    CalmDown(alert);
  }
}

const Alert* Settlement::InhibitorOf(const Rule& rule, const Alert& alert) {
  std::vector<std::string> subjects = {alert.key.score.subject, alert.key.score.importer};
  if (!alert.top_country.empty()) {
    subjects.push_back(absl::StrCat("countries/", alert.top_country));
  }
  if (const auto fact = world().facts.find(alert.key.score.subject); fact != world().facts.end()) {
    subjects.insert(subjects.end(), fact->second.concerns.begin(), fact->second.concerns.end());
  }
  for (const std::string& parent : rule.inhibited_by) {
    for (const std::string& subject : subjects) {
      if (subject.empty()) {
        continue;
      }
      for (auto at = world().alerts.lower_bound(AlertKey{parent, SubjectKey(subject)});
           at != world().alerts.end() && at->first.rule == parent && at->first.score.subject == subject; ++at) {
        // Whoever hears nothing must be able to see why.
        if (at->second.state == AlertState::kFiring && at->second.visibility.AdmitsAllOf(rule.visibility) &&
            at->second.subject_visibility.AdmitsAllOf(rule.visibility)) {
          return &at->second;
        }
      }
    }
  }
  return nullptr;
}

void Settlement::Notify() {
  for (size_t i = ledger_.first_unsettled(); i < ledger_.changes().transitions.size(); ++i) {
    Transition& entry = ledger_.changes().transitions[i];
    Alert& alert = world().alerts.at(entry.after.key);
    const bool announced = alert.announced;
    entry.notifies = Tell(entry, alert);
    if (entry.notifies) {
      NoteTold(entry, announced, alert);
    }
    CopyWhatIsTold(alert, entry.after);
  }
}

void Settlement::Unmute() {
  const std::set<AlertKey> touched = ledger_.unsettled();
  for (const AlertKey& key : touched) {
    Alert& alert = world().alerts.at(key);
    if (alert.state == AlertState::kFiring && !alert.Muted() && !alert.announced) {
      ledger_.Note(Reason::kUnmuted, alert);
      TimelineEntry& entry = ledger_.changes().transitions.back();
      entry.notifies = Tell(entry, alert);
      NoteTold(entry, false, alert);
      CopyWhatIsTold(alert, entry.after);
    }
  }
}

void Settlement::Digest() {
  // One step has one cause. Of those who hear of it: what begins to be told, and what is told to be over.
  std::map<std::tuple<Audience, std::string, std::vector<std::string>, bool>, Together> causes;
  for (size_t i = ledger_.first_unsettled(); i < ledger_.changes().transitions.size(); ++i) {
    const Transition& entry = ledger_.changes().transitions[i];
    const Rule* rule = RuleOf(entry.after);
    if (IsInDigest(entry) && rule != nullptr && rule->digest_above > 0) {
      const Visibility& readers = rule->visibility;
      Together& together =
          causes[{rule->audience, readers.owner, readers.readers, entry.after.state == AlertState::kFiring}];
      together.most = std::max(together.most, static_cast<size_t>(rule->digest_above));
      together.of_rule[rule->id].push_back(i);
      together.entries.push_back(i);
    }
  }
  for (const auto& [cause, together] : causes) {
    if (together.entries.size() > together.most) {
      TellAsOne(together.entries);
      continue;
    }
    for (const auto& [id, entries] : together.of_rule) {
      if (entries.size() > static_cast<size_t>(world().rules.at(id).digest_above)) {
        TellAsOne(entries);
      }
    }
  }
}

void Settlement::TellAsOne(const std::vector<size_t>& entries) {
  auto& transitions = ledger_.changes().transitions;
  // The first of the worst stands for all.
  const size_t worst = *std::max_element(entries.begin(), entries.end(), [&](size_t a, size_t b) {
    return transitions[a].after.severity < transitions[b].after.severity;
  });
  Alert& alert = world().alerts.at(transitions[worst].after.key);
  ledger_.Note(Reason::kDigest, alert);
  Transition& digest = transitions.back();
  digest.notifies = true;
  alert.told->sequence = alert.sequence;
  CopyWhatIsTold(alert, digest.after);
  digest.digest_size = static_cast<int64_t>(entries.size());
  for (const size_t entry : entries) {
    transitions[entry].notifies = false;
    transitions[entry].digest_of = digest.after.sequence;
  }
}

}  // namespace orewatch::alerting
