// Another release is replaced by this one while callers go on, and comes back, and no call fails. Run by
// scripts/upgrade.
#include <cstdlib>
#include <string>

#include "absl/strings/str_split.h"
#include "gtest/gtest.h"
#include "tests/chaos/rollout.h"

namespace orewatch::testing {
namespace {

// Of the other release, as scripts/upgrade names them.
KnownFaults KnownFaultsOf(const std::string& bin_dir) {
  const char* names = std::getenv("OREWATCH_OLD_FAULTS");
  return {bin_dir, absl::StrSplit(names == nullptr ? "" : names, ',', absl::SkipEmpty())};
}

TEST(UpgradeTest, AnotherReleaseTakesOverAndGivesBack) {
  const char* old = std::getenv("OREWATCH_OLD_BIN_DIR");
  if (old == nullptr) {
    GTEST_SKIP() << "skipped: OREWATCH_OLD_BIN_DIR names no programs of another release";
  }
  Fleet fleet(kReplicas, old);
  Fill(fleet);
  FleetLoad load(fleet, KnownFaultsOf(old));
  ASSERT_TRUE(load.AwaitProgress());
  ReplaceAll(fleet, load);
  ReplaceAll(fleet, load, old);
  ExpectNoFailure(load);
}

}  // namespace
}  // namespace orewatch::testing
