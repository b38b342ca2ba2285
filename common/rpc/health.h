// grpc.health.v1.Health, on the same table as every other service, so that reflection can describe it.
#pragma once

#include <map>
#include <string>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"
#include "common/rpc/notifier.h"
#include "common/rpc/service.h"

namespace orewatch::rpc {

// Names: "" and each service are readiness; `liveness` stays SERVING while the process can make progress, also during
// a drain. Everything is NOT_SERVING until it is set. Thread-safe.
class Health {
 public:
  static constexpr char kLiveness[] = "liveness";

  Health();
  Service& service() { return service_; }

  // Adds a name that follows readiness. Before the server starts.
  void AddService(const std::string& name);
  void SetReady(bool ready);
  // Not ready from now on, whatever is said afterwards.
  void EndReadiness();
  void SetLive(bool live);
  bool ready() const;
  bool live() const;

 private:
  // False: unknown name.
  bool Lookup(const std::string& name, bool& serving) const;
  void Set(const std::string& name, bool serving);
  void BindCheck();
  void BindWatch();

  mutable absl::Mutex mutex_;
  std::map<std::string, bool> serving_ ABSL_GUARDED_BY(mutex_);
  bool readiness_ended_ ABSL_GUARDED_BY(mutex_) = false;
  Notifier changed_;
  Service service_;
};

}  // namespace orewatch::rpc
