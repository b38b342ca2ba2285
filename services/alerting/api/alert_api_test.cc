#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "gmock/gmock.h"
#include "services/alerting/api/api_fixture.h"

namespace orewatch::alerting {
namespace {

using ::orewatch::testing::BlamesField;
using ::orewatch::testing::HasError;
using ::orewatch::testing::IsOk;
using ::orewatch::testing::ParseProto;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

class AlertApiTest : public ApiTest {
 protected:
  // What a watcher is sent before it has to wait.
  std::vector<v1::WatchAlertsResponse> Drain(const Watcher& watcher) {
    std::vector<v1::WatchAlertsResponse> messages;
    for (;;) {
      v1::WatchAlertsResponse message;
      const auto poll = watcher.next(message);
      EXPECT_THAT(poll, IsOk());
      if (!poll.ok() || *poll != rpc::Poll::kMessage) {
        return messages;
      }
      if (!message.has_bookmark()) {
        messages.push_back(std::move(message));
      }
    }
  }
};

std::vector<std::string> SubjectsOf(const v1::ListAlertsResponse& response) {
  std::vector<std::string> subjects;
  for (const auto& alert : response.alerts()) {
    subjects.push_back(alert.subject().subject());
  }
  return subjects;
}

TEST_F(AlertApiTest, AnEmptyListSaysUpToWhereItLooked) {
  Score("tin", 100);
  auto listed = ListAlerts("");
  ASSERT_THAT(listed, IsOk());
  EXPECT_THAT(listed->alerts(), IsEmpty());
  EXPECT_EQ(listed->revision().lineage(), "lineage");
  EXPECT_EQ(listed->revision().number(), 1);
  EXPECT_EQ(listed->sequence(), 0);
}

TEST_F(AlertApiTest, AnAlertSaysWhatWhenAndWhy) {
  CreateRule("high");
  Score("cobalt", 7300);
  auto listed = ListAlerts("");
  ASSERT_THAT(listed, IsOk());
  ASSERT_THAT(listed->alerts(), SizeIs(1));
  const v1::Alert& alert = listed->alerts(0);
  EXPECT_EQ(alert.rule(), "rules/high");
  EXPECT_EQ(alert.state(), v1::ALERT_STATE_FIRING);
  EXPECT_EQ(alert.severity(), v1::SEVERITY_WARNING);
  EXPECT_EQ(alert.value(), 7300);
  EXPECT_FALSE(alert.stale_input());
  EXPECT_EQ(alert.fire_time().seconds(), 30000000 * 60);
  EXPECT_FALSE(alert.has_resolve_time());
  EXPECT_THAT(alert.summary(), HasSubstr("minerals/cobalt at stage refine, hhi 7300"));
  EXPECT_EQ(listed->sequence(), alert.sequence());
}

TEST_F(AlertApiTest, AnAlertSaysHowFarItsValueCanBeTrusted) {
  CreateRule("high");
  Score("titanium", 5896,
        {.lower = 3287,
         .upper = std::nullopt,
         .completeness = type::v1::Completeness::STATE_INCOMPLETE,
         .reasons = {"WITHHELD:US", "UNKNOWN:ZZ"}});
  const v1::Alert alert = ListAlerts("")->alerts(0);
  EXPECT_EQ(alert.bounds().lower(), 3287);
  EXPECT_FALSE(alert.bounds().has_upper());
  EXPECT_EQ(alert.completeness().state(), type::v1::Completeness::STATE_INCOMPLETE);
  EXPECT_THAT(alert.completeness().reasons(), ElementsAre("WITHHELD:US", "UNKNOWN:ZZ"));
  EXPECT_THAT(alert.summary(), HasSubstr("hhi 5896 [3287, ?] INCOMPLETE: WITHHELD:US +1 (raised at 5000"));
}

TEST_F(AlertApiTest, GetAlertTellsItsTimeline) {
  CreateRule("high");
  Score("cobalt", 7300);
  clock_.Advance(absl::Seconds(30));
  Score("cobalt", 4000);
  auto alert = GetAlert(ListAlerts("")->alerts(0).name());
  ASSERT_THAT(alert, IsOk());
  EXPECT_EQ(alert->state(), v1::ALERT_STATE_RESOLVED);
  ASSERT_THAT(alert->events(), SizeIs(2));
  EXPECT_EQ(alert->events(0).reason(), "CONDITION_MET");
  EXPECT_EQ(alert->events(0).from(), v1::ALERT_STATE_INACTIVE);
  EXPECT_EQ(alert->events(1).reason(), "CONDITION_CLEARED");
  EXPECT_EQ(alert->events(1).to(), v1::ALERT_STATE_RESOLVED);
  EXPECT_EQ(alert->events(1).value(), 4000);
  EXPECT_EQ(alert->events(1).revision().number(), 2);
  EXPECT_EQ(alert->events(1).time().seconds(), 30000000 * 60 + 30);
}

TEST_F(AlertApiTest, AnUnknownAlertIsNotFound) {
  EXPECT_THAT(GetAlert("alerts/none"), HasError(absl::StatusCode::kNotFound, "ALERT_NOT_FOUND"));
  EXPECT_THAT(GetAlert("none"), BlamesField("name"));
  EXPECT_THAT(GetAlert("alerts/"), BlamesField("name"));
}

TEST_F(AlertApiTest, AReaderWaitsUntilItsRevisionHasBeenEvaluated) {
  CreateRule("high");
  const auto request = ParseProto<v1::ListAlertsRequest>("min_revision: 2");
  std::optional<v1::ListAlertsResponse> answer;
  Method("ListAlerts").unary(CallerOf("ann"), request, [&](absl::StatusOr<rpc::Service::MessagePtr> message) {
    ASSERT_THAT(message, IsOk());
    answer = static_cast<const v1::ListAlertsResponse&>(**message);
  });
  Score("tin", 6000);
  EXPECT_FALSE(answer.has_value());
  Score("cobalt", 6000);
  ASSERT_TRUE(answer.has_value());
  EXPECT_EQ(answer->revision().number(), 2);
  EXPECT_THAT(answer->alerts(), SizeIs(2));
  EXPECT_THAT((CallText<v1::Alert, v1::GetAlertRequest>(
                  "GetAlert", absl::StrCat("min_revision: 2 name: '", answer->alerts(0).name(), "'"))),
              IsOk());
}

TEST_F(AlertApiTest, ARevisionThatDoesNotComeInTimeIsUnavailable) {
  for (const auto* method : {"GetAlert", "ListAlerts"}) {
    const std::unique_ptr<google::protobuf::Message> request(Method(method).request_prototype->New());
    request->GetReflection()->SetInt64(request.get(), request->GetDescriptor()->FindFieldByName("min_revision"), 9);
    absl::Status status;
    Method(method).unary(rpc::CallContext(rpc::Caller{"ann"}, absl::InfinitePast(), {}), *request,
                         [&](const absl::StatusOr<rpc::Service::MessagePtr>& message) { status = message.status(); });
    EXPECT_THAT(status, HasError(absl::StatusCode::kUnavailable, "REVISION_NOT_REACHED")) << method;
  }
}

TEST_F(AlertApiTest, TheWorstAndNewestComeFirst) {
  CreateRule("warning");
  CreateRule("critical", "SEVERITY_CRITICAL");
  Score("tin", 6000);
  Score("cobalt", 6000);
  Score("tin", 1000);
  auto listed = ListAlerts("");
  ASSERT_THAT(listed, IsOk());
  EXPECT_THAT(SubjectsOf(*listed), ElementsAre("minerals/cobalt", "minerals/cobalt", "minerals/tin", "minerals/tin"));
  EXPECT_EQ(listed->alerts(0).severity(), v1::SEVERITY_CRITICAL);
  EXPECT_EQ(listed->alerts(2).severity(), v1::SEVERITY_CRITICAL);
  EXPECT_EQ(listed->alerts(2).state(), v1::ALERT_STATE_RESOLVED);
}

TEST_F(AlertApiTest, FiltersNarrowTheList) {
  CreateRule("a");
  CreateRule("b");
  Score("tin", 6000);
  Score("cobalt", 6000);
  Score("tin", 1000);
  EXPECT_THAT(ListAlerts("state: ALERT_STATE_FIRING")->alerts(), SizeIs(2));
  EXPECT_THAT(ListAlerts("rule: 'rules/a'")->alerts(), SizeIs(2));
  EXPECT_THAT(ListAlerts("subject: 'minerals/tin'")->alerts(), SizeIs(2));
  EXPECT_THAT(ListAlerts("subject: 'minerals/tin' rule: 'rules/a' state: ALERT_STATE_FIRING")->alerts(), IsEmpty());
  EXPECT_THAT(ListAlerts("rule: 'a'"), BlamesField("rule"));
}

TEST_F(AlertApiTest, PagesCoverTheListOnce) {
  CreateRule("high");
  for (int i = 0; i < 7; ++i) {
    Score(absl::StrCat("m", i), 6000);
  }
  std::set<std::string> seen;
  std::string token;
  int pages = 0;
  do {
    auto page = ListAlerts(absl::StrCat("page_size: 3 page_token: '", token, "'"));
    ASSERT_THAT(page, IsOk());
    for (const auto& alert : page->alerts()) {
      EXPECT_TRUE(seen.insert(alert.name()).second);
    }
    token = page->next_page_token();
    ++pages;
  } while (!token.empty());
  EXPECT_EQ(pages, 3);
  EXPECT_THAT(seen, SizeIs(7));
}

TEST_F(AlertApiTest, ATokenBelongsToItsQuery) {
  CreateRule("high");
  Score("tin", 6000);
  Score("cobalt", 6000);
  const std::string token = absl::StrCat("page_token: '", ListAlerts("page_size: 1")->next_page_token(), "'");
  EXPECT_THAT(ListAlerts(token), IsOk());
  EXPECT_THAT(ListAlerts(absl::StrCat("rule: 'rules/high' ", token)), BlamesField("page_token"));
  EXPECT_THAT(ListAlerts("page_token: 'AAAA'"), BlamesField("page_token"));
}

TEST_F(AlertApiTest, AnAlertOutlivesItsRule) {
  CreateRule("high");
  Score("tin", 6000);
  ASSERT_THAT(Delete("name: 'rules/high'"), IsOk());
  auto alert = GetAlert(ListAlerts("")->alerts(0).name());
  ASSERT_THAT(alert, IsOk());
  EXPECT_EQ(alert->state(), v1::ALERT_STATE_RESOLVED);
  EXPECT_EQ(alert->events(1).reason(), "RULE_DELETED");
}

TEST_F(AlertApiTest, AChangedRuleReconcilesItsAlerts) {
  CreateRule("high");
  Score("tin", 6000);
  ASSERT_THAT(Update("rule { name: 'rules/high' disabled: true }"), IsOk());
  auto alert = GetAlert(ListAlerts("")->alerts(0).name());
  ASSERT_THAT(alert, IsOk());
  EXPECT_EQ(alert->state(), v1::ALERT_STATE_RESOLVED);
  EXPECT_EQ(alert->events(1).reason(), "RULE_DISABLED");
}

TEST_F(AlertApiTest, QuietInputIsShownAsStale) {
  CreateRule("high");
  Score("tin", 6000);
  ASSERT_THAT(engine_->InputLost(), IsOk());
  EXPECT_TRUE(ListAlerts("")->alerts(0).stale_input());
  EXPECT_EQ(ListAlerts("")->alerts(0).state(), v1::ALERT_STATE_FIRING);
}

TEST_F(AlertApiTest, AnUnsetScoreShowsAsNoValue) {
  CreateRule("high");
  Score("tin", 6000);
  Score("tin", std::nullopt);
  const v1::Alert alert = ListAlerts("")->alerts(0);
  EXPECT_FALSE(alert.has_value());
  EXPECT_EQ(alert.state(), v1::ALERT_STATE_FIRING);
  EXPECT_THAT(alert.summary(), HasSubstr("unknown"));
}

TEST_F(AlertApiTest, AWatcherSeesEachTransitionInOrder) {
  CreateRule("high");
  Score("tin", 6000);
  Score("tin", 1000);
  auto watcher = Watch(0);
  ASSERT_THAT(watcher, IsOk());
  const auto messages = Drain(*watcher);
  ASSERT_THAT(messages, SizeIs(2));
  // The alert as it was then, not as it is now.
  EXPECT_EQ(messages[0].alert().state(), v1::ALERT_STATE_FIRING);
  EXPECT_EQ(messages[0].event().sequence(), 1);
  EXPECT_EQ(messages[1].alert().state(), v1::ALERT_STATE_RESOLVED);
  EXPECT_EQ(messages[1].alert().sequence(), 2);
}

TEST_F(AlertApiTest, AWatcherIsWokenForWhatFollows) {
  int woken = 0;
  auto watcher = Watch(0, [&] { ++woken; });
  ASSERT_THAT(watcher, IsOk());
  EXPECT_THAT(Drain(*watcher), IsEmpty());
  CreateRule("high");
  Score("tin", 6000);
  EXPECT_EQ(woken, 1);
  EXPECT_THAT(Drain(*watcher), SizeIs(1));
  EXPECT_THAT(Drain(*watcher), IsEmpty());
}

TEST_F(AlertApiTest, AWatcherResumesWhereItStopped) {
  CreateRule("high");
  // More than one page of the store.
  for (int i = 0; i < 150; ++i) {
    Score(absl::StrCat("m", i), 6000);
  }
  auto watcher = Watch(40);
  ASSERT_THAT(watcher, IsOk());
  const auto messages = Drain(*watcher);
  ASSERT_THAT(messages, SizeIs(110));
  for (size_t i = 0; i < messages.size(); ++i) {
    EXPECT_EQ(messages[i].event().sequence(), static_cast<int64_t>(41 + i));
  }
}

TEST_F(AlertApiTest, ABookmarkSaysHowFarAWatcherHasCome) {
  CreateRule("high");
  Score("tin", 6000);
  auto watcher = Watch(0);
  v1::WatchAlertsResponse message;
  ASSERT_EQ(*watcher->next(message), rpc::Poll::kMessage);
  message.Clear();
  ASSERT_EQ(*watcher->next(message), rpc::Poll::kMessage);
  EXPECT_EQ(message.bookmark().sequence(), 1);
  EXPECT_EQ(message.bookmark().lineage(), ListAlerts("")->lineage());
  EXPECT_FALSE(message.has_event());
  EXPECT_EQ(*watcher->next(message), rpc::Poll::kWait);
}

TEST_F(AlertApiTest, ASequenceOfAnotherHistoryIsRefused) {
  v1::WatchAlertsRequest request;
  request.set_lineage(ListAlerts("")->lineage());
  EXPECT_THAT(Method("WatchAlerts").open_source(CallerOf("ann"), request, [] {}), IsOk());
  request.set_lineage("another");
  EXPECT_THAT(Method("WatchAlerts").open_source(CallerOf("ann"), request, [] {}),
              HasError(absl::StatusCode::kFailedPrecondition, "LINEAGE_CHANGED"));
}

TEST_F(AlertApiTest, AWatcherGoesOnAtAReplicaThatHasNotHeardOfAllYet) {
  prometheus::Registry registry;
  AlertMetrics metrics(registry);
  CreateRule("hhi");
  auto other = AlertEngine::Open({.store = *store_, .clock = clock_, .metrics = metrics});
  ASSERT_THAT(other, IsOk());
  engine_.swap(*other);
  Score("a", 6000);
  engine_.swap(*other);
  const int64_t newest = (*other)->view().position().sequence;
  ASSERT_GT(newest, engine_->view().position().sequence);
  EXPECT_THAT(Watch(newest), IsOk());
  EXPECT_THAT(Watch(newest + 1), HasError(absl::StatusCode::kOutOfRange, "SEQUENCE_AHEAD"));
}

TEST_F(AlertApiTest, AWatcherWhoWouldMissAnEventIsTold) {
  CreateRule("hhi");
  Score("a", 6000);
  Score("a", 1000);
  Score("b", 6000);
  const auto next = [&](int64_t after) {
    v1::WatchAlertsResponse message;
    auto polled = Watch(after)->next(message);
    return polled.ok() ? absl::StatusOr<int64_t>(message.event().sequence()) : polled.status();
  };
  ASSERT_THAT(engine_->Drop({.entries = {2}}), IsOk());
  EXPECT_THAT(next(1), HasError(absl::StatusCode::kOutOfRange, "SEQUENCE_DROPPED"));
  EXPECT_EQ(*next(2), 3);
  EXPECT_EQ(*next(0), 1) << "the oldest that there is";
  ASSERT_THAT(engine_->Drop({.entries = {3}}), IsOk());
  EXPECT_THAT(next(2), HasError(absl::StatusCode::kOutOfRange, "SEQUENCE_DROPPED")) << "though nothing comes after it";
}

TEST_F(AlertApiTest, AWatcherFromTheFutureIsRefused) {
  EXPECT_THAT(Watch(1), HasError(absl::StatusCode::kOutOfRange, "SEQUENCE_AHEAD"));
  EXPECT_THAT(Watch(-1), BlamesField("after_sequence"));
}

}  // namespace
}  // namespace orewatch::alerting
