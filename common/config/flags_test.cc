#include "common/config/flags.h"

#include "common/testing/matchers.h"

namespace orewatch::config {
namespace {

using ::orewatch::testing::IsOk;
using ::testing::HasSubstr;

TEST(ParseSettingsTest, ReadsStringsNumbersBooleansAndIdentifiers) {
  const auto settings =
      ParseSettings("# where\naddress: \"0.0.0.0:7101\" max_in_flight: 5\nreflection: true\noffset: -3");
  ASSERT_THAT(settings, IsOk());
  ASSERT_EQ(settings->size(), 4U);
  EXPECT_EQ((*settings)[0].value, "0.0.0.0:7101");
  EXPECT_EQ((*settings)[1].name, "max_in_flight");
  EXPECT_EQ((*settings)[2].value, "true");
  EXPECT_EQ((*settings)[3].value, "-3");
}

TEST(ParseSettingsTest, NamesTheLineOfWhatIsWrong) {
  for (const char* bad : {"ok: 1\naddress", "ok: 1\naddress: ", "ok: 1\n: 3", "ok: 1\n\"x\": 3", "ok: 1\na: \"open"}) {
    const auto settings = ParseSettings(bad);
    ASSERT_FALSE(settings.ok()) << bad;
    EXPECT_THAT(std::string(settings.status().message()), HasSubstr("line 2")) << bad;
  }
}

}  // namespace
}  // namespace orewatch::config
