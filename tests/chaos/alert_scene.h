// What stands around alerting while it is attacked: a registry and risk that score minerals, a real Alertmanager, and
// receivers that keep what they are told; and the check of it all.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/time/time.h"
#include "common/testing/temp_dir.h"
#include "tests/testing/alertmanager_process.h"
#include "tests/testing/clients.h"
#include "tests/testing/notification_log.h"
#include "tests/testing/service_process.h"
#include "tests/testing/webhook_server.h"

namespace orewatch::testing {

// How concentrated the production of a mineral is, and so what its alert says.
enum class Concentration { kQuiet, kWarning, kCritical };

// Thread-compatible.
class AlertScene {
 public:
  static constexpr int kMinerals = 4;

  // `confirmed`: Alertmanager calls alerting back too, which then must be one process.
  explicit AlertScene(bool confirmed);

  // For a process of alerting.
  std::vector<std::string> Flags() const;
  std::string dir() const { return dir_.path(); }

  // The one rule of the scene.
  void CreateRule(const std::shared_ptr<grpc::Channel>& alerting);
  // Through quiet only: an end of a severity that is not one of the alert is told as an end of it.
  void Set(int mineral, Concentration concentration);
  // The next in the cycle of quiet, warning, critical.
  void Advance(int mineral);

  // Something was killed, or the lease changed hands, from then to then: what is told again meanwhile is no fault.
  void Excuse(absl::Time begin, absl::Time end) { excused_.emplace_back(begin, end); }
  // Waits until alerting has made of the scores what it must, no more and no less, all of it has been told to a
  // receiver by Alertmanager and to the webhook, and alerting knows that.
  void AwaitTold(const std::shared_ptr<grpc::Channel>& alerting);
  // Everything told that alerting says, no end that was none, nothing twice but where it is excused; the webhook in
  // order. Waits a little for what is wrong to show.
  void Check(const std::shared_ptr<grpc::Channel>& alerting);
  // How often Alertmanager has told something again.
  int duplicates() const { return log_.Duplicates(); }

 private:
  // A change without the number that alerting gives it.
  struct Expected {
    bool firing;
    std::string severity;
    friend bool operator==(const Expected&, const Expected&) = default;
  };
  // What alerting says that happened, by subject; nothing if it cannot be asked.
  using Changes = std::map<std::string, std::vector<ToldChange>>;
  Changes Timeline(const std::shared_ptr<grpc::Channel>& alerting) const;
  bool IsAsExpected(const Changes& timeline) const;
  // All that Alertmanager is to tell.
  static std::vector<ToldChange> All(const Changes& timeline);
  bool IsKnown(const std::shared_ptr<grpc::Channel>& alerting) const;
  void CheckEvents(const Changes& timeline) const;

  const bool confirmed_;
  TempDir dir_;
  NotificationLog log_;
  NotificationReceiver receiver_{log_};
  WebhookServer webhook_;
  const int hook_port_ = FreePort();
  AlertmanagerProcess alertmanager_;
  ServiceProcess registry_process_;
  ServiceProcess risk_process_;
  RegistryStub registry_;
  std::vector<Concentration> now_ = std::vector<Concentration>(kMinerals, Concentration::kQuiet);
  std::map<std::string, std::vector<Expected>> expected_;
  std::vector<std::pair<absl::Time, absl::Time>> excused_;
};

}  // namespace orewatch::testing
