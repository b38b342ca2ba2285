// A year of changes to the registry, evaluated as they come: rules that are tested over that year afterwards fire when
// they fired.
#include <algorithm>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <random>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/time/civil_time.h"
#include "common/time/proto_time.h"
#include "gmock/gmock.h"
#include "services/alerting/api/rehearsals.h"
#include "services/alerting/api/rule_requests.h"
#include "services/alerting/domain/grid.h"
#include "services/alerting/feed/fact_collections.h"
#include "services/alerting/feed/fact_stager.h"
#include "services/alerting/feed/past_reader.h"
#include "services/alerting/feed/score_stager.h"
#include "services/alerting/store/sqlite/sqlite_alert_store.h"
#include "tests/integration/risk_pair.h"

namespace orewatch::alerting {
namespace {

using ::orewatch::testing::IsOk;
using ::orewatch::testing::ParseProto;
using ::testing::ElementsAreArray;
using ::testing::Gt;
using ::testing::SizeIs;

constexpr absl::Duration kYear = absl::Hours(24 * 365);
constexpr int64_t kAllEntries = 1'000'000;

const std::map<std::string, std::string>& Rules() {
  static const auto* const rules = new std::map<std::string, std::string>{
      {"plain", "threshold { raise: 6500 clear: 6000 } flapping { transitions: 4 window { seconds: 864000 } }"},
      {"held",
       "threshold { raise: 6500 clear: 6000 } for { seconds: 5400 } levels { severity: SEVERITY_CRITICAL raise: 8000 "
       "clear: 7500 }"},
      {"kept", "threshold { raise: 6500 clear: 6000 } keep_firing_for { seconds: 172800 }"},
      {"mostly", "threshold { raise: 6500 clear: 6000 } m_of_n { m: 3 n: 5 }"},
      {"moved",
       "change { raise: 800 clear: 400 window { seconds: 2592000 } direction: DIRECTION_EITHER } for { seconds: 600 }"},
      {"jumped",
       "change { raise: 0.2 clear: 0.1 window { seconds: 604800 } relative: true direction: DIRECTION_UP } "
       "keep_firing_for { seconds: 60 }"},
      {"few", "threshold { raise: 5500 clear: 5300 } max_alerts: 1 digest_above: 1"},
      {"new",
       "threshold { raise: 5200 clear: 5100 } new_subject_grace { seconds: 2592000 } digest_above: 1 "
       "audience: AUDIENCE_PLATFORM"},
      {"in-force",
       "happening { states: STATE_MEASURE_IN_FORCE before { seconds: 604800 } hold { seconds: 1209600 } } "
       "flapping { transitions: 4 window { seconds: 864000 } }"},
      {"closed", "happening { states: STATE_FACILITY_CLOSED concerns: 'countries/AU' } for { seconds: 5400 }"},
      {"closed-mostly", "happening { states: STATE_FACILITY_CLOSED } m_of_n { m: 30 n: 50 } max_alerts: 2"},
      {"lapses",
       "happening { states: STATE_COMMITMENT_LAPSED before { seconds: 864000 } hold { seconds: 259200 } } "
       "keep_firing_for { seconds: 3600 }"},
      {"short", "happening { states: STATE_STOCKPILE_UNDER_TARGET } keep_firing_for { seconds: 86400 }"},
      {"squeezed",
       "combination { quantifier: QUANTIFIER_ALL subjects: 'minerals' parts { target { method: METHOD_HHI } "
       "threshold "
       "{ raise: 6000 clear: 5500 } } parts { happening { states: STATE_MEASURE_IN_FORCE } } } for { seconds: 600 }"},
      {"restated",
       "threshold { raise: 6500 clear: 6000 } causes: CHANGE_CAUSE_RESTATED no_data_policy: NO_DATA_POLICY_FIRE"},
  };
  return *rules;
}

// What one mineral's two miners make.
std::vector<std::string> Output(const std::string& mineral, int congo) {
  std::vector<std::string> entries;
  for (const auto& [country, tonnes] : {std::make_pair("CD", congo), std::make_pair("AU", 100 - congo)}) {
    entries.push_back(absl::StrCat("statistic { dataset: 'usgs-mcs-2026' year: 2024 production { mineral: 'minerals/",
                                   mineral, "' stage: STAGE_MINE country: '", country, "' } quantity { tonnes: ",
                                   tonnes, " basis: BASIS_CONTAINED } ", risk::kSource, "}"));
  }
  return entries;
}

bool IsOfScoresAlone(const std::string& rule) { return !absl::StrContains(rule, "happening"); }

using Below = std::function<int(unsigned)>;

std::string DayText(absl::Time time) {
  const absl::CivilDay day = absl::ToCivilDay(time, absl::UTCTimeZone());
  return absl::StrCat("{ year: ", day.year(), " month: ", day.month(), " day: ", day.day(), " }");
}

// Something that happens, by what becomes of one of few things; what is dated, some weeks before or after now.
std::string AnyThing(absl::Time now, const Below& below) {
  const auto day = [&] { return DayText(now + absl::Hours(24) * (below(70) - 20)); };
  switch (below(4)) {
    case 0:
      return risk::Named("measure", absl::StrCat("measures/", below(3)),
                         absl::StrCat("imposer: 'countries/CD' kind: KIND_QUOTA mineral: 'minerals/",
                                      below(2) == 0 ? "cobalt" : "nickel", "' effective ", day()));
    case 1:
      return risk::Named("facility", absl::StrCat("suppliers/a/facilities/", below(4)),
                         absl::StrCat("country: 'countries/", below(2) == 0 ? "AU" : "CD", "' status: STATUS_",
                                      below(2) == 0 ? "CLOSED" : "OPERATING"));
    case 2:
      return risk::Named("project", absl::StrCat("projects/", below(2)),
                         absl::StrCat("commitments { agency: 'an agency' country: 'countries/AU' instrument: "
                                      "INSTRUMENT_LOAN lapse ",
                                      day(), " }"));
    default:
      return risk::Named("stockpile", absl::StrCat("stockpiles/", below(3)),
                         absl::StrCat("country: 'countries/AU' agency: 'an agency' minerals: 'minerals/cobalt' "
                                      "target_days: 60 held_days: ",
                                      30 + below(60)));
  }
}

// One firing in words.
std::string Words(const std::string& subject, absl::Time fired, absl::Time resolved, int severity, double value,
                  const std::string& reason, const std::string& resolve_reason) {
  return absl::StrCat(subject, " from ", absl::FormatTime(fired, absl::UTCTimeZone()), " to ",
                      absl::FormatTime(resolved, absl::UTCTimeZone()), " severity ", severity, " at ", value, " ",
                      reason, " ", resolve_reason);
}

// Registry, risk and the engine of alerting by one clock. Nothing writes the date, so that each revision is the test's.
class RehearsalYearTest : public ::testing::Test {
 protected:
  RehearsalYearTest()
      : alert_metrics_(metrics_),
        store_(*SqliteAlertStore::Open(":memory:")),
        engine_(*AlertEngine::Open({.store = *store_, .clock = clock_, .metrics = alert_metrics_})) {
    for (const auto& [id, rule] : Rules()) {
      v1::CreateRuleRequest request;
      request.set_rule_id(id);
      *request.mutable_rule() = ParseProto<v1::Rule>(absl::StrCat(
          IsOfScoresAlone(rule) ? "target { method: METHOD_HHI } " : "", "severity: SEVERITY_WARNING ", rule,
          // A rule that is tested alone shares no digest.
          absl::StrContains(rule, "digest_above") ? "" : " digest_above: 0"));
      EXPECT_THAT(engine_->CreateRule(*RuleToCreate(request), std::nullopt, false), IsOk());
    }
    registry::RegistryConfig config;
    config.data_dir = folder_.path();
    registry_app_ = *registry::RegistryApp::Create(config, {clock_, metrics_});
    server_ = std::make_unique<orewatch::testing::TestServer>(std::vector<rpc::Service*>{&registry_app_->service()},
                                                              risk::BelievingCallers());
    registry_ = registry::v1::Registry::NewStub(server_->tcp_channel());
    std::vector<std::string> entries;
    for (const char* country : {"CD", "AU"}) {
      entries.push_back(risk::Named("country", absl::StrCat("countries/", country), ""));
    }
    for (const char* mineral : {"cobalt", "nickel", "zinc"}) {
      entries.push_back(risk::Named("mineral", absl::StrCat("minerals/", mineral), ""));
    }
    entries.push_back(risk::Named("supplier", "suppliers/a", ""));
    Write(entries);
    engine_->FollowFacts();
    LoadFacts();
    risk_ = std::make_unique<risk::Follower>(server_->tcp_channel(), clock_);
    scores_ = risk_->stub->WatchScores(&watch_, risk::v1::WatchScoresRequest());
    Evaluate();
  }
  ~RehearsalYearTest() override {
    facts_watch_.TryCancel();
    facts_->Finish().IgnoreError();
    watch_.TryCancel();
    scores_->Finish().IgnoreError();
  }

