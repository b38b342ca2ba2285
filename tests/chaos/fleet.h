// Every service in replicas over one PostgreSQL, as in production.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"
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

// Thread-compatible, but for addresses(), channel() and RunsFrom().
class Fleet {
 public:
  // `bin_dir`: where the programs are; empty: those of this build.
  explicit Fleet(size_t replicas, const std::string& bin_dir = "");

  size_t replicas() const { return replicas_; }
  std::vector<std::string> addresses(const std::string& service) const;
  // To all replicas of a service, as a well-behaved client has it.
  std::shared_ptr<grpc::Channel> channel(const std::string& service) const { return ChannelTo(addresses(service)); }
  ServiceProcess& replica(const std::string& service, size_t i) { return *processes_.at(service).at(i); }
  // Whether who answered, by gRPC's name of the peer, is a replica of the programs of `bin_dir`.
  bool RunsFrom(const std::string& bin_dir, const std::string& peer) const;
  // As a rollout does: a stop signal, the drain, and the program of `bin_dir` on the same address, until it is ready.
  void Replace(const std::string& service, size_t i, const std::string& bin_dir = "");

 private:
  void Note(const ServiceProcess& process, const std::string& bin_dir);
  std::vector<std::string> FlagsOf(const std::string& service);
  // `--risk_address=ipv4:...`, of all replicas.
  std::string AddressFlag(const std::string& service) const;

  const size_t replicas_;
  TempDir dir_;
  std::unique_ptr<PostgresServer> postgres_;
  std::map<std::string, std::vector<std::unique_ptr<ServiceProcess>>> processes_;
  mutable absl::Mutex mutex_;
  // By address.
  std::map<std::string, std::string> bin_dirs_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace orewatch::testing
