#include "services/alerting/domain/alert.h"

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "common/hash/sha256.h"
#include "services/alerting/domain/fingerprint.h"

namespace orewatch::alerting {

const char* ReasonName(Reason reason) {
  switch (reason) {
    case Reason::kNone:
      return "";
    case Reason::kConditionMet:
      return "CONDITION_MET";
    case Reason::kConditionCleared:
      return "CONDITION_CLEARED";
    case Reason::kHeld:
      return "HELD";
    case Reason::kRuleDeleted:
      return "RULE_DELETED";
    case Reason::kRuleChanged:
      return "RULE_CHANGED";
    case Reason::kSubjectRemoved:
      return "SUBJECT_REMOVED";
    case Reason::kNoData:
      return "NO_DATA";
    case Reason::kTooManyAlerts:
      return "TOO_MANY_ALERTS";
    case Reason::kInputSilent:
      return "INPUT_SILENT";
    case Reason::kSeverityRaised:
      return "SEVERITY_RAISED";
    case Reason::kSeverityLowered:
      return "SEVERITY_LOWERED";
    case Reason::kFlappingBegan:
      return "FLAPPING_BEGAN";
    case Reason::kFlappingEnded:
      return "FLAPPING_ENDED";
    case Reason::kStaleInputBegan:
      return "STALE_INPUT_BEGAN";
    case Reason::kStaleInputEnded:
      return "STALE_INPUT_ENDED";
    case Reason::kUnmuted:
      return "UNMUTED";
    case Reason::kDigest:
      return "DIGEST";
    case Reason::kRuleDisabled:
      return "RULE_DISABLED";
    case Reason::kManual:
      return "MANUAL";
    case Reason::kSuperseded:
      return "SUPERSEDED";
    case Reason::kExpired:
      return "EXPIRED";
    case Reason::kSeverityRose:
      return "SEVERITY_ROSE";
  }
  return "UNKNOWN";
}

std::string Alert::Id() const {
  constexpr size_t kDigestBytes = 16;
  const ScoreKey& score = key.score;
  const bool of_score = score.method != 0 || score.subject.empty();
  const std::string condition = of_score ? absl::StrCat("score/", score.method, "/", score.stage, "/", score.importer)
                                : key.happening.empty() ? "subject"
                                                        : absl::StrCat("happening/", key.happening);
  const std::string identity = absl::StrCat("rules/", key.rule, "\n", score.subject, "\n", condition);
  return absl::StrCat(key.rule, "-", absl::BytesToHexString(Sha256Of(identity).substr(0, kDigestBytes)));
}

std::string EtagOf(const Alert& alert) {
  // The time tells apart histories that a restore of the store has made of one.
  const absl::Time changed = alert.resolve_time.value_or(alert.fire_time.value_or(absl::UnixEpoch()));
  return Fingerprint().Add(alert.Id()).Add(alert.sequence).Add(absl::ToUnixNanos(changed)).Hex();
}

}  // namespace orewatch::alerting
