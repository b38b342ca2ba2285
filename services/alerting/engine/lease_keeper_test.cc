#include "services/alerting/engine/lease_keeper.h"

#include <vector>

#include "common/testing/matchers.h"
#include "common/testing/temp_dir.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "services/alerting/store/sqlite/sqlite_alert_store.h"

namespace orewatch::alerting {
namespace {

using ::orewatch::testing::IsOk;
using ::testing::ElementsAre;

constexpr absl::Duration kPoll = absl::Milliseconds(1);
constexpr absl::Duration kPatience = absl::Seconds(30);

class LeaseKeeperTest : public ::testing::Test {
 protected:
  LeaseKeeperTest()
      : metrics_(registry_),
        store_(*SqliteAlertStore::Open(path_)),
        engine_(*AlertEngine::Open({.store = *store_, .clock = clock_, .metrics = metrics_})) {}

  void Note(bool evaluates) {
    absl::MutexLock lock(&mutex_);
    told_.push_back(evaluates);
  }
  bool AwaitTold(size_t count) {
    const auto told = [&]() ABSL_SHARED_LOCKS_REQUIRED(mutex_) { return told_.size() >= count; };
    absl::MutexLock lock(&mutex_);
    return mutex_.AwaitWithTimeout(absl::Condition(&told), kPatience);
  }
  std::vector<bool> Told() {
    absl::MutexLock lock(&mutex_);
    return told_;
  }

  const orewatch::testing::TempDir dir_;
  const std::string path_ = dir_ / "alerting.db";
  SystemClock clock_;
  prometheus::Registry registry_;
  AlertMetrics metrics_;
  std::unique_ptr<AlertStore> store_;
  std::unique_ptr<AlertEngine> engine_;
  absl::Mutex mutex_;
  std::vector<bool> told_ ABSL_GUARDED_BY(mutex_);
};

TEST_F(LeaseKeeperTest, SaysThatTheTermBeginsAndEnds) {
  LeaseKeeper keeper(*engine_, kPoll, [this](bool evaluates) { Note(evaluates); });
  ASSERT_TRUE(AwaitTold(1));
  EXPECT_THAT(Told(), ElementsAre(true));
  // Another process takes over.
  const auto other = SqliteAlertStore::Open(path_);
  ASSERT_THAT(other, IsOk());
  ASSERT_TRUE(AwaitTold(2));
  EXPECT_THAT(Told(), ElementsAre(true, false));
  EXPECT_FALSE(engine_->lease().has_value());
}

TEST_F(LeaseKeeperTest, StoppingEndsTheTerm) {
  LeaseKeeper keeper(*engine_, kPoll, [this](bool evaluates) { Note(evaluates); });
  ASSERT_TRUE(AwaitTold(1));
  keeper.Stop();
  keeper.Stop();
  EXPECT_THAT(Told(), ElementsAre(true, false));
  EXPECT_FALSE(engine_->lease().has_value());
}

}  // namespace
}  // namespace orewatch::alerting
