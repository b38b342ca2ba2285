// The alerting service, assembled.
#pragma once

#include <functional>
#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "common/app/environment.h"
#include "common/rpc/service.h"
#include "common/storage/schema.h"
#include "grpcpp/channel.h"
#include "services/alerting/deliver/dispatcher.h"
#include "services/alerting/domain/action.h"
#include "services/alerting/domain/retention.h"
#include "services/alerting/store/alert_store.h"

namespace orewatch::alerting {

struct AlertingConfig {
  // Where the store lives; created if missing. Empty: in memory, for tests.
  std::string data_dir;
  // A RuleSet in text format for an installation that has never had rules; empty: none.
  std::string default_rules_file;
  // A PostgreSQL database for the store, which replicas share; empty: data_dir.
  std::string database = {};
  // To it, for reads.
  int database_connections = 4;
  // Another replica evaluates this long after the last sign of life of the one that did.
  absl::Duration lease_life = absl::Seconds(15);
  // How long an acknowledgement holds where its request does not say.
  AcknowledgementPolicy acknowledgements = {};
  // For how long what is over is kept.
  RetentionPolicy retention = {};
  // Who is told of alerts.
  DeliveryConfig delivery = {};
};

// Where a test may stand between the service and what it depends on; unset in production.
struct AlertingSeams {
  std::function<std::unique_ptr<AlertStore>(std::unique_ptr<AlertStore>)> wrap_store = nullptr;
  std::function<std::unique_ptr<http::Client>(std::unique_ptr<http::Client>)> wrap_client = nullptr;
};

// Thread-compatible: create, start, stop and destroy it from one thread.
class AlertingApp {
 public:
  // Opens the store and loads what it holds. UNAVAILABLE or DATA_LOSS from the store, FAILED_PRECONDITION if a newer
  // release has written it or the port for Alertmanager's calls cannot be had, NOT_FOUND or INVALID_ARGUMENT if the
  // default rules are wanted and cannot be read.
  static absl::StatusOr<std::unique_ptr<AlertingApp>> Create(const AlertingConfig& config,
                                                             const app::Environment& environment,
                                                             const AlertingSeams& seams = {});
  ~AlertingApp();

  // Brings its tables up to date, as opening it does. The same errors.
  static absl::StatusOr<storage::Migration> Migrate(const AlertingConfig& config);

  // Where it keeps its alerts: a connection string, or the file of the embedded database; empty: in memory.
  static std::string DatabaseOf(const AlertingConfig& config);

  // Answers from the moment of creation. A neighbour that is away makes the answers stale, which they say, and not
  // useless.
  rpc::Service& service();
  // Begins to follow scores, what happens in the registry, and the grid of time. Without a registry rules know nothing
  // of what happens in it, and explanations do not say who made the change behind an alert.
  void Start(const std::shared_ptr<grpc::Channel>& risk, const std::shared_ptr<grpc::Channel>& registry = nullptr);
  // Idempotent; the service still answers.
  void Stop();

 private:
  struct Parts;
  explicit AlertingApp(std::unique_ptr<Parts> parts);

  const std::unique_ptr<Parts> parts_;
};

}  // namespace orewatch::alerting
