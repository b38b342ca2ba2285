#include "services/gateway/client/coalescing_backend.h"

#include "common/testing/matchers.h"
#include "services/gateway/client/fake_backend.h"

namespace orewatch::gateway {
namespace {

using ::orewatch::testing::HasCode;
using ::orewatch::testing::IsOk;

class CoalescingBackendTest : public ::testing::Test {
 protected:
  void Ask(Answer& answer, const std::string& principal, absl::Duration timeout = absl::Seconds(5),
           int64_t min_revision = 0, const rpc::Cancellation& cancellation = {}) {
    Question question = FacilitiesOf("suppliers/a", principal, clock_.Now() + timeout);
    question.min_revision = min_revision;
    question.cancellation = cancellation;
    coalescing_.Ask(std::make_shared<Question>(std::move(question)), answer.Take());
  }

  FakeClock clock_{absl::FromUnixSeconds(1'700'000'000)};
  prometheus::Registry registry_;
  BackendMetrics metrics_{registry_, "registry"};
  FakeBackend neighbour_;
  CoalescingBackend coalescing_{neighbour_, clock_, metrics_};
};

TEST_F(CoalescingBackendTest, OneCallAnswersAllWhoAskTheSameMeanwhile) {
  Answer first;
  Answer second;
  Answer third;
  Ask(first, "alice");
  Ask(second, "alice");
  Ask(third, "alice", absl::Seconds(9));
  ASSERT_EQ(neighbour_.open(), 1U);
  neighbour_.SayFacility("f", 1);
  for (const Answer* answer : {&first, &second, &third}) {
    ASSERT_THAT(answer->reply, IsOk());
    EXPECT_EQ(answer->count, 1);
    EXPECT_EQ(answer->name(), "f");
  }
  EXPECT_EQ(metrics_.coalesced.Value(), 2);
  Answer later;
  Ask(later, "alice");
  EXPECT_EQ(neighbour_.open(), 1U) << "what comes after the answer is asked anew";
}

TEST_F(CoalescingBackendTest, OthersAndOtherRevisionsAreAskedFor) {
  Answer answers[3];
  Ask(answers[0], "alice");
  Ask(answers[1], "bob");
  Ask(answers[2], "alice", absl::Seconds(5), /*min_revision=*/7);
  EXPECT_EQ(neighbour_.open(), 3U);
}

TEST_F(CoalescingBackendTest, WhoIsInAHurryDoesNotWaitForACallThatIsNot) {
  Answer patient;
  Answer hurried;
  Ask(patient, "alice", absl::Seconds(5));
  Ask(hurried, "alice", absl::Seconds(1));
  EXPECT_EQ(neighbour_.open(), 2U);
}

TEST_F(CoalescingBackendTest, WhoHasTimeLeftAsksAgainWhenTheSharedCallRanOutOfIt) {
  Answer hurried;
  Answer patient;
  Answer as_patient;
  Ask(hurried, "alice", absl::Seconds(1));
  Ask(patient, "alice", absl::Seconds(5));
  Ask(as_patient, "alice", absl::Seconds(5));
  clock_.Advance(absl::Seconds(1));
  neighbour_.Say(absl::DeadlineExceededError("slow"));
  EXPECT_THAT(hurried.reply, HasCode(absl::StatusCode::kDeadlineExceeded));
  EXPECT_EQ(patient.count, 0);
  ASSERT_EQ(neighbour_.open(), 1U) << "together again";
  neighbour_.SayFacility("f", 1);
  EXPECT_THAT(patient.reply, IsOk());
  EXPECT_THAT(as_patient.reply, IsOk());
}

TEST_F(CoalescingBackendTest, WhoIsCancelledLeavesAndTheLastOneEndsTheCall) {
  Answer answers[2];
  const rpc::Cancellation callers[2];
  for (int i = 0; i < 2; ++i) {
    Ask(answers[i], "alice", absl::Seconds(5), 0, callers[i]);
  }
  ASSERT_EQ(neighbour_.open(), 1U);
  const rpc::Cancellation call = neighbour_.asked[0]->cancellation;
  callers[0].Cancel();
  EXPECT_THAT(answers[0].reply, HasCode(absl::StatusCode::kCancelled)) << "at once";
  EXPECT_FALSE(call.cancelled()) << "the other waits for it";
  callers[1].Cancel();
  EXPECT_THAT(answers[1].reply, HasCode(absl::StatusCode::kCancelled));
  EXPECT_TRUE(call.cancelled());
  Answer later;
  Ask(later, "alice");
  EXPECT_EQ(neighbour_.open(), 2U) << "nobody joins a call that was given up";
  neighbour_.Say(absl::CancelledError("given up"));
  neighbour_.SayFacility("f", 1);
  EXPECT_THAT(later.reply, IsOk());
  EXPECT_EQ(answers[0].count, 1);
  EXPECT_EQ(answers[1].count, 1);
}

TEST_F(CoalescingBackendTest, WhoStaysIsAnsweredAlthoughTheFirstHasGone) {
  Answer gone;
  Answer staying;
  const rpc::Cancellation first;
  Ask(gone, "alice", absl::Seconds(5), 0, first);
  Ask(staying, "alice");
  first.Cancel();
  neighbour_.SayFacility("f", 1);
  EXPECT_THAT(staying.reply, IsOk());
  EXPECT_EQ(gone.count, 1);
}

TEST_F(CoalescingBackendTest, AnErrorIsSharedToo) {
  Answer first;
  Answer second;
  Ask(first, "alice");
  Ask(second, "alice");
  neighbour_.Say(absl::NotFoundError("none"));
  EXPECT_THAT(second.reply, HasCode(absl::StatusCode::kNotFound));
}

}  // namespace
}  // namespace orewatch::gateway
