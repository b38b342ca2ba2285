#include "services/alerting/alerting_flags.h"

#include "absl/flags/flag.h"
#include "absl/strings/str_cat.h"
#include "common/status/status.h"

ABSL_FLAG(absl::Duration, acknowledged_critical, absl::Hours(24),
          "How long a critical alert stays acknowledged where nobody says how long.");
ABSL_FLAG(absl::Duration, acknowledged_warning, absl::Hours(24), "The same of a warning.");
ABSL_FLAG(absl::Duration, acknowledged_info, absl::Hours(24), "The same of an alert of severity info.");

namespace orewatch::alerting {
namespace {

constexpr absl::Duration kLongest = absl::Hours(24 * 30);

absl::StatusOr<absl::Duration> Checked(absl::string_view name, absl::Duration value) {
  if (value < absl::Minutes(1) || value > kLongest) {
    return InvalidField(absl::StrCat("--", name), "must be from 1m to 720h");
  }
  return value;
}

}  // namespace

absl::StatusOr<AcknowledgementPolicy> AcknowledgementsFromFlags() {
  AcknowledgementPolicy policy;
  OREWATCH_ASSIGN_OR_RETURN(policy.critical,
                            Checked("acknowledged_critical", absl::GetFlag(FLAGS_acknowledged_critical)));
  OREWATCH_ASSIGN_OR_RETURN(policy.warning, Checked("acknowledged_warning", absl::GetFlag(FLAGS_acknowledged_warning)));
  OREWATCH_ASSIGN_OR_RETURN(policy.info, Checked("acknowledged_info", absl::GetFlag(FLAGS_acknowledged_info)));
  return policy;
}

}  // namespace orewatch::alerting
