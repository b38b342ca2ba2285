#include "services/alerting/domain/rule_index.h"

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace orewatch::alerting {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

constexpr size_t kMany = 1000;

class RuleIndexTest : public ::testing::Test {
 protected:
  void Add(const std::string& id, const ScoreKey& target, const ScoreKey& equalities = {}) {
    Rule& rule = rules_[id];
    rule.id = id;
    rule.target = target;
    rule.filter = KeyFilter("a filter", equalities, nullptr);
  }
  std::vector<std::string> Matching(const ScoreKey& key, size_t lookups) {
    RuleIndex index(rules_, lookups);
    std::vector<std::string> ids;
    for (const Rule* rule : index.Matching(key)) {
      ids.push_back(rule->id);
    }
    return ids;
  }

  std::map<std::string, Rule> rules_;
};

TEST_F(RuleIndexTest, FindsByWhatTargetAndFilterNameInTheOrderOfIds) {
  const ScoreKey key = {.subject = "minerals/cobalt", .stage = 3, .importer = "", .method = 1};
  Add("d-method", {.subject = "", .stage = 0, .importer = "", .method = 1});
  Add("c-subject", {.subject = "minerals/cobalt", .stage = 0, .importer = "", .method = 1});
  Add("b-filter", {}, {.subject = "minerals/cobalt", .stage = 0, .importer = "", .method = 1});
  Add("a-any", {});
  Add("other-method", {.subject = "", .stage = 0, .importer = "", .method = 2});
  Add("other-subject", {.subject = "minerals/tin", .stage = 0, .importer = "", .method = 1});
  Add("other-stage", {.subject = "", .stage = 2, .importer = "", .method = 1});
  Add("at-odds", {.subject = "", .stage = 0, .importer = "", .method = 1},
      {.subject = "minerals/tin", .stage = 0, .importer = "", .method = 0});
  for (const size_t lookups : {size_t{1}, kMany}) {
    EXPECT_THAT(Matching(key, lookups), ElementsAre("a-any", "b-filter", "c-subject", "d-method"));
  }
}

TEST_F(RuleIndexTest, WhatIsDisabledMatchesNothing) {
  Add("off", {});
  rules_["off"].disabled = true;
  for (const size_t lookups : {size_t{1}, kMany}) {
    EXPECT_THAT(Matching({.subject = "minerals/cobalt", .stage = 3, .importer = "", .method = 1}, lookups), IsEmpty());
  }
}

}  // namespace
}  // namespace orewatch::alerting
