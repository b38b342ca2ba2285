#include "services/alerting/domain/alert.h"

#include "absl/strings/str_cat.h"
#include "services/alerting/domain/fingerprint.h"

namespace orewatch::alerting {

const char* ReasonName(Reason reason) {
  switch (reason) {
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
  }
  return "UNKNOWN";
}

std::string Alert::Id() const {
  const ScoreKey& score = key.score;
  return absl::StrCat(key.rule, "-",
                      Fingerprint().Add(score.subject).Add(score.stage).Add(score.importer).Add(score.method).Hex());
}

}  // namespace orewatch::alerting
