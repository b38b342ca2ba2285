#include "gmock/gmock.h"
#include "services/ctl/commands/commands_fixture.h"

namespace orewatch::ctl {
namespace {

using ::testing::HasSubstr;

class AlertsCommandTest : public CommandsTest {};

TEST_F(AlertsCommandTest, ListTakesAFilter) {
  EXPECT_EQ(Ctl({"alerts", "list", "--filter=muted = true"}), kExitDone);
  EXPECT_EQ(alerting_.last_filter, "muted = true");
  EXPECT_EQ(alerting_.last_state, alerting::v1::ALERT_STATE_FIRING);
}

TEST_F(AlertsCommandTest, ListShowsNoMoreThanTheLimit) {
  alerting_.alerts = {"alerts/a-1", "alerts/b-2", "alerts/c-3"};
  EXPECT_EQ(Ctl({"alerts", "list", "--limit=2"}), kExitDone);
  EXPECT_THAT(out_.str(), HasSubstr("b-2"));
  EXPECT_THAT(out_.str(), ::testing::Not(HasSubstr("c-3")));
}

TEST_F(AlertsCommandTest, ShowSaysWhoHasItAndWhatCausedIt) {
  EXPECT_EQ(Ctl({"alerts", "show", "high-1"}), kExitDone);
  EXPECT_EQ(alerting_.last_view, alerting::v1::ALERT_VIEW_FULL);
  for (const char* part : {"hhi is high\nalerts/high-1  FIRING  critical  since 1970-01-01T00:00:00Z\n",
                           "acknowledged by ann until 1970-01-01T01:00:00Z: on it\n", "caused by revision 7 of ",
                           " by bob\n", "  minerals/tin\n", "not explained: score: UNAVAILABLE\n"}) {
    EXPECT_THAT(out_.str(), HasSubstr(part));
  }
  EXPECT_EQ(Ctl({"alerts", "show", "alerts/high-1", "-o", "json"}), kExitDone);
  EXPECT_THAT(out_.str(), HasSubstr("\"name\": \"alerts/high-1\""));
}

TEST_F(AlertsCommandTest, AckSaysWhatIsSaidAndForHowLong) {
  EXPECT_EQ(Ctl({"alerts", "ack", "high-1", "on", "it", "--etag=e"}), kExitDone);
  EXPECT_EQ(alerting_.last_acknowledgement.comment(), "on it");
  EXPECT_EQ(alerting_.last_acknowledgement.etag(), "e");
  EXPECT_FALSE(alerting_.last_acknowledgement.request_id().empty());
  EXPECT_FALSE(alerting_.last_acknowledgement.has_expire_time());
  EXPECT_EQ(Ctl({"alerts", "ack", "high-1", "--duration=2h", "--validate_only"}), kExitDone);
  EXPECT_TRUE(alerting_.last_acknowledgement.validate_only());
  EXPECT_GT(alerting_.last_acknowledgement.expire_time().seconds(), absl::ToUnixSeconds(absl::Now()) + 7000);
}

TEST_F(AlertsCommandTest, SnoozeNeedsADuration) {
  EXPECT_EQ(Ctl({"alerts", "snooze", "high-1"}), kExitUsage);
  EXPECT_EQ(Ctl({"alerts", "snooze", "high-1", "--duration=8h"}), kExitDone);
  EXPECT_GT(alerting_.last_snooze.expire_time().seconds(), absl::ToUnixSeconds(absl::Now()) + 28000);
  EXPECT_EQ(Ctl({"alerts", "snooze", "high-1", "--duration=long"}), kExitUsage);
}

TEST_F(AlertsCommandTest, TheRestTakeATextOrAPrincipal) {
  EXPECT_EQ(Ctl({"alerts", "comment", "high-1", "seen"}), kExitDone);
  EXPECT_EQ(alerting_.last_text, "seen");
  EXPECT_EQ(Ctl({"alerts", "assign", "high-1", "bob"}), kExitDone);
  EXPECT_EQ(alerting_.last_text, "bob");
  EXPECT_EQ(Ctl({"alerts", "assign", "high-1"}), kExitDone);
  EXPECT_EQ(alerting_.last_text, "");
  EXPECT_EQ(Ctl({"alerts", "resolve", "high-1", "a", "typing", "error"}), kExitDone);
  EXPECT_EQ(alerting_.last_text, "a typing error");
  EXPECT_EQ(Ctl({"alerts", "unack", "high-1"}), kExitDone);
}

TEST_F(AlertsCommandTest, HistoryIsListedToTheLastPage) {
  EXPECT_EQ(Ctl({"alerts", "history", "high-1", "-o", "csv"}), kExitDone);
  EXPECT_EQ(out_.str(),
            "TIME,WHAT,SEVERITY,WHO,WHY,TEXT,REVISION\n1970-01-01T00:00:00Z,commented,,ann,,seen,0\n"
            "1970-01-01T00:00:00Z,commented,,ann,,seen,0\n");
  EXPECT_EQ(Ctl({"alerts", "history", "high-1", "--limit=1"}), kExitDone);
  EXPECT_EQ(out_.str().find("seen"), out_.str().rfind("seen"));
}

TEST_F(AlertsCommandTest, TestRuleSaysWhenARuleWouldHaveFired) {
  EXPECT_EQ(Ctl({"alerts", "test-rule", "rules/high", "--days=30"}), kExitDone);
  EXPECT_EQ(alerting_.last_test.name(), "rules/high");
  EXPECT_NEAR(static_cast<double>(absl::ToUnixSeconds(absl::Now()) - alerting_.last_test.start_time().seconds()),
              30 * 86400, 100);
  for (const char* part :
       {"rules/high would have fired 7 times in 90 days and told of 5, in 9 notifications\n1 fired already\n",
        "firing for 2h in all; 12 scores and 3 things up to revision 44\n",
        "before 1970-01-02T00:00:00Z is not known\n", "the oldest 7 are not listed\n", "tin mine", "8000", "HELD"}) {
    EXPECT_THAT(out_.str(), HasSubstr(part));
  }
}

TEST_F(AlertsCommandTest, TestRuleTakesAFileWithRules) {
  const std::string file =
      WriteFile("rules.textproto", R"(rules { name: "rules/a" } rules { name: "rules/b" reason: "x" })");
  EXPECT_EQ(Ctl({"alerts", "test-rule", file}), kExitDone);
  EXPECT_THAT(out_.str(), HasSubstr("rules/a would have fired 7 times"));
  EXPECT_EQ(alerting_.last_test.rule().name(), "rules/b");
  EXPECT_EQ(alerting_.last_test.rule().reason(), "x");
  EXPECT_FALSE(alerting_.last_test.has_start_time()) << "the server knows how far back";
  EXPECT_NE(Ctl({"alerts", "test-rule", WriteFile("none.textproto", "")}), kExitDone);
  EXPECT_EQ(Ctl({"alerts", "test-rule", file, "--days=-1"}), kExitUsage);
  EXPECT_EQ(Ctl({"alerts", "test-rule"}), kExitUsage);
}

TEST_F(AlertsCommandTest, DeliveriesAreListedAndReplayed) {
  EXPECT_EQ(Ctl({"alerts", "deliveries", "--state=dead", "-o", "csv"}), kExitDone);
  EXPECT_EQ(alerting_.last_deliveries.state(), alerting::v1::Delivery::STATE_DEAD);
  EXPECT_EQ(out_.str(),
            "SEQUENCE,TARGET,STATE,ATTEMPTS,CREATED,WHEN,ALERT,ERROR\n"
            "8,hook,dead,3,1970-01-01T00:00:00Z,,high-1,410\n8,hook,dead,3,1970-01-01T00:00:00Z,,high-1,410\n");
  EXPECT_EQ(Ctl({"alerts", "deliveries", "--state=asleep"}), kExitUsage);
  EXPECT_EQ(Ctl({"alerts", "replay", "8", "hook", "-o", "csv"}), kExitDone);
  EXPECT_THAT(out_.str(), HasSubstr("8,hook,pending,"));
  EXPECT_EQ(Ctl({"alerts", "replay", "eight", "hook"}), kExitUsage);
  EXPECT_EQ(Ctl({"alerts", "replay", "8"}), kExitUsage);
}

TEST_F(AlertsCommandTest, WordsThatMeanNothingAreRefused) {
  for (const std::vector<std::string>& words : std::vector<std::vector<std::string>>{{"alerts", "shout"},
                                                                                     {"alerts", "show"},
                                                                                     {"alerts", "show", "a", "b"},
                                                                                     {"alerts", "comment", "a"},
                                                                                     {"alerts", "resolve", "a"},
                                                                                     {"alerts", "list", "a"}}) {
    EXPECT_EQ(Ctl(words), kExitUsage) << words.back();
  }
}

}  // namespace
}  // namespace orewatch::ctl
