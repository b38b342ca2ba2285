// Every service in replicas over one PostgreSQL, as in production.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "common/testing/temp_dir.h"
#include "grpcpp/channel.h"
#include "tests/testing/postgres_server.h"
#include "tests/testing/service_process.h"

namespace orewatch::testing {

// In the order in which they are started and upgraded: nobody before those whom they call.
inline const std::vector<std::string>& ServicesInOrder() {
  static const auto* const order = new std::vector<std::string>{"registry", "risk", "alerting", "gateway"};
  return *order;
}

// Thread-compatible, but for addresses() and channel().
class Fleet {
 public:
  // `bin_dir`: where the programs are; empty: those of this build.
  explicit Fleet(size_t replicas, const std::string& bin_dir = "");

  size_t replicas() const { return replicas_; }
  std::vector<std::string> addresses(const std::string& service) const;
  // To all replicas of a service, as a well-behaved client has it.
  std::shared_ptr<grpc::Channel> channel(const std::string& service) const { return ChannelTo(addresses(service)); }
  ServiceProcess& replica(const std::string& service, size_t i) { return *processes_.at(service).at(i); }
  // As a rollout does: a stop signal, the drain, and the program of `bin_dir` on the same address, until it is ready.
  void Replace(const std::string& service, size_t i, const std::string& bin_dir = "");

 private:
  std::vector<std::string> FlagsOf(const std::string& service);
  // `--risk_address=ipv4:...`, of all replicas.
  std::string AddressFlag(const std::string& service) const;

  const size_t replicas_;
  TempDir dir_;
  std::unique_ptr<PostgresServer> postgres_;
  std::map<std::string, std::vector<std::unique_ptr<ServiceProcess>>> processes_;
};

}  // namespace orewatch::testing
