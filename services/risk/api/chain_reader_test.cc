#include "services/risk/api/chain_reader.h"

#include <thread>

#include "absl/synchronization/notification.h"
#include "absl/time/clock.h"
#include "common/testing/matchers.h"
#include "gmock/gmock.h"
#include "services/risk/domain/chain_editor.h"

namespace orewatch::risk {
namespace {

using ::orewatch::testing::HasError;
using ::orewatch::testing::IsOk;

constexpr char kMaker[] = "suppliers/s/facilities/maker";

class ChainReaderTest : public ::testing::Test {
 protected:
  ChainReaderTest() {
    Changes changes;
    changes.minerals["minerals/cobalt"] = true;
    FacilityInput ore;
    ore.mineral = "minerals/cobalt";
    ore.product = "ore";
    FacilityFact maker;
    maker.inputs = {ore};
    changes.chain.facilities[kMaker] = maker;
    ChainEditor editor(1);
    snapshot_ = {"a-lineage", "a-digest", Model(Parameters()).Apply(changes, 1), editor.Apply(changes.chain),
                 absl::UnixEpoch()};
  }

  using Answered = std::function<void(const absl::StatusOr<v1::ListFailurePointsResponse>&)>;
  void Ask(const rpc::CallContext& context, Answered answered) {
    v1::ListFailurePointsRequest request;
    request.set_subject(kMaker);
    request.set_mineral("minerals/cobalt");
    reader_.Read<v1::ListFailurePointsRequest, v1::ListFailurePointsResponse>(
        context, request, snapshot_,
        [answered = std::move(answered)](const absl::StatusOr<v1::ListFailurePointsResponse>& answer) {
          answered(answer);
        });
  }
  absl::Status StatusOf(const rpc::CallContext& context) {
    absl::Notification done;
    absl::Status status;
    Ask(context, [&](const auto& answer) {
      status = answer.status();
      done.Notify();
    });
    done.WaitForNotification();
    return status;
  }

  const rpc::CallContext patient_{rpc::Caller(), absl::InfiniteFuture()};
  Snapshot snapshot_;
  ChainReader reader_{[] { return Paging(); }};
};

TEST_F(ChainReaderTest, ComputesOnAnotherThreadThanItsCallers) {
  absl::Notification done;
  std::thread::id computed_on;
  Ask(patient_, [&](const auto& answer) {
    EXPECT_THAT(answer, IsOk());
    computed_on = std::this_thread::get_id();
    done.Notify();
  });
  done.WaitForNotification();
  EXPECT_NE(computed_on, std::this_thread::get_id());
}

TEST_F(ChainReaderTest, ComputesNothingThatNobodyWaitsFor) {
  const rpc::Cancellation cancellation;
  cancellation.Cancel();
  EXPECT_THAT(StatusOf({rpc::Caller(), absl::InfiniteFuture(), cancellation}),
              HasError(absl::StatusCode::kCancelled, "CANCELLED"));
  EXPECT_THAT(StatusOf({rpc::Caller(), absl::Now() - absl::Seconds(1)}),
              HasError(absl::StatusCode::kDeadlineExceeded, "DEADLINE_EXCEEDED"));
}

TEST_F(ChainReaderTest, RefusesWhatItCannotTakeInAndAnswersTheRest) {
  absl::Notification open;
  absl::Mutex mutex;
  size_t answers = 0;
  const size_t accepted = kMaxQueuedAnswers;
  const auto count = [&](const auto&) {
    open.WaitForNotification();
    const absl::MutexLock lock(&mutex);
    ++answers;
  };
  for (size_t i = 0; i < accepted; ++i) {
    Ask(patient_, count);
  }
  absl::Status refused;
  size_t more = 0;
  while (refused.ok()) {
    ++more;
    Ask(patient_, [&, on = std::this_thread::get_id()](const auto& answer) {
      if (std::this_thread::get_id() == on) {
        refused = answer.status();
      } else {
        count(answer);
      }
    });
  }
  EXPECT_THAT(refused, HasError(absl::StatusCode::kResourceExhausted, "OVERLOADED"));
  EXPECT_LE(more, 10U);
  open.Notify();
  const auto all_answered = [&] { return answers == accepted + more - 1; };
  const absl::MutexLock lock(&mutex);
  mutex.Await(absl::Condition(&all_answered));
}

}  // namespace
}  // namespace orewatch::risk
