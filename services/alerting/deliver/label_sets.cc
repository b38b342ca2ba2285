#include "services/alerting/deliver/label_sets.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "services/alerting/deliver/severity_text.h"
#include "services/alerting/domain/fingerprint.h"

namespace orewatch::alerting {
namespace {

uint64_t VersionOf(const LabelSet& set) {
  Fingerprint fingerprint;
  fingerprint.Add(set.sequence).Add(int64_t{set.firing ? 1 : 0}).Add(absl::ToUnixNanos(set.alert.starts_at));
  fingerprint.Add(set.firing ? int64_t{0} : absl::ToUnixNanos(set.alert.ends_at));
  return fingerprint.value();
}

std::string ValueOf(const std::map<std::string, std::string>& map, const std::string& name) {
  const auto found = map.find(name);
  return found == map.end() ? "" : found->second;
}

}  // namespace

void LabelSets::Update(const FiringSnapshot& snapshot, absl::Time now) {
  ++round_;
  for (const std::shared_ptr<const FiringAlert>& alert : snapshot) {
    Shown& shown = shown_[alert->alert_id];
    shown.round = round_;
    if (shown.alert != alert) {
      shown.alert = alert;
      PutAll(*alert, now);
    }
  }
  EndWhatIsGone(now);
}

void LabelSets::PutAll(const FiringAlert& alert, absl::Time now) {
  Episode& episode = episodes_[alert.alert_id];
  if (episode.fire_time != alert.fire_time) {
    episode = {.fire_time = alert.fire_time, .severities = {}};
  }
  episode.severities.insert(alert.severity);
  std::set<std::string> wanted;
  for (const Severity severity : episode.severities) {
    wanted.insert(Put(alert, severity, now));
  }
  EndAllBut(wanted, alert.alert_id, now);
}

const FiringAlert* LabelSets::Find(const std::string& alert_id) const {
  const auto shown = shown_.find(alert_id);
  return shown != shown_.end() ? shown->second.alert.get() : nullptr;
}

void LabelSets::Adopt(const HeldAlert& held, absl::Time now) {
  if (ValueOf(held.labels, kSourceLabel) != options_.source) {
    return;
  }
  const std::string alert_id = ValueOf(held.labels, kAlertIdLabel);
  const Severity severity = SeverityOf(ValueOf(held.labels, kSeverityLabel));
  const FiringAlert* alert = Find(alert_id);
  if (alert != nullptr && severity != alert->severity && LabelsOf(*alert, severity) == held.labels) {
    episodes_[alert_id].severities.insert(severity);
    Put(*alert, severity, now);
    return;
  }
  if (alert == nullptr && !knows_platform_ && ValueOf(held.labels, kAudienceLabel) == kPlatformAudience) {
    return;
  }
  LabelSet set;
  set.alert.labels = held.labels;
  set.alert.annotations = held.annotations;
  set.alert.starts_at = std::min(held.starts_at, now);
  set.alert.ends_at = now;
  set.alert_id = alert_id;
  set.severity = severity;
  set.since = now;
  Store(std::move(set));
}

void LabelSets::Clear() {
  episodes_.clear();
  shown_.clear();
  sets_.clear();
  keys_of_alert_.clear();
  knows_platform_ = false;
}

void LabelSets::Forget(absl::FunctionRef<bool(const std::string&, const LabelSet&)> done) {
  for (auto set = sets_.begin(); set != sets_.end();) {
    if (set->second.firing || !done(set->first, set->second)) {
      ++set;
      continue;
    }
    auto& keys = keys_of_alert_[set->second.alert_id];
    keys.erase(set->first);
    if (keys.empty()) {
      keys_of_alert_.erase(set->second.alert_id);
      episodes_.erase(set->second.alert_id);
    }
    set = sets_.erase(set);
  }
}

std::optional<absl::Time> LabelSets::FiringSince(const std::string& alert_id) const {
  const FiringAlert* alert = Find(alert_id);
  return alert != nullptr && !alert->resolve_time.has_value() ? std::optional(alert->fire_time) : std::nullopt;
}

std::vector<std::string> LabelSets::KeysOf(const std::string& alert_id) const {
  const auto keys = keys_of_alert_.find(alert_id);
  return keys == keys_of_alert_.end() ? std::vector<std::string>()
                                      : std::vector<std::string>(keys->second.begin(), keys->second.end());
}

std::map<std::string, std::string> LabelSets::LabelsOf(const FiringAlert& alert, Severity severity) const {
  std::map<std::string, std::string> labels = options_.labels;
  for (const auto& [name, value] : alert.labels) {
    labels[name] = value;
  }
  labels[kAlertIdLabel] = alert.alert_id;
  labels[kSeverityLabel] = SeverityText(severity);
  labels[kSourceLabel] = options_.source;
  return labels;
}

std::string LabelSets::Put(const FiringAlert& alert, Severity severity, absl::Time now) {
  LabelSet set;
  set.alert.labels = LabelsOf(alert, severity);
  set.alert.annotations = alert.annotations;
  set.alert.starts_at = alert.fire_time;
  set.alert.ends_at = absl::InfiniteFuture();
  set.alert_id = alert.alert_id;
  set.severity = severity;
  set.sequence = alert.sequence;
  set.current = severity == alert.severity;
  set.firing = !alert.resolve_time.has_value() && severity <= alert.severity;
  set.hold = alert.hold.value_or(options_.hold);
  set.since = now;
  set.alert.annotations[kAlertIdAnnotation] = alert.alert_id;
  set.alert.annotations[kSequenceAnnotation] = absl::StrCat(alert.sequence);
  if (!set.firing) {
    const auto known = sets_.find(LabelKey(set.alert.labels));
    const bool ended = known != sets_.end() && !known->second.firing;
    // A severity that the alert has fallen from ended when that was seen.
    set.alert.ends_at =
        std::max(alert.fire_time, ended ? known->second.alert.ends_at : alert.resolve_time.value_or(now));
  }
  return Store(std::move(set));
}

std::string LabelSets::Store(LabelSet set) {
  set.version = VersionOf(set);
  if (const absl::Status valid = Check(set.alert); !valid.ok()) {
    set.invalid = std::string(valid.message());
  }
  std::string key = LabelKey(set.alert.labels);
  const auto known = sets_.find(key);
  if (known != sets_.end() && known->second.version == set.version) {
    known->second.alert.annotations = std::move(set.alert.annotations);
    return key;
  }
  keys_of_alert_[set.alert_id].insert(key);
  sets_.insert_or_assign(key, std::move(set));
  return key;
}

void LabelSets::EndAllBut(const std::set<std::string>& wanted, const std::string& alert_id, absl::Time now) {
  for (const std::string& key : KeysOf(alert_id)) {
    LabelSet& set = sets_.at(key);
    if (set.firing && !wanted.contains(key)) {
      set.firing = false;
      set.alert.ends_at = std::max(now, set.alert.starts_at);
      set.since = now;
      set.version = VersionOf(set);
    }
  }
}

void LabelSets::EndWhatIsGone(absl::Time now) {
  absl::erase_if(shown_, [&](const auto& entry) {
    const bool gone = entry.second.round != round_;
    if (gone) {
      EndAllBut({}, entry.first, now);
    }
    return gone;
  });
}

}  // namespace orewatch::alerting
