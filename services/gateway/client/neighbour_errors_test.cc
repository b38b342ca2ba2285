#include "services/gateway/client/neighbour_errors.h"

#include "common/log/log.h"
#include "common/status/status.h"
#include "common/testing/matchers.h"
#include "services/gateway/client/backend.h"

namespace orewatch::gateway {
namespace {

using ::orewatch::testing::HasError;

class NeighbourErrorsTest : public ::testing::Test {
 protected:
  FakeClock clock_{absl::FromUnixSeconds(1'700'000'000)};
  NeighbourErrors errors_{"risk", clock_};
};

TEST_F(NeighbourErrorsTest, ANeighbourThatRefusesTheGatewayIsAnOutage) {
  for (const absl::Status& status :
       {MakeError(absl::StatusCode::kUnauthenticated, "NO_CREDENTIAL", "who are you"),
        MakeError(absl::StatusCode::kUnauthenticated, "BAD_ROLE", "no such role"),
        MakeError(absl::StatusCode::kPermissionDenied, "MAY_NOT_SPEAK_FOR_OTHERS", "for yourself alone"),
        absl::PermissionDeniedError("says a proxy")}) {
    const absl::Status told = errors_.ToCaller(status);
    EXPECT_THAT(told, HasError(absl::StatusCode::kUnavailable, "GATEWAY_NOT_AUTHORIZED")) << status;
    EXPECT_TRUE(IsOutage(told));
    EXPECT_FALSE(MayRepeat(told)) << "it would be refused again";
  }
}

TEST_F(NeighbourErrorsTest, WhatIsSaidOfTheCallerIsToldToThem) {
  for (const absl::Status& status :
       {MakeError(absl::StatusCode::kPermissionDenied, "ROLE_MISSING", "not yours"),
        MakeError(absl::StatusCode::kPermissionDenied, "OUT_OF_SCOPE", "not with that"),
        MakeError(absl::StatusCode::kUnavailable, "REVISION_NOT_REACHED", "not yet"),
        OverloadError("TOO_MANY", "slow down", absl::Seconds(1)), absl::NotFoundError("none"), absl::OkStatus()}) {
    EXPECT_EQ(errors_.ToCaller(status), status);
  }
}

TEST_F(NeighbourErrorsTest, NoAddressReachesACallerAndEachErrorHasAReason) {
  const std::string text = "failed to connect to all addresses; last error: ipv4:127.0.0.1:27102: Connection refused";
  for (const auto& [code, reason] : std::vector<std::pair<absl::StatusCode, const char*>>{
           {absl::StatusCode::kUnavailable, "NEIGHBOUR_UNREACHABLE"},
           {absl::StatusCode::kDeadlineExceeded, "NEIGHBOUR_TOO_SLOW"},
           {absl::StatusCode::kInternal, "NEIGHBOUR_FAILED"}}) {
    const absl::Status told = errors_.ToCaller(absl::Status(code, text));
    EXPECT_THAT(told, HasError(code, reason));
    EXPECT_EQ(told.message().find("27102"), absl::string_view::npos);
  }
}

TEST_F(NeighbourErrorsTest, TheLogHearsOfThemNowAndThen) {
  const auto lines = [] { return log::LinesWritten(log::Level::kError); };
  const int64_t before = lines();
  for (int i = 0; i < 100; ++i) {
    errors_.ToCaller(absl::UnauthenticatedError("who are you")).IgnoreError();
  }
  EXPECT_EQ(lines(), before + 1);
  clock_.Advance(absl::Seconds(10));
  errors_.ToCaller(absl::UnauthenticatedError("who are you")).IgnoreError();
  EXPECT_EQ(lines(), before + 2);
}

}  // namespace
}  // namespace orewatch::gateway
