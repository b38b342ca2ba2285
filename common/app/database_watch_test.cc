#include "common/app/database_watch.h"

#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "common/status/status.h"
#include "common/testing/matchers.h"
#include "gmock/gmock.h"
#include "prometheus/text_serializer.h"

namespace orewatch::app {
namespace {

using ::orewatch::testing::HasCode;
using ::orewatch::testing::HasError;
using ::testing::Each;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Le;
using ::testing::SizeIs;

class DatabaseWatchTest : public ::testing::Test {
 protected:
  // Opens at the attempt of that number; before that it fails with `error`.
  absl::StatusOr<int> OpenAtAttempt(int number, const absl::Status& error) {
    int attempts = 0;
    return watch_.Await([&]() -> absl::StatusOr<int> {
      metrics_ = prometheus::TextSerializer().Serialize(registry_.Collect());
      return ++attempts == number ? absl::StatusOr<int>(attempts) : error;
    });
  }

  prometheus::Registry registry_;
  bool goes_on_ = true;
  std::vector<absl::Duration> pauses_;
  // As they were at the last attempt.
  std::string metrics_;
  DatabaseWatch watch_{registry_, [this](absl::Duration pause) {
                         pauses_.push_back(pause);
                         return goes_on_;
                       }};
};

const absl::Status& Away() {
  static const auto& away = *new absl::Status(
      MakeError(absl::StatusCode::kUnavailable, "STORAGE_UNAVAILABLE", "the database: connection refused"));
  return away;
}

TEST_F(DatabaseWatchTest, WaitsForADatabaseThatIsAway) {
  EXPECT_EQ(OpenAtAttempt(10, Away()).value_or(0), 10);
  EXPECT_THAT(pauses_, SizeIs(9));
  EXPECT_EQ(pauses_.front(), absl::Milliseconds(250));
  EXPECT_EQ(pauses_.back(), absl::Seconds(2)) << "a fail-over takes seconds: nobody may look much more seldom";
  EXPECT_THAT(pauses_, Each(Le(absl::Seconds(2))));
  EXPECT_THAT(metrics_, HasSubstr("orewatch_db_awaited 1"));
  EXPECT_THAT(prometheus::TextSerializer().Serialize(registry_.Collect()), HasSubstr("orewatch_db_awaited 0"));
}

TEST_F(DatabaseWatchTest, DoesNotWaitForWhatIsThere) {
  EXPECT_EQ(OpenAtAttempt(1, Away()).value_or(0), 1);
  EXPECT_THAT(pauses_, IsEmpty());
}

TEST_F(DatabaseWatchTest, DoesNotWaitForWhatNoWaitingMends) {
  const absl::Status refused = MakeError(absl::StatusCode::kUnavailable, "STORAGE_REFUSED", "no such role");
  EXPECT_THAT(OpenAtAttempt(2, refused), HasError(absl::StatusCode::kUnavailable, "STORAGE_REFUSED"));
  EXPECT_THAT(OpenAtAttempt(2, absl::FailedPreconditionError("schema 99")),
              HasCode(absl::StatusCode::kFailedPrecondition));
  EXPECT_THAT(pauses_, IsEmpty());
}

TEST_F(DatabaseWatchTest, EndsWhenTheProcessIsToEnd) {
  goes_on_ = false;
  EXPECT_THAT(OpenAtAttempt(2, Away()), HasCode(absl::StatusCode::kCancelled));
}

TEST_F(DatabaseWatchTest, NothingIsExpectedOfADatabaseThatIsNotFollowed) {
  EXPECT_EQ(watch_.Silence(), absl::ZeroDuration());
  EXPECT_EQ(OpenAtAttempt(1, Away()).value_or(0), 1);
  EXPECT_EQ(watch_.Silence(), absl::ZeroDuration());
  watch_.NoteAnswer();
  const absl::Duration silence = watch_.Silence();
  while (watch_.Silence() == silence) {
  }
  EXPECT_GT(watch_.Silence(), silence);
}

}  // namespace
}  // namespace orewatch::app
