#include "services/alerting/domain/rule.h"

#include <limits>
#include <string>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "services/alerting/domain/rule_check.h"

namespace orewatch::alerting {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

Rule ValidRule() {
  Rule rule;
  rule.id = "r";
  rule.target.method = 1;
  rule.condition = Threshold{.raise = 5000, .clear = 4500};
  rule.severity = Severity::kWarning;
  return rule;
}

std::vector<std::string> FieldsOf(const std::vector<Violation>& violations) {
  std::vector<std::string> fields;
  fields.reserve(violations.size());
  for (const Violation& violation : violations) {
    fields.push_back(violation.field);
  }
  return fields;
}

TEST(RuleTest, IdsAreLowerCaseWordsOfAtMost63Characters) {
  for (const auto* id : {"a", "0", "hhi-high", "a-"}) {
    EXPECT_TRUE(IsValidRuleId(id)) << id;
  }
  EXPECT_TRUE(IsValidRuleId(std::string(63, 'a')));
  for (const auto* id : {"", "-a", "A", "a_b", "a/b", "a b", "ä"}) {
    EXPECT_FALSE(IsValidRuleId(id)) << id;
  }
  EXPECT_FALSE(IsValidRuleId(std::string(64, 'a')));
}

TEST(RuleTest, ACompleteRuleHasNoViolations) { EXPECT_THAT(Check(ValidRule()), IsEmpty()); }

TEST(RuleTest, EveryOffendingFieldIsNamed) {
  Rule rule;
  rule.target.subject = "suppliers/acme";
  rule.target.importer = "minerals/cobalt";
  rule.condition = Threshold{.raise = 1, .clear = 2};
  rule.hold = -absl::Seconds(1);
  EXPECT_THAT(FieldsOf(Check(rule)),
              ElementsAre("target.subject", "target.importer", "target.method", "for", "severity", "threshold.clear"));
}

TEST(RuleTest, ThresholdsMustBeFinite) {
  Rule rule = ValidRule();
  rule.condition =
      Threshold{.raise = std::numeric_limits<double>::infinity(), .clear = std::numeric_limits<double>::quiet_NaN()};
  EXPECT_THAT(FieldsOf(Check(rule)), ElementsAre("threshold.raise", "threshold.clear"));
}

TEST(RuleTest, ATargetThatNoScoreCanMatchIsRefused) {
  struct Case {
    ScoreKey target;
    const char* field;
  };
  for (const Case& bad :
       {Case{{.subject = "", .stage = 0, .importer = "", .method = kHhiNormalized}, "target.method"},
        Case{{.subject = "", .stage = 0, .importer = "", .method = kHhiGovernanceExports}, "target.method"},
        Case{{.subject = "", .stage = 0, .importer = "", .method = kHhiOwnership}, "target.method"},
        Case{{.subject = "", .stage = 0, .importer = "", .method = kEuEconomicImportance2017}, "target.method"},
        Case{{.subject = "", .stage = 0, .importer = "blocs/EU", .method = 1}, "target.importer"},
        Case{{.subject = "", .stage = 1, .importer = "", .method = kCountryGovernance}, "target.stage"},
        Case{{.subject = "", .stage = 1, .importer = "", .method = kStockCover}, "target.stage"},
        Case{{.subject = "minerals/tin", .stage = 0, .importer = "", .method = kCountryGovernance}, "target.subject"},
        Case{{.subject = "countries/CN", .stage = 0, .importer = "", .method = 1}, "target.subject"}}) {
    Rule rule = ValidRule();
    rule.target = bad.target;
    EXPECT_THAT(FieldsOf(Check(rule)), ElementsAre(bad.field));
  }
  Rule rule = ValidRule();
  rule.target = {.subject = "countries/CN", .stage = 0, .importer = "", .method = kCountryGovernance};
  EXPECT_THAT(Check(rule), IsEmpty());
  rule.target = {.subject = "minerals/tin", .stage = 1, .importer = "countries/JP", .method = kEuSupplyRisk2017};
  EXPECT_THAT(Check(rule), IsEmpty());
  rule.target.method = kGeoPolRisk2024;
  EXPECT_THAT(Check(rule), IsEmpty());
}

TEST(RuleTest, EmptyTargetFieldsMatchAll) {
  Rule rule = ValidRule();
  const ScoreKey key{.subject = "minerals/cobalt", .stage = 3, .importer = "blocs/EU", .method = 1};
  EXPECT_TRUE(Matches(rule, key));
  rule.target = key;
  EXPECT_TRUE(Matches(rule, key));
}

TEST(RuleTest, EachTargetFieldNarrows) {
  const ScoreKey key{.subject = "minerals/cobalt", .stage = 3, .importer = "blocs/EU", .method = 1};
  for (const ScoreKey& target : {ScoreKey{.subject = "minerals/tin", .stage = 3, .importer = "blocs/EU", .method = 1},
                                 ScoreKey{.subject = "minerals/cobalt", .stage = 1, .importer = "", .method = 1},
                                 ScoreKey{.subject = "", .stage = 0, .importer = "countries/JP", .method = 1},
                                 ScoreKey{.subject = "", .stage = 0, .importer = "", .method = 2}}) {
    Rule rule = ValidRule();
    rule.target = target;
    EXPECT_FALSE(Matches(rule, key)) << target.subject << target.stage << target.importer << target.method;
  }
}

TEST(RuleTest, ADisabledRuleMatchesNothing) {
  Rule rule = ValidRule();
  rule.disabled = true;
  EXPECT_FALSE(Matches(rule, {.subject = "minerals/cobalt", .stage = 3, .importer = "", .method = 1}));
}

TEST(RuleTest, TheDurationIsRoundedUpToTicks) {
  Rule rule = ValidRule();
  EXPECT_EQ(rule.HoldTicks(), 0);
  rule.hold = absl::Seconds(1);
  EXPECT_EQ(rule.HoldTicks(), 1);
  rule.hold = absl::Minutes(2);
  EXPECT_EQ(rule.HoldTicks(), 2);
}

TEST(RuleTest, TheEtagFollowsEveryField) {
  const Rule rule = ValidRule();
  Rule other = rule;
  other.reason = "because";
  EXPECT_NE(EtagOf(rule), EtagOf(other));
  other.reason.clear();
  other.etag = "ignored";
  EXPECT_EQ(EtagOf(rule), EtagOf(other));
}

}  // namespace
}  // namespace orewatch::alerting
