#include "services/alerting/api/default_rules.h"

#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <set>
#include <string>
#include <variant>

#include "absl/strings/str_cat.h"
#include "common/testing/matchers.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace orewatch::alerting {
namespace {

using ::orewatch::testing::HasError;
using ::orewatch::testing::IsOk;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;

class DefaultRulesTest : public ::testing::Test {
 protected:
  ~DefaultRulesTest() override { std::filesystem::remove(path_); }
  absl::StatusOr<std::vector<Rule>> Read(const std::string& text) {
    std::ofstream(path_) << text;
    return ReadRuleSet(path_);
  }
  const std::string path_ = absl::StrCat(::testing::TempDir(), "default_rules_", getpid(), ".textproto");
};

constexpr char kValid[] =
    "rules { name: 'rules/a' target { method: METHOD_HHI } threshold { raise: 1 } severity: SEVERITY_INFO }";

TEST_F(DefaultRulesTest, TheBundledRulesAreValidAndSayWhy) {
  auto rules = ReadRuleSet("data/rules.textproto");
  ASSERT_THAT(rules, IsOk());
  std::set<int> methods;
  for (const Rule& rule : *rules) {
    EXPECT_THAT(rule.display_name, Not(IsEmpty())) << rule.id;
    EXPECT_THAT(rule.reason, Not(IsEmpty())) << rule.id;
    EXPECT_FALSE(rule.disabled) << rule.id;
    if (const auto* threshold = std::get_if<Threshold>(&rule.condition)) {
      EXPECT_NE(threshold->clear, threshold->raise) << rule.id;
      EXPECT_TRUE(rule.severity != Severity::kCritical || threshold->measured_by == Measure::kLowerBound) << rule.id;
    }
    methods.insert(rule.target.method);
  }
  // Those of no method are about the input.
  EXPECT_THAT(methods, ElementsAre(0, 1, 2, 3, 4, 10, 11));
}

TEST_F(DefaultRulesTest, AnEmptyFileHoldsNoRules) {
  auto rules = Read("");
  ASSERT_THAT(rules, IsOk());
  EXPECT_THAT(*rules, IsEmpty());
}

TEST_F(DefaultRulesTest, AMissingFileIsNamed) {
  auto rules = ReadRuleSet("/nowhere/rules.textproto");
  EXPECT_THAT(rules, HasError(absl::StatusCode::kNotFound, "FILE_NOT_FOUND"));
  EXPECT_THAT(rules.status().message(), HasSubstr("/nowhere/rules.textproto"));
}

TEST_F(DefaultRulesTest, AFolderIsNoFile) {
  EXPECT_THAT(ReadRuleSet(::testing::TempDir()), HasError(absl::StatusCode::kNotFound, "FILE_NOT_FOUND"));
}

TEST_F(DefaultRulesTest, WhatDoesNotParseIsNamedWithItsLine) {
  auto rules = Read("rules {\n  colour: 'red'\n}");
  EXPECT_THAT(rules, HasError(absl::StatusCode::kInvalidArgument, "INVALID_RULE_SET"));
  EXPECT_THAT(rules.status().message(), HasSubstr("line 2"));
}

TEST_F(DefaultRulesTest, AnInvalidRuleIsNamed) {
  auto rules = Read("rules { name: 'rules/a' threshold { raise: 1 } severity: SEVERITY_INFO }");
  EXPECT_THAT(rules, HasError(absl::StatusCode::kInvalidArgument, "INVALID_RULE_SET"));
  EXPECT_THAT(rules.status().message(), HasSubstr("`rules/a`: rule.target.method"));
}

TEST_F(DefaultRulesTest, ARuleMayStandThereOnce) {
  EXPECT_THAT(Read(std::string(kValid) + kValid), HasError(absl::StatusCode::kInvalidArgument, "INVALID_RULE_SET"));
}

}  // namespace
}  // namespace orewatch::alerting
