// Nothing of what one owner hides reaches another, by any method of the service.
#include <map>
#include <regex>
#include <string>
#include <vector>

#include "gmock/gmock.h"
#include "google/protobuf/text_format.h"
#include "services/alerting/api/api_fixture.h"
#include "services/alerting/api/fake_past.h"

namespace orewatch::alerting {
namespace {

using ::orewatch::testing::BlamesField;
using ::orewatch::testing::HasError;
using ::orewatch::testing::IsOk;

constexpr char kHidden[] = "visibility { owner: 'alice' readers: 'carol' }";

// A service, and what it can be asked.
class Installation : public ApiTest {
 public:
  Installation() : ApiTest({{.name = "hook", .principal = "alice"}}) {
    const auto past = std::make_shared<FakePast>();
    past->Score("tin", 6000, clock_.Now() - absl::Hours(1));
    api_.RehearseWith(past);
  }

  using ApiTest::Call;
  using ApiTest::CallText;
  using ApiTest::Method;
  using ApiTest::Score;

  void Rule(const std::string& id, const std::string& more, const std::string& principal) {
    ASSERT_THAT((CallText<v1::Rule, v1::CreateRuleRequest>(
                    "CreateRule",
                    absl::StrCat("rule_id: '", id, "' rule { target { method: METHOD_HHI } threshold { raise: 5000 }",
                                 " severity: SEVERITY_WARNING ", more, " }"),
                    principal)),
                IsOk());
  }
  const google::protobuf::ServiceDescriptor& descriptor() { return *api_.service().descriptor(); }

  // What a caller gets of a unary method, as text.
  std::string Told(const std::string& method, const std::string& text, const std::string& principal) {
    const auto& bound = Method(method);
    const std::unique_ptr<google::protobuf::Message> request(bound.request_prototype->New());
    EXPECT_TRUE(google::protobuf::TextFormat::ParseFromString(text, request.get())) << method << " " << text;
    std::string told;
    absl::Notification answered;
    bound.unary(CallerOf(principal), *request, [&](const absl::StatusOr<rpc::Service::MessagePtr>& message) {
      if (message.ok()) {
        told = (*message)->DebugString();
      } else {
        told = message.status().ToString(absl::StatusToStringMode::kWithEverything);
      }
      answered.Notify();
    });
    answered.WaitForNotification();
    return told;
  }
  // All events up to now.
  std::string Watched(const std::string& principal) {
    auto watcher = Method("WatchAlerts").open_source(CallerOf(principal), v1::WatchAlertsRequest(), [] {});
    EXPECT_THAT(watcher, IsOk());
    std::string told;
    for (;;) {
      v1::WatchAlertsResponse message;
      const auto poll = watcher->next(message);
      EXPECT_THAT(poll, IsOk());
      if (!poll.ok() || *poll != rpc::Poll::kMessage) {
        return told;
      }
      absl::StrAppend(&told, message.has_bookmark() ? "" : message.DebugString());
    }
  }

