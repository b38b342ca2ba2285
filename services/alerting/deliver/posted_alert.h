// Alerts as Alertmanager's API v2 has them.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "absl/types/span.h"

namespace orewatch::alerting {

// Its identity is the set of its labels.
struct PostedAlert {
  std::map<std::string, std::string> labels;
  std::map<std::string, std::string> annotations;
  absl::Time starts_at;
  absl::Time ends_at;
};

// The labels as one text, the same for the same set.
std::string LabelKey(const std::map<std::string, std::string>& labels);

// INVALID_ARGUMENT if Alertmanager 0.25 would refuse the alert, or would keep another one than it was given.
absl::Status Check(const PostedAlert& alert);

// The body of POST /api/v2/alerts.
std::string ToJson(absl::Span<const PostedAlert* const> alerts);

// An alert that an Alertmanager holds.
struct HeldAlert {
  std::map<std::string, std::string> labels;
  std::map<std::string, std::string> annotations;
  absl::Time starts_at;
  absl::Time ends_at;
  // Silenced or inhibited: it notifies nobody.
  bool suppressed = false;
};

// The answer to GET /api/v2/alerts. INVALID_ARGUMENT if it is none.
absl::StatusOr<std::vector<HeldAlert>> ParseHeldAlerts(absl::string_view body);

}  // namespace orewatch::alerting
