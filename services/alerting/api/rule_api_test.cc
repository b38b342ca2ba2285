#include <string>

#include "gmock/gmock.h"
#include "services/alerting/api/api_fixture.h"
#include "services/alerting/api/rule_requests.h"

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
    " threshold { raise: 5000 clear: 4500 measured_by: MEASURE_LOWER_BOUND } for { seconds: 90 nanos: 5 }"
    " severity: SEVERITY_CRITICAL reason: 'why'";

// With every field that can be set beside the others.
constexpr char kWholeRule[] =
    "display_name: 'High' target { subject: 'minerals/cobalt' stage: STAGE_REFINE method: METHOD_HHI }"
    " filter: 'stage = REFINE OR stage = MINE' threshold { raise: 5000 clear: 4500 measured_by: MEASURE_LOWER_BOUND"
    " direction: DIRECTION_UP } for { seconds: 90 nanos: 5 } severity: SEVERITY_WARNING reason: 'why'"
    " levels { severity: SEVERITY_CRITICAL raise: 8000 clear: 7500 } causes: CHANGE_CAUSE_REAL"
    " keep_firing_for { seconds: 600 } no_data_policy: NO_DATA_POLICY_FIRE audience: AUDIENCE_PLATFORM"
    " labels { key: 'team' value: 'metals' } annotations { key: 'text' value: '{{ .subject }} at {{ .value }}' }"
    " flapping { transitions: 4 window { seconds: 7200 } } max_alerts: 10 new_subject_grace { seconds: 60 }"
    " digest_above: 5 inhibited_by: 'rules/parent'";

std::string CreateText(const std::string& id, const std::string& more = "") {
  return absl::StrCat("rule_id: '", id, "' rule { ", kRule, " } ", more);
}

class RuleApiTest : public ApiTest {};

TEST_F(RuleApiTest, EveryMethodOfTheContractIsBound) {
  EXPECT_EQ(static_cast<int>(api_.service().methods().size()), api_.service().descriptor()->method_count());
}

TEST_F(RuleApiTest, ACreatedRuleReadsBackAsItWasSent) {
  auto created = Create(absl::StrCat("rule_id: 'high' rule { ", kWholeRule, " }"));
  ASSERT_THAT(created, IsOk());
  auto expected = ParseProto<v1::Rule>(kWholeRule);
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
      "rule_id: 'r' rule { target { method: METHOD_HHI } threshold { raise: 5000 }"
      " severity: SEVERITY_INFO }");
  ASSERT_THAT(rule, IsOk());
  EXPECT_EQ(rule->threshold().clear(), 5000);
  EXPECT_EQ(rule->threshold().measured_by(), v1::MEASURE_VALUE);
}

TEST_F(RuleApiTest, AnInvalidRuleIsRefusedWithEachField) {
  const auto refused = Create("rule_id: 'Bad Id' rule { threshold { clear: 1 } for { seconds: -1 } }");
  for (const auto* field : {"rule_id", "rule.target.method", "rule.threshold.clear", "rule.for", "rule.severity"}) {
    EXPECT_THAT(refused, BlamesField(field));
  }
}

TEST_F(RuleApiTest, ARuleThatCouldNeverMatchIsRefused) {
  const auto refused = Create(
      "rule_id: 'r' rule { target { method: METHOD_HHI_NORMALIZED importer: 'blocs/EU' normalization_n: 3 }"
      " threshold { raise: 1 } severity: SEVERITY_INFO }");
  for (const auto* field : {"rule.target.method", "rule.target.importer", "rule.target.normalization_n"}) {
    EXPECT_THAT(refused, BlamesField(field));
  }
}