 private:
  void TestBody() override {}
};

// What differs between two histories by its nature: numbers of entries, and what is made of them.
std::string Blotted(const std::string& text) {
  static const std::regex history(R"((lineage|etag): "[^"]*"|sequence: [0-9]+)");
  static const std::regex token(R"((next_page_token): "[^"]*")");
  return std::regex_replace(std::regex_replace(text, history, "~"), token, "$1");
}

class VisibilityApiTest : public ::testing::Test {
 protected:
  VisibilityApiTest() {
    with_.Rule("hush", kHidden, "alice");
    with_.Rule("zz-gone", kHidden, "alice");
    for (Installation* world : {&with_, &without_}) {
      world->Rule("open", "", "alice");
      world->Score("tin", 6000);
      world->Score("zinc", 6000);
    }
    alert_ = with_.CallText<v1::ListAlertsResponse, v1::ListAlertsRequest>("ListAlerts", "rule: 'rules/hush'", "alice")
                 ->alerts(0)
                 .name();
    EXPECT_THAT((with_.CallText<v1::Alert, v1::CommentAlertRequest>(
                    "CommentAlert", absl::StrCat("name: '", alert_, "' comment: 'hush'"), "alice")),
                IsOk());
    EXPECT_THAT((with_.CallText<google::protobuf::Empty, v1::DeleteRuleRequest>("DeleteRule", "name: 'rules/zz-gone'",
                                                                                "alice")),
                IsOk());
  }

  // Of each unary method, requests that try to see or change what is hidden.
  std::map<std::string, std::vector<std::string>> Requests() const {
    const std::string name = absl::StrCat("name: '", alert_, "' ");
    return {
        {"GetRule", {"name: 'rules/hush'", "name: 'rules/open'"}},
        {"ListRules", {"", "page_size: 1"}},
        // That a name cannot be had is told of names that were used before, too.
        {"CreateRule",
         {"rule_id: 'new' rule { target { method: METHOD_HHI } threshold { raise: 1 } severity: SEVERITY_INFO } "
          "validate_only: true"}},
        {"UpdateRule", {"rule { name: 'rules/hush' reason: 'x' }", "rule { name: 'rules/hush' etag: 'x' }"}},
        {"DeleteRule",
         {"name: 'rules/hush'", "name: 'rules/hush' allow_missing: true", "name: 'rules/hush' etag: 'x'"}},
        {"GetAlert", {name, name + "view: ALERT_VIEW_FULL"}},
        {"ListAlerts",
         {"", "page_size: 1", "rule: 'rules/hush'", "rule: 'rules/zz-gone'", "subject: 'minerals/tin'",
          "filter: 'rule = \"rules/hush\"'", "filter: 'value > 0' order_by: 'rule'",
          "order_by: 'rule desc' page_size: 1", "state: ALERT_STATE_RESOLVED"}},
        {"ListAlertEvents", {name}},
        {"AcknowledgeAlert", {name, name + "validate_only: true", name + "etag: 'x'", name + "request_id: '1'"}},
        {"UnacknowledgeAlert", {name, name + "etag: 'x'"}},
        {"SnoozeAlert", {name + "expire_time { seconds: 1 }"}},
        {"CommentAlert", {name + "comment: 'x'"}},
        {"AssignAlert", {name + "assignee: 'bob'"}},
        {"ResolveAlert", {name + "comment: 'x'"}},
        {"ListDeliveries", {"", "page_size: 1", absl::StrCat("alert: '", alert_, "'")}},
        {"TestRule",
         {"name: 'rules/hush'", "name: 'rules/open'",
          "rule { name: 'rules/hush' target { method: METHOD_HHI } threshold { raise: 5000 } severity: SEVERITY_INFO "
          "inhibited_by: 'rules/hush' }"}},
        {"ReplayDelivery", {"sequence: 4 target: 'hook'"}},
    };
  }

  Installation with_;
  Installation without_;
  std::string alert_;
};

TEST_F(VisibilityApiTest, EveryMethodAnswersAsIfNothingWereHidden) {
  const auto requests = Requests();
  std::vector<std::string> streaming;
  for (int i = 0; i < with_.descriptor().method_count(); ++i) {
    const auto& method = *with_.descriptor().method(i);
    if (method.client_streaming() || method.server_streaming()) {
      streaming.push_back(method.name());
      continue;
    }
    const auto found = requests.find(method.name());
    ASSERT_NE(found, requests.end()) << "add requests of " << method.name() << " that try to see what is hidden";
    for (const std::string& request : found->second) {
      EXPECT_EQ(Blotted(with_.Told(method.name(), request, "bob")),
                Blotted(without_.Told(method.name(), request, "bob")))
          << method.name() << " " << request;
    }
  }
  EXPECT_THAT(streaming, ::testing::ElementsAre("WatchAlerts")) << "a new stream needs a test that nothing crosses";
  EXPECT_EQ(Blotted(with_.Watched("bob")), Blotted(without_.Watched("bob")));
  EXPECT_NE(with_.Watched("bob").find("rules/open"), std::string::npos);
}

TEST_F(VisibilityApiTest, TheOwnerAndTheReadersSeeAll) {
  for (const char* principal : {"alice", "carol"}) {
    EXPECT_NE(with_.Watched(principal).find("rules/hush"), std::string::npos);
    EXPECT_NE(with_.Told("ListRules", "", principal).find("rules/hush"), std::string::npos);
    EXPECT_NE(with_.Told("ListAlerts", "", principal).find(alert_), std::string::npos);
    EXPECT_NE(with_.Told("ListAlerts", "", principal).find("rules/zz-gone"), std::string::npos);
    EXPECT_NE(with_.Told("ListDeliveries", "", principal).find(alert_), std::string::npos);
    EXPECT_NE(with_.Told("GetAlert", absl::StrCat("name: '", alert_, "'"), principal).find("hush"), std::string::npos);
  }
}

TEST_F(VisibilityApiTest, ReadersActOnAlertsAndTheOwnerAloneOnRules) {
  EXPECT_THAT((with_.CallText<v1::Alert, v1::AcknowledgeAlertRequest>("AcknowledgeAlert",
                                                                      absl::StrCat("name: '", alert_, "'"), "carol")),
              IsOk());
  EXPECT_THAT(
      (with_.CallText<google::protobuf::Empty, v1::DeleteRuleRequest>("DeleteRule", "name: 'rules/hush'", "carol")),
      HasError(absl::StatusCode::kPermissionDenied, "NOT_OWNER"));
  EXPECT_THAT((with_.CallText<v1::Rule, v1::UpdateRuleRequest>("UpdateRule", "rule { name: 'rules/hush' reason: 'x' }",
                                                               "carol")),
              HasError(absl::StatusCode::kPermissionDenied, "NOT_OWNER"));
  EXPECT_THAT((with_.CallText<v1::Rule, v1::UpdateRuleRequest>("UpdateRule", "rule { name: 'rules/hush' reason: 'x' }",
                                                               "alice")),
              IsOk());
}

TEST_F(VisibilityApiTest, AnIdWithAHiddenPastCannotBeHad) {
  const std::string rule =
      "rule_id: 'zz-gone' rule { target { method: METHOD_HHI } threshold { raise: 1 } severity: SEVERITY_INFO }";
  EXPECT_THAT((with_.CallText<v1::Rule, v1::CreateRuleRequest>("CreateRule", rule, "bob")),
              HasError(absl::StatusCode::kAlreadyExists, "RULE_EXISTS"));
  EXPECT_THAT((with_.CallText<v1::Rule, v1::CreateRuleRequest>("CreateRule", rule, "carol")),
              HasError(absl::StatusCode::kAlreadyExists, "RULE_EXISTS"));
  EXPECT_THAT((with_.CallText<v1::Rule, v1::CreateRuleRequest>("CreateRule", rule, "alice")), IsOk());
}

TEST_F(VisibilityApiTest, AnOwnerIsWhoAsksOrNobody) {
  const std::string rule =
      "rule_id: 'new' rule { target { method: METHOD_HHI } threshold { raise: 1 } severity: SEVERITY_INFO ";
  EXPECT_THAT((with_.CallText<v1::Rule, v1::CreateRuleRequest>("CreateRule", absl::StrCat(rule, kHidden, " }"), "bob")),
              BlamesField("rule.visibility.owner"));
  EXPECT_THAT((with_.CallText<v1::Rule, v1::CreateRuleRequest>(
                  "CreateRule", absl::StrCat(rule, "visibility { readers: 'a b' } }"), "bob")),
              BlamesField("rule.visibility.readers[0]"));
  EXPECT_THAT((with_.CallText<v1::Rule, v1::UpdateRuleRequest>(
                  "UpdateRule", "rule { name: 'rules/open' visibility { owner: 'alice' } }", "bob")),
              BlamesField("rule.visibility.owner"));
}

TEST_F(VisibilityApiTest, WhatBecomesPublicIsShownAndWhatIsHiddenLaterIsNot) {
  EXPECT_THAT((with_.CallText<v1::Rule, v1::UpdateRuleRequest>(
                  "UpdateRule", "rule { name: 'rules/hush' } update_mask { paths: 'visibility' }", "alice")),
              IsOk());
  EXPECT_NE(with_.Watched("bob").find("rules/hush"), std::string::npos);
  EXPECT_THAT((with_.CallText<v1::Rule, v1::UpdateRuleRequest>(
                  "UpdateRule", absl::StrCat("rule { name: 'rules/hush' ", kHidden, " }"), "alice")),
              IsOk());
  EXPECT_EQ(with_.Watched("bob").find("rules/hush"), std::string::npos);
}

}  // namespace
}  // namespace orewatch::alerting
