// What people do with alerts, as callers see it.
#include <set>
#include <string>

#include "gmock/gmock.h"
#include "services/alerting/api/api_fixture.h"

namespace orewatch::alerting {
namespace {

using ::orewatch::testing::BlamesField;
using ::orewatch::testing::HasError;
using ::orewatch::testing::IsOk;
using ::testing::SizeIs;

class ActionApiTest : public ApiTest {
 protected:
  ActionApiTest() {
    CreateRule("high");
    Score("cobalt", 7300);
    name_ = ListAlerts("")->alerts(0).name();
  }
  template <typename Request>
  absl::StatusOr<v1::Alert> Do(const std::string& method, const std::string& more = "",
                               const std::string& principal = "ann") {
    return CallText<v1::Alert, Request>(method, absl::StrCat("name: '", name_, "' ", more), principal);
  }
  absl::StatusOr<v1::Alert> Acknowledge(const std::string& more = "") {
    return Do<v1::AcknowledgeAlertRequest>("AcknowledgeAlert", more);
  }
  absl::StatusOr<v1::Alert> Snooze(const std::string& more) { return Do<v1::SnoozeAlertRequest>("SnoozeAlert", more); }
  absl::StatusOr<v1::Alert> Comment(const std::string& more) {
    return Do<v1::CommentAlertRequest>("CommentAlert", more);
  }
  absl::StatusOr<v1::Alert> Resolve(const std::string& more) {
    return Do<v1::ResolveAlertRequest>("ResolveAlert", more);
  }
  absl::StatusOr<v1::ListAlertEventsResponse> Events(const std::string& more = "") {
    return CallText<v1::ListAlertEventsResponse, v1::ListAlertEventsRequest>(
        "ListAlertEvents", absl::StrCat("name: '", name_, "' ", more));
  }
  // `field { seconds: ... }` of a time from now.
  std::string In(const std::string& field, absl::Duration time) {
    return absl::StrCat(field, " { seconds: ", absl::ToUnixSeconds(clock_.Now() + time), " } ");
  }

