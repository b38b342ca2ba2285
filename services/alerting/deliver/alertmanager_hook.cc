#include "services/alerting/deliver/alertmanager_hook.h"

#include "absl/strings/str_cat.h"
#include "common/hash/sha256.h"
#include "common/log/log.h"
#include "services/alerting/deliver/notification.h"
#include "services/alerting/deliver/platform_alerts.h"
#include "services/alerting/deliver/secret_file.h"

namespace orewatch::alerting {

int AlertmanagerHook::Handle(const std::string& authorization, const std::string& body) {
  if (!IsAuthorized(authorization)) {
    return Count("refused", 401);
  }
  const auto notification = ParseNotification(body);
  if (!notification.ok()) {
    return Count("bad", 400);
  }
  const absl::Time now = deps_.clock.Now();
  for (const NotifiedAlert& alert : notification->alerts) {
    if (alert.alert_id == kWatchdogId && alert.firing) {
      deps_.metrics.SetWatchdogSeen(now);
    }
    if (alert.alert_id.empty() || alert.sequence == 0) {
      continue;
    }
    const auto marked = deps_.store.MarkNotified(alert.alert_id, alert.sequence, now);
    if (!marked.ok()) {
      log::Warning("a notification could not be recorded", {{"status", marked.status().ToString()}});
      return Count("failed", 503);
    }
    if (marked->has_value()) {
      // What has come back before its acceptance was recorded took no time.
      deps_.metrics.notify().Confirmed(now - (*marked)->delivered_time.value_or(now));
    }
  }
  return Count("ok", 200);
}

bool AlertmanagerHook::IsAuthorized(const std::string& authorization) const {
  const auto secret = ReadSecretFile(secret_file_);
  return secret.ok() && EqualInConstantTime(Sha256Of(authorization), Sha256Of(absl::StrCat("Bearer ", *secret)));
}

int AlertmanagerHook::Count(const char* result, int status) {
  deps_.metrics.CountHook(result);
  return status;
}

}  // namespace orewatch::alerting
