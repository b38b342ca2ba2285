// Deadlines, retries and the breaker around a neighbour that fails.
#include "common/status/status.h"
#include "common/testing/matchers.h"
#include "services/gateway/client/breaker_backend.h"
#include "services/gateway/client/deadline_backend.h"
#include "services/gateway/client/draining_backend.h"
#include "services/gateway/client/fake_backend.h"
#include "services/gateway/client/retrying_backend.h"

namespace orewatch::gateway {
namespace {

using ::orewatch::testing::HasCode;
using ::orewatch::testing::HasError;
using ::orewatch::testing::IsOk;

class OutageBackendsTest : public ::testing::Test {
 protected:
  Answer& Ask(Backend& backend, absl::Duration timeout = absl::Seconds(5), int64_t min_revision = 0, double share = 1) {
    Question question = FacilitiesOf("suppliers/a", "alice", clock_.Now() + timeout);
    question.min_revision = min_revision;
    question.share_of_time = share;
    answers_.push_back(std::make_unique<Answer>());
    backend.Ask(std::make_shared<Question>(std::move(question)), answers_.back()->Take());
    return *answers_.back();
  }
  void FailOften(BreakerBackend& breaker, const absl::Status& status, absl::Duration timeout = absl::Seconds(5),
                 int64_t min_revision = 0) {
    for (int i = 0; i < 20 && breaker_refused() == 0; ++i) {
      Ask(breaker, timeout, min_revision);
      if (neighbour_.open() > 0) {
        neighbour_.Say(status);
      }
    }
  }
  double breaker_refused() const { return metrics_.breaker_refused.Value(); }