  std::string name_;
};

TEST_F(ActionApiTest, AnAcknowledgedAlertSaysWhoWhenAndUntilWhen) {
  auto alert = Acknowledge("comment: 'on it'");
  ASSERT_THAT(alert, IsOk());
  EXPECT_EQ(alert->acknowledgement().principal(), "ann");
  EXPECT_EQ(alert->acknowledgement().comment(), "on it");
  EXPECT_EQ(alert->acknowledgement().expire_time().seconds() - alert->acknowledgement().create_time().seconds(), 86400);
  EXPECT_TRUE(alert->muted());
  EXPECT_EQ(alert->state(), v1::ALERT_STATE_FIRING);
  auto read = GetAlert(name_);
  ASSERT_THAT(read, IsOk());
  EXPECT_EQ(read->etag(), alert->etag());
  ASSERT_THAT(read->events(), SizeIs(2));
  EXPECT_EQ(read->events(1).kind(), v1::AlertEvent::KIND_ACKNOWLEDGED);
  EXPECT_EQ(read->events(1).principal(), "ann");
  EXPECT_EQ(read->events(1).text(), "on it");
  EXPECT_EQ(read->events(1).from(), v1::ALERT_STATE_FIRING);
  EXPECT_EQ(read->events(1).to(), v1::ALERT_STATE_FIRING);
}

TEST_F(ActionApiTest, AnAcknowledgementSurvivesARestart) {
  ASSERT_THAT(Acknowledge("comment: 'on: it'"), IsOk());
  ASSERT_THAT(Snooze(In("expire_time", absl::Hours(1))), IsOk());
  ASSERT_THAT(Do<v1::AssignAlertRequest>("AssignAlert", "assignee: 'bob'"), IsOk());
  prometheus::Registry registry;
  AlertMetrics metrics(registry);
  auto again = AlertEngine::Open({.store = *store_, .clock = clock_, .metrics = metrics});
  ASSERT_THAT(again, IsOk());
  Position position;
  const auto stored = (*again)->view().FindAlert(name_.substr(7), position);
  ASSERT_TRUE(stored.has_value());
  EXPECT_EQ(stored->alert, engine_->view().FindAlert(name_.substr(7), position)->alert);
  EXPECT_EQ(stored->alert.acknowledgement->comment, "on: it");
  EXPECT_EQ(stored->alert.assignee, "bob");
}

TEST_F(ActionApiTest, AnAcknowledgementExpiresWhileScoresAreAway) {
  ASSERT_THAT(Acknowledge(In("expire_time", absl::Minutes(3))), IsOk());
  ASSERT_THAT(engine_->InputLost(), IsOk());
  clock_.Advance(absl::Minutes(4));
  ASSERT_THAT(engine_->AdvanceGrid(), IsOk());
  auto alert = GetAlert(name_);
  EXPECT_FALSE(alert->has_acknowledgement());
  EXPECT_EQ(alert->events(2).kind(), v1::AlertEvent::KIND_ACKNOWLEDGEMENT_ENDED);
  EXPECT_EQ(alert->events(2).reason(), "EXPIRED");
  EXPECT_EQ(alert->events(2).principal(), "");
}

TEST_F(ActionApiTest, AnAcknowledgementCanBeTakenBack) {
  EXPECT_THAT(Do<v1::UnacknowledgeAlertRequest>("UnacknowledgeAlert"),
              HasError(absl::StatusCode::kFailedPrecondition, "NOT_ACKNOWLEDGED"));
  ASSERT_THAT(Acknowledge(), IsOk());
  auto alert = Do<v1::UnacknowledgeAlertRequest>("UnacknowledgeAlert");
  ASSERT_THAT(alert, IsOk());
  EXPECT_FALSE(alert->muted());
}

TEST_F(ActionApiTest, TimesMustMakeSense) {
  EXPECT_THAT(Acknowledge(In("expire_time", absl::ZeroDuration())), BlamesField("expire_time"));
  EXPECT_THAT(Acknowledge(In("expire_time", absl::Hours(24 * 31))), BlamesField("expire_time"));
  EXPECT_THAT(Acknowledge(In("expire_time", absl::Hours(2)) + In("remind_time", absl::Hours(2))),
              BlamesField("remind_time"));
  EXPECT_THAT(Acknowledge(In("remind_time", -absl::Hours(2))), BlamesField("remind_time"));
  EXPECT_THAT(Snooze(""), BlamesField("expire_time"));
  EXPECT_THAT(Snooze(In("expire_time", absl::Hours(24 * 31))), BlamesField("expire_time"));
  EXPECT_THAT(Snooze(In("expire_time", -absl::Hours(1))),
              HasError(absl::StatusCode::kFailedPrecondition, "NOT_SNOOZED"));
}

TEST_F(ActionApiTest, TextsMustBeThereAndShort) {
  const std::string longest = absl::StrCat("comment: '", std::string(4001, 'x'), "'");
  EXPECT_THAT(Comment(""), BlamesField("comment"));
  EXPECT_THAT(Resolve(""), BlamesField("comment"));
  for (const auto& refused : {Comment(longest), Resolve(longest), Acknowledge(longest)}) {
    EXPECT_THAT(refused, BlamesField("comment"));
  }
  EXPECT_THAT(Do<v1::AssignAlertRequest>("AssignAlert", "assignee: 'two words'"), BlamesField("assignee"));
}

TEST_F(ActionApiTest, WhatHasEndedCannotBeMutedOrResolved) {
  Score("cobalt", 100);
  for (const auto& refused : {Acknowledge(), Snooze(In("expire_time", absl::Hours(1))), Resolve("comment: 'again'")}) {
    EXPECT_THAT(refused, HasError(absl::StatusCode::kFailedPrecondition, "ALERT_NOT_LIVE"));
  }
  EXPECT_THAT(Comment("comment: 'it was the smelter'"), IsOk());
}

TEST_F(ActionApiTest, AResolutionByHandSaysSoAndHolds) {
  auto alert = Resolve("comment: 'a typing error'");
  ASSERT_THAT(alert, IsOk());
  EXPECT_EQ(alert->state(), v1::ALERT_STATE_RESOLVED);
  EXPECT_EQ(alert->resolve_reason(), "MANUAL");
  EXPECT_TRUE(alert->resolved_by_hand());
  Score("cobalt", 7400);
  EXPECT_EQ(GetAlert(name_)->state(), v1::ALERT_STATE_RESOLVED);
  Score("cobalt", 100);
  Score("cobalt", 7400);
  EXPECT_EQ(GetAlert(name_)->state(), v1::ALERT_STATE_FIRING);
}

TEST_F(ActionApiTest, AStaleEtagAborts) {
  const std::string etag = absl::StrCat("etag: '", GetAlert(name_)->etag(), "'");
  EXPECT_THAT(Acknowledge(absl::StrCat("validate_only: true ", etag)), IsOk());
  ASSERT_THAT(Comment(absl::StrCat("comment: 'seen' ", etag)), IsOk());
  for (const auto& refused : {Acknowledge(etag), Resolve(absl::StrCat("comment: 'x' ", etag)),
                              Acknowledge(absl::StrCat("validate_only: true ", etag))}) {
    EXPECT_THAT(refused, HasError(absl::StatusCode::kAborted, "ETAG_MISMATCH"));
  }
}

TEST_F(ActionApiTest, ValidateOnlyShowsAndChangesNothing) {
  auto shown = Acknowledge("validate_only: true request_id: '1'");
  ASSERT_THAT(shown, IsOk());
  EXPECT_TRUE(shown->muted());
  EXPECT_FALSE(GetAlert(name_)->muted());
  EXPECT_THAT(GetAlert(name_)->events(), SizeIs(1));
  EXPECT_THAT(Acknowledge("request_id: '1'"), IsOk());
  EXPECT_TRUE(GetAlert(name_)->muted());
}

TEST_F(ActionApiTest, ARepeatedRequestIsAnsweredAsTheFirstAndDoneOnce) {
  auto first = Comment("comment: 'seen' request_id: '1'");
  ASSERT_THAT(first, IsOk());
  ASSERT_THAT(Acknowledge(), IsOk());
  auto second = Comment("comment: 'seen' request_id: '1'");
  ASSERT_THAT(second, IsOk());
  EXPECT_EQ(second->DebugString(), first->DebugString());
  EXPECT_THAT(Events()->events(), SizeIs(3));
  EXPECT_THAT(Comment("comment: 'else' request_id: '1'"), BlamesField("request_id"));
  EXPECT_THAT(Acknowledge("comment: 'seen' request_id: '1'"), BlamesField("request_id"));
  EXPECT_THAT(Do<v1::CommentAlertRequest>("CommentAlert", "comment: 'seen' request_id: '1'", "bob"), IsOk());
  EXPECT_THAT(Events()->events(), SizeIs(4));
}

TEST_F(ActionApiTest, AnUnknownAlertIsNotFound) {
  name_ = "alerts/none";
  EXPECT_THAT(Acknowledge(), HasError(absl::StatusCode::kNotFound, "ALERT_NOT_FOUND"));
  EXPECT_THAT(Events(), HasError(absl::StatusCode::kNotFound, "ALERT_NOT_FOUND"));
  name_ = "rules/high";
  EXPECT_THAT(Acknowledge(), BlamesField("name"));
}

TEST_F(ActionApiTest, TheHistoryIsPagedFromTheNewest) {
  for (int i = 0; i < 120; ++i) {
    ASSERT_THAT(Comment(absl::StrCat("comment: '", i, "'")), IsOk());
  }
  EXPECT_THAT(GetAlert(name_)->events(), SizeIs(100));
  EXPECT_EQ(GetAlert(name_)->events(99).text(), "119");
  std::set<int64_t> seen;
  std::string token;
  int64_t last = 1000;
  do {
    auto page = Events(absl::StrCat("page_size: 50 page_token: '", token, "'"));
    ASSERT_THAT(page, IsOk());
    for (const auto& event : page->events()) {
      EXPECT_LT(event.sequence(), last);
      last = event.sequence();
      seen.insert(last);
    }
    token = page->next_page_token();
  } while (!token.empty());
  EXPECT_THAT(seen, SizeIs(121));
  EXPECT_THAT(Events("page_size: -1"), BlamesField("page_size"));
  const std::string foreign = Events("page_size: 50")->next_page_token();
  EXPECT_THAT(ListAlerts(absl::StrCat("page_token: '", foreign, "'")), BlamesField("page_token"));
  clock_.Advance(absl::Hours(13));
  EXPECT_THAT(Events(absl::StrCat("page_token: '", foreign, "'")),
              HasError(absl::StatusCode::kFailedPrecondition, "PAGE_TOKEN_EXPIRED"));
}

// Says what it was asked.
class FakeExplainer final : public AlertExplainer {
 public:
  v1::AlertExplanation Explain(const AlertQuestion& question) override {
    v1::AlertExplanation explanation;
    *explanation.mutable_cause()->mutable_revision() = question.cause;
    explanation.mutable_cause()->set_request_id(question.caller.principal);
    return explanation;
  }
};

TEST_F(ActionApiTest, AFullAlertIsExplainedByTheChangeOfItsState) {
  const std::string full = "view: ALERT_VIEW_FULL ";
  auto unexplained = Do<v1::GetAlertRequest>("GetAlert", full);
  ASSERT_THAT(unexplained, IsOk());
  EXPECT_THAT(unexplained->explanation().missing(), SizeIs(2));
  api_.ExplainWith(std::make_shared<FakeExplainer>());
  ASSERT_THAT(Acknowledge(), IsOk());
  Score("cobalt", 7400);
  auto explained = Do<v1::GetAlertRequest>("GetAlert", full);
  ASSERT_THAT(explained, IsOk());
  EXPECT_EQ(explained->explanation().cause().revision().number(), 1);
  EXPECT_EQ(explained->explanation().cause().request_id(), "ann");
  EXPECT_FALSE(Do<v1::GetAlertRequest>("GetAlert")->has_explanation());
}

}  // namespace
}  // namespace orewatch::alerting
