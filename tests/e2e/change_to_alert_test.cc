// One changed figure reaches the scores that depend on it, and the people who asked to be told, within a second.
#include <map>
#include <set>

#include "gmock/gmock.h"
#include "tests/testing/suite_processes.h"

namespace orewatch::testing {
namespace {

using ::testing::UnorderedElementsAre;

constexpr absl::Duration kPromised = absl::Seconds(1);

std::string KeyText(const risk::v1::ScoreKey& key) {
  return absl::StrCat(key.subject(), " ", key.stage(), " ", key.importer(), " ", key.method());
}

class ChangeToAlertTest : public ::testing::Test {
 protected:
  ChangeToAlertTest() { suite_.ImportBundledData(); }

  std::map<std::string, std::string> Scores(int64_t revision) {
    std::map<std::string, std::string> scores;
    risk::v1::ListScoresRequest request;
    request.set_min_revision(revision);
    ListAll(suite_.risk, &RiskStub::ListScores, request, [&](const auto& page) {
      for (risk::v1::Score score : page.scores()) {
        score.clear_revision();
        scores[KeyText(score.key())] = score.SerializeAsString();
      }
    });
    return scores;
  }
  type::v1::Revision Head() { return Call(suite_.registry, &RegistryStub::GetHead, {})->revision(); }
  void CreateRule() {
    alerting::v1::CreateRuleRequest request;
    request.set_rule_id("nickel-mining");
    auto& rule = *request.mutable_rule();
    *rule.mutable_target() = MineHhi("nickel");
    rule.mutable_threshold()->set_raise(5000);
    rule.set_severity(alerting::v1::SEVERITY_CRITICAL);
    const auto created = Call(suite_.alerting, &AlertingStub::CreateRule, request);
    ASSERT_TRUE(created.ok()) << created.status();
  }
  // Indonesia's output of 2024 as somebody restates it.
  int64_t RestateIndonesianNickel(double tonnes) {
    registry::v1::ListStatisticsRequest request;
    request.set_kind(registry::v1::STATISTIC_KIND_PRODUCTION);
    std::vector<registry::v1::Entry> changed;
    ListAll(suite_.registry, &RegistryStub::ListStatistics, request, [&](const auto& page) {
      for (const auto& statistic : page.statistics()) {
        const auto& production = statistic.production();
        if (production.mineral() == "minerals/nickel" && production.stage() == type::v1::STAGE_MINE &&
            production.country() == "ID" && statistic.dataset() == "usgs-mcs-2026" && statistic.year() == 2024) {
          *changed.emplace_back().mutable_statistic() = statistic;
        }
      }
    });
    EXPECT_EQ(changed.size(), 1u);
    changed.front().mutable_statistic()->mutable_quantity()->set_tonnes(tonnes);
    const auto report = Import(suite_.registry, changed);
    EXPECT_TRUE(report.ok() && report->updated() == 1) << report.status();
    return report->revision().number();
  }

  EmbeddedSuite suite_;
};

TEST_F(ChangeToAlertTest, WithinASecondTheAffectedScoresAndNoOthersAreStreamedAndTheRuleFires) {
  const type::v1::Revision before = Head();
  const auto scores_before = Scores(before.number());
  CreateRule();
  grpc::ClientContext scores_context;
  LimitCall(scores_context);
  risk::v1::WatchScoresRequest scores_request;
  *scores_request.mutable_after() = before;
  const auto score_stream = suite_.risk.WatchScores(&scores_context, scores_request);
  grpc::ClientContext alerts_context;
  LimitCall(alerts_context);
  alerting::v1::WatchAlertsRequest alerts_request;
  alerts_request.set_after_sequence(Call(suite_.alerting, &AlertingStub::ListAlerts, {})->sequence());
  const auto alert_stream = suite_.alerting.WatchAlerts(&alerts_context, alerts_request);

  const int64_t revision = RestateIndonesianNickel(9'000'000);
  const absl::Time acknowledged = absl::Now();
  std::set<std::string> streamed;
  risk::v1::WatchScoresResponse message;
  do {
    ASSERT_TRUE(score_stream->Read(&message));
    for (const auto& score : message.scores()) {
      streamed.insert(KeyText(score.key()));
      EXPECT_EQ(score.change_cause(), risk::v1::CHANGE_CAUSE_RESTATED);
      EXPECT_EQ(score.changed_revision().number(), revision);
    }
  } while (message.bookmark().number() < revision);
  EXPECT_LT(absl::Now() - acknowledged, kPromised);
  alerting::v1::WatchAlertsResponse alert;
  do {
    ASSERT_TRUE(alert_stream->Read(&alert));
  } while (alert.alert().rule() != "rules/nickel-mining");
  EXPECT_LT(absl::Now() - acknowledged, kPromised);
  EXPECT_EQ(alert.event().to(), alerting::v1::ALERT_STATE_FIRING);
  EXPECT_EQ(alert.event().revision().number(), revision);
  EXPECT_GT(alert.alert().value(), 5000);

  // What a full comparison finds is what was streamed: mining of nickel, plain, weighted and as a part
  // of other methods, also as the supply of importers who mine it themselves.
  risk::v1::ScoreKey weighted = MineHhi("nickel");
  weighted.set_method(risk::v1::METHOD_HHI_GOVERNANCE);
  risk::v1::ScoreKey yale = MineHhi("nickel");
  yale.set_method(risk::v1::METHOD_YALE_2015);
  risk::v1::ScoreKey australian = MineHhi("nickel");
  australian.set_method(risk::v1::METHOD_EU_SUPPLY_RISK_2017);
  australian.set_importer("countries/AU");
  risk::v1::ScoreKey american = australian;
  american.set_importer("countries/US");
  EXPECT_THAT(streamed, UnorderedElementsAre(KeyText(MineHhi("nickel")), KeyText(weighted), KeyText(yale),
                                             KeyText(australian), KeyText(american)));
  std::set<std::string> changed;
  for (const auto& [key, score] : Scores(revision)) {
    if (scores_before.at(key) != score) {
      changed.insert(key);
    }
  }
  EXPECT_EQ(streamed, changed);
  scores_context.TryCancel();
  alerts_context.TryCancel();
}

}  // namespace
}  // namespace orewatch::testing
