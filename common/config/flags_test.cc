#include "common/config/flags.h"

#include <cstdlib>
#include <iostream>

#include "absl/flags/flag.h"
#include "absl/strings/str_join.h"
#include "common/testing/matchers.h"

ABSL_FLAG(int, a_number, 0, "Of this test.");
ABSL_FLAG(bool, a_switch, false, "Of this test.");

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

void Parse(std::vector<std::string> arguments) {
  arguments.insert(arguments.begin(), "program");
  std::vector<char*> pointers;
  pointers.reserve(arguments.size());
  for (std::string& argument : arguments) {
    pointers.push_back(argument.data());
  }
  const std::vector<std::string> rest = ParseCommandLine(static_cast<int>(pointers.size()), pointers.data());
  std::cerr << absl::GetFlag(FLAGS_a_number) << absl::GetFlag(FLAGS_a_switch) << absl::StrJoin(rest, ",");
  std::exit(0);
}

TEST(ParseCommandLineDeathTest, EndsWithTwoAtWhatCannotBe) {
  const auto exits_with_two = ::testing::ExitedWithCode(2);
  EXPECT_EXIT(Parse({"--a_nummber=3"}), exits_with_two, "there is no flag --a_nummber");
  EXPECT_EXIT(Parse({"--noo_switch"}), exits_with_two, "there is no flag --noo_switch");
  EXPECT_EXIT(Parse({"--a_number=three"}), exits_with_two, "--a_number: 'three'");
  EXPECT_EXIT(Parse({"--a_number", "three"}), exits_with_two, "--a_number: 'three'");
  EXPECT_EXIT(Parse({"--a_switch=perhaps"}), exits_with_two, "--a_switch: 'perhaps'");
}

TEST(ParseCommandLineDeathTest, TakesWhatCanBe) {
  const auto exits_well = ::testing::ExitedWithCode(0);
  EXPECT_EXIT(Parse({"--a_number=3", "--a_switch"}), exits_well, "31$");
  EXPECT_EXIT(Parse({"-a_number", "4", "--a_switch", "--noa_switch", "rest"}), exits_well, "40rest$");
  EXPECT_EXIT(Parse({"--", "--a_nummber=3"}), exits_well, "00--a_nummber=3$");
}

}  // namespace
}  // namespace orewatch::config