  void Write(const std::vector<std::string>& entries) {
    registry::v1::ApplyChangesRequest request;
    for (const std::string& entry : entries) {
      auto& mutation = *request.add_mutations();
      mutation.set_operation(registry::v1::Mutation::OPERATION_UPDATE);
      mutation.set_allow_missing(true);
      *mutation.mutable_entry() = ParseProto<registry::v1::Entry>(entry);
    }
    grpc::ClientContext context;
    registry::v1::ApplyChangesResponse response;
    ASSERT_THAT(rpc::FromGrpc(registry_->ApplyChanges(&context, request, &response)), IsOk());
    revision_ = response.revision().number();
  }
  // As somebody who finds a registry in which nothing has happened yet.
  void LoadFacts() {
    grpc::ClientContext context;
    const auto reader = registry_->Export(&context, {});
    registry::v1::ExportResponse chunk;
    std::optional<FactBatch> everything;
    while (reader->Read(&chunk)) {
      everything = fact_stager_.Receive(chunk);
    }
    reader->Finish().IgnoreError();
    ASSERT_THAT(engine_->ApplyFacts(everything.value()), IsOk());
    registry::v1::WatchRequest request;
    request.mutable_after()->set_number(everything->position.revision.number);
    AskForFacts(request);
    facts_ = registry_->Watch(&facts_watch_, request);
  }
  void TakeFacts() {
    registry::v1::ChangeSet chunk;
    while (engine_->facts_position().revision.number < revision_) {
      ASSERT_TRUE(facts_->Read(&chunk));
      const auto batch = fact_stager_.Receive(chunk);
      ASSERT_THAT(batch, IsOk());
      if (batch->has_value()) {
        ASSERT_THAT(engine_->ApplyFacts(**batch), IsOk());
      }
    }
  }
  // Takes the scores of what was written last, and has them remembered apart from those of what is written next.
  void Evaluate() {
    TakeFacts();
    risk::v1::WatchScoresResponse message;
    while (engine_->view().position().applied.number < revision_) {
      ASSERT_TRUE(scores_->Read(&message));
      const auto batch = stager_.Receive(message);
      ASSERT_THAT(batch, IsOk());
      if (batch->has_value()) {
        ASSERT_THAT(engine_->ApplyScores(**batch), IsOk());
      }
    }
    grpc::ClientContext context;
    risk::v1::ListScoreHistoryRequest request;
    request.mutable_key()->set_subject("minerals/cobalt");
    request.mutable_key()->set_stage(type::v1::STAGE_MINE);
    request.mutable_key()->set_method(risk::v1::METHOD_HHI);
    request.set_min_revision(revision_);
    risk::v1::ListScoreHistoryResponse response;
    // That there is no such score yet is said when the history has come so far.
    risk_->stub->ListScoreHistory(&context, request, &response).IgnoreError();
  }
  // With every minute in between.
  void PassUntil(absl::Time time) {
    for (absl::Time minute = TimeOf(TickAt(clock_.Now()) + 1); minute <= time; minute += kTick) {
      clock_.Advance(minute - clock_.Now());
      ASSERT_THAT(engine_->AdvanceGrid(), IsOk());
    }
    clock_.Advance(time - clock_.Now());
  }
  // Changes some minutes, hours and days apart. One mineral is not mined before the summer.
  void LiveForAYear() {
    std::mt19937 random(20260101);
    const Below below = [&](unsigned end) { return static_cast<int>(random() % end); };
    const std::vector<std::string> minerals = {"cobalt", "nickel", "zinc"};
    for (absl::Time at = start_ + absl::Hours(1); at < start_ + kYear && !HasFatalFailure();) {
      PassUntil(at);
      std::vector<std::string> entries;
      if (below(4) > 0) {
        entries = Output(minerals[static_cast<size_t>(below(at < start_ + kYear / 2 ? 2 : 3))], 50 + below(46));
      }
      if (entries.empty() || below(2) == 0) {
        entries.push_back(AnyThing(at, below));
      }
      Write(entries);
      Evaluate();
      const absl::Duration units[] = {absl::Minutes(1), absl::Minutes(30), absl::Hours(20)};
      at += units[below(3)] * (1 + below(8)) + absl::Seconds(below(60));
    }
    PassUntil(start_ + kYear);
  }

