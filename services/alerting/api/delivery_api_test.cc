#include "services/alerting/api/api_fixture.h"

namespace orewatch::alerting {
namespace {

using ::orewatch::testing::BlamesField;
using ::orewatch::testing::HasError;
using ::orewatch::testing::IsOk;

class DeliveryApiTest : public ApiTest {
 protected:
  void SetUp() override {
    CreateRule("rule");
    Score("tin", 6000);
    const auto alerts = ListAlerts("");
    ASSERT_EQ(alerts->alerts_size(), 1);
    alert_ = alerts->alerts(0).name();
    AddDeliveries(alert_.substr(std::string("alerts/").size()), 1);
  }
  // Three, of which the second is dead.
  void AddDeliveries(const std::string& alert_id, int64_t first) {
    Commit commit{.base = store_->Load()->version};
    commit.changes.position = store_->Load()->world.position();
    for (int64_t sequence = first; sequence < first + 3; ++sequence) {
      const bool second = sequence == first + 1;
      commit.deliveries.push_back({.sequence = sequence,
                                   .target = second ? "hook" : kAlertmanagerTarget,
                                   .alert_id = alert_id,
                                   .state = second ? DeliveryState::kDead : DeliveryState::kPending,
                                   .create_time = clock_.Now(),
                                   .next_attempt = clock_.Now()});
    }
    ASSERT_THAT(store_->Write(commit), IsOk());
  }
  absl::StatusOr<v1::ListDeliveriesResponse> List(const std::string& request,
                                                  const std::string& principal = "anonymous") {
    return CallText<v1::ListDeliveriesResponse, v1::ListDeliveriesRequest>("ListDeliveries", request, principal);
  }
  absl::StatusOr<v1::Delivery> Replay(const std::string& request, const std::string& principal = "anonymous") {
    return CallText<v1::Delivery, v1::ReplayDeliveryRequest>("ReplayDelivery", request, principal);
  }

  std::string alert_;
};

TEST_F(DeliveryApiTest, ListsByPage) {
  const auto first = List("page_size: 2");
  ASSERT_THAT(first, IsOk());
  ASSERT_EQ(first->deliveries_size(), 2);
  EXPECT_EQ(first->deliveries(0).sequence(), 3);
  EXPECT_EQ(first->deliveries(0).alert(), alert_);
  EXPECT_EQ(first->deliveries(1).target(), "hook");
  const auto rest = List(absl::StrCat("page_size: 2 page_token: '", first->next_page_token(), "'"));
  ASSERT_THAT(rest, IsOk());
  ASSERT_EQ(rest->deliveries_size(), 1);
  EXPECT_EQ(rest->deliveries(0).sequence(), 1);
  EXPECT_EQ(rest->next_page_token(), "");
}

TEST_F(DeliveryApiTest, ListsByStateTargetAndAlert) {
  EXPECT_EQ(List("state: STATE_DEAD")->deliveries_size(), 1);
  EXPECT_EQ(List("target: 'alertmanager'")->deliveries_size(), 2);
  EXPECT_EQ(List(absl::StrCat("alert: '", alert_, "'"))->deliveries_size(), 3);
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

TEST_F(DeliveryApiTest, WhatTellsOfAnAlertThatOneMayNotSeeDoesNotExist) {
  ASSERT_THAT(Create("rule_id: 'secret' rule { target { method: METHOD_HHI } threshold { raise: 5000 }"
                     " severity: SEVERITY_INFO visibility { owner: 'ann' readers: 'bob' } }",
                     "ann"),
              IsOk());
  const auto alerts =
      CallText<v1::ListAlertsResponse, v1::ListAlertsRequest>("ListAlerts", "rule: 'rules/secret'", "ann");
  ASSERT_EQ(alerts->alerts_size(), 1);
  AddDeliveries(alerts->alerts(0).name().substr(std::string("alerts/").size()), 10);
  EXPECT_EQ(List("")->deliveries_size(), 3);
  EXPECT_EQ(List("page_size: 3")->next_page_token(), "");
  EXPECT_EQ(List("", "bob")->deliveries_size(), 6);
  EXPECT_THAT(Replay("sequence: 11 target: 'hook'"), HasError(absl::StatusCode::kNotFound, "DELIVERY_NOT_FOUND"));
  EXPECT_THAT(Replay("sequence: 11 target: 'hook'", "bob"), IsOk());
}

}  // namespace
}  // namespace orewatch::alerting
