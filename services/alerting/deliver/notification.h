// What Alertmanager says that it has told somebody: the body of its webhook, version 4.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace orewatch::alerting {

struct NotifiedAlert {
  bool firing = false;
  std::string alert_id;
  // Of the change that was told; 0: not one of ours.
  int64_t sequence = 0;
  std::string severity;
};

struct Notification {
  std::string receiver;
  std::string group_key;
  std::vector<NotifiedAlert> alerts;
};

// INVALID_ARGUMENT if the text is no such body.
absl::StatusOr<Notification> ParseNotification(absl::string_view body);

}  // namespace orewatch::alerting
