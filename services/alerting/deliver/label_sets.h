// Which label sets Alertmanager should hold, and which should have ended.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/functional/function_ref.h"
#include "absl/time/time.h"
#include "services/alerting/deliver/firing_alert.h"
#include "services/alerting/deliver/posted_alert.h"

namespace orewatch::alerting {

struct LabelSet {
  PostedAlert alert;
  std::string alert_id;
  Severity severity = Severity::kUnspecified;
  // Of the alert's last change.
  int64_t sequence = 0;
  // The severity that the alert has now, and not one that it has passed through.
  bool current = false;
  bool firing = false;
  // While firing: how long Alertmanager is to believe it without hearing of it.
  absl::Duration hold = absl::ZeroDuration();
  // Changes with what Alertmanager is to be told at once; other texts go along when it is told again.
  uint64_t version = 0;
  // Since when it has had this version.
  absl::Time since = {};
  // Why no Alertmanager can take it; empty: for all that we know, it can.
  std::string invalid = {};
};

// Alertmanager knows an alert by its labels, of which severity is one. So a change of severity begins another label
// set. When it rises, the set of the lower severity goes on firing, inhibited by the higher one of the same alert_id:
// ended, it would be announced as resolved. When it falls, the set of the higher severity ends. Thread-compatible.
class LabelSets {
 public:
  struct Options {
    // Value of the label `source`, by which our alerts are known among others.
    std::string source = "orewatch";
    // Further labels, such as the tenant.
    std::map<std::string, std::string> labels = {};
    absl::Duration hold = absl::Hours(48);
  };
  explicit LabelSets(Options options) : options_(std::move(options)) {}

  // Brings the sets into line with a snapshot. What it does not hold any more has ended.
  void Update(const FiringSnapshot& snapshot, absl::Time now);
  // An Alertmanager holds this, and it is in no set: another severity of an alert that we know joins it, and fires or
  // has ended as it does; anything else of our source is to end.
  void Adopt(const HeldAlert& held, absl::Time now);
  // What the platform says about itself is in the snapshots from now on. Until then, nothing that an Alertmanager holds
  // of that is to end.
  void KnowPlatform() { knows_platform_ = true; }
  // As if it were new.
  void Clear();
  // Drops those ended sets that nobody needs to be told of.
  void Forget(absl::FunctionRef<bool(const std::string& key, const LabelSet& set)> done);

  // By LabelKey.
  const std::map<std::string, LabelSet>& sets() const { return sets_; }
  // In one severity or another.
  bool IsFiring(const std::string& alert_id) const { return FiringSince(alert_id).has_value(); }
  std::optional<absl::Time> FiringSince(const std::string& alert_id) const;
  // The keys of an alert's sets.
  std::vector<std::string> KeysOf(const std::string& alert_id) const;
  const std::string& source() const { return options_.source; }

 private:
  // An alert of the last snapshot.
  struct Shown {
    std::shared_ptr<const FiringAlert> alert;
    int64_t round = 0;
  };
  // From the beginning of an alert to its end.
  struct Episode {
    absl::Time fire_time;
    std::set<Severity> severities;
  };
  std::map<std::string, std::string> LabelsOf(const FiringAlert& alert, Severity severity) const;
  std::string Put(const FiringAlert& alert, Severity severity, absl::Time now);
  std::string Store(LabelSet set);
  // Of the sets of one alert.
  void EndAllBut(const std::set<std::string>& wanted, const std::string& alert_id, absl::Time now);
  void EndWhatIsGone(absl::Time now);
  // Null: the last snapshot did not hold it.
  const FiringAlert* Find(const std::string& alert_id) const;
  void PutAll(const FiringAlert& alert, absl::Time now);

  const Options options_;
  std::map<std::string, Episode> episodes_;
  absl::flat_hash_map<std::string, Shown> shown_;
  int64_t round_ = 0;
  std::map<std::string, LabelSet> sets_;
  std::map<std::string, std::set<std::string>> keys_of_alert_;
  bool knows_platform_ = false;
};

}  // namespace orewatch::alerting
