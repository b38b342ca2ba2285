// TestRule, over a past that each test decides.
#include <memory>
#include <optional>
#include <string>

#include "gmock/gmock.h"
#include "services/alerting/api/api_fixture.h"
#include "services/alerting/api/fake_past.h"

namespace orewatch::alerting {
namespace {

using ::orewatch::testing::BlamesField;
using ::orewatch::testing::HasCode;
using ::orewatch::testing::HasError;
using ::orewatch::testing::IsOk;
using ::testing::IsEmpty;
using ::testing::SizeIs;

constexpr char kRule[] =
    "target { method: METHOD_HHI } threshold { raise: 5000 clear: 4500 } severity: SEVERITY_WARNING ";

class RehearsalApiTest : public ApiTest {
 protected:
  RehearsalApiTest() { api_.RehearseWith(past_); }

  absl::StatusOr<v1::TestRuleResponse> Test(const std::string& request, const std::string& principal = "anonymous") {
    return CallText<v1::TestRuleResponse, v1::TestRuleRequest>("TestRule", request, principal);
  }
  absl::StatusOr<v1::TestRuleResponse> TestNew(const std::string& rule = "", const std::string& more = "") {
    return Test(absl::StrCat("rule { ", kRule, rule, " } ", more));
  }
  absl::Time Ago(absl::Duration duration) const { return clock_.Now() - duration; }
  std::string Seconds(absl::Time time) const { return absl::StrCat("{ seconds: ", absl::ToUnixSeconds(time), " }"); }

