#include "services/alerting/api/api_fixture.h"

namespace orewatch::alerting {
namespace {

using ::orewatch::testing::BlamesField;
using ::orewatch::testing::HasError;
using ::orewatch::testing::IsOk;

class DeliveryApiTest : public ApiTest {
 protected:
  DeliveryApiTest() {
    Commit commit;
    for (int64_t sequence = 1; sequence <= 3; ++sequence) {
      commit.deliveries.push_back({.sequence = sequence,
                                   .target = sequence == 2 ? "hook" : kAlertmanagerTarget,
                                   .alert_id = "rule-1",
                                   .state = sequence == 2 ? DeliveryState::kDead : DeliveryState::kPending,
                                   .create_time = clock_.Now(),
                                   .next_attempt = clock_.Now()});
    }
    EXPECT_THAT(store_->Write(commit), IsOk());
  }
  absl::StatusOr<v1::ListDeliveriesResponse> List(const std::string& request) {
    return CallText<v1::ListDeliveriesResponse, v1::ListDeliveriesRequest>("ListDeliveries", request);
  }
  absl::StatusOr<v1::Delivery> Replay(const std::string& request) {
    return CallText<v1::Delivery, v1::ReplayDeliveryRequest>("ReplayDelivery", request);
  }
};

TEST_F(DeliveryApiTest, ListsByPage) {
  const auto first = List("page_size: 2");
  ASSERT_THAT(first, IsOk());
  ASSERT_EQ(first->deliveries_size(), 2);
  EXPECT_EQ(first->deliveries(0).sequence(), 3);
  EXPECT_EQ(first->deliveries(0).alert(), "alerts/rule-1");
  EXPECT_EQ(first->deliveries(1).target(), "hook");
  const auto rest = List(absl::StrCat("page_token: '", first->next_page_token(), "'"));
  ASSERT_THAT(rest, IsOk());
  ASSERT_EQ(rest->deliveries_size(), 1);
  EXPECT_EQ(rest->deliveries(0).sequence(), 1);
  EXPECT_EQ(rest->next_page_token(), "");
}

TEST_F(DeliveryApiTest, ListsByStateTargetAndAlert) {
  EXPECT_EQ(List("state: STATE_DEAD")->deliveries_size(), 1);
  EXPECT_EQ(List("target: 'alertmanager'")->deliveries_size(), 2);
  EXPECT_EQ(List("alert: 'alerts/rule-1'")->deliveries_size(), 3);
  EXPECT_EQ(List("alert: 'alerts/other'")->deliveries_size(), 0);
}

TEST_F(DeliveryApiTest, RefusesWhatIsNoQuery) {
  EXPECT_THAT(List("page_size: -1"), BlamesField("page_size"));
  EXPECT_THAT(List("page_token: 'x'"), BlamesField("page_token"));
  EXPECT_THAT(List("alert: 'x'"), BlamesField("alert"));
  const std::string token = List("page_size: 1")->next_page_token();
  EXPECT_THAT(List(absl::StrCat("target: 'hook' page_token: '", token, "'")), BlamesField("page_token"));
}

TEST_F(DeliveryApiTest, ReplaysADeadDelivery) {
  const auto replayed = Replay("sequence: 2 target: 'hook'");
  ASSERT_THAT(replayed, IsOk());
  EXPECT_EQ(replayed->state(), v1::Delivery::STATE_PENDING);
  EXPECT_EQ(List("state: STATE_DEAD")->deliveries_size(), 0);
  EXPECT_THAT(Replay("sequence: 2 target: 'other'"), HasError(absl::StatusCode::kNotFound, "DELIVERY_NOT_FOUND"));
  EXPECT_THAT(Replay("sequence: 2"), BlamesField("target"));
  EXPECT_THAT(Replay("target: 'hook'"), BlamesField("sequence"));
}

}  // namespace
}  // namespace orewatch::alerting
