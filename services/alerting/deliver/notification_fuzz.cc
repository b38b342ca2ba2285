// libFuzzer entry: what calls itself Alertmanager may send anything.
#include <cstddef>
#include <cstdint>
#include <cstdlib>

#include "services/alerting/deliver/notification.h"
#include "services/alerting/deliver/posted_alert.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const absl::string_view text(reinterpret_cast<const char*>(data), size);
  const auto notification = orewatch::alerting::ParseNotification(text);
  if (notification.ok()) {
    for (const auto& alert : notification->alerts) {
      if (alert.sequence < 0) {
        std::abort();
      }
    }
  }
  (void)orewatch::alerting::ParseHeldAlerts(text);
  return 0;
}
