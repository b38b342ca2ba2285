#include <string>

#include "gmock/gmock.h"
#include "services/alerting/api/api_fixture.h"

namespace orewatch::alerting {
namespace {

using ::orewatch::testing::BlamesField;
using ::orewatch::testing::HasCode;
using ::orewatch::testing::HasError;
using ::orewatch::testing::IsOk;
using ::orewatch::testing::ParseProto;
using ::testing::SizeIs;
using ::testing::StrEq;

constexpr char kRule[] =
    "display_name: 'High' target { subject: 'minerals/cobalt' stage: STAGE_REFINE method: METHOD_HHI }"
    " raise_threshold: 5000 clear_threshold: 4500 for { seconds: 90 nanos: 5 } severity: SEVERITY_CRITICAL"
    " reason: 'why' measured_by: MEASURE_LOWER_BOUND";

std::string CreateText(const std::string& id, const std::string& more = "") {
  return absl::StrCat("rule_id: '", id, "' rule { ", kRule, " } ", more);
}

class RuleApiTest : public ApiTest {};

TEST_F(RuleApiTest, EveryMethodOfTheContractIsBound) {
  EXPECT_EQ(static_cast<int>(api_.service().methods().size()), api_.service().descriptor()->method_count());
}

TEST_F(RuleApiTest, ACreatedRuleReadsBackAsItWasSent) {
  auto created = Create(CreateText("high"));
  ASSERT_THAT(created, IsOk());
  auto expected = ParseProto<v1::Rule>(kRule);
  expected.set_name(created->name());
  expected.set_etag(created->etag());
  EXPECT_THAT(created->name(), StrEq("rules/high"));
  EXPECT_FALSE(created->etag().empty());
  EXPECT_EQ(created->DebugString(), expected.DebugString());
  auto read = Get("rules/high");
  ASSERT_THAT(read, IsOk());
  EXPECT_EQ(read->DebugString(), expected.DebugString());
}

TEST_F(RuleApiTest, AnOmittedClearThresholdIsTheRaiseThreshold) {
  const auto rule = Create(
      "rule_id: 'r' rule { target { method: METHOD_HHI } raise_threshold: 5000"
      " severity: SEVERITY_INFO }");
  ASSERT_THAT(rule, IsOk());
  EXPECT_EQ(rule->clear_threshold(), 5000);
  EXPECT_EQ(rule->measured_by(), v1::MEASURE_VALUE);
}

TEST_F(RuleApiTest, AnInvalidRuleIsRefusedWithEachField) {
  const auto refused = Create("rule_id: 'Bad Id' rule { clear_threshold: 1 for { seconds: -1 } }");
  for (const auto* field : {"rule_id", "rule.target.method", "rule.clear_threshold", "rule.for", "rule.severity"}) {
    EXPECT_THAT(refused, BlamesField(field));
  }
}

TEST_F(RuleApiTest, ARuleThatCouldNeverMatchIsRefused) {
  const auto refused = Create(
      "rule_id: 'r' rule { target { method: METHOD_HHI_NORMALIZED importer: 'blocs/EU' normalization_n: 3 }"
      " raise_threshold: 1 severity: SEVERITY_INFO }");
  for (const auto* field : {"rule.target.method", "rule.target.importer", "rule.target.normalization_n"}) {
    EXPECT_THAT(refused, BlamesField(field));
  }
}

TEST_F(RuleApiTest, AnIdCanBeTakenOnce) {
  ASSERT_THAT(Create(CreateText("high")), IsOk());
  EXPECT_THAT(Create(CreateText("high")), HasError(absl::StatusCode::kAlreadyExists, "RULE_EXISTS"));
}

TEST_F(RuleApiTest, ValidateOnlyCreatesNothing) {
  ASSERT_THAT(Create(CreateText("high", "validate_only: true")), IsOk());
  EXPECT_THAT(Get("rules/high"), HasError(absl::StatusCode::kNotFound, "RULE_NOT_FOUND"));
}

TEST_F(RuleApiTest, ARepeatedRequestIsAnsweredOncePerCaller) {
  auto first = Create(CreateText("high", "request_id: '1'"), "ann");
  ASSERT_THAT(first, IsOk());
  auto second = Create(CreateText("high", "request_id: '1'"), "ann");
  ASSERT_THAT(second, IsOk());
  EXPECT_EQ(second->DebugString(), first->DebugString());
  EXPECT_THAT(Create(CreateText("other", "request_id: '1'"), "ann"), BlamesField("request_id"));
  EXPECT_THAT(Create(CreateText("high", "request_id: '1'"), "bob"), HasCode(absl::StatusCode::kAlreadyExists));
}

TEST_F(RuleApiTest, ARepeatedUpdateIsAnsweredAsTheFirst) {
  ASSERT_THAT(Create(CreateText("high")), IsOk());
  const std::string update = "rule { name: 'rules/high' raise_threshold: 9000 } request_id: '1'";
  auto first = Update(update);
  ASSERT_THAT(first, IsOk());
  ASSERT_THAT(Update("rule { name: 'rules/high' raise_threshold: 9500 }"), IsOk());
  auto second = Update(update);
  ASSERT_THAT(second, IsOk());
  EXPECT_EQ(second->DebugString(), first->DebugString());
  EXPECT_EQ(Get("rules/high")->raise_threshold(), 9500);
  EXPECT_THAT(Update("rule { name: 'rules/high' reason: 'x' } request_id: '1'"), BlamesField("request_id"));
}

TEST_F(RuleApiTest, ARepeatedUpdateThatChangedNothingIsRememberedToo) {
  ASSERT_THAT(Create(CreateText("high")), IsOk());
  const std::string update = "rule { name: 'rules/high' raise_threshold: 5000 } request_id: '1'";
  ASSERT_THAT(Update(update), IsOk());
  ASSERT_THAT(Update("rule { name: 'rules/high' raise_threshold: 9500 }"), IsOk());
  EXPECT_EQ(Update(update)->raise_threshold(), 5000);
  EXPECT_EQ(Get("rules/high")->raise_threshold(), 9500);
}

TEST_F(RuleApiTest, ARepeatedDeletionSucceedsAndDeletesOnce) {
  ASSERT_THAT(Create(CreateText("high")), IsOk());
  const std::string deletion = "name: 'rules/high' request_id: '1'";
  ASSERT_THAT(Delete(deletion), IsOk());
  ASSERT_THAT(Create(CreateText("high")), IsOk());
  EXPECT_THAT(Delete(deletion), IsOk());
  EXPECT_THAT(Get("rules/high"), IsOk());
}

TEST_F(RuleApiTest, ValidateOnlyDeletesNothing) {
  ASSERT_THAT(Create(CreateText("high")), IsOk());
  EXPECT_THAT(Delete("name: 'rules/high' validate_only: true etag: 'other'"), HasCode(absl::StatusCode::kAborted));
  ASSERT_THAT(Delete("name: 'rules/high' validate_only: true request_id: '1'"), IsOk());
  EXPECT_THAT(Get("rules/high"), IsOk());
}

TEST_F(RuleApiTest, AMaskChangesWhatItNamesAndNothingElse) {
  ASSERT_THAT(Create(CreateText("high")), IsOk());
  auto updated = Update(
      "rule { name: 'rules/high' raise_threshold: 9000 reason: 'ignored' } update_mask { paths: 'raise_threshold'"
      " paths: 'display_name' }");
  ASSERT_THAT(updated, IsOk());
  EXPECT_EQ(updated->raise_threshold(), 9000);
  EXPECT_TRUE(updated->display_name().empty());
  EXPECT_EQ(updated->reason(), "why");
  EXPECT_EQ(updated->severity(), v1::SEVERITY_CRITICAL);
}

TEST_F(RuleApiTest, AMaskMayNameAFieldOfTheTarget) {
  ASSERT_THAT(Create(CreateText("high")), IsOk());
  auto updated =
      Update("rule { name: 'rules/high' target { subject: 'minerals/tin' } } update_mask { paths: 'target.subject' }");
  ASSERT_THAT(updated, IsOk());
  EXPECT_EQ(updated->target().subject(), "minerals/tin");
  EXPECT_EQ(updated->target().stage(), type::v1::STAGE_REFINE);
}

TEST_F(RuleApiTest, WithoutAMaskTheFieldsThatAreSetCount) {
  ASSERT_THAT(Create(CreateText("high")), IsOk());
  auto updated = Update("rule { name: 'rules/high' disabled: true }");
  ASSERT_THAT(updated, IsOk());
  EXPECT_TRUE(updated->disabled());
  EXPECT_EQ(updated->raise_threshold(), 5000);
}

TEST_F(RuleApiTest, TheStarReplacesTheRule) {
  ASSERT_THAT(Create(CreateText("high")), IsOk());
  EXPECT_THAT(Update("rule { name: 'rules/high' } update_mask { paths: '*' }"), BlamesField("rule.target.method"));
  auto updated = Update(
      "rule { name: 'rules/high' target { method: METHOD_HHI } severity: SEVERITY_INFO } update_mask { paths: '*' }");
  ASSERT_THAT(updated, IsOk());
  EXPECT_TRUE(updated->reason().empty());
}

TEST_F(RuleApiTest, AnUnknownPathIsRefused) {
  ASSERT_THAT(Create(CreateText("high")), IsOk());
  EXPECT_THAT(Update("rule { name: 'rules/high' } update_mask { paths: 'colour' }"), BlamesField("update_mask"));
}

TEST_F(RuleApiTest, AnUpdateThatWouldBeInvalidChangesNothing) {
  ASSERT_THAT(Create(CreateText("high")), IsOk());
  EXPECT_THAT(Update("rule { name: 'rules/high' clear_threshold: 6000 } update_mask { paths: 'clear_threshold' }"),
              BlamesField("rule.clear_threshold"));
  EXPECT_EQ(Get("rules/high")->clear_threshold(), 4500);
}

TEST_F(RuleApiTest, AStaleEtagAborts) {
  auto created = Create(CreateText("high"));
  ASSERT_THAT(created, IsOk());
  const std::string etag = absl::StrCat("etag: '", created->etag(), "'");
  ASSERT_THAT(Update(absl::StrCat("rule { name: 'rules/high' reason: 'new' ", etag, " }")), IsOk());
  EXPECT_THAT(Update(absl::StrCat("rule { name: 'rules/high' reason: 'newer' ", etag, " }")),
              HasError(absl::StatusCode::kAborted, "ETAG_MISMATCH"));
  EXPECT_THAT(Delete(absl::StrCat("name: 'rules/high' ", etag)), HasError(absl::StatusCode::kAborted, "ETAG_MISMATCH"));
  EXPECT_THAT(Delete(absl::StrCat("name: 'rules/high' etag: '", Get("rules/high")->etag(), "'")), IsOk());
}

TEST_F(RuleApiTest, AMissingRuleIsCreatedOnlyIfAllowed) {
  const std::string rule = absl::StrCat("rule { name: 'rules/new' ", kRule, " }");
  EXPECT_THAT(Update(rule), HasError(absl::StatusCode::kNotFound, "RULE_NOT_FOUND"));
  ASSERT_THAT(Update(absl::StrCat(rule, " allow_missing: true validate_only: true")), IsOk());
  EXPECT_THAT(Get("rules/new"), HasCode(absl::StatusCode::kNotFound));
  ASSERT_THAT(Update(absl::StrCat(rule, " allow_missing: true update_mask { paths: 'reason' }")), IsOk());
  EXPECT_EQ(Get("rules/new")->raise_threshold(), 5000);
}

TEST_F(RuleApiTest, AMissingRuleIsDeletedOnlyIfAllowed) {
  EXPECT_THAT(Delete("name: 'rules/none'"), HasError(absl::StatusCode::kNotFound, "RULE_NOT_FOUND"));
  EXPECT_THAT(Delete("name: 'rules/none' allow_missing: true"), IsOk());
}

TEST_F(RuleApiTest, NamesMustBeNames) {
  EXPECT_THAT(Get("high"), BlamesField("name"));
  EXPECT_THAT(Delete("name: 'alerts/high'"), BlamesField("name"));
  EXPECT_THAT(Update("rule { name: 'rules/' }"), BlamesField("rule.name"));
}

TEST_F(RuleApiTest, RulesAreListedByNameAndPage) {
  for (const auto* id : {"c", "a", "b"}) {
    ASSERT_THAT(Create(CreateText(id)), IsOk());
  }
  auto first = ListRules("page_size: 2");
  ASSERT_THAT(first, IsOk());
  ASSERT_THAT(first->rules(), SizeIs(2));
  EXPECT_EQ(first->rules(0).name(), "rules/a");
  auto second = ListRules(absl::StrCat("page_size: 2 page_token: '", first->next_page_token(), "'"));
  ASSERT_THAT(second, IsOk());
  ASSERT_THAT(second->rules(), SizeIs(1));
  EXPECT_EQ(second->rules(0).name(), "rules/c");
  EXPECT_TRUE(second->next_page_token().empty());
}

TEST_F(RuleApiTest, AForeignPageTokenIsRefused) {
  EXPECT_THAT(ListRules("page_token: 'abc'"), BlamesField("page_token"));
  EXPECT_THAT(ListRules("page_token: '!!!'"), BlamesField("page_token"));
}

}  // namespace
}  // namespace orewatch::alerting