TEST_F(RuleApiTest, AHappeningAndACombinationReadBackAsTheyWereSent) {
  for (const char* condition :
       {"happening { states: STATE_MEASURE_IN_FORCE concerns: 'minerals/gallium' before { seconds: 60 } hold { "
        "seconds: 9 } }",
        "combination { quantifier: QUANTIFIER_ANY subjects: 'minerals' parts { target { method: METHOD_HHI } threshold"
        " { raise: 2 clear: 1 measured_by: MEASURE_VALUE direction: DIRECTION_UP } } parts { happening { states:"
        " STATE_IMPACT_CONFIRMED before {} hold {} } } }"}) {
    const std::string text = absl::StrCat(condition, " severity: SEVERITY_INFO");
    const auto created = Create(absl::StrCat("rule_id: 'r' rule { ", text, " }"));
    ASSERT_THAT(created, IsOk()) << condition;
    const auto expected = ParseProto<v1::Rule>(text);
    EXPECT_EQ(created->happening().DebugString(), expected.happening().DebugString());
    EXPECT_EQ(created->combination().DebugString(), expected.combination().DebugString());
    ASSERT_THAT(Delete("name: 'rules/r'"), IsOk());
  }
}

TEST_F(RuleApiTest, AConditionNamesWhatIsWrongWithIt) {
  const auto refused = [&](const std::string& condition) {
    return Create(absl::StrCat("rule_id: 'r' rule { ", condition, " severity: SEVERITY_INFO }"));
  };
  EXPECT_THAT(refused("target { method: METHOD_HHI } threshold { clear: 0 }"), BlamesField("rule.threshold.raise"));
  EXPECT_THAT(refused("happening {}"), BlamesField("rule.happening.states"));
  EXPECT_THAT(refused("happening { states: 999 }"), BlamesField("rule.happening.states"));
  EXPECT_THAT(refused("happening { states: STATE_OWNER_CHANGED }"), BlamesField("rule.happening.hold"));
  EXPECT_THAT(refused("target { method: METHOD_HHI } happening { states: STATE_FACILITY_CLOSED }"),
              BlamesField("rule.target"));
  EXPECT_THAT(refused("causes: CHANGE_CAUSE_REAL happening { states: STATE_FACILITY_CLOSED }"),
              BlamesField("rule.causes"));
  EXPECT_THAT(
      refused("combination { subjects: 'minerals' parts { happening { states: STATE_FACILITY_CLOSED } } parts {} }"),
      BlamesField("rule.combination.parts[1].condition"));
  EXPECT_THAT(refused("combination { parts { happening { states: STATE_FACILITY_CLOSED } } }"),
              BlamesField("rule.combination.quantifier"));
}

TEST_F(RuleApiTest, AFilterMayNameTheMethod) {
  const std::string rest = " threshold { raise: 1 } severity: SEVERITY_INFO }";
  EXPECT_THAT(Create(absl::StrCat("rule_id: 'r' rule { filter: 'method = HHI AND stage = MINE'", rest)), IsOk());
  EXPECT_THAT(Create(absl::StrCat("rule_id: 's' rule { filter: 'method = HHI OR stage = MINE'", rest)),
              BlamesField("rule.target.method"));
  EXPECT_THAT(Create(absl::StrCat("rule_id: 's' rule { filter: 'colour = red'", rest)), BlamesField("rule.filter"));
  EXPECT_THAT(Create(absl::StrCat("rule_id: 's' rule { target { method: METHOD_HHI stage: STAGE_REFINE }"
                                  " filter: 'stage = MINE'",
                                  rest)),
              BlamesField("rule.filter"));
}

TEST_F(RuleApiTest, AFilterNarrowsWhatARuleSpeaksAbout) {
  ASSERT_THAT(Create("rule_id: 'r' rule { target { method: METHOD_HHI } filter: 'subject = *tin'"
                     " threshold { raise: 1 } severity: SEVERITY_INFO }"),
              IsOk());
  Score("tin", 5);
  Score("zinc", 5);
  const auto alerts = ListAlerts("");
  ASSERT_THAT(alerts->alerts(), SizeIs(1));
  EXPECT_EQ(alerts->alerts(0).subject().subject(), "minerals/tin");
}

