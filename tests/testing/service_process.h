// A binary of the suite as an operator runs it: its own process, port, admin port and databases.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/time/time.h"
#include "grpcpp/channel.h"
#include "tests/testing/child_process.h"

namespace orewatch::testing {

// How long a test waits for what must happen.
inline constexpr absl::Duration kPatience = absl::Seconds(30);

// Calls `happened` until it is true; a failure that names `what` if that takes too long.
bool Eventually(const std::string& what, const std::function<bool()>& happened, absl::Duration patience = kPatience);

// Thread-compatible. Its ports stay the same over restarts.
class ServiceProcess {
 public:
  // `flags` beside --address and --admin_address. Started, and ready on return, for which it may take `patience`.
  ServiceProcess(std::string binary, std::string log_file, std::vector<std::string> flags,
                 absl::Duration patience = kPatience);

  // What Start starts from now on.
  void set_binary(std::string binary) { binary_ = std::move(binary); }
  void Start();
  // Waits for /readyz.
  void AwaitReady();
  void Kill() { process_->Kill(); }
  // SIGTERM; returns the exit code, or nothing if it does not end in time.
  std::optional<int> Terminate(absl::Duration patience = kPatience);
  ChildProcess& process() { return *process_; }

  std::string address() const;
  // Retries reads, and writes with a request_id.
  std::shared_ptr<grpc::Channel> channel() const;
  // Body of a page of the admin port; nothing unless it answers 200.
  std::optional<std::string> AdminPage(const std::string& path) const;

 private:
  std::string binary_;
  const std::string log_file_;
  const std::vector<std::string> flags_;
  const absl::Duration patience_;
  const int port_ = FreePort();
  const int admin_port_ = FreePort();
  std::optional<ChildProcess> process_;
};

// A channel to several replicas, with the retries of a well-behaved client.
std::shared_ptr<grpc::Channel> ChannelTo(const std::vector<std::string>& addresses);

}  // namespace orewatch::testing
