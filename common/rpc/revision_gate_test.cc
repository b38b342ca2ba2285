#include "common/rpc/revision_gate.h"

#include <memory>
#include <vector>

#include "absl/synchronization/notification.h"
#include "absl/time/clock.h"
#include "common/testing/matchers.h"

namespace orewatch::rpc {
namespace {

using ::orewatch::testing::HasError;
using ::orewatch::testing::IsOk;

CallContext CallUntil(absl::Time deadline, const Cancellation& cancellation = {}) {
  return {Caller(), deadline, cancellation};
}

CallContext PatientCall() { return CallUntil(absl::InfiniteFuture()); }

TEST(RevisionGateTest, LetsThroughAtOnceWhatIsReached) {
  RevisionGate gate;
  gate.Advance(5);
  absl::Status answer = absl::UnknownError("not called");
  gate.Await(CallUntil(absl::InfinitePast()), 5, [&](absl::Status status) { answer = std::move(status); });
  EXPECT_THAT(answer, IsOk());
}

TEST(RevisionGateTest, ParksUntilTheRevisionIsReached) {
  RevisionGate gate;
  int called = 0;
  gate.Await(PatientCall(), 3, [&](const absl::Status& status) {
    EXPECT_THAT(status, IsOk());
    ++called;
  });
  gate.Advance(2);
  EXPECT_EQ(called, 0);
  gate.Advance(3);
  gate.Advance(4);
  EXPECT_EQ(called, 1);
}

// What a call that wants a revision gets at once, from a gate at 5, if the newest revision is `head`.
absl::Status AnswerFor(int64_t revision, const absl::StatusOr<int64_t>& head, bool& asked) {
  RevisionGate gate;
  gate.Advance(5);
  absl::Status answer = absl::UnknownError("it waits");
  gate.AwaitExisting(
      PatientCall(), revision,
      [&](const CallContext&, const auto& answered) {
        asked = true;
        answered(head);
      },
      [&](absl::Status status) { answer = std::move(status); });
  const absl::Status before_the_end = answer;
  gate.Close();
  return before_the_end;
}

TEST(RevisionGateTest, KeepsNobodyWaitingForARevisionThatThereIsNot) {
  bool asked = false;
  EXPECT_THAT(AnswerFor(5, 5, asked), IsOk());
  EXPECT_FALSE(asked) << "it is reached";
  EXPECT_THAT(AnswerFor(8, 7, asked), HasError(absl::StatusCode::kOutOfRange, "REVISION_ABOVE_HEAD"));
  EXPECT_THAT(AnswerFor(8, absl::UnavailableError("away"), asked),
              HasError(absl::StatusCode::kUnavailable, "REVISION_NOT_REACHED"));
  EXPECT_EQ(AnswerFor(7, 7, asked).message(), "it waits");
}

TEST(RevisionGateTest, GivesUpAtTheDeadline) {
  RevisionGate gate;
  absl::Notification done;
  gate.Await(CallUntil(absl::Now() + absl::Milliseconds(5)), 1, [&](const absl::Status& status) {
    EXPECT_THAT(status, HasError(absl::StatusCode::kUnavailable, "REVISION_NOT_REACHED"));
    done.Notify();
  });
  done.WaitForNotification();
}

TEST(RevisionGateTest, KeepsNobodyWithoutADeadlineForEver) {
  RevisionGate gate(absl::Milliseconds(5));
  absl::Notification done;
  gate.Await(PatientCall(), 1, [&](const absl::Status& status) {
    EXPECT_THAT(status, HasError(absl::StatusCode::kUnavailable, "REVISION_NOT_REACHED"));
    done.Notify();
  });
  done.WaitForNotification();
}

TEST(RevisionGateTest, ForgetsACallerWhoGoesAway) {
  RevisionGate gate;
  const Cancellation cancellation;
  std::vector<absl::Status> answers;
  gate.Await(CallUntil(absl::InfiniteFuture(), cancellation), 1,
             [&](absl::Status status) { answers.push_back(std::move(status)); });
  EXPECT_EQ(gate.parked(), 1U);
  cancellation.Cancel();
  EXPECT_EQ(gate.parked(), 0U);
  gate.Advance(1);
  ASSERT_EQ(answers.size(), 1U);
  EXPECT_THAT(answers[0], HasError(absl::StatusCode::kCancelled, "CANCELLED"));
}

TEST(RevisionGateTest, ParksNobodyWhoHasGoneAlready) {
  RevisionGate gate;
  const Cancellation cancellation;
  cancellation.Cancel();
  absl::Status answer;
  gate.Await(CallUntil(absl::InfiniteFuture(), cancellation), 1, [&](absl::Status status) { answer = status; });
  EXPECT_THAT(answer, HasError(absl::StatusCode::kCancelled, "CANCELLED"));
  EXPECT_EQ(gate.parked(), 0U);
}

TEST(RevisionGateTest, RefusesMoreCallersThanItMayPark) {
  RevisionGate gate;
  for (size_t i = 0; i < RevisionGate::kMaxParked; ++i) {
    gate.Await(PatientCall(), 1, [](const absl::Status&) {});
  }
  absl::Status answer;
  gate.Await(PatientCall(), 1, [&](absl::Status status) { answer = std::move(status); });
  EXPECT_THAT(answer, HasError(absl::StatusCode::kResourceExhausted, "TOO_MANY_WAITING"));
}

TEST(RevisionGateTest, AnswersWhoeverIsParkedWhenItCloses) {
  RevisionGate gate;
  absl::Status parked;
  absl::Status late;
  gate.Await(PatientCall(), 1, [&](absl::Status status) {
    parked = std::move(status);
    // Not under the gate's lock.
    gate.Await(PatientCall(), 1, [&](absl::Status again) { late = std::move(again); });
  });
  gate.Close();
  EXPECT_THAT(parked, HasError(absl::StatusCode::kUnavailable, "REVISION_NOT_REACHED"));
  EXPECT_THAT(late, HasError(absl::StatusCode::kUnavailable, "REVISION_NOT_REACHED"));
}

TEST(RevisionGateTest, AnswersWhoeverIsParkedAtTheEnd) {
  absl::Status answer;
  {
    RevisionGate gate;
    gate.Await(PatientCall(), 1, [&](absl::Status status) { answer = std::move(status); });
  }
  EXPECT_THAT(answer, HasError(absl::StatusCode::kUnavailable, "REVISION_NOT_REACHED"));
}

}  // namespace
}  // namespace orewatch::rpc
