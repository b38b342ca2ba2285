#include "services/alerting/domain/firing_log.h"

#include <string>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace orewatch::alerting {
namespace {

using ::testing::SizeIs;

absl::Time At(int64_t second) { return absl::FromUnixSeconds(second); }

TimelineEntry Entry(const std::string& subject, AlertState from, AlertState to, int64_t second) {
  TimelineEntry entry;
  entry.from = from;
  entry.time = At(second);
  entry.after.key.score.subject = subject;
  entry.after.state = to;
  entry.after.severity = Severity::kWarning;
  return entry;
}

TimelineEntry Fires(const std::string& subject, int64_t second) {
  return Entry(subject, AlertState::kInactive, AlertState::kFiring, second);
}

TimelineEntry Resolves(const std::string& subject, int64_t second) {
  return Entry(subject, AlertState::kFiring, AlertState::kResolved, second);
}

TEST(FiringLogTest, AFiringBelongsToThePeriodInWhichItBegins) {
  FiringLog log({At(100), At(200)}, 10);
  log.Note(Fires("before", 10));
  log.Note(Resolves("before", 100));
  log.Note(Fires("into", 20));
  log.Note(Fires("within", 100));
  log.Note(Resolves("into", 110));
  log.Note(Resolves("within", 150));
  log.Note(Fires("beyond", 190));
  log.Note(Resolves("beyond", 250));
  log.Note(Fires("after", 200));
  const Firings firings = log.Finish();
  EXPECT_EQ(firings.fired, 2);
  EXPECT_EQ(firings.standing, 1);
  EXPECT_EQ(firings.duration, absl::Seconds(10 + 50 + 10));
  ASSERT_THAT(firings.newest, SizeIs(3));
  EXPECT_EQ(firings.newest[0].key.score.subject, "beyond");
  EXPECT_EQ(firings.newest[2].fire_time, At(20));
}

TEST(FiringLogTest, KeepsTheNewestAndCountsAll) {
  FiringLog log({At(0), At(10000)}, 3);
  for (int64_t second = 0; second < 100; ++second) {
    log.Note(Fires(absl::StrCat(second), second));
    log.Note(Resolves(absl::StrCat(second), 1000 - second));
  }
  const Firings firings = log.Finish();
  EXPECT_EQ(firings.fired, 100);
  ASSERT_THAT(firings.newest, SizeIs(3));
  EXPECT_EQ(firings.newest[0].fire_time, At(99));
  EXPECT_EQ(firings.newest[2].fire_time, At(97));
}

TEST(FiringLogTest, SomebodyIsToldByAnyEntryWhileItFires) {
  FiringLog log({At(0), At(100)}, 10);
  log.Note(Fires("muted", 1));
  TimelineEntry resolves = Resolves("muted", 2);
  resolves.notifies = true;
  log.Note(resolves);
  TimelineEntry along = Fires("along", 3);
  along.digest_of = 7;
  log.Note(along);
  log.Note(Fires("later", 4));
  TimelineEntry unmuted = Entry("later", AlertState::kFiring, AlertState::kFiring, 5);
  unmuted.after.severity = Severity::kCritical;
  unmuted.notifies = true;
  log.Note(unmuted);
  const Firings firings = log.Finish();
  EXPECT_EQ(firings.fired, 3);
  EXPECT_EQ(firings.told, 2);
  EXPECT_EQ(firings.notifications, 2);
  EXPECT_EQ(firings.newest[0].worst, Severity::kCritical);
  EXPECT_FALSE(firings.newest[2].told);
}

}  // namespace
}  // namespace orewatch::alerting
