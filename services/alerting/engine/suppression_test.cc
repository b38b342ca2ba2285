#include "services/alerting/engine/suppression.h"

#include "gmock/gmock.h"

namespace orewatch::alerting {
namespace {

using ::testing::IsNull;
using ::testing::StrEq;

TimelineEntry Fires() {
  TimelineEntry entry;
  entry.from = AlertState::kInactive;
  entry.after.state = AlertState::kFiring;
  return entry;
}

TEST(SuppressionTest, WhatIsToldAloneOrInADigestIsNotSuppressed) {
  TimelineEntry entry = Fires();
  entry.after.flapping = true;
  entry.notifies = true;
  EXPECT_THAT(SuppressionOf(entry), IsNull());
  entry.notifies = false;
  entry.digest_of = 7;
  EXPECT_THAT(SuppressionOf(entry), IsNull());
}

TEST(SuppressionTest, NamesWhatKeepsAnAlertQuiet) {
  TimelineEntry entry = Fires();
  EXPECT_THAT(SuppressionOf(entry), IsNull());
  entry.after.flapping = true;
  EXPECT_THAT(SuppressionOf(entry), StrEq("flapping"));
  entry.after.quiet_until = absl::UnixEpoch();
  EXPECT_THAT(SuppressionOf(entry), StrEq("new_subject"));
  entry.after.inhibited_by = AlertKey{};
  EXPECT_THAT(SuppressionOf(entry), StrEq("dependency"));
  entry.after.acknowledgement = Acknowledgement{};
  EXPECT_THAT(SuppressionOf(entry), StrEq("acknowledged"));
  entry.after.snooze = Snooze{};
  EXPECT_THAT(SuppressionOf(entry), StrEq("snoozed"));
}

TEST(SuppressionTest, TheEndIsSuppressedOnlyOfWhatWasTold) {
  TimelineEntry entry = Fires();
  entry.from = AlertState::kFiring;
  entry.after.state = AlertState::kResolved;
  entry.after.flapping = true;
  EXPECT_THAT(SuppressionOf(entry), IsNull());
  entry.after.announced = true;
  EXPECT_THAT(SuppressionOf(entry), StrEq("flapping"));
}

TEST(SuppressionTest, WhatPeopleDoIsNeverSuppressed) {
  TimelineEntry entry = Fires();
  entry.from = AlertState::kFiring;
  entry.after.acknowledgement = Acknowledgement{};
  entry.kind = EntryKind::kCommented;
  EXPECT_THAT(SuppressionOf(entry), IsNull());
  entry.kind = EntryKind::kSeverityChanged;
  entry.reason = Reason::kSeverityRaised;
  EXPECT_THAT(SuppressionOf(entry), StrEq("acknowledged"));
  entry.reason = Reason::kSeverityLowered;
  EXPECT_THAT(SuppressionOf(entry), IsNull());
}

}  // namespace
}  // namespace orewatch::alerting
