// The threads on which alerts are told to the world.
#pragma once

#include <atomic>
#include <functional>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/status/statusor.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "common/exec/sleeper.h"
#include "common/http/post_server.h"
#include "common/time/clock.h"
#include "services/alerting/deliver/alertmanager_hook.h"
#include "services/alerting/deliver/auditor.h"
#include "services/alerting/deliver/outbox_watch.h"
#include "services/alerting/deliver/webhook_sender.h"

namespace orewatch::alerting {

struct DeliveryConfig {
  // URLs of Alertmanager; empty: none is told.
  std::vector<std::string> alertmanagers = {};
  LabelSets::Options label_sets = {};
  // host:port on which Alertmanager calls us back; empty: nowhere.
  std::string hook_address = {};
  std::string hook_secret_file = {};
  std::vector<WebhookEndpoint> webhooks = {};
};

// Who is told, for the engine's outbox.
std::vector<DeliveryTarget> TargetsOf(const DeliveryConfig& config);

// Runs one task on a thread of its own, whenever it is woken and at the time that the last run named.
class DeliveryThread {
 public:
  // Returns how long it may sleep.
  explicit DeliveryThread(std::function<absl::Duration()> task);
  // Waits for the task.
  ~DeliveryThread();
  void Wake() { sleeper_.Wake(); }

 private:
  void Run();

  const std::function<absl::Duration()> task_;
  Sleeper sleeper_;
  std::thread thread_;
};

// Thread-safe. Everything that it is given outlives it.
class Dispatcher {
 public:
  struct Dependencies {
    const FiringAlerts& alerts;
    AlertEvents& events;
    DeliveryStore& store;
    const Clock& clock;
    DeliveryMetrics& metrics;
    GetLease lease;
    // What each client is put into; null: nothing.
    std::function<std::unique_ptr<http::Client>(std::unique_ptr<http::Client>)> wrap_client = nullptr;
  };
  // UNAVAILABLE if the address of the hook cannot be had.
  static absl::StatusOr<std::unique_ptr<Dispatcher>> Create(const DeliveryConfig& config,
                                                            const Dependencies& dependencies);
  ~Dispatcher() { Stop(); }

  void Start();
  // Nobody is told any more; calls that are under way end within a second. What Alertmanager tells us is taken until
  // the end. Idempotent.
  void Stop();
  // Something has changed.
  void Wake();
  // Where Alertmanager calls; 0: nowhere.
  int hook_port() const { return hook_server_ == nullptr ? 0 : hook_server_->port(); }

 private:
  struct Webhook {
    std::unique_ptr<http::Client> client;
    std::unique_ptr<WebhookSender> sender;
    bool open = false;
  };
  Dispatcher(const DeliveryConfig& config, const Dependencies& dependencies);
  std::unique_ptr<http::Client> NewClient() const;
  absl::Duration TellAlertmanagers();
  absl::Duration WatchOutbox();
  void StartAlertmanager() ABSL_EXCLUSIVE_LOCKS_REQUIRED(threads_mutex_);
  void StartWebhook(const WebhookEndpoint& endpoint) ABSL_EXCLUSIVE_LOCKS_REQUIRED(threads_mutex_);

  // On the webhook's thread.
  void ShowCircuit(Webhook& webhook);

  const DeliveryConfig config_;
  const Dependencies deps_;
  std::atomic<bool> stopped_ = false;
  SystemResolver resolver_;
  PlatformAlerts platform_;
  AlertmanagerHook hook_;
  std::unique_ptr<http::PostServer> hook_server_;
  std::unique_ptr<http::Client> client_;
  std::unique_ptr<AlertmanagerSender> sender_;
  std::unique_ptr<Auditor> auditor_;
  OutboxWatch outbox_watch_;
  absl::Time next_audit_ = absl::InfinitePast();
  std::vector<std::unique_ptr<Webhook>> webhooks_;
  std::atomic<int> open_circuits_ = 0;
  absl::Mutex threads_mutex_;
  std::vector<std::unique_ptr<DeliveryThread>> threads_ ABSL_GUARDED_BY(threads_mutex_);
};

}  // namespace orewatch::alerting
