// How the callers of a process prove who they are, and how it proves itself to its neighbours, as its flags say.
#pragma once

#include <atomic>
#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "common/auth/access_control.h"
#include "common/auth/auth_metrics.h"
#include "common/auth/kept.h"
#include "common/auth/refresher.h"
#include "common/rpc/authorization.h"
#include "common/rpc/call_runtime.h"
#include "common/time/clock.h"
#include "prometheus/registry.h"

namespace orewatch::app {

// Reads what changes again on threads of its own. Outlives the server. Thread-safe.
class Authentication {
 public:
  // INVALID_ARGUMENT for flags that cannot be or do not fit together, and for files that cannot be read.
  static absl::StatusOr<std::unique_ptr<Authentication>> FromFlags(const Clock& clock, prometheus::Registry& metrics);

  ~Authentication() { stopping_->store(true); }

  // Whether callers must prove who they are.
  bool required() const { return control_ != nullptr; }
  rpc::Authenticator authenticator() const;
  // Of calls of this process to itself; null where nobody need prove anything.
  rpc::Authorization own() const;
  // Of calls to neighbours; null: none.
  rpc::Authorization upstream() const;

 private:
  Authentication(const Clock& clock, prometheus::Registry& metrics) : clock_(clock), metrics_(metrics) {}
  absl::Status TakeTokenKeys(auth::AccessControl::Sources& sources);
  absl::Status TakeAccessFile(auth::AccessControl::Sources& sources);
  absl::Status TakeUpstreamKey();

  const Clock& clock_;
  // Ends a fetch under way.
  const std::shared_ptr<std::atomic<bool>> stopping_ = std::make_shared<std::atomic<bool>>(false);
  auth::AuthMetrics metrics_;
  std::unique_ptr<auth::Kept<auth::KeySet>> token_keys_;
  std::unique_ptr<auth::Kept<auth::AccessTable>> access_;
  std::shared_ptr<auth::Kept<std::string>> upstream_key_;
  std::string own_key_;
  std::unique_ptr<auth::AccessControl> control_;
  // Last, so that they end before what they read into.
  std::unique_ptr<auth::Refresher> token_key_refresher_;
  std::unique_ptr<auth::Refresher> access_refresher_;
  std::unique_ptr<auth::Refresher> upstream_refresher_;
};

}  // namespace orewatch::app
