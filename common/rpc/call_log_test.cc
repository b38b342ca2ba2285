#include "common/rpc/call_log.h"

#include "gtest/gtest.h"

namespace orewatch::rpc {
namespace {

using absl::StatusCode;
using log::Level;

TEST(CallLogTest, IsLoudOnlyForOurOwnFaults) {
  for (const StatusCode fault : {StatusCode::kUnknown, StatusCode::kInternal, StatusCode::kUnavailable,
                                 StatusCode::kDataLoss, StatusCode::kDeadlineExceeded}) {
    EXPECT_EQ(LevelOf(fault, "", CallLog::kFaults), Level::kWarning) << static_cast<int>(fault);
  }
  EXPECT_EQ(LevelOf(StatusCode::kResourceExhausted, "OVERLOADED", CallLog::kFaults), Level::kWarning);
  EXPECT_EQ(LevelOf(StatusCode::kResourceExhausted, kRateLimited, CallLog::kFaults), Level::kInfo);
  EXPECT_EQ(LevelOf(StatusCode::kPermissionDenied, "ROLE_MISSING", CallLog::kFaults), Level::kInfo);
  EXPECT_EQ(LevelOf(StatusCode::kUnauthenticated, "", CallLog::kFaults), Level::kInfo);
  EXPECT_EQ(LevelOf(StatusCode::kUnavailable, kServerDraining, CallLog::kFaults), Level::kDebug);
  EXPECT_EQ(LevelOf(StatusCode::kUnavailable, kRevisionNotReached, CallLog::kFaults), Level::kDebug);
  EXPECT_EQ(LevelOf(StatusCode::kDeadlineExceeded, kDeadlineTooShortReason, CallLog::kFaults), Level::kDebug);
  EXPECT_EQ(LevelOf(StatusCode::kNotFound, "", CallLog::kFaults), Level::kDebug);
  EXPECT_EQ(LevelOf(StatusCode::kOk, "", CallLog::kFaults), Level::kDebug);
}

TEST(CallLogTest, TellsOfAllOrOfNone) {
  EXPECT_EQ(LevelOf(StatusCode::kOk, "", CallLog::kAll), Level::kInfo);
  EXPECT_EQ(LevelOf(StatusCode::kInternal, "", CallLog::kAll), Level::kWarning);
  EXPECT_FALSE(LevelOf(StatusCode::kInternal, "", CallLog::kNone).has_value());
}

TEST(CallLogTest, HasThreeNames) {
  EXPECT_EQ(ParseCallLog("none"), CallLog::kNone);
  EXPECT_EQ(ParseCallLog("faults"), CallLog::kFaults);
  EXPECT_EQ(ParseCallLog("all"), CallLog::kAll);
  EXPECT_FALSE(ParseCallLog("some").has_value());
}

}  // namespace
}  // namespace orewatch::rpc
