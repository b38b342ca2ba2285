// Severities as labels have them.
#pragma once

#include "absl/strings/string_view.h"
#include "services/alerting/domain/rule.h"

namespace orewatch::alerting {

inline const char* SeverityText(Severity severity) {
  switch (severity) {
    case Severity::kUnspecified:
      return "none";
    case Severity::kInfo:
      return "info";
    case Severity::kWarning:
      return "warning";
    case Severity::kCritical:
      return "critical";
  }
  return "none";
}

inline Severity SeverityOf(absl::string_view text) {
  for (const Severity severity : {Severity::kInfo, Severity::kWarning, Severity::kCritical}) {
    if (text == SeverityText(severity)) {
      return severity;
    }
  }
  return Severity::kUnspecified;
}

}  // namespace orewatch::alerting
