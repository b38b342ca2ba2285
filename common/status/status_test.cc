#include "common/status/status.h"

#include <string>

#include "common/testing/matchers.h"

namespace orewatch {
namespace {

using ::testing::ElementsAre;
using ::testing::Pair;

TEST(FieldViolationsTest, CutsALongDescriptionBetweenCharacters) {
  // 99 bytes, then characters of three bytes.
  const std::string description = std::string(99, 'x') + "銅銅";
  const absl::Status status = InvalidField("filter", description);
  EXPECT_EQ(status.message(), "filter: " + description);
  EXPECT_THAT(ViolationsOf(status), ElementsAre(Pair("filter", std::string(99, 'x'))));
}

}  // namespace
}  // namespace orewatch