TEST_F(RuleApiTest, WhatCannotBeJudgedOrRenderedIsRefused) {
  const std::string base = "rule_id: 'r' rule { target { method: METHOD_HHI } severity: SEVERITY_INFO ";
  EXPECT_THAT(Create(absl::StrCat(base, "}")), BlamesField("rule.condition"));
  const std::string rule = absl::StrCat(base, "threshold { raise: 1 } ");
  EXPECT_THAT(Create(absl::StrCat(rule, "annotations { key: 'a' value: '{{ .colour }}' } }")),
              BlamesField("rule.annotations"));
  EXPECT_THAT(Create(absl::StrCat(rule, "labels { key: 'severity' value: 'x' } }")), BlamesField("rule.labels"));
  EXPECT_THAT(Create(absl::StrCat(rule, "labels { key: 'sup-plier' value: 'x' } }")), BlamesField("rule.labels"));
  EXPECT_THAT(Create(absl::StrCat(rule, "m_of_n { m: 4 n: 3 } }")), BlamesField("rule.m_of_n.m"));
  EXPECT_THAT(Create(absl::StrCat(rule, "inhibited_by: 'minerals/x' }")), BlamesField("rule.inhibited_by"));
  EXPECT_THAT(Create(absl::StrCat(rule, "no_data_policy: 9 }")), BlamesField("rule.no_data_policy"));
  EXPECT_THAT(Create("rule_id: 'r' rule { target { method: METHOD_HHI } severity: SEVERITY_INFO"
                     " silent_input { longer_than { seconds: 600 } } }"),
              BlamesField("rule.target"));
}

TEST_F(RuleApiTest, RulesCannotMuteEachOtherInACircle) {
  const std::string rest = " target { method: METHOD_HHI } threshold { raise: 1 } severity: SEVERITY_INFO }";
  ASSERT_THAT(Create(absl::StrCat("rule_id: 'a' rule { inhibited_by: 'rules/b'", rest)), IsOk());
  EXPECT_THAT(Create(absl::StrCat("rule_id: 'b' rule { inhibited_by: 'rules/a'", rest)),
              BlamesField("rule.inhibited_by"));
  ASSERT_THAT(Create(absl::StrCat("rule_id: 'b' rule { ", rest)), IsOk());
  EXPECT_THAT(Update("rule { name: 'rules/b' inhibited_by: 'rules/a' }"), BlamesField("rule.inhibited_by"));
}

TEST_F(RuleApiTest, AListThatIsSentReplacesTheOneThatWas) {
  ASSERT_THAT(Create(absl::StrCat("rule_id: 'high' rule { ", kWholeRule, " }")), IsOk());
  const auto updated = Update("rule { name: 'rules/high' causes: CHANGE_CAUSE_NEW_YEAR }");
  ASSERT_THAT(updated, IsOk());
  ASSERT_THAT(updated->causes(), SizeIs(1));
  EXPECT_EQ(updated->causes(0), risk::v1::CHANGE_CAUSE_NEW_YEAR);
  EXPECT_THAT(updated->levels(), SizeIs(1));
}