  // What happened, from the timeline.
  struct Lived {
    // The newest first.
    std::vector<std::string> firings;
    int64_t notifications = 0;
  };
  Lived LivedBy(const std::string& rule) {
    struct Begun {
      TimelineEntry fired;
      int severity = 0;
    };
    std::map<AlertKey, Begun> begun;
    std::vector<std::pair<absl::Time, std::pair<AlertKey, std::string>>> firings;
    Lived lived;
    const auto end = [&](const AlertKey& key, absl::Time time, Reason reason) {
      const Begun& from = begun.at(key);
      firings.push_back(
          {from.fired.time,
           {key, Words(key.score.subject, from.fired.time, time, from.severity, from.fired.after.value.value_or(-1),
                       ReasonName(from.fired.reason), ReasonName(reason))}});
      begun.erase(key);
    };
    const std::vector<TimelineEntry> timeline = *store_->TransitionsAfter(0, kAllEntries);
    for (const TimelineEntry& entry : timeline) {
      const AlertKey& key = entry.after.key;
      if (key.rule != rule) {
        continue;
      }
      lived.notifications += entry.notifies ? 1 : 0;
      if (entry.ChangesState() && entry.after.state == AlertState::kFiring) {
        begun[key] = {entry, 0};
      }
      if (entry.after.state == AlertState::kFiring) {
        begun.at(key).severity = std::max(begun.at(key).severity, static_cast<int>(entry.after.severity));
      } else if (entry.from == AlertState::kFiring) {
        end(key, entry.time, entry.reason);
      }
    }
    while (!begun.empty()) {
      end(begun.begin()->first, absl::InfiniteFuture(), Reason::kNone);
    }
    std::sort(firings.begin(), firings.end(), [](const auto& a, const auto& b) {
      return a.first != b.first ? a.first > b.first : a.second.first < b.second.first;
    });
    for (auto& [time, firing] : firings) {
      lived.firings.push_back(std::move(firing.second));
    }
    return lived;
  }

