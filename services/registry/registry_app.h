// The registry, assembled.
#pragma once

#include <memory>
#include <set>
#include <string>
#include <thread>

#include "absl/base/thread_annotations.h"
#include "absl/status/statusor.h"
#include "absl/synchronization/mutex.h"
#include "common/app/environment.h"
#include "common/exec/repeater.h"
#include "common/exec/sleeper.h"
#include "common/rpc/service.h"
#include "common/storage/schema.h"
#include "services/registry/api/registry_service.h"
#include "services/registry/engine/registry.h"
#include "services/registry/engine/registry_metrics.h"
#include "services/registry/engine/resource_counter.h"

namespace orewatch::registry {

struct RegistryConfig {
  // Folder of the embedded database; created if missing. Not used with `database`.
  std::string data_dir;
  // Connection string of a PostgreSQL database, which replicas may share; empty: the embedded database.
  std::string database = "";
  // To PostgreSQL, for reads.
  int database_connections = 8;
  // Principals to whom Watch and Export show everything: services that show it on only to those who may read it.
  std::set<std::string> trusted_followers = {"orewatch-alerting", "orewatch-risk"};
};

class RegistryApp {
 public:
  // INVALID_ARGUMENT for a malformed connection string, UNAVAILABLE if the folder or the server cannot be used,
  // FAILED_PRECONDITION for a database of a newer release, or from before the first.
  static absl::StatusOr<std::unique_ptr<RegistryApp>> Create(const RegistryConfig& config,
                                                             const app::Environment& environment);
  ~RegistryApp() { Stop(); }

  // Brings its tables up to date, as opening it does. The same errors.
  static absl::StatusOr<storage::Migration> Migrate(const RegistryConfig& config);

  // Where such a registry keeps its entries: a connection string, or the file of the embedded database.
  static std::string DatabaseOf(const RegistryConfig& config);

  rpc::Service& service() { return service_.service(); }
  // Begins to record the date, to purge what has expired and to drop what search no longer needs.
  void Start();
  void Stop();

 private:
  RegistryApp(std::unique_ptr<RegistryStore> store, const RegistryConfig& config, const app::Environment& environment);
  void KeepTimeUntilStopped();
  // All that can be dropped, unless it is stopped first.
  void DropSearched();

  const Clock& clock_;
  RegistryMetrics metrics_;
  std::unique_ptr<RegistryStore> store_;
  Registry registry_;
  RegistryService service_;
  rpc::Notifier::Subscription revision_gauge_;
  ResourceCounter counter_;
  // Counts on a thread of its own.
  std::unique_ptr<Repeater> counting_;
  Sleeper sleeper_;
  std::thread dates_;
};

}  // namespace orewatch::registry
