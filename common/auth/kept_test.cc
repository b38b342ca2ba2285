#include "common/auth/kept.h"

#include <atomic>

#include "absl/strings/numbers.h"
#include "absl/synchronization/notification.h"
#include "common/auth/refresher.h"
#include "common/status/status.h"
#include "common/testing/matchers.h"
#include "gtest/gtest.h"
#include "prometheus/text_serializer.h"

namespace orewatch::auth {
namespace {

using ::orewatch::testing::HasCode;
using ::orewatch::testing::IsOk;
using ::testing::HasSubstr;

const absl::Time kNow = absl::FromUnixSeconds(1'800'000'000);

absl::StatusOr<int> ParseNumber(const std::string& text) {
  int number = 0;
  return absl::SimpleAtoi(text, &number) ? absl::StatusOr<int>(number) : InvalidField("", "is no number");
}

class KeptTest : public ::testing::Test {
 protected:
  std::string Metrics() const { return prometheus::TextSerializer().Serialize(registry_.Collect()); }
  int Value() const { return kept_.Current().value == nullptr ? -1 : *kept_.Current().value; }

  FakeClock clock_{kNow};
  prometheus::Registry registry_;
  AuthMetrics metrics_{registry_};
  absl::StatusOr<std::string> text_ = std::string("1");
  Kept<int> kept_{{.name = "number",
                   .interval = absl::Minutes(5),
                   .retry_interval = absl::Seconds(10),
                   .early_interval = absl::Seconds(30),
                   .max_age = absl::Hours(1)},
                  clock_,
                  metrics_.jwt_keys(),
                  [this] { return text_; },
                  ParseNumber};
};

TEST_F(KeptTest, ThereIsNothingBeforeTheFirstReading) {
  EXPECT_EQ(Value(), -1);
  EXPECT_LE(kept_.DueAt(), clock_.Now());
}

TEST_F(KeptTest, TheGenerationChangesWithTheTextAlone) {
  EXPECT_THAT(kept_.Refresh(), IsOk());
  const int64_t first = kept_.Current().generation;
  EXPECT_THAT(kept_.Refresh(), IsOk());
  EXPECT_EQ(kept_.Current().generation, first);
  text_ = "2";
  EXPECT_THAT(kept_.Refresh(), IsOk());
  EXPECT_EQ(Value(), 2);
  EXPECT_GT(kept_.Current().generation, first);
}

TEST_F(KeptTest, WhatCannotBeReadLeavesWhatWasThereUntilThatIsTooOld) {
  ASSERT_THAT(kept_.Refresh(), IsOk());
  for (const absl::StatusOr<std::string>& bad :
       {absl::StatusOr<std::string>("half a num"), absl::StatusOr<std::string>(absl::UnavailableError("away"))}) {
    text_ = bad;
    EXPECT_FALSE(kept_.Refresh().ok());
    EXPECT_EQ(Value(), 1);
    EXPECT_THAT(Metrics(), HasSubstr("orewatch_auth_last_reload_successful{source=\"jwt_keys\"} 0\n"));
  }
  EXPECT_THAT(Metrics(), HasSubstr("orewatch_auth_reloads_total{result=\"error\",source=\"jwt_keys\"} 2\n"));
  clock_.Advance(absl::Hours(1));
  EXPECT_EQ(Value(), 1);
  clock_.Advance(absl::Seconds(1));
  EXPECT_EQ(Value(), -1);
  text_ = "1";
  EXPECT_THAT(kept_.Refresh(), IsOk());
  EXPECT_EQ(Value(), 1);
  EXPECT_THAT(Metrics(), HasSubstr("orewatch_auth_last_reload_successful{source=\"jwt_keys\"} 1\n"));
}

TEST_F(KeptTest, ItIsDueSoonerAfterAFailure) {
  ASSERT_THAT(kept_.Refresh(), IsOk());
  EXPECT_EQ(kept_.DueAt(), kNow + absl::Minutes(5));
  text_ = absl::UnavailableError("away");
  EXPECT_THAT(kept_.Refresh(), HasCode(absl::StatusCode::kUnavailable));
  EXPECT_EQ(kept_.DueAt(), kNow + absl::Seconds(10));
}

TEST_F(KeptTest, WhoeverMissesSomethingMakesItDueButNotAtOnceAgain) {
  ASSERT_THAT(kept_.Refresh(), IsOk());
  EXPECT_TRUE(kept_.WantSooner());
  EXPECT_FALSE(kept_.WantSooner());
  EXPECT_EQ(kept_.DueAt(), kNow + absl::Seconds(30));
  clock_.Advance(absl::Seconds(30));
  ASSERT_THAT(kept_.Refresh(), IsOk());
  EXPECT_EQ(kept_.DueAt(), kNow + absl::Seconds(30) + absl::Minutes(5));
  EXPECT_TRUE(kept_.WantSooner());
}

TEST_F(KeptTest, WhatSettlesIsTakenWhenItWasFoundTwiceAndNeverEmptied) {
  Kept<int> kept(
      {.name = "file", .settle = true}, clock_, metrics_.access_file(), [this] { return text_; }, ParseNumber);
  const auto value_after = [&](const std::string& text) {
    text_ = text;
    kept.Refresh().IgnoreError();
    return *kept.Current().value;
  };
  EXPECT_EQ(value_after("1"), 1) << "there was nothing before";
  EXPECT_EQ(value_after("2"), 1);
  EXPECT_EQ(value_after("23"), 1) << "it is still being written";
  EXPECT_EQ(value_after("23"), 23);
  EXPECT_EQ(value_after("4"), 23);
  EXPECT_EQ(value_after("23"), 23);
  EXPECT_EQ(value_after("4"), 23) << "it was something else in between";
  for (const char* emptied : {"", "", " \n", " \n"}) {
    EXPECT_EQ(value_after(emptied), 23);
    EXPECT_THAT(Metrics(), HasSubstr("orewatch_auth_last_reload_successful{source=\"access_file\"} 0\n"));
  }
  EXPECT_EQ(value_after("4"), 23);
  EXPECT_EQ(value_after("4"), 4);
  EXPECT_THAT(Metrics(), HasSubstr("orewatch_auth_last_reload_successful{source=\"access_file\"} 1\n"));
}

TEST(RefresherTest, ReadsWhenItIsDueAndWhenItIsWoken) {
  FakeClock clock(kNow);
  absl::Notification first;
  absl::Notification second;
  std::atomic<int> times{0};
  std::atomic<bool> due{true};
  Refresher refresher(
      clock, [&] { return due.load() ? kNow : absl::InfiniteFuture(); },
      [&] {
        due.store(false);
        (times.fetch_add(1) == 0 ? first : second).Notify();
      });
  first.WaitForNotification();
  due.store(true);
  refresher.Wake();
  second.WaitForNotification();
  EXPECT_EQ(times.load(), 2);
}

}  // namespace
}  // namespace orewatch::auth
