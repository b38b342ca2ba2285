#include "tests/testing/service_process.h"

#include <httplib.h>
#include <signal.h>
#include <stdlib.h>

#include <thread>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/time/clock.h"
#include "common/rpc/channel.h"
#include "gtest/gtest.h"
#include "orewatch/alerting/v1/alerting.pb.h"
#include "orewatch/gateway/v1/gateway.pb.h"
#include "orewatch/registry/v1/registry.pb.h"
#include "orewatch/risk/v1/risk.pb.h"

namespace orewatch::testing {

bool Eventually(const std::string& what, const std::function<bool()>& happened, absl::Duration patience) {
  for (const absl::Time give_up = absl::Now() + patience; absl::Now() < give_up; std::this_thread::yield()) {
    if (happened()) {
      return true;
    }
  }
  ADD_FAILURE() << what << " did not happen within " << patience;
  return false;
}

ServiceProcess::ServiceProcess(std::string binary, std::string log_file, std::vector<std::string> flags,
                               absl::Duration patience)
    : binary_(std::move(binary)), log_file_(std::move(log_file)), flags_(std::move(flags)), patience_(patience) {
  Start();
  AwaitReady();
}

void ServiceProcess::Start() {
  ChildProcess::Options options{.program = binary_, .arguments = flags_, .log_file = log_file_};
  options.arguments.push_back(absl::StrCat("--address=", address()));
  options.arguments.push_back(absl::StrCat("--admin_address=127.0.0.1:", admin_port_));
  auto started = ChildProcess::Start(options);
  ASSERT_TRUE(started.ok()) << started.status();
  process_ = *std::move(started);
}

void ServiceProcess::AwaitReady() {
  Eventually(
      absl::StrCat("readiness of ", binary_, " (", log_file_, ")"), [this] { return AdminPage("/readyz").has_value(); },
      patience_);
}

std::optional<int> ServiceProcess::Terminate(absl::Duration patience) {
  process_->Signal(SIGTERM);
  return process_->Wait(patience);
}

std::string ServiceProcess::address() const { return absl::StrCat("127.0.0.1:", port_); }

std::shared_ptr<grpc::Channel> ServiceProcess::channel() const { return ChannelTo({address()}); }

std::optional<std::string> ServiceProcess::AdminPage(const std::string& path) const {
  httplib::Client client("127.0.0.1", admin_port_);
  const auto answer = client.Get(path);
  return answer && answer->status == 200 ? std::optional(answer->body) : std::nullopt;
}

std::shared_ptr<grpc::Channel> ChannelTo(const std::vector<std::string>& addresses) {
  // gRPC looks after a connection for which nobody waits only every five seconds, and nobody waits in a program whose
  // calls fail at once. It reads this when its first channel is made.
  setenv("GRPC_CLIENT_CHANNEL_BACKUP_POLL_INTERVAL_MS", "20", /*overwrite=*/0);
  return rpc::Connect(absl::StrCat("ipv4:", absl::StrJoin(addresses, ",")),
                      {registry::v1::ListMineralsRequest::descriptor()->file()->FindServiceByName("Registry"),
                       risk::v1::GetScoreRequest::descriptor()->file()->FindServiceByName("Risk"),
                       alerting::v1::GetRuleRequest::descriptor()->file()->FindServiceByName("Alerting"),
                       gateway::v1::GetOverviewRequest::descriptor()->file()->FindServiceByName("Gateway")});
}

}  // namespace orewatch::testing
