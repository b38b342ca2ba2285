#include "services/risk/engine/auditor.h"

#include <atomic>
#include <set>
#include <string>

#include "absl/synchronization/notification.h"
#include "gmock/gmock.h"

namespace orewatch::risk {
namespace {

std::shared_ptr<const Model> TwoMinerals() {
  Changes changes;
  for (const char* mineral : {"minerals/cobalt", "minerals/tin"}) {
    Figure figure;
    figure.amount = 10;
    changes.production[{{mineral, 1}, {"usgs-mcs-2026", "", 2, "", 2024, "ID"}}] = figure;
  }
  return Model(Parameters()).Apply(changes, 1);
}

TEST(AuditorTest, GoesThroughTheSubjectsOfTheNewestModelAgainAndAgain) {
  std::atomic<bool> loaded = false;
  std::multiset<std::string> seen;
  absl::Notification twice;
  const auto model = TwoMinerals();
  const auto audited = [&](const Audit& audit) {
    EXPECT_GT(audit.scores, 0U);
    EXPECT_TRUE(audit.mismatches.empty());
    seen.insert(audit.subject);
    if (seen.size() == 4) {
      EXPECT_EQ(seen.count("minerals/tin"), 2U);
      twice.Notify();
    }
  };
  const auto current = [&] { return loaded.exchange(true) ? model : nullptr; };
  const Auditor auditor(absl::Milliseconds(1), current, audited);
  EXPECT_TRUE(twice.WaitForNotificationWithTimeout(absl::Seconds(30)));
}

}  // namespace
}  // namespace orewatch::risk
