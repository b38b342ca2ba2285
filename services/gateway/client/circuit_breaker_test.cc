#include "services/gateway/client/circuit_breaker.h"

#include "gtest/gtest.h"

namespace orewatch::gateway {
namespace {

using Outcome = CircuitBreaker::Outcome;
using State = CircuitBreaker::State;
using Verdict = CircuitBreaker::Verdict;

class CircuitBreakerTest : public ::testing::Test {
 protected:
  // A call that is let through and ends at once.
  Verdict Call(Outcome outcome) {
    const Verdict verdict = breaker_.Admit(now_);
    if (verdict != Verdict::kRefuse) {
      breaker_.Report(verdict, outcome, now_);
    }
    return verdict;
  }
  void Open() {
    for (int i = 0; i < 5; ++i) {
      Call(Outcome::kFailure);
    }
    ASSERT_EQ(breaker_.state(), State::kOpen);
  }

  absl::Time now_ = absl::FromUnixSeconds(1'700'000'000);
  CircuitBreaker breaker_{{.window = absl::Seconds(10),
                           .least_calls = 5,
                           .failure_share = 0.5,
                           .first_pause = absl::Seconds(1),
                           .longest_pause = absl::Seconds(4)}};
};

TEST_F(CircuitBreakerTest, OpensWhenHalfOfEnoughCallsFailed) {
  for (int i = 0; i < 4; ++i) {
    EXPECT_EQ(Call(Outcome::kFailure), Verdict::kPass);
  }
  EXPECT_EQ(breaker_.state(), State::kClosed) << "too few to tell";
  EXPECT_EQ(Call(Outcome::kFailure), Verdict::kPass);
  EXPECT_EQ(Call(Outcome::kSuccess), Verdict::kRefuse);
  EXPECT_EQ(breaker_.PauseLeft(now_), absl::Seconds(1));
}

TEST_F(CircuitBreakerTest, StaysClosedWhileMostCallsSucceedOrSayNothing) {
  for (int i = 0; i < 100; ++i) {
    Call(i % 3 == 0 ? Outcome::kFailure : Outcome::kSuccess);
    Call(Outcome::kNeither);
  }
  EXPECT_EQ(breaker_.state(), State::kClosed);
}

TEST_F(CircuitBreakerTest, ForgetsWhatLeftTheWindow) {
  for (int i = 0; i < 4; ++i) {
    Call(Outcome::kFailure);
  }
  now_ += absl::Seconds(11);
  Call(Outcome::kFailure);
  EXPECT_EQ(breaker_.state(), State::kClosed);
}

TEST_F(CircuitBreakerTest, LetsOneCallDecideWhenThePauseIsOver) {
  Open();
  now_ += absl::Seconds(1);
  const Verdict probe = breaker_.Admit(now_);
  EXPECT_EQ(probe, Verdict::kProbe);
  EXPECT_EQ(breaker_.state(), State::kHalfOpen);
  EXPECT_EQ(breaker_.Admit(now_), Verdict::kRefuse) << "one at a time";
  breaker_.Report(probe, Outcome::kSuccess, now_);
  EXPECT_EQ(breaker_.state(), State::kClosed);
  EXPECT_EQ(Call(Outcome::kFailure), Verdict::kPass) << "what was before is forgotten";
  EXPECT_EQ(breaker_.state(), State::kClosed);
}

TEST_F(CircuitBreakerTest, PausesLongerEachTimeUpToABound) {
  Open();
  absl::Duration pause = absl::Seconds(1);
  for (const int expected_seconds : {2, 4, 4}) {
    now_ += pause;
    EXPECT_EQ(Call(Outcome::kFailure), Verdict::kProbe);
    pause = absl::Seconds(expected_seconds);
    EXPECT_EQ(breaker_.PauseLeft(now_), pause);
    now_ += pause - absl::Milliseconds(1);
    EXPECT_EQ(Call(Outcome::kSuccess), Verdict::kRefuse);
    now_ += absl::Milliseconds(1);
    pause = absl::ZeroDuration();
  }
}

TEST_F(CircuitBreakerTest, AProbeThatSaysNothingLeavesTheQuestionToTheNext) {
  Open();
  now_ += absl::Seconds(1);
  EXPECT_EQ(Call(Outcome::kNeither), Verdict::kProbe);
  EXPECT_EQ(breaker_.state(), State::kHalfOpen);
  EXPECT_EQ(Call(Outcome::kSuccess), Verdict::kProbe);
  EXPECT_EQ(breaker_.state(), State::kClosed);
}

TEST_F(CircuitBreakerTest, ACallFromBeforeItOpenedDoesNotMoveIt) {
  const Verdict early = breaker_.Admit(now_);
  Open();
  breaker_.Report(early, Outcome::kSuccess, now_);
  EXPECT_EQ(breaker_.state(), State::kOpen);
}

}  // namespace
}  // namespace orewatch::gateway
