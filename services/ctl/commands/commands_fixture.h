// The commands against services that answer from memory.
#pragma once

#include <fstream>
#include <memory>
#include <sstream>
#include <string>
#include <vector>

#include "absl/flags/reflection.h"
#include "absl/strings/str_cat.h"
#include "common/testing/serve.h"
#include "common/testing/temp_dir.h"
#include "grpcpp/server.h"
#include "grpcpp/server_builder.h"
#include "gtest/gtest.h"
#include "services/ctl/cli/run.h"
#include "services/ctl/commands/fake_alerting.h"
#include "services/ctl/commands/fake_gateway.h"
#include "services/ctl/commands/fake_registry.h"
#include "services/ctl/commands/fake_risk.h"

namespace orewatch::ctl {

class CommandsTest : public ::testing::Test {
 protected:
  CommandsTest() {
    int port = 0;
    server_ = orewatch::testing::Serve({&registry_, &risk_, &alerting_, &gateway_}, &port);
    address_ = absl::StrCat("127.0.0.1:", port);
    for (const char* id : {"cobalt", "zinc"}) {
      registry::v1::Mineral& mineral = registry_.minerals[absl::StrCat("minerals/", id)];
      mineral.set_name(absl::StrCat("minerals/", id));
      mineral.set_kind(registry::v1::Mineral::KIND_ELEMENT);
    }
  }

  // Runs the command against the fakes and returns its exit code.
  int Ctl(const std::vector<std::string>& words) {
    out_.str("");
    err_.str("");
    const absl::FlagSaver saver;
    return ctl::Run(words,
                    [&](const char* name) -> const char* {
                      return absl::string_view(name) == "OREWATCH_ADDRESS" ? address_.c_str() : nullptr;
                    },
                    {out_, err_});
  }

  // A path in a folder that goes with the test.
  std::string InFolder(const std::string& name) const { return folder_ / name; }
  std::string WriteFile(const std::string& name, const std::string& text) {
    std::string path = InFolder(name);
    std::ofstream(path) << text;
    return path;
  }

  static std::string TextIn(const std::string& path) {
    std::ifstream stream(path);
    return {std::istreambuf_iterator<char>(stream), std::istreambuf_iterator<char>()};
  }

  const testing::TempDir folder_;
  FakeRegistry registry_;
  FakeRisk risk_;
  FakeAlerting alerting_;
  FakeGateway gateway_;
  std::unique_ptr<grpc::Server> server_;
  std::string address_;
  std::ostringstream out_;
  std::ostringstream err_;
};

}  // namespace orewatch::ctl
