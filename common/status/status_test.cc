#include "common/status/status.h"

#include <string>

#include "common/testing/matchers.h"

namespace orewatch {
namespace {

using ::testing::ElementsAre;
using ::testing::Pair;
using ::testing::SizeIs;

TEST(FieldViolationsTest, CutsALongDescriptionBetweenCharacters) {
  // 99 bytes, then characters of three bytes.
  const std::string description = std::string(99, 'x') + "銅銅";
  const absl::Status status = InvalidField("filter", description);
  EXPECT_EQ(status.message(), "filter: " + description);
  EXPECT_THAT(ViolationsOf(status), ElementsAre(Pair("filter", std::string(99, 'x'))));
}

TEST(FieldViolationsTest, KeepsWhatAnErrorCanTellAndSaysThatThereIsMore) {
  FieldViolations violations;
  for (int i = 0; i < 100'000; ++i) {
    violations.Add("kinds", "is none");
  }
  EXPECT_THAT(violations.violations(), SizeIs(21));
  EXPECT_EQ(violations.ToStatus().message(), "kinds: is none (and at least 20 more)");
  EXPECT_THAT(ViolationsOf(violations.ToStatus()), SizeIs(20));
}

TEST(FieldViolationsTest, CountsTheFew) {
  FieldViolations violations;
  for (int i = 0; i < 20; ++i) {
    violations.Add("kinds", "is none");
  }
  EXPECT_EQ(violations.ToStatus().message(), "kinds: is none (and 19 more)");
}

}  // namespace
}  // namespace orewatch
