#include "tests/chaos/alert_scene.h"

#include <httplib.h>

#include <algorithm>
#include <fstream>
#include <iostream>
#include <set>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "services/alerting/deliver/json_text.h"

namespace orewatch::testing {
namespace {

using ::testing::IsEmpty;

constexpr char kPager[] = "pager";
constexpr double kOthers = 100;
// Long enough for what is wrong to show: several intervals of everything.
constexpr absl::Duration kShows = absl::Milliseconds(1500);

std::string Mineral(int i) { return absl::StrCat("mineral-", i); }
std::string Subject(int i) { return absl::StrCat("minerals/", Mineral(i)); }

// Of the second of two countries.
double Tonnes(Concentration concentration) {
  switch (concentration) {
    case Concentration::kQuiet:
      return kOthers;
    case Concentration::kWarning:
      return 30;
    case Concentration::kCritical:
      return 1;
  }
  return 0;
}

std::string SeverityOf(Concentration concentration) {
  return concentration == Concentration::kCritical ? "critical" : "warning";
}

std::string SeverityText(alerting::v1::Severity severity) {
  return severity == alerting::v1::SEVERITY_CRITICAL ? "critical" : "warning";
}

std::vector<std::string> Hooks(const NotificationReceiver& receiver, bool confirmed, int hook_port) {
  std::vector<std::string> urls = {receiver.url()};
  if (confirmed) {
    urls.push_back(absl::StrCat("http://127.0.0.1:", hook_port, "/hooks/alertmanager"));
  }
  return urls;
}

}  // namespace

AlertScene::AlertScene(bool confirmed)
    : confirmed_(confirmed),
      alertmanager_(AlertmanagerProcess::Config(Hooks(receiver_, confirmed, hook_port_))),
      registry_process_("orewatch-registry", dir_ / "registry.log", {absl::StrCat("--data_dir=", dir_ / "registry")}),
      risk_process_("orewatch-risk", dir_ / "risk.log",
                    {absl::StrCat("--registry_address=", registry_process_.address())}),
      registry_(registry_process_.channel()) {
  std::ofstream(dir_ / "bearer") << "secret\n";
  std::ofstream(dir_ / "whsec") << "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
  std::ofstream(dir_ / "webhooks") << absl::StrFormat(R"(webhooks { name: "%s" url: "%s" secret_file: "%s" })", kPager,
                                                      webhook_.url(), dir_ / "whsec");
  alertmanager_.Start();
  std::vector<std::string> entries = {CountryEntry("CN"), CountryEntry("CL")};
  for (int i = 0; i < kMinerals; ++i) {
    entries.push_back(MineralEntry(Mineral(i)));
    entries.push_back(ProductionEntry(Mineral(i), "CN", kOthers));
    entries.push_back(ProductionEntry(Mineral(i), "CL", kOthers));
  }
  ImportAll(registry_, entries);
}

std::vector<std::string> AlertScene::Flags() const {
  std::vector<std::string> flags = {absl::StrCat("--risk_address=", risk_process_.address()),
                                    absl::StrCat("--registry_address=", registry_process_.address()),
                                    absl::StrCat("--alertmanager=", alertmanager_.url()),
                                    absl::StrCat("--webhooks=", dir_ / "webhooks")};
  if (confirmed_) {
    flags.push_back(absl::StrCat("--alertmanager_hook_address=127.0.0.1:", hook_port_));
    flags.push_back(absl::StrCat("--alertmanager_hook_secret=", dir_ / "bearer"));
  }
  return flags;
}

void AlertScene::CreateRule(const std::shared_ptr<grpc::Channel>& alerting) {
  alerting::v1::CreateRuleRequest request;
  request.set_rule_id("concentrated");
  request.set_request_id("the-rule");
  alerting::v1::Rule& rule = *request.mutable_rule();
  *rule.mutable_target() = MineHhi("");
  rule.mutable_target()->clear_subject();
  rule.mutable_threshold()->set_raise(6000);
  rule.set_severity(alerting::v1::SEVERITY_WARNING);
  auto& level = *rule.add_levels();
  level.set_severity(alerting::v1::SEVERITY_CRITICAL);
  level.set_raise(9000);
  // However often it fires.
  rule.mutable_flapping()->set_transitions(0);
  AlertingStub stub(alerting);
  const auto created = Call(stub, &AlertingStub::CreateRule, request);
  ASSERT_TRUE(created.ok()) << created.status();
}

void AlertScene::Set(int mineral, Concentration concentration) {
  Concentration& now = now_[static_cast<size_t>(mineral)];
  if (now == concentration) {
    return;
  }
  const bool firing = concentration != Concentration::kQuiet;
  expected_[Subject(mineral)].push_back({firing, SeverityOf(firing ? concentration : now)});
  now = concentration;
  ImportAll(registry_, {ProductionEntry(Mineral(mineral), "CL", Tonnes(concentration))});
}

void AlertScene::Advance(int mineral) {
  switch (now_[static_cast<size_t>(mineral)]) {
    case Concentration::kQuiet:
      return Set(mineral, Concentration::kWarning);
    case Concentration::kWarning:
      return Set(mineral, Concentration::kCritical);
    case Concentration::kCritical:
      return Set(mineral, Concentration::kQuiet);
  }
}

AlertScene::Changes AlertScene::Timeline(const std::shared_ptr<grpc::Channel>& alerting) const {
  AlertingStub stub(alerting);
  Changes changes;
  const auto newest = Call(stub, &AlertingStub::ListAlerts, {});
  if (!newest.ok()) {
    return changes;
  }
  grpc::ClientContext context;
  LimitCall(context);
  const auto stream = stub.WatchAlerts(&context, {});
  alerting::v1::WatchAlertsResponse message;
  for (int64_t sequence = 0; sequence < newest->sequence() && stream->Read(&message);) {
    if (message.has_bookmark()) {
      continue;
    }
    const auto& event = message.event();
    sequence = event.sequence();
    if (event.notifies()) {
      const std::string id = message.alert().name().substr(std::string("alerts/").size());
      changes[message.alert().subject().subject()].push_back(
          {id, sequence, event.to() == alerting::v1::ALERT_STATE_FIRING, SeverityText(event.severity())});
    }
  }
  context.TryCancel();
  return changes;
}

bool AlertScene::IsAsExpected(const Changes& timeline) const {
  if (timeline.size() != expected_.size()) {
    return false;
  }
  return std::all_of(expected_.begin(), expected_.end(), [&](const auto& entry) {
    const auto found = timeline.find(entry.first);
    return found != timeline.end() &&
           std::equal(found->second.begin(), found->second.end(), entry.second.begin(), entry.second.end(),
                      [](const ToldChange& change, const Expected& expected) {
                        return change.firing == expected.firing && change.severity == expected.severity;
                      });
  });
}

std::vector<ToldChange> AlertScene::All(const Changes& timeline) {
  std::vector<ToldChange> all;
  for (const auto& [subject, changes] : timeline) {
    for (const ToldChange& change : changes) {
      all.push_back(change);
      // It has been a warning before, and Alertmanager ends each severity by itself: what fires anew before it has done
      // so is nothing new to it.
      if (!change.firing && change.severity == SeverityOf(Concentration::kCritical)) {
        all.push_back({change.alert_id, change.sequence, false, SeverityOf(Concentration::kWarning)});
      }
    }
  }
  return all;
}

void AlertScene::AwaitTold(const std::shared_ptr<grpc::Channel>& alerting) {
  Changes timeline;
  const bool evaluated = Eventually("every change is evaluated once", [&] {
    timeline = Timeline(alerting);
    return IsAsExpected(timeline);
  });
  if (!evaluated) {
    for (const ToldChange& change : All(timeline)) {
      std::cout << change.alert_id << " #" << change.sequence << (change.firing ? " firing " : " resolved ")
                << change.severity << "\n";
    }
  }
  const std::vector<ToldChange> all = All(timeline);
  EXPECT_TRUE(log_.Await(all, kPatience)) << log_.DebugString();
  Eventually("every delivery is known to have come through", [&] { return IsKnown(alerting); });
}

bool AlertScene::IsKnown(const std::shared_ptr<grpc::Channel>& alerting) const {
  AlertingStub stub(alerting);
  alerting::v1::ListDeliveriesRequest request;
  request.set_page_size(1000);
  const auto page = Call(stub, &AlertingStub::ListDeliveries, request);
  return page.ok() && std::all_of(page->deliveries().begin(), page->deliveries().end(), [&](const auto& delivery) {
           const bool notified = confirmed_ && delivery.target() != kPager;
           return delivery.state() ==
                  (notified ? alerting::v1::Delivery::STATE_NOTIFIED : alerting::v1::Delivery::STATE_DELIVERED);
         });
}

void AlertScene::CheckEvents(const Changes& timeline) const {
  std::map<std::string, std::vector<int64_t>> told;
  std::set<std::string> seen;
  int again = 0;
  for (const httplib::Request& request : webhook_.requests()) {
    if (!seen.insert(request.get_header_value("webhook-id")).second) {
      ++again;
      continue;
    }
    const auto event = alerting::ParseJson(request.body)["data"];
    told[event["alert"]["subject"]["subject"]].push_back(std::stoll(event["event"]["sequence"].get<std::string>()));
  }
  std::map<std::string, std::vector<int64_t>> wanted;
  for (const auto& [subject, changes] : timeline) {
    for (const ToldChange& change : changes) {
      wanted[subject].push_back(change.sequence);
    }
  }
  EXPECT_EQ(told, wanted) << "to the webhook, in order for each alert";
  // One event is on its way at a time.
  EXPECT_LE(again, static_cast<int>(excused_.size())) << "told to the webhook again";
}

void AlertScene::Check(const std::shared_ptr<grpc::Channel>& alerting) {
  absl::SleepFor(kShows);
  const Changes timeline = Timeline(alerting);
  EXPECT_TRUE(IsAsExpected(timeline));
  EXPECT_THAT(log_.Check(All(timeline)), IsEmpty()) << log_.DebugString();
  EXPECT_EQ(log_.DuplicatesBut(excused_), 0) << log_.DebugString();
  CheckEvents(timeline);
}

}  // namespace orewatch::testing