TEST_F(RuleApiTest, AnAlertCarriesWhatItsRuleAdds) {
  ASSERT_THAT(Create("rule_id: 'r' rule { target { method: METHOD_HHI } threshold { raise: 1 } severity: SEVERITY_INFO"
                     " audience: AUDIENCE_PLATFORM labels { key: 'team' value: 'metals' }"
                     " annotations { key: 'text' value: '{{ .subject }} ({{ .stage }}) at {{ .value }}' } }"),
              IsOk());
  Score("tin", 5);
  const v1::Alert alert = ListAlerts("")->alerts(0);
  EXPECT_EQ(alert.audience(), v1::AUDIENCE_PLATFORM);
  EXPECT_EQ(alert.labels().at("team"), "metals");
  EXPECT_EQ(alert.annotations().at("text"), "minerals/tin (refine) at 5");
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

TEST_F(RuleApiTest, ARepeatedRequestIsTheSameInWhateverOrderItsLabelsCome) {
  v1::CreateRuleRequest there;
  v1::CreateRuleRequest back;
  for (int i = 0; i < 30; ++i) {
    (*there.mutable_rule()->mutable_labels())[absl::StrCat("label_", i)] = "x";
    (*back.mutable_rule()->mutable_labels())[absl::StrCat("label_", 29 - i)] = "x";
  }
  EXPECT_EQ(DigestOf(there), DigestOf(back));
}

TEST_F(RuleApiTest, ARepeatedUpdateIsAnsweredAsTheFirst) {
  ASSERT_THAT(Create(CreateText("high")), IsOk());
  const std::string update = "rule { name: 'rules/high' threshold { raise: 9000 } } request_id: '1'";
  auto first = Update(update);
  ASSERT_THAT(first, IsOk());
  ASSERT_THAT(Update("rule { name: 'rules/high' threshold { raise: 9500 } }"), IsOk());
  auto second = Update(update);
  ASSERT_THAT(second, IsOk());
  EXPECT_EQ(second->DebugString(), first->DebugString());
  EXPECT_EQ(Get("rules/high")->threshold().raise(), 9500);
  EXPECT_THAT(Update("rule { name: 'rules/high' reason: 'x' } request_id: '1'"), BlamesField("request_id"));
}

TEST_F(RuleApiTest, ARepeatedUpdateThatChangedNothingIsRememberedToo) {
  ASSERT_THAT(Create(CreateText("high")), IsOk());
  const std::string update = "rule { name: 'rules/high' threshold { raise: 5000 } } request_id: '1'";
  ASSERT_THAT(Update(update), IsOk());
  ASSERT_THAT(Update("rule { name: 'rules/high' threshold { raise: 9500 } }"), IsOk());
  EXPECT_EQ(Update(update)->threshold().raise(), 5000);
  EXPECT_EQ(Get("rules/high")->threshold().raise(), 9500);
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
      "rule { name: 'rules/high' threshold { raise: 9000 } reason: 'ignored' } update_mask { paths: 'threshold.raise'"
      " paths: 'display_name' }");
  ASSERT_THAT(updated, IsOk());
  EXPECT_EQ(updated->threshold().raise(), 9000);
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
  EXPECT_EQ(updated->threshold().raise(), 5000);
}

TEST_F(RuleApiTest, TheStarReplacesTheRule) {
  ASSERT_THAT(Create(CreateText("high")), IsOk());
  EXPECT_THAT(Update("rule { name: 'rules/high' } update_mask { paths: '*' }"), BlamesField("rule.target.method"));
  auto updated = Update(
      "rule { name: 'rules/high' target { method: METHOD_HHI } threshold { raise: 1 } severity: SEVERITY_INFO } "
      "update_mask { paths: '*' }");
  ASSERT_THAT(updated, IsOk());
  EXPECT_TRUE(updated->reason().empty());
}

TEST_F(RuleApiTest, AnUnknownPathIsRefused) {
  ASSERT_THAT(Create(CreateText("high")), IsOk());
  EXPECT_THAT(Update("rule { name: 'rules/high' } update_mask { paths: 'colour' }"), BlamesField("update_mask"));
}

TEST_F(RuleApiTest, AnUpdateThatWouldBeInvalidChangesNothing) {
  ASSERT_THAT(Create(CreateText("high")), IsOk());
  EXPECT_THAT(Update("rule { name: 'rules/high' threshold { clear: 6000 } } update_mask { paths: 'threshold.clear' }"),
              BlamesField("rule.threshold.clear"));
  EXPECT_EQ(Get("rules/high")->threshold().clear(), 4500);
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
  EXPECT_EQ(Get("rules/new")->threshold().raise(), 5000);
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
