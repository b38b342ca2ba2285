#include "tests/chaos/answer_checker.h"

#include "common/testing/matchers.h"

namespace orewatch::testing {
namespace {

using ::testing::HasSubstr;

// Two countries mine as much as each other; then one mines nothing, or three times as much.
History HistoryOf(const std::string& lineage, double last_tonnes) {
  History history;
  for (const auto& [country, tonnes] :
       std::vector<std::pair<std::string, double>>{{"AU", 1}, {"CN", 1}, {"CN", last_tonnes}}) {
    auto& set = history.emplace_back();
    set.mutable_revision()->set_lineage(lineage);
    set.mutable_revision()->set_number(static_cast<int64_t>(history.size()));
    auto& statistic = *set.add_changes()->mutable_after()->mutable_statistic();
    statistic.mutable_production()->set_country(country);
    statistic.mutable_quantity()->set_tonnes(tonnes);
  }
  return history;
}

SeenConcentration Seen(const std::string& lineage, int64_t number, double value) {
  SeenConcentration seen{"risk", {}, value};
  seen.revision.set_lineage(lineage);
  seen.revision.set_number(number);
  return seen;
}

class AnswerCheckerTest : public ::testing::Test {
 protected:
  AnswerCheckerTest() {
    checker_.AddHistory(HistoryOf("lost", 0));
    checker_.AddHistory(HistoryOf("restored", 3));
  }
  AnswerChecker checker_;
};

TEST_F(AnswerCheckerTest, AnAnswerOfEitherHistoryPasses) {
  EXPECT_EQ(checker_.FaultOf(Seen("lost", 2, 5000)), "");
  EXPECT_EQ(checker_.FaultOf(Seen("lost", 3, 10000)), "");
  EXPECT_EQ(checker_.FaultOf(Seen("restored", 3, 6250)), "");
}

TEST_F(AnswerCheckerTest, FindsAnAnswerThatTakesItsValueFromTheOtherHistory) {
  EXPECT_THAT(checker_.FaultOf(Seen("restored", 3, 10000)), HasSubstr("where it is 6250"));
}

TEST_F(AnswerCheckerTest, FindsARevisionAndALineageThatNeverWere) {
  EXPECT_THAT(checker_.FaultOf(Seen("restored", 4, 6250)), HasSubstr("which its lineage does not have"));
  EXPECT_THAT(checker_.FaultOf(Seen("other", 3, 6250)), HasSubstr("which nobody had"));
}

TEST_F(AnswerCheckerTest, FindsAnAnswerWhosePartsAreOfTwoLineages) {
  const auto part = [](const std::string& lineage) { return Seen(lineage, 3, 0).revision; };
  EXPECT_EQ(FaultOfLineages("gateway", {part("lost"), part("lost")}), "");
  EXPECT_EQ(FaultOfLineages("gateway", {}), "");
  EXPECT_THAT(FaultOfLineages("gateway", {part("restored"), part("lost")}), HasSubstr("mixes"));
}

}  // namespace
}  // namespace orewatch::testing
