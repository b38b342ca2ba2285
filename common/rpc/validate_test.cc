#include "common/rpc/validate.h"

#include <cmath>
#include <string>

#include "common/testing/matchers.h"
#include "orewatch/testing/v1/echo.pb.h"

namespace orewatch::rpc {
namespace {

using ::orewatch::testing::BlamesField;
using ::orewatch::testing::HasError;
using ::orewatch::testing::IsOk;
using ::testing::EndsWith;
using ::testing::SizeIs;
namespace v1 = ::orewatch::testing::v1;

constexpr auto kNoMood = static_cast<v1::Mood>(7);

TEST(ValidateTest, TakesWhatBreaksNoRule) {
  v1::SayRequest request;
  request.set_number(0.5);
  request.set_mood(v1::MOOD_CALM);
  request.add_nested()->set_page_size(3);
  EXPECT_THAT(ValidateRequest(request), IsOk());
}

TEST(ValidateTest, NamesTheFieldHoweverDeepItStands) {
  v1::SayRequest request;
  request.add_nested();
  v1::SayRequest& second = *request.add_nested();
  second.add_nested()->set_mood(kNoMood);
  second.set_page_size(-1);
  request.set_number(std::nan(""));
  const absl::Status status = ValidateRequest(request);
  EXPECT_THAT(status, BlamesField("number"));
  EXPECT_THAT(status, BlamesField("nested[1].page_size"));
  EXPECT_THAT(status, BlamesField("nested[1].nested[0].mood"));
  EXPECT_THAT(ViolationsOf(status), SizeIs(3));
}

TEST(ValidateTest, LooksNoFurtherThanItTells) {
  v1::SayRequest request;
  constexpr int kMany = 100'000;
  request.mutable_nested()->Reserve(kMany);
  for (int i = 0; i < kMany; ++i) {
    request.add_nested()->set_mood(kNoMood);
  }
  const absl::Status status = ValidateRequest(request);
  EXPECT_THAT(status, HasError(absl::StatusCode::kInvalidArgument, "INVALID_FIELD"));
  EXPECT_THAT(std::string(status.message()), EndsWith("(and at least 20 more)"));
  EXPECT_THAT(ViolationsOf(status), SizeIs(20));
}

}  // namespace
}  // namespace orewatch::rpc
