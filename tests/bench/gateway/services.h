// The services, each a process of its own, with the bundled data; and two gateways over them.
#pragma once

#include <memory>

#include "absl/strings/str_cat.h"
#include "tests/bench/support/die.h"
#include "tests/testing/suite_processes.h"

namespace orewatch::bench {

class BriefedServices {
 public:
  static constexpr char kSupplier[] = "suppliers/albemarle";

  BriefedServices() {
    const testing::Finished import = testing::RunToEnd(
        {.program = "orewatchctl", .arguments = {"--address", services_.registry().address(), "import", "data"}});
    if (import.code != 0) {
      Die(import.output);
    }
    testing::RegistryStub registry(services_.registry().channel());
    const auto head = testing::Call(registry, &testing::RegistryStub::GetHead, {});
    if (!head.ok()) {
      Die(head.status().ToString());
    }
    AwaitWhole(services_.gateway(), head->revision().number());
    AwaitWhole(*forgetful_, head->revision().number());
  }

  testing::ServiceProcess& remembering() { return services_.gateway(); }
  // Remembers nothing: asks every service for every answer.
  testing::ServiceProcess& forgetful() { return *forgetful_; }
  testing::ServiceProcess& registry() { return services_.registry(); }
  testing::ServiceProcess& risk() { return services_.risk(); }
  testing::ServiceProcess& alerting() { return services_.alerting(); }

 private:
  static void AwaitWhole(const testing::ServiceProcess& gateway, int64_t revision) {
    testing::GatewayStub stub(gateway.channel());
    gateway::v1::GetSupplierBriefRequest request;
    request.set_name(kSupplier);
    request.set_min_revision(revision);
    request.set_sections(gateway::v1::SECTION_POLICY_REQUIRED);
    if (!testing::Eventually("a whole brief", [&] {
          return testing::Call(stub, &testing::GatewayStub::GetSupplierBrief, request).ok();
        })) {
      Die("there is no whole brief");
    }
  }

  testing::SeparateServices services_;
  std::unique_ptr<testing::ServiceProcess> forgetful_ = services_.MakeGateway({"--gateway_cache_bytes=0"});
};

}  // namespace orewatch::bench
