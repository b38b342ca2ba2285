// A server of servers.h as a process of its own, and what it costs.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "absl/time/time.h"
#include "common/testing/temp_dir.h"
#include "grpcpp/channel.h"
#include "tests/testing/child_process.h"

namespace orewatch::bench {

class Served {
 public:
  // This program once more, with these arguments and a port. Its log goes into a file, as an operator's would.
  explicit Served(const std::vector<std::string>& arguments);

  // Whose callers say of which trace they are, or do not.
  std::shared_ptr<grpc::Channel> NewChannel(bool tells_trace) const;
  // Of the server, in microseconds a call, under callers who say of which trace they are.
  double ProcessorTime(absl::Duration span) const;

 private:
  double ProcessorSeconds() const;

  const testing::TempDir dir_;
  const int port_ = testing::FreePort();
  testing::ChildProcess process_;
  std::shared_ptr<grpc::Channel> channel_;
};

// Of this process, as a caller through the channel.
double ProcessorTimeOfCaller(const std::shared_ptr<grpc::Channel>& channel, absl::Duration span);

}  // namespace orewatch::bench
