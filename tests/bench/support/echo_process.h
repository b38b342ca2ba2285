// The echo as a process of its own.
#pragma once

#include <memory>

#include "grpcpp/channel.h"
#include "tests/bench/support/echo.h"
#include "tests/testing/child_process.h"

namespace orewatch::bench {

// This program once more, with --serve_echo.
class EchoProcess {
 public:
  EchoProcess();
  const std::shared_ptr<grpc::Channel>& channel() const { return channel_; }
  std::shared_ptr<grpc::Channel> NewChannel() const;

 private:
  const int port_ = testing::FreePort();
  testing::ChildProcess process_;
  std::shared_ptr<grpc::Channel> channel_;
};

}  // namespace orewatch::bench
