#include "services/alerting/api/alert_listing.h"

#include <set>
#include <string>
#include <vector>

#include "absl/strings/escaping.h"
#include "absl/synchronization/notification.h"
#include "gmock/gmock.h"
#include "services/alerting/api/api_fixture.h"

namespace orewatch::alerting {
namespace {

using ::orewatch::testing::BlamesField;
using ::orewatch::testing::IsOk;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::SizeIs;

class AlertListingTest : public ApiTest {
 protected:
  AlertListingTest() {
    CreateRule("warning");
    CreateRule("critical", "SEVERITY_CRITICAL");
    Score("tin", 6000);
    Score("cobalt", 9000);
    Score("zinc", 7000);
    Score("tin", 1000);
  }
  std::vector<std::string> Subjects(const std::string& request) {
    auto listed = ListAlerts(request);
    EXPECT_THAT(listed, IsOk());
    std::vector<std::string> subjects;
    for (const auto& alert : listed->alerts()) {
      subjects.push_back(alert.subject().subject().substr(9));
    }
    return subjects;
  }
  // All pages, which hold nothing twice.
  std::vector<std::string> NamesOfAll(const std::string& request) {
    std::vector<std::string> names;
    std::string token;
    do {
      auto page = ListAlerts(absl::StrCat(request, " page_token: '", token, "'"));
      EXPECT_THAT(page, IsOk());
      for (const auto& alert : page->alerts()) {
        names.push_back(alert.name());
      }
      token = page->next_page_token();
    } while (!token.empty());
    EXPECT_EQ(std::set<std::string>(names.begin(), names.end()).size(), names.size());
    return names;
  }
};

TEST_F(AlertListingTest, AFilterIsOverTheAlertAsItIsShown) {
  EXPECT_THAT(Subjects("filter: 'value > 8000'"), ElementsAre("cobalt", "cobalt"));
  EXPECT_THAT(Subjects("filter: 'state = resolved AND severity = critical'"), ElementsAre("tin"));
  EXPECT_THAT(Subjects("filter: 'subject.subject = \"minerals/zinc\" AND rule = \"rules/warning\"'"),
              ElementsAre("zinc"));
  EXPECT_THAT(Subjects("filter: 'rule = \"rules/none\"'"), IsEmpty());
  EXPECT_THAT(Subjects("filter: 'resolve_reason = \"CONDITION_CLEARED\"'"), ElementsAre("tin", "tin"));
  // A field of the request and the filter both count.
  EXPECT_THAT(Subjects("state: ALERT_STATE_FIRING filter: 'state = resolved'"), IsEmpty());
  EXPECT_THAT(ListAlerts("filter: 'colour = 1'"), BlamesField("filter"));
}

TEST_F(AlertListingTest, AnOrderIsKeptOverPages) {
  EXPECT_THAT(Subjects("order_by: 'value desc' rule: 'rules/warning'"), ElementsAre("cobalt", "zinc", "tin"));
  EXPECT_THAT(Subjects("order_by: 'subject.subject' rule: 'rules/warning'"), ElementsAre("cobalt", "tin", "zinc"));
  EXPECT_THAT(ListAlerts("order_by: 'colour'"), BlamesField("order_by"));
  for (const auto* size : {"page_size: 1", "page_size: 2", "page_size: 5"}) {
    EXPECT_THAT(NamesOfAll(absl::StrCat("order_by: 'value desc' ", size)), SizeIs(6));
    EXPECT_THAT(NamesOfAll(absl::StrCat("filter: 'value > 0' ", size)), SizeIs(6));
    EXPECT_THAT(NamesOfAll(absl::StrCat("filter: 'severity = warning' ", size)), SizeIs(3));
    EXPECT_THAT(NamesOfAll(absl::StrCat("state: ALERT_STATE_FIRING ", size)), SizeIs(4));
    EXPECT_THAT(NamesOfAll(absl::StrCat("rule: 'rules/critical' ", size)), SizeIs(3));
    EXPECT_THAT(NamesOfAll(absl::StrCat("subject: 'minerals/tin' rule: 'rules/critical'", size)), SizeIs(1));
  }
}

TEST_F(AlertListingTest, TokensSayNothingAndBelongToTheirCaller) {
  const std::string token = ListAlerts("page_size: 1 order_by: 'value'")->next_page_token();
  std::string plain;
  ASSERT_TRUE(absl::WebSafeBase64Unescape(token, &plain));
  EXPECT_EQ(plain.find("tin"), std::string::npos);
  const std::string next = absl::StrCat("order_by: 'value' page_token: '", token, "'");
  EXPECT_THAT(ListAlerts(next), IsOk());
  EXPECT_THAT((CallText<v1::ListAlertsResponse, v1::ListAlertsRequest>("ListAlerts", next, "bob")),
              BlamesField("page_token"));
  EXPECT_THAT(ListAlerts(absl::StrCat("page_token: '", token, "'")), BlamesField("page_token"));
  EXPECT_THAT(ListAlerts("page_size: -1"), BlamesField("page_size"));
}

// Many alerts, put into a view as a commit would.
class ManyAlertsTest : public ::testing::Test {
 protected:
  static constexpr int kAlerts = 1000000;

  ManyAlertsTest() : metrics_(registry_), view_(metrics_) {
    World world;
    for (int i = 0; i < kAlerts; ++i) {
      Alert alert;
      alert.key = {.rule = absl::StrCat("r", i % 100),
                   .score = {.subject = absl::StrCat("minerals/m", i / 100), .stage = 3, .importer = "", .method = 1}};
      alert.state = i % 10 == 0 ? AlertState::kFiring : AlertState::kResolved;
      alert.severity = Severity::kWarning;
      alert.sequence = i + 1;
      world.alerts.insert_or_assign(alert.key, alert);
      world.sequence = alert.sequence;
    }
    view_.Reset(world);
  }

  prometheus::Registry registry_;
  AlertMetrics metrics_;
  AlertView view_;
};

TEST_F(ManyAlertsTest, APageOfAMillionIsAsQuickAsOneOfFew) {
  Position position;
  const absl::Time start = absl::Now();
  constexpr int kPages = 1000;
  std::optional<AlertRank> after;
  for (int i = 0; i < kPages; ++i) {
    const AlertPage page = view_.ListAlerts(
        {.state = AlertState::kFiring, .rule = "", .subject = "", .after = after, .limit = 50}, position);
    ASSERT_THAT(page.alerts, SizeIs(50));
    after = page.next;
  }
  EXPECT_THAT(view_.ListAlerts({.rule = "", .subject = "minerals/m77", .limit = 1000}, position).alerts, SizeIs(100));
  EXPECT_THAT(view_.ListAlerts({.rule = "r7", .subject = "minerals/m77", .limit = 1000}, position).alerts, SizeIs(1));
  // A scan of all for each page would take minutes.
  EXPECT_LT(absl::Now() - start, absl::Seconds(5));
  RecordProperty("microseconds_a_page", static_cast<int>(absl::ToInt64Microseconds(absl::Now() - start) / kPages));
}

}  // namespace
}  // namespace orewatch::alerting
