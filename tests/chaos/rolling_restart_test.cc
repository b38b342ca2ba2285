// Every replica of every service is replaced while callers go on, and no call fails: by the same release, and by
// another one, forward and back.
#include <cstdlib>
#include <iostream>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "tests/chaos/fleet.h"
#include "tests/chaos/fleet_load.h"
#include "tests/chaos/run.h"
#include "tests/testing/clients.h"

namespace orewatch::testing {
namespace {

using ::testing::IsEmpty;

constexpr size_t kReplicas = 2;

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

// One replica after the other.
void ReplaceAll(Fleet& fleet, FleetLoad& load, const std::string& bin_dir = "") {
  for (const std::string& service : ServicesInOrder()) {
    for (size_t i = 0; i < fleet.replicas(); ++i) {
      fleet.Replace(service, i, bin_dir);
      ASSERT_TRUE(load.AwaitProgress()) << "after the " << i << "th " << service;
    }
  }
}

void ExpectNoFailure(FleetLoad& load) {
  load.Stop();
  EXPECT_THAT(load.failures(), IsEmpty());
  std::cout << load.calls() << " calls\n";
}

TEST(RollingRestartTest, NoCallFails) {
  Fleet fleet(kReplicas);
  Fill(fleet);
  FleetLoad load(fleet);
  ASSERT_TRUE(load.AwaitProgress());
  const absl::Time end = absl::Now() + (Soaking() ? absl::Minutes(2) : absl::ZeroDuration());
  do {
    ReplaceAll(fleet, load);
  } while (absl::Now() < end && !HasFatalFailure());
  ExpectNoFailure(load);
}

TEST(RollingRestartTest, AnotherReleaseTakesOverAndGivesBack) {
  const char* old = std::getenv("OREWATCH_OLD_BIN_DIR");
  if (old == nullptr) {
    GTEST_SKIP() << "skipped: OREWATCH_OLD_BIN_DIR names no programs of another release";
  }
  Fleet fleet(kReplicas, old);
  Fill(fleet);
  FleetLoad load(fleet);
  ASSERT_TRUE(load.AwaitProgress());
  ReplaceAll(fleet, load);
  ReplaceAll(fleet, load, old);
  ExpectNoFailure(load);
}

}  // namespace
}  // namespace orewatch::testing
