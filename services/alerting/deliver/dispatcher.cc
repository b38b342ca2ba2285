#include "services/alerting/deliver/dispatcher.h"

#include <algorithm>
#include <random>
#include <utility>

#include "common/log/log.h"
#include "common/status/status.h"

namespace orewatch::alerting {
namespace {

constexpr absl::Duration kAuditEvery = absl::Seconds(15);
constexpr absl::Duration kLookForWebhooks = absl::Seconds(1);
constexpr absl::Duration kLookAtOutbox = absl::Seconds(2);
// Changes come in bursts: one step serves those of this time.
constexpr absl::Duration kLeastPause = absl::Milliseconds(50);
constexpr absl::Duration kLongestPause = absl::Seconds(5);
constexpr absl::Duration kWatchdogHold = absl::Minutes(4);

AlertmanagerSender::Options SenderOptions(const DeliveryConfig& config) {
  AlertmanagerSender::Options options;
  options.urls = config.alertmanagers;
  options.label_sets = config.label_sets;
  options.seed = std::random_device()();
  return options;
}

}  // namespace

std::vector<DeliveryTarget> TargetsOf(const DeliveryConfig& config) {
  std::vector<DeliveryTarget> targets;
  if (!config.alertmanagers.empty()) {
    targets.push_back({.name = kAlertmanagerTarget, .of_what_is = true});
  }
  for (const WebhookEndpoint& webhook : config.webhooks) {
    targets.push_back({.name = webhook.name, .least_severity = webhook.least_severity, .principal = webhook.principal});
  }
  return targets;
}

DeliveryThread::DeliveryThread(std::function<absl::Duration()> task)
    : task_(std::move(task)), thread_([this] { Run(); }) {}

DeliveryThread::~DeliveryThread() {
  sleeper_.Stop();
  thread_.join();
}

void DeliveryThread::Run() {
  absl::Duration pause;
  do {
    pause = task_();
  } while (sleeper_.SleepThrough(kLeastPause) && sleeper_.SleepFor(std::min(pause, kLongestPause)));
}

absl::StatusOr<std::unique_ptr<Dispatcher>> Dispatcher::Create(const DeliveryConfig& config,
                                                               const Dependencies& dependencies) {
  std::unique_ptr<Dispatcher> dispatcher(new Dispatcher(config, dependencies));
  if (!config.hook_address.empty()) {
    AlertmanagerHook& hook = dispatcher->hook_;
    OREWATCH_ASSIGN_OR_RETURN(
        dispatcher->hook_server_,
        http::PostServer::Start(
            {.setting = "--alertmanager_hook_address", .address = config.hook_address, .path = "/hooks/alertmanager"},
            [&hook](const std::string& authorization, const std::string& body) {
              return hook.Handle(authorization, body);
            }));
  }
  return dispatcher;
}

Dispatcher::Dispatcher(const DeliveryConfig& config, const Dependencies& dependencies)
    : config_(config),
      deps_(dependencies),
      platform_(deps_.alerts, deps_.clock, kWatchdogHold),
      hook_(config.hook_secret_file, {.store = deps_.store, .clock = deps_.clock, .metrics = deps_.metrics}),
      outbox_watch_({.store = deps_.store, .clock = deps_.clock, .metrics = deps_.metrics, .lease = deps_.lease}) {}

void Dispatcher::Start() {
  absl::MutexLock lock(&threads_mutex_);
  stopped_ = false;
  webhooks_.clear();
  if (!config_.alertmanagers.empty()) {
    StartAlertmanager();
  }
  for (const WebhookEndpoint& endpoint : config_.webhooks) {
    StartWebhook(endpoint);
  }
  // Apart from those who wait for others.
  threads_.push_back(std::make_unique<DeliveryThread>([this] { return WatchOutbox(); }));
}

absl::Duration Dispatcher::WatchOutbox() {
  if (const absl::Status status = outbox_watch_.Step(); !status.ok()) {
    log::Warning("the outbox could not be looked at", {{"status", status.ToString()}});
  }
  return kLookAtOutbox;
}

std::unique_ptr<http::Client> Dispatcher::NewClient() const {
  std::unique_ptr<http::Client> client = http::NewClient([this] { return stopped_.load(); });
  return deps_.wrap_client == nullptr ? std::move(client) : deps_.wrap_client(std::move(client));
}

void Dispatcher::StartAlertmanager() {
  client_ = NewClient();
  sender_ = std::make_unique<AlertmanagerSender>(SenderOptions(config_),
                                                 AlertmanagerSender::Dependencies{.alerts = platform_,
                                                                                  .store = deps_.store,
                                                                                  .clock = deps_.clock,
                                                                                  .client = *client_,
                                                                                  .resolver = resolver_,
                                                                                  .metrics = deps_.metrics,
                                                                                  .lease = deps_.lease});
  auditor_ = std::make_unique<Auditor>(Auditor::Options{.expects_notifications = hook_server_ != nullptr},
                                       Auditor::Dependencies{.sender = *sender_,
                                                             .store = deps_.store,
                                                             .clock = deps_.clock,
                                                             .platform = platform_,
                                                             .metrics = deps_.metrics,
                                                             .lease = deps_.lease});
  threads_.push_back(std::make_unique<DeliveryThread>([this] { return TellAlertmanagers(); }));
}

void Dispatcher::Stop() {
  stopped_ = true;
  std::vector<std::unique_ptr<DeliveryThread>> ending;
  {
    absl::MutexLock lock(&threads_mutex_);
    ending.swap(threads_);
  }
}

void Dispatcher::Wake() {
  absl::MutexLock lock(&threads_mutex_);
  for (const auto& thread : threads_) {
    thread->Wake();
  }
}

absl::Duration Dispatcher::TellAlertmanagers() {
  if (auditor_->FollowLease()) {
    next_audit_ = absl::InfinitePast();
  }
  const absl::Time next = sender_->Step();
  const absl::Time now = deps_.clock.Now();
  if (now >= next_audit_) {
    next_audit_ = now + kAuditEvery;
    if (const absl::Status status = auditor_->Step(); !status.ok()) {
      log::Warning("deliveries could not be audited", {{"status", status.ToString()}});
    }
  }
  return next - now;
}

void Dispatcher::StartWebhook(const WebhookEndpoint& endpoint) {
  webhooks_.push_back(std::make_unique<Webhook>());
  Webhook& webhook = *webhooks_.back();
  webhook.client = NewClient();
  WebhookSender::Options options;
  options.seed = std::random_device()();
  webhook.sender = std::make_unique<WebhookSender>(endpoint, options,
                                                   WebhookSender::Dependencies{.events = deps_.events,
                                                                               .store = deps_.store,
                                                                               .clock = deps_.clock,
                                                                               .client = *webhook.client,
                                                                               .metrics = deps_.metrics,
                                                                               .lease = deps_.lease});
  threads_.push_back(std::make_unique<DeliveryThread>([this, &webhook, name = endpoint.name] {
    if (const absl::Status status = webhook.sender->Step(); !status.ok()) {
      log::Warning("deliveries to a webhook could not be recorded", {{"webhook", name}, {"status", status.ToString()}});
    }
    ShowCircuit(webhook);
    return kLookForWebhooks;
  }));
}

void Dispatcher::ShowCircuit(Webhook& webhook) {
  const bool open = webhook.sender->circuit_open();
  if (std::exchange(webhook.open, open) != open) {
    deps_.metrics.SetOpenCircuits(open ? ++open_circuits_ : --open_circuits_);
  }
}

}  // namespace orewatch::alerting