  FakeClock clock_{absl::FromUnixSeconds(1'700'000'000)};
  prometheus::Registry registry_;
  BackendMetrics metrics_{registry_, "registry"};
  FakeBackend neighbour_;
  FakeTimers timers_;
  std::vector<std::unique_ptr<Answer>> answers_;
};

TEST_F(OutageBackendsTest, ANeighbourGetsWhatIsLeftLessAReserve) {
  DeadlineBackend deadline({}, neighbour_, clock_);
  Ask(deadline, absl::Seconds(5));
  EXPECT_EQ(neighbour_.asked[0]->deadline, clock_.Now() + absl::Seconds(4.9));
  Ask(deadline, absl::Milliseconds(100));
  EXPECT_EQ(neighbour_.asked[1]->deadline, clock_.Now() + absl::Milliseconds(90));
  Ask(deadline, absl::Milliseconds(1000), 0, 0.5);
  EXPECT_EQ(neighbour_.asked[2]->deadline, clock_.Now() + absl::Milliseconds(450)) << "others wait for the answer";
}

TEST_F(OutageBackendsTest, TooLittleTimeIsNotWorthACall) {
  DeadlineBackend deadline({}, neighbour_, clock_);
  EXPECT_THAT(Ask(deadline, absl::Milliseconds(1)).reply,
              HasError(absl::StatusCode::kDeadlineExceeded, "TOO_LITTLE_TIME"));
  EXPECT_THAT(Ask(deadline, -absl::Seconds(1)).reply, HasCode(absl::StatusCode::kDeadlineExceeded));
  EXPECT_EQ(neighbour_.asked.size(), 0U);
}

TEST_F(OutageBackendsTest, NothingIsUnderWayOnceItHasStopped) {
  DrainingBackend draining(neighbour_);
  Ask(draining);
  neighbour_.asked[0]->cancellation.OnCancel([this] { neighbour_.Say(absl::CancelledError("given up")); });
  draining.Stop();
  EXPECT_THAT(answers_[0]->reply, HasCode(absl::StatusCode::kCancelled));
  EXPECT_THAT(Ask(draining).reply, HasError(absl::StatusCode::kUnavailable, "STOPPING"));
  EXPECT_EQ(neighbour_.asked.size(), 1U);
}

TEST_F(OutageBackendsTest, RetriesAreAFifthOfTheCallsAtMost) {
  RetryingBackend retrying(neighbour_, clock_, timers_, metrics_);
  for (int i = 0; i < 100; ++i) {
    Ask(retrying);
    neighbour_.Say(absl::UnavailableError("gone"));
    if (answers_.back()->count == 0) {
      timers_.RunNext();
      neighbour_.Say(absl::UnavailableError("still gone"));
    }
    EXPECT_EQ(answers_.back()->count, 1) << i;
  }
  EXPECT_EQ(metrics_.retries_spent.Value(), 20);
  EXPECT_EQ(metrics_.retries_denied.Value(), 80);
  EXPECT_LT(metrics_.retry_budget.Value(), 1 / RetryBudget::kMost) << "there is not one left";
  EXPECT_EQ(neighbour_.asked.size(), 120U);
  for (int i = 0; i < 200; ++i) {
    Ask(retrying);
    neighbour_.SayFacility("f", 1);
  }
  EXPECT_EQ(metrics_.retry_budget.Value(), 1);
}

TEST_F(OutageBackendsTest, ARetryThatIsAnsweredIsTheAnswer) {
  RetryingBackend retrying(neighbour_, clock_, timers_, metrics_);
  for (int i = 0; i < 5; ++i) {
    Ask(retrying);
  }
  for (int i = 0; i < 4; ++i) {
    neighbour_.SayFacility("f", 1);
  }
  neighbour_.Say(absl::UnavailableError("gone"));
  EXPECT_EQ(answers_[4]->count, 0);
  timers_.RunNext();
  neighbour_.SayFacility("f", 1);
  EXPECT_THAT(answers_[4]->reply, IsOk());
  EXPECT_EQ(timers_.delays[0], RetryingBackend::kPause);
}

TEST_F(OutageBackendsTest, WhatASecondCallCannotMendIsNotRepeated) {
  RetryingBackend retrying(neighbour_, clock_, timers_, metrics_);
  for (int i = 0; i < 50; ++i) {
    Ask(retrying);
    neighbour_.SayFacility("f", 1);
  }
  for (const absl::Status& status :
       {MakeError(absl::StatusCode::kUnavailable, "REVISION_NOT_REACHED", "not yet"),
        MakeError(absl::StatusCode::kUnavailable, kCircuitOpen, "left alone"), absl::DeadlineExceededError("slow"),
        absl::InternalError("garbage"), absl::NotFoundError("none"), absl::ResourceExhaustedError("too many")}) {
    Ask(retrying);
    neighbour_.Say(status);
    EXPECT_EQ(answers_.back()->count, 1) << status;
  }
  Ask(retrying, RetryingBackend::kPause);
  neighbour_.Say(absl::UnavailableError("gone"));
  EXPECT_EQ(answers_.back()->count, 1) << "there is no time left";
  EXPECT_EQ(metrics_.retries_spent.Value(), 0);
}

TEST_F(OutageBackendsTest, ANeighbourThatKeepsFailingIsLeftAloneAndTriedAgain) {
  BreakerBackend breaker({}, neighbour_, clock_, metrics_);
  FailOften(breaker, absl::UnavailableError("gone"));
  EXPECT_THAT(answers_.back()->reply, HasError(absl::StatusCode::kUnavailable, kCircuitOpen));
  EXPECT_EQ(metrics_.breaker_state.Value(), 2);
  EXPECT_EQ(metrics_.breaker_opens.Value(), 1);
  const size_t asked = neighbour_.asked.size();
  Ask(breaker);
  EXPECT_EQ(neighbour_.asked.size(), asked);
  clock_.Advance(absl::Seconds(1));
  Ask(breaker);
  ASSERT_EQ(neighbour_.asked.size(), asked + 1);
  EXPECT_EQ(metrics_.breaker_state.Value(), 1);
  neighbour_.SayFacility("f", 1);
  EXPECT_THAT(answers_.back()->reply, IsOk());
  EXPECT_EQ(metrics_.breaker_state.Value(), 0);
}

TEST_F(OutageBackendsTest, TimeoutsAndGarbageOpenTheBreakerToo) {
  for (const absl::Status& status : {absl::DeadlineExceededError("slow"), absl::InternalError("garbage")}) {
    BreakerBackend breaker({}, neighbour_, clock_, metrics_);
    const double before = metrics_.breaker_opens.Value();
    for (int i = 0; i < 5; ++i) {
      Ask(breaker);
      neighbour_.Say(status);
    }
    EXPECT_EQ(metrics_.breaker_opens.Value(), before + 1) << status;
  }
}

TEST_F(OutageBackendsTest, WhatIsNoFaultOfTheNeighbourDoesNotOpenTheBreaker) {
  BreakerBackend breaker({}, neighbour_, clock_, metrics_);
  FailOften(breaker, MakeError(absl::StatusCode::kUnavailable, "REVISION_NOT_REACHED", "not yet"));
  FailOften(breaker, absl::NotFoundError("none"));
  FailOften(breaker, absl::ResourceExhaustedError("slow down"));
  FailOften(breaker, absl::CancelledError("nobody waits"));
  FailOften(breaker, absl::DeadlineExceededError("waited"), absl::Seconds(5), /*min_revision=*/9);
  FailOften(breaker, absl::DeadlineExceededError("in a hurry"), absl::Milliseconds(100));
  EXPECT_EQ(breaker_refused(), 0);
  EXPECT_EQ(metrics_.breaker_opens.Value(), 0);
}

}  // namespace
}  // namespace orewatch::gateway
