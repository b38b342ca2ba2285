#include "services/alerting/alerting_flags.h"

#include "absl/flags/flag.h"
#include "absl/strings/str_cat.h"
#include "common/status/status.h"

ABSL_FLAG(absl::Duration, acknowledged_critical, absl::Hours(24),
          "How long a critical alert stays acknowledged where nobody says how long.");
ABSL_FLAG(absl::Duration, acknowledged_warning, absl::Hours(24), "The same of a warning.");
ABSL_FLAG(absl::Duration, acknowledged_info, absl::Hours(24), "The same of an alert of severity info.");
ABSL_FLAG(absl::Duration, delivery_retention, absl::Hours(24 * 90),
          "How long it is kept what has become of a delivery, at least 168h; inf: for ever.");
ABSL_FLAG(absl::Duration, alert_retention, absl::Hours(24 * 365),
          "How long the timelines of alerts that have ended are kept, at least 168h; inf: for ever.");

namespace orewatch::alerting {
namespace {

constexpr absl::Duration kLongest = absl::Hours(24 * 30);

absl::StatusOr<absl::Duration> Checked(absl::string_view name, absl::Duration value) {
  if (value < absl::Minutes(1) || value > kLongest) {
    return InvalidField(absl::StrCat("--", name), "must be from 1m to 720h");
  }
  return value;
}

// Longer than anybody goes on trying to deliver, or looks back at what was delivered.
absl::StatusOr<absl::Duration> CheckedRetention(absl::string_view name, absl::Duration value) {
  constexpr absl::Duration kShortest = absl::Hours(24 * 7);
  if (value < kShortest) {
    return InvalidField(absl::StrCat("--", name), "must be at least 168h");
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

absl::StatusOr<RetentionPolicy> RetentionFromFlags() {
  RetentionPolicy policy;
  OREWATCH_ASSIGN_OR_RETURN(policy.deliveries,
                            CheckedRetention("delivery_retention", absl::GetFlag(FLAGS_delivery_retention)));
  OREWATCH_ASSIGN_OR_RETURN(policy.events, CheckedRetention("alert_retention", absl::GetFlag(FLAGS_alert_retention)));
  return policy;
}

}  // namespace orewatch::alerting
