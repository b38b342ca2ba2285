#include "tests/chaos/rollout.h"

#include <iostream>

#include "gmock/gmock.h"
#include "tests/testing/clients.h"

namespace orewatch::testing {

void Fill(const Fleet& fleet) {
  RegistryStub registry(fleet.channel("registry"));
  const int64_t revision =
      ImportAll(registry, {CountryEntry("CN"), CountryEntry("CL"), MineralEntry("mineral-0"),
                           ProductionEntry("mineral-0", "CN", 100), ProductionEntry("mineral-0", "CL", 100)});
  RiskStub risk(fleet.channel("risk"));
  risk::v1::GetScoreRequest request;
  *request.mutable_key() = MineHhi("mineral-0");
  request.set_min_revision(revision);
  const auto score = Call(risk, &RiskStub::GetScore, request);
  ASSERT_TRUE(score.ok()) << score.status();
}

void ReplaceAll(Fleet& fleet, FleetLoad& load, const std::string& bin_dir) {
  for (const std::string& service : ServicesInOrder()) {
    for (size_t i = 0; i < fleet.replicas(); ++i) {
      fleet.Replace(service, i, bin_dir);
      ASSERT_TRUE(load.AwaitProgress()) << "after the " << i << "th " << service;
    }
  }
}

void ExpectNoFailure(FleetLoad& load) {
  load.Stop();
  EXPECT_THAT(load.failures(), ::testing::IsEmpty());
  std::cout << load.calls() << " calls, and " << load.known_failures() << " failed as the other release is known to\n";
}

}  // namespace orewatch::testing
