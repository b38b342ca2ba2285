#include "tests/testing/alertmanager_process.h"

#include <httplib.h>

#include <csignal>
#include <fstream>
#include <sstream>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "absl/time/clock.h"
#include "gtest/gtest.h"

namespace orewatch::testing {
namespace {

constexpr absl::Duration kPatience = absl::Seconds(30);

}  // namespace

std::string AlertmanagerProcess::Config(const std::vector<std::string>& hook_urls) {
  std::string text = Config(hook_urls.front());
  const size_t begin = text.find("      - url: ");
  // Up to the empty line behind the receiver.
  const size_t end = text.find("\n\n", begin) + 1;
  const std::string hook = text.substr(begin, end - begin);
  std::string others;
  for (size_t i = 1; i < hook_urls.size(); ++i) {
    absl::StrAppend(&others, absl::StrReplaceAll(hook, {{hook_urls.front(), hook_urls[i]}}));
  }
  return text.insert(end, others);
}

std::string AlertmanagerProcess::Config(const std::string& hook_url) {
  std::ifstream file("deploy/alertmanager/alertmanager.yml");
  std::stringstream text;
  text << file.rdbuf();
  return absl::StrReplaceAll(text.str(), {{"http://127.0.0.1:9113/hooks/alertmanager", hook_url},
                                          {"group_wait: 10s", "group_wait: 200ms"},
                                          {"group_interval: 30s", "group_interval: 300ms"},
                                          {"group_interval: 1m", "group_interval: 300ms"},
                                          {"credentials_file: /etc/orewatch/hook_secret", "credentials: secret"}});
}

AlertmanagerProcess::AlertmanagerProcess(const std::string& config) : port_(FreePort()), cluster_port_(FreePort()) {
  std::ofstream(dir_ / "alertmanager.yml") << config;
}

void AlertmanagerProcess::Start(const std::vector<std::string>& peers) {
  std::vector<std::string> arguments = {
      absl::StrCat("--config.file=", dir_ / "alertmanager.yml"), absl::StrCat("--storage.path=", dir_ / "data"),
      absl::StrCat("--web.listen-address=127.0.0.1:", port_),
      absl::StrCat("--cluster.listen-address=", peers.empty() ? "" : cluster_address()),
      // The wait of the second and third member before they tell what the first has not.
      "--cluster.peer-timeout=200ms", "--cluster.gossip-interval=50ms", "--cluster.pushpull-interval=500ms",
      "--cluster.settle-timeout=2s", "--cluster.reconnect-interval=500ms", "--log.level=debug"};
  for (const std::string& peer : peers) {
    if (peer != cluster_address()) {
      arguments.push_back(absl::StrCat("--cluster.peer=", peer));
    }
  }
  auto process =
      ChildProcess::Start({.program = "/usr/bin/prometheus-alertmanager", .arguments = arguments, .log_file = log()});
  ASSERT_TRUE(process.ok()) << process.status();
  process_ = *std::move(process);
  const absl::Time deadline = absl::Now() + kPatience;
  for (;;) {
    const auto ready = httplib::Client("127.0.0.1", port_).Get("/-/ready");
    if (ready && ready->status == 200) {
      return;
    }
    ASSERT_LT(absl::Now(), deadline) << "Alertmanager does not start; see " << log();
    absl::SleepFor(absl::Milliseconds(20));
  }
}

void AlertmanagerProcess::Stop() {
  process_->Signal(SIGTERM);
  EXPECT_EQ(process_->Wait(kPatience), 0);
  process_.reset();
}

void AlertmanagerProcess::Kill() {
  process_->Kill();
  process_.reset();
}

std::string AlertmanagerProcess::url() const { return absl::StrCat("http://127.0.0.1:", port_); }
std::string AlertmanagerProcess::cluster_address() const { return absl::StrCat("127.0.0.1:", cluster_port_); }

}  // namespace orewatch::testing
