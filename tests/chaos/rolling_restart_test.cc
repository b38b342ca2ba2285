// Every replica of every service is replaced while callers go on, and no call fails; nor when one is killed.
#include <algorithm>
#include <string>
#include <vector>

#include "absl/strings/match.h"
#include "absl/time/clock.h"
#include "gmock/gmock.h"
#include "tests/chaos/rollout.h"
#include "tests/chaos/run.h"

namespace orewatch::testing {
namespace {

using ::testing::IsEmpty;

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

TEST(RollingRestartTest, NoCallFailsWhereAReplicaDies) {
  Fleet fleet(kReplicas);
  Fill(fleet);
  FleetLoad load(fleet);
  ASSERT_TRUE(load.AwaitProgress());
  for (const std::string& service : ServicesInOrder()) {
    for (size_t i = 0; i < fleet.replicas(); ++i) {
      fleet.replica(service, i).Kill();
      ASSERT_TRUE(load.AwaitProgress()) << "without the " << i << "th " << service;
      fleet.replica(service, i).Start();
      fleet.replica(service, i).AwaitReady();
      ASSERT_TRUE(load.AwaitProgress()) << "after the " << i << "th " << service;
    }
  }
  load.Stop();
  std::vector<std::string> failures = load.failures();
  // A stream ends with whom it came from, and goes on elsewhere from where it was: nothing was missed.
  failures.erase(
      std::remove_if(failures.begin(), failures.end(),
                     [](const std::string& failure) { return absl::StrContains(failure, "watcher: UNAVAILABLE"); }),
      failures.end());
  EXPECT_THAT(failures, IsEmpty());
}

}  // namespace
}  // namespace orewatch::testing
