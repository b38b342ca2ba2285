#include "services/alerting/domain/retention.h"

#include "gtest/gtest.h"
#include "services/alerting/domain/grid.h"

namespace orewatch::alerting {
namespace {

const absl::Time kPending = TimeOf(1000);
const absl::Time kFired = TimeOf(1003);

Alert FiringAlert() {
  Alert alert;
  alert.state = AlertState::kFiring;
  alert.pending_time = kPending;
  alert.fire_time = kFired;
  return alert;
}

TEST(RetentionTest, WhatLedToAFiringAlertGoesOn) {
  EXPECT_TRUE(GoesOnSince(FiringAlert(), kPending));
  EXPECT_TRUE(GoesOnSince(FiringAlert(), kFired + absl::Hours(24 * 400)));
}

TEST(RetentionTest, WhatWasBeforeItIsOver) { EXPECT_FALSE(GoesOnSince(FiringAlert(), kPending - absl::Seconds(1))); }

TEST(RetentionTest, WithAnAlertThatHasEndedNothingGoesOn) {
  Alert alert = FiringAlert();
  alert.state = AlertState::kResolved;
  alert.resolve_time = kFired + kTick;
  EXPECT_FALSE(GoesOnSince(alert, kFired));
}

TEST(RetentionTest, AnEndThatNobodyHasBeenToldOfIsNone) {
  Alert alert = FiringAlert();
  alert.state = AlertState::kResolved;
  alert.announced = true;
  alert.told = Told{.sequence = 1, .time = kPending - absl::Hours(1), .worst = Severity::kWarning};
  EXPECT_TRUE(GoesOnSince(alert, kPending - absl::Hours(1))) << "it flaps, and was told of when it fired before";
}

}  // namespace
}  // namespace orewatch::alerting