  absl::StatusOr<v1::TestRuleResponse> Test(const std::string& rule, absl::Time start) {
    v1::TestRuleRequest request;
    request.set_name(absl::StrCat("rules/", rule));
    *request.mutable_start_time() = orewatch::ToProto(start);
    PastReader past(risk_->channel, server_->tcp_channel());
    return TestRule(request, rpc::CallContext(rpc::Caller(), absl::InfiniteFuture()), *engine_, &past);
  }
  static std::vector<std::string> FiringsOf(const v1::TestRuleResponse& response) {
    std::vector<std::string> firings;
    for (const v1::TestedFiring& firing : response.firings()) {
      firings.push_back(
          Words(firing.subject().subject(), orewatch::FromProto(firing.fire_time()),
                firing.has_resolve_time() ? orewatch::FromProto(firing.resolve_time()) : absl::InfiniteFuture(),
                firing.severity(), firing.has_value() ? firing.value() : -1, firing.reason(), firing.resolve_reason()));
    }
    return firings;
  }

  const absl::Time start_ = absl::FromUnixSeconds(1'767'225'600);
  FakeClock clock_{start_};
  const orewatch::testing::TempDir folder_;
  prometheus::Registry metrics_;
  AlertMetrics alert_metrics_;
  std::unique_ptr<AlertStore> store_;
  std::unique_ptr<AlertEngine> engine_;
  std::unique_ptr<registry::RegistryApp> registry_app_;
  std::unique_ptr<orewatch::testing::TestServer> server_;
  std::unique_ptr<registry::v1::Registry::Stub> registry_;
  std::unique_ptr<risk::Follower> risk_;
  grpc::ClientContext facts_watch_;
  std::unique_ptr<grpc::ClientReader<registry::v1::ChangeSet>> facts_;
  FactStager fact_stager_{0, [this](const std::string& resource) { return engine_->Knows(resource); }};
  grpc::ClientContext watch_;
  std::unique_ptr<grpc::ClientReader<risk::v1::WatchScoresResponse>> scores_;
  ScoreStager stager_{Revision()};
  int64_t revision_ = 0;
};

TEST_F(RehearsalYearTest, RulesThatAreTestedFireWhenTheyFired) {
  LiveForAYear();
  for (const auto& [id, rule] : Rules()) {
    const Lived lived = LivedBy(id);
    const auto tested = Test(id, start_);
    ASSERT_THAT(tested, IsOk());
    EXPECT_THAT(FiringsOf(*tested), ElementsAreArray(lived.firings)) << id;
    EXPECT_EQ(tested->firing_count(), lived.firings.size()) << id;
    EXPECT_EQ(tested->notification_count(), lived.notifications) << id;
    EXPECT_THAT(lived.firings, SizeIs(Gt(5))) << id << " shows little";
    EXPECT_EQ(tested->thing_count() == 0, IsOfScoresAlone(rule)) << id;
    // Half a year, whose beginning some alert has lived through.
    const auto half = Test(id, start_ + kYear / 2);
    ASSERT_THAT(half, IsOk());
    std::vector<std::string> firings = FiringsOf(*half);
    ASSERT_LE(firings.size(), lived.firings.size());
    EXPECT_EQ(half->firing_count() + half->standing_count(), firings.size()) << id;
    for (const std::string& firing : firings) {
      EXPECT_THAT(lived.firings, ::testing::Contains(firing)) << id;
    }
  }
}

}  // namespace
}  // namespace orewatch::alerting