  const std::shared_ptr<FakePast> past_ = std::make_shared<FakePast>();
};

TEST_F(RehearsalApiTest, SaysWhenARuleWouldHaveFired) {
  past_->Score("tin", 6000, Ago(absl::Hours(48)));
  past_->Score("zinc", 4000, Ago(absl::Hours(40)));
  past_->Score("tin", 4000, Ago(absl::Hours(36)));
  past_->Score("zinc", 8000, Ago(absl::Hours(12)));
  const auto tested = TestNew("name: 'rules/new' levels { severity: SEVERITY_CRITICAL raise: 7000 clear: 6500 }");
  ASSERT_THAT(tested, IsOk());
  EXPECT_EQ(tested->firing_count(), 2);
  EXPECT_EQ(tested->notified_count(), 2);
  EXPECT_EQ(tested->notification_count(), 3);
  EXPECT_EQ(tested->standing_count(), 0);
  EXPECT_EQ(tested->firing_duration().seconds(), 24 * 3600);
  EXPECT_EQ(tested->score_count(), 2);
  EXPECT_EQ(tested->revision().number(), 4);
  EXPECT_FALSE(tested->has_history_begins());
  ASSERT_THAT(tested->firings(), SizeIs(2));
  const v1::TestedFiring& zinc = tested->firings(0);
  EXPECT_EQ(zinc.subject().subject(), "minerals/zinc");
  EXPECT_EQ(zinc.severity(), v1::SEVERITY_CRITICAL);
  EXPECT_EQ(zinc.value(), 8000);
  EXPECT_EQ(zinc.reason(), "CONDITION_MET");
  EXPECT_FALSE(zinc.has_resolve_time());
  EXPECT_TRUE(zinc.notified());
  const v1::TestedFiring& tin = tested->firings(1);
  EXPECT_EQ(tin.fire_time().seconds(), absl::ToUnixSeconds(Ago(absl::Hours(48))));
  EXPECT_EQ(tin.resolve_time().seconds(), absl::ToUnixSeconds(Ago(absl::Hours(36))));
  EXPECT_EQ(tin.resolve_reason(), "CONDITION_CLEARED");
  // The name that the alert will have.
  CreateRule("new");
  Score("tin", 6000);
  EXPECT_EQ(tin.alert(), ListAlerts("")->alerts(0).name());
}

TEST_F(RehearsalApiTest, ChangesNothing) {
  past_->Score("tin", 6000, Ago(absl::Hours(48)));
  ASSERT_THAT(TestNew("name: 'rules/new'"), IsOk());
  EXPECT_THAT(ListRules("")->rules(), IsEmpty());
  EXPECT_THAT(ListAlerts("")->alerts(), IsEmpty());
}

TEST_F(RehearsalApiTest, CountsApartWhatFiredBefore) {
  past_->Score("tin", 6000, Ago(absl::Hours(48)));
  past_->Score("tin", 4000, Ago(absl::Hours(10)));
  past_->Score("tin", 6000, Ago(absl::Hours(5)));
  const auto tested = TestNew("", "start_time " + Seconds(Ago(absl::Hours(20))));
  ASSERT_THAT(tested, IsOk());
  EXPECT_EQ(tested->firing_count(), 1);
  EXPECT_EQ(tested->standing_count(), 1);
  EXPECT_EQ(tested->firing_duration().seconds(), 15 * 3600) << "ten within the period, and five";
  EXPECT_EQ(tested->firings(1).fire_time().seconds(), absl::ToUnixSeconds(Ago(absl::Hours(48))));
  const auto before = TestNew(
      "", absl::StrCat("start_time ", Seconds(Ago(absl::Hours(9))), " end_time ", Seconds(Ago(absl::Hours(6)))));
  EXPECT_EQ(before->firing_count() + before->standing_count(), 0);
  EXPECT_THAT(before->firings(), IsEmpty());
}

TEST_F(RehearsalApiTest, SaysWhomItWouldHaveTold) {
  past_->Score("tin", 6000, Ago(absl::Hours(48)));
  past_->Score("tin", 4000, Ago(absl::Hours(47)));
  past_->Score("tin", 6000, Ago(absl::Hours(20)));
  const auto quiet = TestNew("new_subject_grace { seconds: 86400 }");
  ASSERT_THAT(quiet, IsOk());
  EXPECT_EQ(quiet->firing_count(), 2);
  EXPECT_EQ(quiet->notified_count(), 1) << "the first fired and resolved while the score was new";
  EXPECT_FALSE(quiet->firings(1).notified());
}

TEST_F(RehearsalApiTest, ManyAreToldAsOne) {
  for (const char* mineral : {"tin", "zinc", "iron"}) {
    past_->Score(mineral, 6000, Ago(absl::Hours(1)));
    past_->past.records.back().revision = 1;
  }
  const auto tested = TestNew("digest_above: 2");
  ASSERT_THAT(tested, IsOk());
  EXPECT_EQ(tested->firing_count(), 3);
  EXPECT_EQ(tested->notified_count(), 3);
  EXPECT_EQ(tested->notification_count(), 1);
}

TEST_F(RehearsalApiTest, SaysWhereHistoryBegins) {
  past_->Score("tin", 6000, Ago(absl::Hours(48)));
  past_->past.begins.emplace().revision.number = 1;
  past_->past.begins->commit_time = Ago(absl::Hours(48));
  const auto tested = TestNew();
  ASSERT_THAT(tested, IsOk());
  EXPECT_EQ(tested->history_begins().revision().number(), 1);
  EXPECT_EQ(tested->history_begins().commit_time().seconds(), absl::ToUnixSeconds(Ago(absl::Hours(48))));
  EXPECT_EQ(tested->end_time().seconds() - tested->start_time().seconds(), 90 * 24 * 3600);
  EXPECT_FALSE(TestNew("", "start_time " + Seconds(Ago(absl::Hours(20))))->has_history_begins());
}

TEST_F(RehearsalApiTest, TestsTheRuleThatThereIsForWhoMayReadIt) {
  ASSERT_THAT(
      Create(absl::StrCat("rule_id: 'hush' rule { ", kRule, "disabled: true visibility { owner: 'alice' } }"), "alice"),
      IsOk());
  past_->Score("tin", 6000, Ago(absl::Hours(48)));
  const auto tested = Test("name: 'rules/hush'", "alice");
  ASSERT_THAT(tested, IsOk());
  EXPECT_EQ(tested->firing_count(), 1) << "that it is switched off does not matter";
  EXPECT_EQ(past_->asked_by, "alice");
  EXPECT_THAT(Test("name: 'rules/hush'", "bob"), HasError(absl::StatusCode::kNotFound, "RULE_NOT_FOUND"));
  EXPECT_THAT(Test("name: 'rules/nope'"), HasError(absl::StatusCode::kNotFound, "RULE_NOT_FOUND"));
}

TEST_F(RehearsalApiTest, SaysWhenWhatHappenedWouldHaveFired) {
  const auto measure = [&](absl::Time effective, absl::Time ended) {
    return Fact{.resource = "measures/m",
                .concerns = {"minerals/tin"},
                .spells = {{.state = v1::Happening::STATE_MEASURE_IN_FORCE, .from = effective, .until = ended}}};
  };
  past_->Happens(measure(Ago(absl::Hours(24)), absl::InfiniteFuture()), Ago(absl::Hours(72)));
  past_->Happens(measure(Ago(absl::Hours(24)), Ago(absl::Hours(6))), Ago(absl::Hours(12)));
  const auto tested = Test(
      "rule { name: 'rules/new' happening { states: STATE_MEASURE_IN_FORCE before { seconds: 36000 } } severity: "
      "SEVERITY_WARNING }",
      "alice");
  ASSERT_THAT(tested, IsOk());
  EXPECT_EQ(past_->asked_by, "alice");
  EXPECT_EQ(tested->score_count(), 0);
  EXPECT_EQ(tested->thing_count(), 2) << "as the source says";
  EXPECT_EQ(tested->revision().number(), 2);
  ASSERT_THAT(tested->firings(), SizeIs(1));
  EXPECT_EQ(tested->firings(0).subject().subject(), "measures/m");
  EXPECT_EQ(tested->firings(0).fire_time().seconds(), absl::ToUnixSeconds(Ago(absl::Hours(34))));
  EXPECT_EQ(tested->firings(0).resolve_time().seconds(), absl::ToUnixSeconds(Ago(absl::Hours(6))));
  EXPECT_FALSE(tested->firings(0).has_value());
}

constexpr char kSqueezed[] =
    "rule { combination { quantifier: QUANTIFIER_ALL subjects: 'minerals' parts { target { method: METHOD_HHI } "
    "threshold { raise: 5000 clear: 4500 } } parts { happening { states: STATE_FACILITY_CLOSED } } } severity: "
    "SEVERITY_WARNING }";

TEST_F(RehearsalApiTest, ACombinationSeesScoresAndWhatHappensInTheOrderOfTheirRevisions) {
  const Fact closed{.resource = "suppliers/s/facilities/f",
                    .concerns = {"minerals/tin"},
                    .spells = {{.state = v1::Happening::STATE_FACILITY_CLOSED}}};
  past_->Score("tin", 6000, Ago(absl::Hours(48)));
  past_->Happens(closed, Ago(absl::Hours(24)));
  past_->Score("tin", 4000, Ago(absl::Hours(12)));
  past_->Score("tin", 6000, Ago(absl::Hours(6)));
  const auto tested = Test(kSqueezed);
  ASSERT_THAT(tested, IsOk());
  ASSERT_THAT(tested->firings(), SizeIs(2));
  EXPECT_EQ(tested->firings(0).subject().subject(), "minerals/tin");
  const auto near = [&](const v1::TestedFiring& firing, absl::Duration ago) {
    const int64_t after = firing.fire_time().seconds() - absl::ToUnixSeconds(Ago(ago));
    return after >= 0 && after <= 60;
  };
  EXPECT_TRUE(near(tested->firings(0), absl::Hours(6)));
  EXPECT_TRUE(near(tested->firings(1), absl::Hours(24)));
  // Of what happens, risk has not come to know yet.
  past_->past.revision.number = 1;
  EXPECT_EQ(Test(kSqueezed)->firing_count(), 0);
  past_->past.revision.lineage = "another";
  EXPECT_THAT(Test(kSqueezed), HasError(absl::StatusCode::kAborted, "LINEAGE_CHANGED"));
}

TEST_F(RehearsalApiTest, ACombinationsHistoryBeginsWhereBothAreKnown) {
  const auto begin = [&](int64_t revision, absl::Duration ago, std::optional<HistoryBegin>& begins) {
    begins.emplace().revision.number = revision;
    begins->commit_time = Ago(ago);
  };
  begin(1, absl::Hours(48), past_->past.begins);
  begin(2, absl::Hours(24), past_->facts.begins);
  EXPECT_EQ(Test(kSqueezed)->history_begins().revision().number(), 2);
  past_->facts.begins->commit_time = Ago(absl::Hours(72));
  EXPECT_EQ(Test(kSqueezed)->history_begins().revision().number(), 1);
}

TEST_F(RehearsalApiTest, NamesWhatCannotBeMeant) {
  EXPECT_THAT(Test(""), BlamesField("rule"));
  EXPECT_THAT(Test("name: 'alerts/x'"), BlamesField("name"));
  EXPECT_THAT(TestNew("name: 'x'"), BlamesField("rule.name"));
  EXPECT_THAT(TestNew("max_alerts: -1"), BlamesField("rule.max_alerts"));
  EXPECT_THAT(TestNew("", "end_time " + Seconds(clock_.Now() + absl::Hours(1))), BlamesField("end_time"));
  EXPECT_THAT(TestNew("", "start_time " + Seconds(clock_.Now())), BlamesField("start_time"));
  EXPECT_THAT(TestNew("", "start_time " + Seconds(Ago(absl::Hours(24 * 1099)))), BlamesField("start_time"));
  EXPECT_THAT(TestNew("", "start_time { seconds: -9000000000000 }"), BlamesField("start_time"));
  EXPECT_THAT(Test("rule { silent_input { longer_than { seconds: 600 } } severity: SEVERITY_INFO }"),
              HasError(absl::StatusCode::kFailedPrecondition, "NO_HISTORY_OF_SILENCE"));
}

TEST_F(RehearsalApiTest, PassesOnWhyThereIsNoHistory) {
  past_->status = MakeError(absl::StatusCode::kFailedPrecondition, "HISTORY_NOT_KEPT", "none");
  EXPECT_THAT(TestNew(), HasError(absl::StatusCode::kFailedPrecondition, "HISTORY_NOT_KEPT"));
  api_.RehearseWith(nullptr);
  EXPECT_THAT(TestNew(), HasCode(absl::StatusCode::kUnavailable));
}

}  // namespace
}  // namespace orewatch::alerting
