#include "services/alerting/deliver/auditor.h"

#include <algorithm>
#include <map>
#include <optional>
#include <set>
#include <utility>

#include "absl/strings/str_cat.h"
#include "common/status/status.h"

namespace orewatch::alerting {
namespace {

constexpr int64_t kMostLookedAt = 10000;

std::string SummaryOf(int64_t count, const char* what) { return count == 0 ? "" : absl::StrCat(count, what); }

}  // namespace

bool Auditor::FollowLease() {
  const std::optional<Lease> lease = deps_.lease();
  const int64_t epoch = lease.has_value() ? lease->epoch : 0;
  if (std::exchange(epoch_, epoch) == epoch) {
    return false;
  }
  deps_.metrics.SetUnaccepted(0);
  deps_.metrics.SetUnnotified(0);
  deps_.metrics.SetUnconfirmed(0);
  if (epoch != 0 && std::exchange(term_, epoch) != epoch) {
    deps_.platform.Clear();
  }
  return epoch != 0;
}

absl::Status Auditor::Step() {
  if (epoch_ == 0) {
    return absl::OkStatus();
  }
  OREWATCH_RETURN_IF_ERROR(Look());
  deps_.sender.MayEndPlatformAlerts();
  return absl::OkStatus();
}

absl::Status Auditor::Look() {
  const std::vector<std::string> nowhere = deps_.sender.Unaccepted(options_.accepted_within);
  const auto unaccepted = static_cast<int64_t>(nowhere.size());
  deps_.metrics.SetUnaccepted(unaccepted);
  deps_.platform.Set("delivery-unaccepted", "OrewatchAlertsUnaccepted",
                     SummaryOf(unaccepted, " firing alerts have been taken by no Alertmanager for two minutes"));
  std::set<std::string> unconfirmed(nowhere.begin(), nowhere.end());
  if (!options_.expects_notifications) {
    deps_.metrics.SetUnconfirmed(static_cast<int64_t>(unconfirmed.size()));
    return absl::OkStatus();
  }
  OREWATCH_ASSIGN_OR_RETURN(const std::vector<Delivery> late, FindUnnotified());
  for (const Delivery& delivery : late) {
    const std::optional<absl::Time> fires_since = deps_.sender.FiringSince(delivery.alert_id);
    if (fires_since.has_value() && delivery.create_time >= *fires_since) {
      unconfirmed.insert(delivery.alert_id);
    }
  }
  deps_.metrics.SetUnconfirmed(static_cast<int64_t>(unconfirmed.size()));
  const auto unnotified = static_cast<int64_t>(late.size());
  deps_.metrics.SetUnnotified(unnotified);
  deps_.platform.Set("delivery-unnotified", "OrewatchTransitionsUnnotified",
                     SummaryOf(unnotified, " changes of alerts have not come back from Alertmanager"));
  return absl::OkStatus();
}

absl::StatusOr<std::vector<Delivery>> Auditor::FindUnnotified() const {
  const absl::Time now = deps_.clock.Now();
  OREWATCH_ASSIGN_OR_RETURN(
      std::vector<Delivery> unnotified,
      deps_.store.Unnotified(now - options_.looks_back, now - options_.notified_within, kMostLookedAt));
  const std::set<int64_t> swallowed = Swallowed(unnotified);
  std::erase_if(unnotified, [&](const Delivery& delivery) {
    return swallowed.contains(delivery.sequence) || deps_.sender.IsSuppressed(delivery.alert_id);
  });
  return unnotified;
}

std::set<int64_t> Auditor::Swallowed(const std::vector<Delivery>& unnotified) const {
  std::set<int64_t> swallowed;
  std::map<std::string, const Delivery*> last;
  for (const Delivery& delivery : unnotified) {
    const Delivery*& before = last[delivery.alert_id];
    const std::optional<absl::Time> fires_since = deps_.sender.FiringSince(delivery.alert_id);
    const bool of_what_fires = fires_since.has_value() && delivery.create_time >= *fires_since;
    if (before != nullptr && !of_what_fires &&
        delivery.create_time - before->create_time <= options_.swallowed_within) {
      swallowed.insert(before->sequence);
      swallowed.insert(delivery.sequence);
    }
    before = &delivery;
  }
  return swallowed;
}

}  // namespace orewatch::alerting
