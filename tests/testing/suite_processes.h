// The suite, in one process or apart, over databases of its own.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "common/testing/temp_dir.h"
#include "tests/testing/clients.h"
#include "tests/testing/service_process.h"

namespace orewatch::testing {

// All four services in one process.
class EmbeddedSuite {
 public:
  EmbeddedSuite()
      : process_("orewatch", dir_ / "log",
                 {absl::StrCat("--data_dir=", dir_.path()), "--default_rules=data/rules.textproto"}),
        channel_(process_.channel()),
        registry(RegistryStub(channel_)),
        risk(RiskStub(channel_)),
        alerting(AlertingStub(channel_)),
        gateway(GatewayStub(channel_)) {}

  ServiceProcess& process() { return process_; }
  // Through orewatchctl, as a user does; every row must be taken.
  void ImportBundledData() {
    const Finished import =
        RunToEnd({.program = "orewatchctl", .arguments = {"--address", process_.address(), "import", "data"}});
    EXPECT_EQ(import.code, 0) << import.output;
  }

 private:
  TempDir dir_;
  ServiceProcess process_;
  std::shared_ptr<grpc::Channel> channel_;

 public:
  RegistryStub registry;
  RiskStub risk;
  AlertingStub alerting;
  GatewayStub gateway;
};

// Each service in a process of its own; further replicas may be started beside them.
class SeparateServices {
 public:
  // `database`: of the registry; empty: an embedded one.
  explicit SeparateServices(const std::string& database = "")
      : registry_("orewatch-registry", dir_ / "registry.log",
                  {absl::StrCat("--data_dir=", registry_dir()), absl::StrCat("--database=", database)}),
        risk_(MakeRisk()),
        alerting_("orewatch-alerting", dir_ / "alerting.log",
                  {absl::StrCat("--data_dir=", dir_ / "alerting"), absl::StrCat("--risk_address=", risk_->address()),
                   "--default_rules=data/rules.textproto"}),
        gateway_(MakeGateway()) {}

  // Where the embedded database is.
  std::string registry_dir() const { return dir_ / "registry"; }
  ServiceProcess& registry() { return registry_; }
  ServiceProcess& risk() { return *risk_; }
  ServiceProcess& alerting() { return alerting_; }
  ServiceProcess& gateway() { return *gateway_; }
  std::unique_ptr<ServiceProcess> MakeRisk() {
    return std::make_unique<ServiceProcess>(
        "orewatch-risk", dir_ / "risk.log",
        std::vector<std::string>{absl::StrCat("--registry_address=", registry_.address())});
  }
  std::unique_ptr<ServiceProcess> MakeGateway(std::vector<std::string> flags = {}) {
    flags.insert(flags.end(), {absl::StrCat("--registry_address=", registry_.address()),
                               absl::StrCat("--risk_address=", risk_->address()),
                               absl::StrCat("--alerting_address=", alerting_.address())});
    return std::make_unique<ServiceProcess>("orewatch-gateway", dir_ / "gateway.log", std::move(flags));
  }

 private:
  TempDir dir_;
  ServiceProcess registry_;
  std::unique_ptr<ServiceProcess> risk_;
  ServiceProcess alerting_;
  std::unique_ptr<ServiceProcess> gateway_;
};

}  // namespace orewatch::testing
