// What the world beyond is told of an alert.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/time/time.h"
#include "services/alerting/domain/rule.h"

namespace orewatch::alerting {

inline constexpr char kAlertIdLabel[] = "alert_id";
inline constexpr char kSeverityLabel[] = "severity";
inline constexpr char kSourceLabel[] = "source";
inline constexpr char kAudienceLabel[] = "audience";
// Of what orewatch says about itself.
inline constexpr char kPlatformAudience[] = "platform";
// Annotations by which a receiver, and we, know which change a notification tells of.
inline constexpr char kAlertIdAnnotation[] = "alert_id";
inline constexpr char kSequenceAnnotation[] = "transition_seq";

// An alert that fires, or that has ended a while ago. What identifies it lies in the labels; what may change while it
// fires (values, times, texts) in the annotations.
struct FiringAlert {
  std::string alert_id;
  // Without severity and source, which the sender adds.
  std::map<std::string, std::string> labels;
  Severity severity = Severity::kUnspecified;
  std::map<std::string, std::string> annotations;
  absl::Time fire_time;
  // Set: it has ended.
  std::optional<absl::Time> resolve_time = std::nullopt;
  // Of its last change.
  int64_t sequence = 0;
  // Set: Alertmanager itself ends it when it has not heard of it for this long.
  std::optional<absl::Duration> hold = std::nullopt;
};

// What is the same object as in an earlier one has not changed since.
using FiringSnapshot = std::vector<std::shared_ptr<const FiringAlert>>;

// Thread-safe.
class FiringAlerts {
 public:
  virtual ~FiringAlerts() = default;
  // All that fire, and all that have ended at or after `ended_since`.
  virtual FiringSnapshot Snapshot(absl::Time ended_since) const = 0;
  // Of the last change that a snapshot which is taken now, or later, shows.
  virtual int64_t Sequence() const = 0;
};

}  // namespace orewatch::alerting
