#include "common/rpc/revision_gate.h"

#include "absl/synchronization/notification.h"
#include "absl/time/clock.h"
#include "common/testing/matchers.h"

namespace orewatch::rpc {
namespace {

using ::orewatch::testing::HasError;
using ::orewatch::testing::IsOk;

TEST(RevisionGateTest, LetsThroughAtOnceWhatIsReached) {
  RevisionGate gate;
  gate.Advance(5);
  absl::Status answer = absl::UnknownError("not called");
  gate.Await(5, absl::InfinitePast(), [&](absl::Status status) { answer = std::move(status); });
  EXPECT_THAT(answer, IsOk());
}

TEST(RevisionGateTest, ParksUntilTheRevisionIsReached) {
  RevisionGate gate;
  int called = 0;
  gate.Await(3, absl::InfiniteFuture(), [&](const absl::Status& status) {
    EXPECT_THAT(status, IsOk());
    ++called;
  });
  gate.Advance(2);
  EXPECT_EQ(called, 0);
  gate.Advance(3);
  gate.Advance(4);
  EXPECT_EQ(called, 1);
}

TEST(RevisionGateTest, GivesUpAtTheDeadline) {
  RevisionGate gate;
  absl::Notification done;
  gate.Await(1, absl::Now() + absl::Milliseconds(5), [&](const absl::Status& status) {
    EXPECT_THAT(status, HasError(absl::StatusCode::kUnavailable, "REVISION_NOT_REACHED"));
    done.Notify();
  });
  done.WaitForNotification();
}

TEST(RevisionGateTest, AnswersWhoeverIsParkedAtTheEnd) {
  absl::Status answer;
  {
    RevisionGate gate;
    gate.Await(1, absl::InfiniteFuture(), [&](absl::Status status) { answer = std::move(status); });
  }
  EXPECT_THAT(answer, HasError(absl::StatusCode::kUnavailable, "REVISION_NOT_REACHED"));
}

}  // namespace
}  // namespace orewatch::rpc
