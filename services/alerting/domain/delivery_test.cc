#include "services/alerting/domain/delivery.h"

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "services/alerting/domain/grid.h"

namespace orewatch::alerting {
namespace {

using ::testing::IsEmpty;
using ::testing::SizeIs;

TimelineEntry Entry(bool notifies, Severity severity = Severity::kWarning) {
  TimelineEntry entry;
  entry.from = AlertState::kPending;
  entry.time = TimeOf(7);
  entry.after.key.rule = "rule";
  entry.after.state = AlertState::kFiring;
  entry.after.severity = severity;
  entry.after.sequence = 42;
  entry.notifies = notifies;
  return entry;
}

TEST(DeliveryTest, EachTargetGetsWhatItWants) {
  const std::vector<TimelineEntry> entries = {Entry(true), Entry(false)};
  const auto deliveries =
      DeliveriesOf(entries, {{.name = kAlertmanagerTarget}, {.name = "pager", .least_severity = Severity::kCritical}});
  ASSERT_THAT(deliveries, SizeIs(1));
  EXPECT_EQ(deliveries[0], (Delivery{.sequence = 42,
                                     .target = kAlertmanagerTarget,
                                     .alert_id = entries[0].after.Id(),
                                     .create_time = TimeOf(7),
                                     .next_attempt = TimeOf(7)}));
  EXPECT_THAT(DeliveriesOf(entries, {}), IsEmpty());
}

TEST(DeliveryTest, WhoWasToldOfTheWorstIsToldOfTheEnd) {
  TimelineEntry end = Entry(true, Severity::kInfo);
  end.after.state = AlertState::kResolved;
  end.after.told = Told{.sequence = 42, .time = TimeOf(7), .worst = Severity::kCritical};
  EXPECT_THAT(DeliveriesOf({end}, {{.name = "pager", .least_severity = Severity::kCritical}}), SizeIs(1));
}

TEST(DeliveryTest, ATargetIsToldOfWhatItsPrincipalMaySee) {
  TimelineEntry entry = Entry(true);
  entry.after.visibility = {.owner = "ann", .readers = {"bob"}};
  const auto deliveries = DeliveriesOf({entry}, {{.name = "all"}, {.name = "bob", .principal = "bob"}});
  ASSERT_THAT(deliveries, SizeIs(1));
  EXPECT_EQ(deliveries[0].target, "bob");
}

}  // namespace
}  // namespace orewatch::alerting
