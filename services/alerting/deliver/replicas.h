// Which Alertmanagers there are: every address that DNS gives for the configured URLs.
#pragma once

#include <string>
#include <vector>

#include "absl/status/statusor.h"

namespace orewatch::alerting {

// One address of a configured URL.
struct Replica {
  // `address:port`: what it is known by.
  std::string name;
  // Without a slash at its end.
  std::string base_url;

  friend bool operator==(const Replica&, const Replica&) = default;
};

class Resolver {
 public:
  virtual ~Resolver() = default;
  // The numeric addresses of a host, an IPv6 address in brackets. UNAVAILABLE.
  virtual absl::StatusOr<std::vector<std::string>> Resolve(const std::string& host) = 0;
};

// Asks the system; blocks.
class SystemResolver final : public Resolver {
 public:
  absl::StatusOr<std::vector<std::string>> Resolve(const std::string& host) override;
};

// Thread-compatible; the resolver outlives it.
class ReplicaFinder {
 public:
  // Each is a URL that ParseUrlHost takes.
  ReplicaFinder(const std::vector<std::string>& urls, Resolver& resolver);

  // Each address once, by name. A host that cannot be looked up keeps the addresses that it had.
  std::vector<Replica> Find();

 private:
  struct Url {
    std::string base_url;
    std::string host;
    int port = 0;
    std::vector<std::string> addresses = {};
  };
  Resolver& resolver_;
  std::vector<Url> urls_;
};

}  // namespace orewatch::alerting
