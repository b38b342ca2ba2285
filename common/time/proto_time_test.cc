#include "common/time/proto_time.h"

#include "gtest/gtest.h"

namespace orewatch {
namespace {

TEST(ProtoTimeTest, RoundTripsToTheNanosecondOnBothSidesOfTheEpoch) {
  for (const absl::Duration since_epoch :
       {absl::ZeroDuration(), absl::Seconds(1'700'000'000) + absl::Nanoseconds(123'456'789), -absl::Nanoseconds(1),
        -absl::Seconds(5), absl::Milliseconds(-1500)}) {
    const absl::Time time = absl::UnixEpoch() + since_epoch;
    EXPECT_EQ(FromProto(ToProto(time)), time);
    EXPECT_GE(ToProto(time).nanos(), 0);
    EXPECT_EQ(FromProto(ToProto(since_epoch)), since_epoch);
  }
}

TEST(ProtoTimeTest, ANegativeDurationHasOneSign) {
  const auto duration = ToProto(absl::Milliseconds(-1500));
  EXPECT_EQ(duration.seconds(), -1);
  EXPECT_EQ(duration.nanos(), -500'000'000);
}

}  // namespace
}  // namespace orewatch
