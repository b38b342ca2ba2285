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
  }
  return "UNKNOWN";
}

std::string Alert::Id() const {
  const ScoreKey& score = key.score;
  return absl::StrCat(key.rule, "-",
                      Fingerprint().Add(score.subject).Add(score.stage).Add(score.importer).Add(score.method).Hex());
}

}  // namespace orewatch::alerting
