// The operators' port: metrics, probes and pages for people, over plain HTTP.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"

namespace prometheus {
class Collectable;
}

namespace orewatch::http {

// Serves on threads of its own from Start until destroyed.
class AdminServer {
 public:
  struct Handlers {
    // Each is collected at every scrape; they outlive the server.
    std::vector<std::weak_ptr<prometheus::Collectable>> collectables;
    // The process can still make progress; false asks the supervisor for a restart.
    std::function<bool()> live;
    // Traffic should be sent here.
    std::function<bool()> ready;
    // JSON of /config and /inflight; unset: there are no such pages.
    std::function<std::string()> config = nullptr;
    std::function<std::string()> in_flight = nullptr;
    // Answers those two and /loglevel to callers on other machines, too. The port knows no callers.
    bool pages_for_all = false;
    // One line for people, when `ready` says no; unset: none.
    std::function<std::string()> why_not_ready = nullptr;
  };

  // /metrics, /livez, /readyz, /config, /inflight and /loglevel, which POST with ?level= changes.
  // `address` is host:port; port 0 takes a free one. UNAVAILABLE if it cannot be bound.
  static absl::StatusOr<std::unique_ptr<AdminServer>> Start(const std::string& address, Handlers handlers);
  virtual ~AdminServer() = default;
  virtual int port() const = 0;
};

}  // namespace orewatch::http
