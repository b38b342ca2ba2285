#include "tests/bench/support/echo_process.h"

#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "tests/bench/support/die.h"
#include "tests/bench/support/load.h"

namespace orewatch::bench {
namespace {

testing::ChildProcess StartEcho(int port) {
  auto child =
      testing::ChildProcess::Start({.program = "/proc/self/exe", .arguments = {absl::StrCat("--serve_echo=", port)}});
  if (!child.ok()) {
    Die(child.status().ToString());
  }
  return *std::move(child);
}

}  // namespace

EchoProcess::EchoProcess() : process_(StartEcho(port_)), channel_(NewChannel()) {}

std::shared_ptr<grpc::Channel> EchoProcess::NewChannel() const { return ConnectTo(absl::StrCat("127.0.0.1:", port_)); }

}  // namespace orewatch::bench
