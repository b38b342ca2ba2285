// What is measured, and what it is measured against, each a process of its own over the loopback.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "common/testing/temp_dir.h"
#include "grpcpp/channel.h"
#include "orewatch/registry/v1/registry.grpc.pb.h"
#include "tests/testing/service_process.h"

namespace orewatch::bench {

// Engines of the registry's store.
inline constexpr char kSqlite[] = "sqlite";
inline constexpr char kPostgres[] = "postgres";

// Makes the entry of a number.
using MakeEntry = std::function<registry::v1::Entry(int64_t number)>;

// orewatch-registry as an operator runs it, over an engine of its store. Aborts when a call fails.
class RegistryProcess {
 public:
  explicit RegistryProcess(const std::string& engine);

  const std::shared_ptr<grpc::Channel>& channel() const { return channel_; }
  registry::v1::Registry::Stub& stub() { return *stub_; }
  std::shared_ptr<grpc::Channel> NewChannel() const;

  // Each row must be taken.
  void Import(const std::vector<registry::v1::Entry>& entries);
  // Those of the numbers [first, first + count); returns rows per second.
  double Import(const MakeEntry& make, int64_t first, int64_t count);

  // Connection string of its database; empty: it keeps files.
  const std::string& database() const { return database_; }
  int64_t resident_bytes() const;
  // Of its processor, since it started.
  double processor_seconds() const;
  int64_t disk_bytes() const;

 private:
  testing::TempDir dir_;
  const std::string database_;
  testing::ServiceProcess process_;
  std::shared_ptr<grpc::Channel> channel_;
  std::unique_ptr<registry::v1::Registry::Stub> stub_;
};

}  // namespace orewatch::bench
