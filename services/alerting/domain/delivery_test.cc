#include "services/alerting/domain/delivery.h"

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "services/alerting/domain/grid.h"

namespace orewatch::alerting {
namespace {

using ::testing::IsEmpty;
using ::testing::SizeIs;

Transition Change(AlertState from, AlertState to, Severity severity = Severity::kWarning) {
  Transition transition;
  transition.from = from;
  transition.time = TimeOf(7);
  transition.after.key.rule = "rule";
  transition.after.state = to;
  transition.after.severity = severity;
  transition.after.sequence = 42;
  return transition;
}

TEST(DeliveryTest, BeginningEndAndChangeOfAFiringAlertAreTold) {
  EXPECT_TRUE(Notifies(Change(AlertState::kPending, AlertState::kFiring)));
  EXPECT_TRUE(Notifies(Change(AlertState::kInactive, AlertState::kFiring)));
  EXPECT_TRUE(Notifies(Change(AlertState::kFiring, AlertState::kResolved)));
  EXPECT_TRUE(Notifies(Change(AlertState::kFiring, AlertState::kFiring)));
  EXPECT_FALSE(Notifies(Change(AlertState::kInactive, AlertState::kPending)));
  EXPECT_FALSE(Notifies(Change(AlertState::kPending, AlertState::kInactive)));
  EXPECT_FALSE(Notifies(Change(AlertState::kResolved, AlertState::kPending)));
}

TEST(DeliveryTest, EachTargetGetsWhatItWants) {
  const std::vector<Transition> changes = {Change(AlertState::kPending, AlertState::kFiring),
                                           Change(AlertState::kInactive, AlertState::kPending)};
  const auto deliveries =
      DeliveriesOf(changes, {{.name = kAlertmanagerTarget}, {.name = "pager", .least_severity = Severity::kCritical}});
  ASSERT_THAT(deliveries, SizeIs(1));
  EXPECT_EQ(deliveries[0], (Delivery{.sequence = 42,
                                     .target = kAlertmanagerTarget,
                                     .alert_id = changes[0].after.Id(),
                                     .create_time = TimeOf(7),
                                     .next_attempt = TimeOf(7)}));
  EXPECT_THAT(DeliveriesOf(changes, {}), IsEmpty());
}

}  // namespace
}  // namespace orewatch::alerting
