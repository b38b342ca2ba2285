// The commands against a registry, risk engine, alerting and gateway that answer from memory.
#include <algorithm>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <map>
#include <memory>
#include <sstream>
#include <string>
#include <vector>

#include "absl/flags/reflection.h"
#include "absl/strings/str_cat.h"
#include "common/testing/matchers.h"
#include "gmock/gmock.h"
#include "grpcpp/server.h"
#include "grpcpp/server_builder.h"
#include "gtest/gtest.h"
#include "orewatch/alerting/v1/alerting.grpc.pb.h"
#include "orewatch/gateway/v1/gateway.grpc.pb.h"
#include "orewatch/registry/v1/registry.grpc.pb.h"
#include "orewatch/risk/v1/risk.grpc.pb.h"
#include "services/ctl/cli/args.h"
#include "services/ctl/cli/flags.h"
#include "services/ctl/cli/run.h"
#include "services/ctl/client/documents.h"
#include "services/ctl/client/importer.h"
#include "services/ctl/client/progress.h"
#include "services/ctl/import/enum_text.h"

namespace orewatch::ctl {
namespace {

using ::testing::ElementsAre;
using testing::EqualsProto;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Pair;
using testing::ParseProto;
using ::testing::SizeIs;

// Keeps minerals by name and remembers what it was asked.
class FakeRegistry : public registry::v1::Registry::Service {
 public:
  grpc::Status GetMineral(grpc::ServerContext* /*context*/, const registry::v1::GetMineralRequest* request,
                          registry::v1::Mineral* response) override {
    const auto found = minerals.find(request->name());
    if (found == minerals.end()) {
      return {grpc::StatusCode::NOT_FOUND, "no such mineral"};
    }
    *response = found->second;
    return grpc::Status::OK;
  }

  // Pages of one.
  grpc::Status ListMinerals(grpc::ServerContext* /*context*/, const registry::v1::ListMineralsRequest* request,
                            registry::v1::ListMineralsResponse* response) override {
    last_list = *request;
    auto next = minerals.upper_bound(request->page_token());
    if (next != minerals.end()) {
      *response->add_minerals() = next->second;
      const std::string token = next->first;
      response->set_next_page_token(++next == minerals.end() ? "" : token);
    }
    return grpc::Status::OK;
  }

  grpc::Status UpdateMineral(grpc::ServerContext* /*context*/, const registry::v1::UpdateMineralRequest* request,
                             registry::v1::Mineral* response) override {
    last_update = *request;
    minerals[request->mineral().name()] = request->mineral();
    *response = request->mineral();
    return grpc::Status::OK;
  }

  grpc::Status DeleteMineral(grpc::ServerContext* /*context*/, const registry::v1::DeleteMineralRequest* request,
                             registry::v1::Mineral* /*response*/) override {
    deleted.insert(minerals.extract(request->name()));
    return grpc::Status::OK;
  }

  grpc::Status UndeleteMineral(grpc::ServerContext* /*context*/, const registry::v1::UndeleteMineralRequest* request,
                               registry::v1::Mineral* /*response*/) override {
    minerals.insert(deleted.extract(request->name()));
    return grpc::Status::OK;
  }

  // Two changes, a page each.
  grpc::Status ListChanges(grpc::ServerContext* context, const registry::v1::ListChangesRequest* request,
                           registry::v1::ListChangesResponse* response) override {
    const auto header = context->client_metadata().find("x-orewatch-principal");
    auto& set = *response->add_change_sets();
    set.mutable_revision()->set_number(request->page_token().empty() ? 2 : 1);
    set.mutable_principal()->set_subject(
        header == context->client_metadata().end() ? "" : std::string(header->second.data(), header->second.size()));
    set.add_changes()->set_operation(registry::v1::Change::OPERATION_UPDATE);
    response->set_next_page_token(request->page_token().empty() ? "more" : "");
    return grpc::Status::OK;
  }

  grpc::Status Search(grpc::ServerContext* /*context*/, const registry::v1::SearchRequest* request,
                      registry::v1::SearchResponse* response) override {
    last_search = *request;
    auto& result = *response->add_results();
    result.set_score(1.5);
    result.mutable_entry()->mutable_mineral()->set_name("minerals/zinc");
    result.mutable_entry()->mutable_mineral()->set_display_name("Zinc");
    return grpc::Status::OK;
  }

  grpc::Status ListCountries(grpc::ServerContext* /*context*/, const registry::v1::ListCountriesRequest* /*request*/,
                             registry::v1::ListCountriesResponse* response) override {
    for (const char* name : {"countries/JP", "countries/US", "countries/CL"}) {
      response->add_countries()->set_name(name);
    }
    return grpc::Status::OK;
  }

  grpc::Status ListStatistics(grpc::ServerContext* /*context*/, const registry::v1::ListStatisticsRequest* request,
                              registry::v1::ListStatisticsResponse* response) override {
    last_statistics = *request;
    *response->add_statistics() = ParseProto<registry::v1::Statistic>(
        R"(dataset: "d" year: 2024 production { mineral: "minerals/zinc" stage: STAGE_MINE country: "CN" }
           quantity { tonnes: 4000000 basis: BASIS_CONTAINED } provenance { source: "s" })");
    return grpc::Status::OK;
  }

  // Takes everything but countries.
  grpc::Status Import(grpc::ServerContext* /*context*/, grpc::ServerReader<registry::v1::ImportRequest>* reader,
                      registry::v1::ImportResponse* response) override {
    registry::v1::ImportRequest request;
    ++import_calls;
    while (reader->Read(&request)) {
      import_messages.push_back(request);
      if (!import_refusal.ok()) {
        return import_refusal;
      }
      for (const auto& row : request.rows()) {
        if (!row.entry().has_country()) {
          response->set_created(response->created() + 1);
          continue;
        }
        response->set_rejected(response->rejected() + 1);
        auto* rejection = response->add_rejections();
        rejection->set_file(row.file());
        rejection->set_line(row.line());
        rejection->set_field("country");
        rejection->set_reason("not wanted");
      }
    }
    return grpc::Status::OK;
  }

  grpc::Status Export(grpc::ServerContext* /*context*/, const registry::v1::ExportRequest* /*request*/,
                      grpc::ServerWriter<registry::v1::ExportResponse>* writer) override {
    registry::v1::ExportResponse response;
    response.mutable_revision()->set_number(5);
    for (const auto& [name, mineral] : minerals) {
      *response.add_entries()->mutable_mineral() = mineral;
    }
    response.set_done(export_is_whole);
    writer->Write(response);
    return grpc::Status::OK;
  }

  grpc::Status Watch(grpc::ServerContext* /*context*/, const registry::v1::WatchRequest* request,
                     grpc::ServerWriter<registry::v1::ChangeSet>* writer) override {
    writer->Write(ParseProto<registry::v1::ChangeSet>(absl::StrCat(
        "revision { number: ", request->after().number() + 1,
        R"( } principal { subject: "ann" } changes { operation: OPERATION_UPDATE name: "minerals/zinc" } last_chunk: true)")));
    return {grpc::StatusCode::OUT_OF_RANGE, "compacted"};
  }

  std::map<std::string, registry::v1::Mineral> minerals;
  std::vector<registry::v1::ImportRequest> import_messages;
  // Answers the first message of an import.
  grpc::Status import_refusal;
  std::map<std::string, registry::v1::Mineral> deleted;
  registry::v1::ListMineralsRequest last_list;
  registry::v1::SearchRequest last_search;
  int import_calls = 0;
  registry::v1::UpdateMineralRequest last_update;
  registry::v1::ListStatisticsRequest last_statistics;
  bool export_is_whole = true;
};

class FakeRisk : public risk::v1::Risk::Service {
 public:
  grpc::Status ListScores(grpc::ServerContext* /*context*/, const risk::v1::ListScoresRequest* request,
                          risk::v1::ListScoresResponse* response) override {
    last_filter = request->filter();
    *response->add_scores() = ParseProto<risk::v1::Score>(
        R"(key { subject: "minerals/zinc" stage: STAGE_REFINE method: METHOD_HHI } value: 2000 bottleneck: true
           known_stages: 2 completeness { state: STATE_COMPLETE })");
    return grpc::Status::OK;
  }

  grpc::Status GetScore(grpc::ServerContext* /*context*/, const risk::v1::GetScoreRequest* request,
                        risk::v1::Score* response) override {
    *response->mutable_key() = request->key();
    response->set_value(3);
    return grpc::Status::OK;
  }

  grpc::Status ExplainScore(grpc::ServerContext* /*context*/, const risk::v1::ExplainScoreRequest* request,
                            risk::v1::ScoreExplanation* response) override {
    *response->mutable_score()->mutable_key() = request->key();
    response->set_formula("sum of squares");
    if (request->since_revision() != 0) {
      response->mutable_changes()->set_since_revision(request->since_revision());
    }
    return grpc::Status::OK;
  }

  grpc::Status ListScoreYears(grpc::ServerContext* /*context*/, const risk::v1::ListScoreYearsRequest* request,
                              risk::v1::ListScoreYearsResponse* response) override {
    for (const int year : {2022, 2023}) {
      auto& score = *response->add_scores();
      *score.mutable_key() = request->key();
      score.set_reference_year(year);
      score.set_value(year);
    }
    return grpc::Status::OK;
  }

  // Two records, a page each.
  grpc::Status ListScoreHistory(grpc::ServerContext* /*context*/, const risk::v1::ListScoreHistoryRequest* request,
                                risk::v1::ListScoreHistoryResponse* response) override {
    last_history = *request;
    auto& score = *response->add_records()->mutable_score();
    *score.mutable_key() = request->key();
    score.mutable_changed_revision()->set_number(request->page_token().empty() ? 22 : 11);
    response->set_next_page_token(request->page_token().empty() ? "more" : "");
    return grpc::Status::OK;
  }

  // Pages of one.
  grpc::Status ListExposures(grpc::ServerContext* /*context*/, const risk::v1::ListExposuresRequest* request,
                             risk::v1::ListExposuresResponse* response) override {
    last_exposures = *request;
    *response->add_exposures() = ParseProto<risk::v1::Exposure>(
        R"(name: "suppliers/a" mineral: "minerals/zinc"
           tiers { tier: 1 unknown: 0.25 shares { name: "countries/CN" verified: 0.5 inferred: 0.25 } }
           tiers { tier: 2 unknown: 1 } assumptions: "LINK_WITHOUT_SHARE")");
    response->set_next_page_token(request->page_token().empty() ? "more" : "");
    return grpc::Status::OK;
  }

  grpc::Status ListSupplyPaths(grpc::ServerContext* /*context*/, const risk::v1::ListSupplyPathsRequest* request,
                               risk::v1::ListSupplyPathsResponse* response) override {
    last_paths = *request;
    *response->add_paths() = ParseProto<risk::v1::SupplyPath>(
        R"(links: "links/1" links: "links/2" source: "suppliers/b" share: 0.5 confidence: 0.4)");
    return grpc::Status::OK;
  }

  grpc::Status GetTimeToSurvive(grpc::ServerContext* /*context*/, const risk::v1::GetTimeToSurviveRequest* request,
                                risk::v1::TimeToSurvive* response) override {
    last_survival = *request;
    *response = ParseProto<risk::v1::TimeToSurvive>(R"(earliest_days: 7 completeness { reasons: "SOURCES_UNKNOWN" })");
    return grpc::Status::OK;
  }

  grpc::Status RankPartners(grpc::ServerContext* /*context*/, const risk::v1::RankPartnersRequest* request,
                            risk::v1::RankPartnersResponse* response) override {
    last_ranking = *request;
    *response = ParseProto<risk::v1::RankPartnersResponse>(
        R"(partners { country: "countries/AU" rank: 1 best_rank: 1 worst_rank: 3 score: 0.5
             score_bounds { lower: 0.4 upper: 0.9 }
             factors { factor: PARTNER_FACTOR_OUTPUT value: 0.25 }
             factors { factor: PARTNER_FACTOR_FREE_TONNES reasons: "NO_HEADROOM_DATA" }
             best_possible_rank: 1 worst_possible_rank: 14 }
           not_ranked_on: PARTNER_FACTOR_FREE_TONNES
           weights { factor: PARTNER_FACTOR_OUTPUT weight: 1 } weights { factor: PARTNER_FACTOR_FREE_TONNES weight: 1 })");
    return grpc::Status::OK;
  }

  grpc::Status GetProjectOutlook(grpc::ServerContext* /*context*/, const risk::v1::GetProjectOutlookRequest* request,
                                 risk::v1::ProjectOutlook* response) override {
    last_outlook = *request;
    *response = ParseProto<risk::v1::ProjectOutlook>(
        R"(published { ever_produces { value: 0.45 bounds { lower: 0.45 upper: 1 } } }
           commitments { commitment { agency: "JOGMEC" } lapse_cost { tonnes_per_year: 100 days_of_cover: 10 } }
           milestones { title: "start of production" behind_plan_years: 1 still_growing: true })");
    response->mutable_project()->set_name(request->name());
    return grpc::Status::OK;
  }

  risk::v1::ScoreKey last_filter;
  risk::v1::ListScoreHistoryRequest last_history;
  risk::v1::ListExposuresRequest last_exposures;
  risk::v1::ListSupplyPathsRequest last_paths;
  risk::v1::GetTimeToSurviveRequest last_survival;
  risk::v1::RankPartnersRequest last_ranking;
  risk::v1::GetProjectOutlookRequest last_outlook;
};

class FakeAlerting : public alerting::v1::Alerting::Service {
 public:
  grpc::Status ListAlerts(grpc::ServerContext* /*context*/, const alerting::v1::ListAlertsRequest* request,
                          alerting::v1::ListAlertsResponse* response) override {
    last_state = request->state();
    response->set_sequence(111);
    return grpc::Status::OK;
  }

  grpc::Status WatchAlerts(grpc::ServerContext* /*context*/, const alerting::v1::WatchAlertsRequest* request,
                           grpc::ServerWriter<alerting::v1::WatchAlertsResponse>* /*writer*/) override {
    watched_after = request->after_sequence();
    return {grpc::StatusCode::OUT_OF_RANGE, "ahead"};
  }

  grpc::Status UpdateRule(grpc::ServerContext* /*context*/, const alerting::v1::UpdateRuleRequest* request,
                          alerting::v1::Rule* response) override {
    last_rule = request->rule();
    *response = request->rule();
    return grpc::Status::OK;
  }

  int64_t watched_after = -1;
  alerting::v1::AlertState last_state = alerting::v1::ALERT_STATE_UNSPECIFIED;
  alerting::v1::Rule last_rule;
};

class FakeGateway : public gateway::v1::Gateway::Service {
 public:
  grpc::Status GetOverview(grpc::ServerContext* /*context*/, const gateway::v1::GetOverviewRequest* request,
                           gateway::v1::Overview* response) override {
    response->set_critical_list(absl::StrCat(request->critical_list(), " for ", request->importer()));
    response->mutable_risk()->set_state(risk_state);
    return grpc::Status::OK;
  }

  gateway::v1::SectionStatus::State risk_state = gateway::v1::SectionStatus::STATE_FRESH;
};

class CommandsTest : public ::testing::Test {
 protected:
  CommandsTest() {
    int port = 0;
    grpc::ServerBuilder builder;
    builder.AddListeningPort("127.0.0.1:0", grpc::InsecureServerCredentials(), &port);
    builder.RegisterService(&registry_);
    builder.RegisterService(&risk_);
    builder.RegisterService(&alerting_);
    builder.RegisterService(&gateway_);
    server_ = builder.BuildAndStart();
    address_ = absl::StrCat("127.0.0.1:", port);
    for (const char* id : {"cobalt", "zinc"}) {
      registry::v1::Mineral& mineral = registry_.minerals[absl::StrCat("minerals/", id)];
      mineral.set_name(absl::StrCat("minerals/", id));
      mineral.set_kind(registry::v1::Mineral::KIND_ELEMENT);
    }
  }

  // Runs the command against the fakes and returns its exit code.
  int Ctl(const std::vector<std::string>& words) {
    out_.str("");
    err_.str("");
    const absl::FlagSaver saver;
    return ctl::Run(words,
                    [&](const char* name) -> const char* {
                      return absl::string_view(name) == "OREWATCH_ADDRESS" ? address_.c_str() : nullptr;
                    },
                    {out_, err_});
  }

  std::string WriteFile(const std::string& name, const std::string& text) {
    std::string path = absl::StrCat(::testing::TempDir(), "/", name);
    std::ofstream(path) << text;
    return path;
  }

  static std::string TextIn(const std::string& path) {
    std::ifstream stream(path);
    return {std::istreambuf_iterator<char>(stream), std::istreambuf_iterator<char>()};
  }

  FakeRegistry registry_;
  FakeRisk risk_;
  FakeAlerting alerting_;
  FakeGateway gateway_;
  std::unique_ptr<grpc::Server> server_;
  std::string address_;
  std::ostringstream out_;
  std::ostringstream err_;
};

TEST_F(CommandsTest, GetTakesANameOrAKindAndAnId) {
  EXPECT_EQ(Ctl({"get", "minerals/zinc"}), kExitDone);
  EXPECT_THAT(out_.str(), HasSubstr("name: \"minerals/zinc\""));
  EXPECT_EQ(Ctl({"get", "mineral", "zinc", "-o", "json"}), kExitDone);
  EXPECT_THAT(out_.str(), HasSubstr("\"name\": \"minerals/zinc\""));
}

TEST_F(CommandsTest, GetOfWhatIsNotThereFails) {
  EXPECT_EQ(Ctl({"get", "minerals/gold"}), kExitFailed);
  EXPECT_EQ(err_.str(), "error: NOT_FOUND: no such mineral\n");
}

TEST_F(CommandsTest, ListReadsEveryPage) {
  EXPECT_EQ(Ctl({"list", "minerals"}), kExitDone);
  EXPECT_THAT(out_.str(), HasSubstr("minerals/cobalt"));
  EXPECT_THAT(out_.str(), HasSubstr("minerals/zinc"));
}

TEST_F(CommandsTest, ListAsCsvIsWhatImportReads) {
  EXPECT_EQ(Ctl({"list", "production", "-ocsv"}), kExitDone);
  EXPECT_EQ(registry_.last_statistics.kind(), registry::v1::STATISTIC_KIND_PRODUCTION);
  const std::string file = WriteFile("production.csv", out_.str());
  EXPECT_EQ(Ctl({"import", file}), kExitDone);
  EXPECT_EQ(registry_.import_messages.back().rows(0).entry().statistic().quantity().tonnes(), 4000000);
}

TEST_F(CommandsTest, ApplyUpdatesOrCreatesAndCanBeRepeatedSafely) {
  const std::string file = WriteFile("gold.textproto", "mineral { name: \"minerals/gold\" display_name: \"Gold\" }");
  EXPECT_EQ(Ctl({"apply", "-f", file}), kExitDone);
  EXPECT_EQ(out_.str(), "minerals/gold applied\n");
  EXPECT_TRUE(registry_.last_update.allow_missing());
  EXPECT_FALSE(registry_.last_update.request_id().empty());
}

TEST_F(CommandsTest, ApplyTakesWhatGetAndExportPrint) {
  for (const auto& words : std::vector<std::vector<std::string>>{{"get", "minerals/zinc"},
                                                                 {"get", "minerals/zinc", "-o", "json"},
                                                                 {"export"},
                                                                 {"export", "-o", "json"},
                                                                 {"list", "minerals", "-o", "textproto"}}) {
    ASSERT_EQ(Ctl(words), kExitDone);
    const std::string file = WriteFile("again.txt", out_.str());
    registry_.last_update.Clear();
    EXPECT_EQ(Ctl({"apply", "-f", file}), kExitDone) << words.back() << err_.str();
    EXPECT_EQ(registry_.last_update.mineral().name(), "minerals/zinc");
  }
}

TEST_F(CommandsTest, ApplyTakesRules) {
  const std::string file = WriteFile("rule.json", R"({"rules": [{"name": "rules/hhi", "raiseThreshold": 2500}]})");
  EXPECT_EQ(Ctl({"apply", "-f", file}), kExitDone) << err_.str();
  EXPECT_EQ(alerting_.last_rule.raise_threshold(), 2500);
}

TEST_F(CommandsTest, ApplySaysWhereAFileIsMalformed) {
  EXPECT_EQ(Ctl({"apply", "-f", WriteFile("bad.textproto", "entries {\n  mineral { nam: 1 }\n}")}), kExitFailed);
  EXPECT_THAT(err_.str(), HasSubstr("line 2"));
  EXPECT_EQ(Ctl({"apply", "-f", WriteFile("empty.textproto", "# nothing\n")}), kExitFailed);
  EXPECT_THAT(err_.str(), HasSubstr("holds no resource"));
  EXPECT_EQ(Ctl({"apply", "-f", "/no/such/file"}), kExitFailed);
  EXPECT_EQ(Ctl({"apply"}), kExitUsage);
}

TEST_F(CommandsTest, DeleteTakesSeveralNames) {
  EXPECT_EQ(Ctl({"delete", "minerals/zinc", "minerals/cobalt"}), kExitDone);
  EXPECT_THAT(registry_.minerals, IsEmpty());
  EXPECT_EQ(Ctl({"delete", "alerts/a"}), kExitUsage);
}

TEST_F(CommandsTest, UndeleteBringsBackAndListShowsTheDeletedWhenAsked) {
  ASSERT_EQ(Ctl({"delete", "minerals/zinc"}), kExitDone);
  EXPECT_EQ(Ctl({"undelete", "minerals/zinc"}), kExitDone) << err_.str();
  EXPECT_EQ(registry_.minerals.count("minerals/zinc"), 1U);
  EXPECT_EQ(Ctl({"get", "minerals", "--show-deleted"}), kExitDone) << err_.str();
  EXPECT_TRUE(registry_.last_list.show_deleted());
}

TEST_F(CommandsTest, HistoryReadsEveryPageInTheNameOfItsCaller) {
  EXPECT_EQ(Ctl({"history", "minerals/zinc", "--principal=alice"}), kExitDone) << err_.str();
  EXPECT_THAT(out_.str(), HasSubstr("alice"));
  EXPECT_THAT(out_.str(), HasSubstr(" 1  1970"));
}

TEST_F(CommandsTest, SearchPassesItsWordsAndKinds) {
  EXPECT_EQ(Ctl({"search", "zinc", "ore", "--kinds=minerals,projects"}), kExitDone) << err_.str();
  EXPECT_EQ(registry_.last_search.query(), "zinc ore");
  EXPECT_THAT(registry_.last_search.kinds(), ElementsAre("minerals", "projects"));
  EXPECT_THAT(out_.str(), HasSubstr("minerals/zinc"));
}

TEST_F(CommandsTest, ImportMergesWhatBothSidesReject) {
  const std::string file = WriteFile("countries.csv", "country,display_name,source\nQQ,Nowhere,s\nJP,Japan,s\n");
  EXPECT_EQ(Ctl({"import", file}), kExitFailed);
  EXPECT_THAT(out_.str(), HasSubstr(":2: country: \"QQ\" is no ISO"));
  EXPECT_THAT(out_.str(), HasSubstr(":3: country: not wanted\n"));
  EXPECT_THAT(out_.str(), HasSubstr("rejected 2"));
  EXPECT_THAT(err_.str(), HasSubstr("ROWS_REJECTED"));
}

TEST_F(CommandsTest, AnAtomicImportWithABadRowSendsNothing) {
  const std::string file =
      WriteFile("minerals.csv", "mineral,display_name,kind,source\ngold,Gold,METAL,s\ntin,Tin,,s\n");
  EXPECT_EQ(Ctl({"import", "--atomic", file}), kExitFailed);
  EXPECT_THAT(registry_.import_messages, IsEmpty());
  EXPECT_EQ(Ctl({"import", file, "--validate-only"}), kExitFailed);
  ASSERT_THAT(registry_.import_messages, SizeIs(1));
  EXPECT_TRUE(registry_.import_messages[0].validate_only());
  EXPECT_THAT(out_.str(), HasSubstr("nothing was changed"));
}

TEST_F(CommandsTest, AnImportThatTheRegistryEndsSaysWhy) {
  registry_.import_refusal = {grpc::StatusCode::INVALID_ARGUMENT, "rows: too many of them"};
  std::string rows = "dataset,mineral,stage,country,year,quantity_tonnes,basis,source\n";
  for (int i = 0; i < 100'000; ++i) {
    absl::StrAppend(&rows, "d", i, ",zinc,mine,AU,2024,1,gross,s\n");
  }
  const std::string file = WriteFile("production.csv", rows);
  for (const char* mode : {"--atomic", "--validate-only", "--timeout=60s"}) {
    err_.str("");
    EXPECT_EQ(Ctl({"import", mode, file}), kExitFailed);
    EXPECT_THAT(err_.str(), HasSubstr("too many of them")) << mode;
  }
}

TEST_F(CommandsTest, ImportOfNothingFails) {
  const std::string folder = absl::StrCat(::testing::TempDir(), "/nothing-to-import");
  std::filesystem::create_directories(folder);
  EXPECT_EQ(Ctl({"import", folder}), kExitFailed);
  EXPECT_THAT(err_.str(), HasSubstr("NO_ROWS"));
  EXPECT_EQ(Ctl({"import", WriteFile("minerals.csv", "mineral,display_name,kind,source\n")}), kExitFailed);
  EXPECT_THAT(registry_.import_messages, IsEmpty());
}

TEST_F(CommandsTest, ImportSendsTheBundledDataInBatches) {
  EXPECT_EQ(Ctl({"import", "data"}), kExitFailed);  // The fake wants no countries.
  ASSERT_GT(registry_.import_messages.size(), 10U);
  for (const auto& message : registry_.import_messages) {
    EXPECT_LE(message.rows_size(), 500);
    EXPECT_LT(message.ByteSizeLong(), size_t{1} << 20);
  }
}

TEST_F(CommandsTest, ImportTakesOfficialFilesAndMakesOnlyTheMineralsThatAreMissing) {
  const std::string file = WriteFile("BACI_HS17_Y2024_V202601.csv",
                                     "t,i,j,k,v,q\n2024,152,392,790111,1.5,2\n2024,152,392,283691,1.5,NA\n"
                                     "2024,152,842,283691,1.5,4\n2024,152,842,010121,1,1\n");
  EXPECT_EQ(Ctl({"import", file}), kExitDone) << out_.str() << err_.str();
  ASSERT_THAT(registry_.import_messages, SizeIs(1));
  const auto& rows = registry_.import_messages[0].rows();
  ASSERT_THAT(rows, SizeIs(4));
  EXPECT_EQ(rows[0].entry().statistic().trade().mineral(), "minerals/zinc");  // Known to the registry.
  EXPECT_EQ(rows[1].entry().mineral().name(), "minerals/lithium");
  EXPECT_THAT(out_.str(), HasSubstr(":5: left out: k: the code is of no mineral in hs6.csv\n"));
  EXPECT_THAT(out_.str(), HasSubstr("created 4, updated 0, unchanged 0, rejected 0, left out 1"));
  EXPECT_EQ(Ctl({"import", file, "-ocsv"}), kExitDone);
  EXPECT_THAT(out_.str(), HasSubstr(",5,k,the code is of no mineral in hs6.csv,left-out\n"));
}

TEST_F(CommandsTest, AnAtomicImportThatMeetsABadRowLateIsGivenUp) {
  std::string text = "mineral,stage,country,year,quantity_tonnes,basis,dataset,source\n";
  for (int i = 0; i < 1200; ++i) {
    text += "zinc,mine,JP,2024,1,gross,d,s\n";
  }
  const std::string file = WriteFile("production.csv", text + "zinc,mine,JP,soon,1,gross,d,s\n");
  EXPECT_EQ(Ctl({"import", "--atomic", file}), kExitFailed);
  EXPECT_THAT(out_.str(), HasSubstr(":1202: year: \"soon\""));
  EXPECT_THAT(out_.str(), HasSubstr("created 0"));
  EXPECT_THAT(err_.str(), HasSubstr("nothing was changed"));
}

TEST_F(CommandsTest, ADryRunIsOneCallThatSaysWhatIsAskedFor) {
  std::string text = "mineral,stage,country,year,quantity_tonnes,basis,dataset,source\n";
  for (int i = 0; i < 1200; ++i) {
    text += "zinc,mine,JP,2024,1,gross,d,s\n";
  }
  const std::string file = WriteFile("production.csv", text);
  EXPECT_EQ(Ctl({"import", "--validate_only", file}), kExitDone) << err_.str();
  EXPECT_EQ(Ctl({"import", "--validate_only", "--atomic", file}), kExitDone) << err_.str();
  EXPECT_EQ(registry_.import_calls, 2);
  ASSERT_THAT(registry_.import_messages, SizeIs(6));
  for (size_t i = 0; i < registry_.import_messages.size(); ++i) {
    EXPECT_TRUE(registry_.import_messages[i].validate_only());
    EXPECT_EQ(registry_.import_messages[i].atomic(), i >= 3);
  }
}

TEST_F(CommandsTest, ExportWritesAWholeFileOrNone) {
  const std::string file = absl::StrCat(::testing::TempDir(), "/all.textproto");
  std::remove(file.c_str());
  registry_.export_is_whole = false;
  EXPECT_EQ(Ctl({"export", "-f", file}), kExitFailed);
  EXPECT_THAT(err_.str(), HasSubstr("EXPORT_CUT_SHORT"));
  EXPECT_EQ(TextIn(file), "");
  registry_.export_is_whole = true;
  EXPECT_EQ(Ctl({"export", "-f", file}), kExitDone);
  EXPECT_THAT(TextIn(file), HasSubstr("minerals/zinc"));
  EXPECT_EQ(err_.str(), "exported 2 entries at revision 5\n");
}

TEST_F(CommandsTest, ExportAsCsvIsAFolderThatImportReads) {
  const std::string folder = absl::StrCat(::testing::TempDir(), "/exported");
  EXPECT_EQ(Ctl({"export", "-o", "csv", "-f", folder}), kExitDone);
  EXPECT_EQ(Ctl({"import", folder}), kExitDone);
  EXPECT_THAT(out_.str(), HasSubstr("created 2"));
  EXPECT_EQ(Ctl({"export", "-o", "csv"}), kExitUsage);
}

TEST_F(CommandsTest, ExportIntoAFolderIsCsv) {
  const std::string folder = absl::StrCat(::testing::TempDir(), "/exported-folder");
  std::filesystem::remove_all(folder);
  EXPECT_EQ(Ctl({"export", "-f", folder + "/"}), kExitDone) << err_.str();
  EXPECT_THAT(TextIn(folder + "/minerals.csv"), HasSubstr("zinc"));
  WriteFile("exported-folder/projects.csv", "project,display_name\ngone,Gone\n");
  EXPECT_EQ(Ctl({"export", "-f", folder}), kExitDone) << err_.str();
  EXPECT_THAT(TextIn(folder + "/projects.csv"), Not(HasSubstr("gone")));
  EXPECT_EQ(Ctl({"import", folder}), kExitDone) << err_.str();
  EXPECT_EQ(Ctl({"export", "-o", "json", "-f", folder}), kExitUsage);
  EXPECT_THAT(err_.str(), HasSubstr("is a folder, which takes -o csv"));
}

TEST_F(CommandsTest, WatchPrintsChangesAndEndsWithTheStreamsError) {
  EXPECT_EQ(Ctl({"watch", "--after=41"}), kExitFailed);
  EXPECT_THAT(out_.str(), HasSubstr("42  1970-01-01T00:00:00Z  update  minerals/zinc  ann"));
  EXPECT_EQ(err_.str(), "error: OUT_OF_RANGE: compacted\n");
  EXPECT_EQ(Ctl({"watch", "colours"}), kExitUsage);
}

TEST_F(CommandsTest, AWatchOfAlertsBeginsNowUnlessToldOtherwise) {
  EXPECT_EQ(Ctl({"watch", "alerts"}), kExitFailed);
  EXPECT_EQ(alerting_.watched_after, 111);
  EXPECT_EQ(Ctl({"watch", "alerts", "--after=7"}), kExitFailed);
  EXPECT_EQ(alerting_.watched_after, 7);
  EXPECT_EQ(Ctl({"watch", "alerts", "--all"}), kExitFailed);
  EXPECT_EQ(alerting_.watched_after, 0);
}

TEST_F(CommandsTest, PartnersAsksWithWhatTheUserExcludesAndWeighs) {
  EXPECT_EQ(Ctl({"partners", "lithium", "--importer=JP", "--stage=refine", "--horizon=2030", "--exclude=CN,EU",
                 "--weight=governance=2,free-tonnes=0.5"}),
            kExitDone);
  EXPECT_EQ(risk_.last_ranking.mineral(), "minerals/lithium");
  EXPECT_EQ(risk_.last_ranking.horizon_year(), 2030);
  EXPECT_THAT(risk_.last_ranking.exclusions(), ElementsAre("countries/CN", "blocs/EU"));
  ASSERT_THAT(risk_.last_ranking.weights(), SizeIs(2));
  EXPECT_EQ(risk_.last_ranking.weights(1).factor(), risk::v1::PARTNER_FACTOR_FREE_TONNES);
  EXPECT_EQ(risk_.last_ranking.weights(1).weight(), 0.5);
  EXPECT_THAT(out_.str(), AllOf(HasSubstr("1 [1, 3]"), HasSubstr("[1, 14]"), HasSubstr("Not ranked on: free-tonnes"),
                                HasSubstr("25.0%"), HasSubstr("NO_HEADROOM_DATA")));
  EXPECT_EQ(Ctl({"partners", "lithium", "--stage=refine", "--horizon=2030"}), kExitUsage);
  EXPECT_EQ(Ctl({"partners", "lithium", "--importer=JP", "--stage=mine", "--horizon=2030", "--weight=luck=1"}),
            kExitUsage);
  EXPECT_EQ(Ctl({"partners", "lithium", "--importer=JP", "--stage=mine", "--horizon=2030", "--weight=output=much"}),
            kExitUsage);
}

TEST_F(CommandsTest, ProjectShowsWhatHangsOnIt) {
  EXPECT_EQ(Ctl({"project", "p1"}), kExitDone);
  EXPECT_THAT(out_.str(), AllOf(HasSubstr("projects/p1"), HasSubstr("45% [45%, 100%]"), HasSubstr("JOGMEC"),
                                HasSubstr("10.0 days of cover"), HasSubstr("1.0+")));
  EXPECT_EQ(Ctl({"project", "projects/p1", "-o", "json"}), kExitDone);
  EXPECT_THAT(out_.str(), HasSubstr("\"behindPlanYears\""));
}

TEST_F(CommandsTest, ProjectAsksWithWhatTheUserAssumes) {
  EXPECT_EQ(Ctl({"project", "p1", "--effect=engagement=0.5,permits=-0.1*1.3", "--pass=0.5,0.7,0.8,0.9,0.95",
                 "--country_failure=0.1", "--ramp_years=3", "--seed=7", "--runs=500", "--years=20"}),
            kExitDone);
  EXPECT_THAT(risk_.last_outlook, EqualsProto(ParseProto<risk::v1::GetProjectOutlookRequest>(R"pb(
                name: "projects/p1"
                assumptions {
                  effects { name: "engagement" log_odds: 0.5 }
                  effects { name: "permits" log_odds: -0.1 duration_factor: 1.3 }
                  pass_probability: [ 0.5, 0.7, 0.8, 0.9, 0.95 ]
                  country_failure: 0.1
                  ramp_years: 3
                }
                seed: 7
                runs: 500
                horizon_years: 20)pb")));
  for (const char* bad : {"--effect=engagement", "--effect=e=1*slow", "--pass=0.5,half", "--seed=-1"}) {
    EXPECT_EQ(Ctl({"project", "p1", bad}), kExitUsage) << bad;
  }
}

TEST_F(CommandsTest, ScoreListsWhatMatchesAndAsksForAFullKey) {
  EXPECT_EQ(Ctl({"score", "zinc", "--stage", "refine"}), kExitDone);
  EXPECT_EQ(risk_.last_filter.subject(), "minerals/zinc");
  EXPECT_EQ(risk_.last_filter.stage(), type::v1::STAGE_REFINE);
  EXPECT_EQ(Ctl({"score", "zinc", "--stage=mine", "--method=eu-supply-risk-2017", "--importer=KOR"}), kExitDone);
  EXPECT_THAT(out_.str(), HasSubstr("KR"));
  EXPECT_EQ(Ctl({"score", "zinc", "--method=all", "--importer=JP"}), kExitDone);
  // What is kept, and what can be computed at its stage.
  EXPECT_THAT(out_.str(), AllOf(HasSubstr("hhi "), HasSubstr("eu-supply-risk-2017"), HasSubstr("orewatch-2026"),
                                HasSubstr("usgs-2020"), HasSubstr("stock-cover")));
  EXPECT_EQ(Ctl({"score", "zinc", "--stage=dig"}), kExitUsage);
}

TEST_F(CommandsTest, ListAsksForWhatMatchesInAnOrder) {
  EXPECT_EQ(Ctl({"list", "minerals", "--filter=kind = element", "--order_by=display_name desc"}), kExitDone);
  EXPECT_EQ(registry_.last_list.filter(), "kind = element");
  EXPECT_EQ(registry_.last_list.order_by(), "display_name desc");
  EXPECT_EQ(Ctl({"list", "alerts", "--order_by=name"}), kExitUsage);
}

TEST_F(CommandsTest, ExplainBeginsWithTheBottleneck) {
  EXPECT_EQ(Ctl({"explain", "zinc"}), kExitDone);
  EXPECT_THAT(out_.str(), HasSubstr("hhi of zinc, stage refine"));
  EXPECT_EQ(Ctl({"explain", "CN"}), kExitDone);
  EXPECT_THAT(out_.str(), HasSubstr("country-governance of CN"));
}

TEST_F(CommandsTest, ExplainTellsWhatChangedAfterARevision) {
  EXPECT_EQ(Ctl({"explain", "zinc", "--after=7"}), kExitDone);
  EXPECT_THAT(out_.str(), HasSubstr("Since revision 7: no change"));
}

TEST_F(CommandsTest, ScoreHistoryListsEveryPage) {
  EXPECT_EQ(Ctl({"score", "history", "zinc", "--oldest_first"}), kExitDone);
  EXPECT_EQ(risk_.last_history.key().subject(), "minerals/zinc");
  EXPECT_EQ(risk_.last_history.key().stage(), type::v1::STAGE_REFINE);
  EXPECT_EQ(risk_.last_history.key().method(), risk::v1::METHOD_HHI);
  EXPECT_TRUE(risk_.last_history.oldest_first());
  EXPECT_THAT(out_.str(), HasSubstr("22"));
  EXPECT_THAT(out_.str(), HasSubstr("11"));
  EXPECT_EQ(Ctl({"score", "history", "zinc", "--limit=1", "-o", "json"}), kExitDone);
  EXPECT_EQ(risk_.last_history.page_size(), 1);
  EXPECT_THAT(out_.str(), ::testing::Not(HasSubstr("\"11\"")));
  EXPECT_EQ(Ctl({"score", "future", "zinc"}), kExitUsage);
}

TEST_F(CommandsTest, ScoreYearsListsEachYear) {
  EXPECT_EQ(Ctl({"score", "years", "zinc", "-o", "csv"}), kExitDone);
  EXPECT_EQ(out_.str(), "YEAR,VALUE,BAND,TOP,STATUS\n2022,2022,,,UNSET\n2023,2023,,,UNSET\n");
}

TEST_F(CommandsTest, ScoresAreDrawnIntoAFile) {
  const std::string path = WriteFile("score.svg", "");
  const auto drawn = [&] { return TextIn(path); };
  EXPECT_EQ(Ctl({"explain", "zinc", "--svg", path}), kExitDone);
  EXPECT_THAT(drawn(), HasSubstr("As it was known"));
  EXPECT_THAT(out_.str(), HasSubstr("hhi of zinc"));
  EXPECT_EQ(Ctl({"score", "history", "zinc", "--svg", path}), kExitDone);
  EXPECT_THAT(drawn(), HasSubstr("as it was known"));
  EXPECT_EQ(Ctl({"score", "years", "zinc", "--svg", path}), kExitDone);
  EXPECT_THAT(drawn(), HasSubstr("by year of the data"));
  EXPECT_EQ(Ctl({"score", "zinc", "--svg", path}), kExitUsage);
  EXPECT_EQ(Ctl({"explain", "zinc", "--svg", absl::StrCat(::testing::TempDir(), "/no/where.svg")}), kExitFailed);
  EXPECT_THAT(err_.str(), HasSubstr("where.svg"));
}

TEST_F(CommandsTest, ExposureShowsEveryPageUpToTheTier) {
  EXPECT_EQ(Ctl({"exposure", "suppliers/a", "--mineral=zinc", "--tier=1", "--by=supplier"}), kExitDone);
  EXPECT_EQ(risk_.last_exposures.mineral(), "minerals/zinc");
  EXPECT_EQ(risk_.last_exposures.group_by(), risk::v1::GROUP_BY_SUPPLIER);
  EXPECT_EQ(risk_.last_exposures.page_token(), "more");
  EXPECT_THAT(out_.str(), HasSubstr("75.0%"));
  EXPECT_THAT(out_.str(), HasSubstr("(unknown)"));
  EXPECT_THAT(out_.str(), ::testing::Not(HasSubstr("100.0%")));
  EXPECT_THAT(out_.str(), HasSubstr("! assumed for suppliers/a, zinc: LINK_WITHOUT_SHARE\n"));
  EXPECT_EQ(Ctl({"exposure", "suppliers/a", "-o", "json"}), kExitDone);
  EXPECT_THAT(out_.str(), HasSubstr("\"unknown\": 0.25"));
  EXPECT_EQ(Ctl({"exposure", "suppliers/a", "--by=moon"}), kExitUsage);
  EXPECT_EQ(Ctl({"exposure", "suppliers/a", "--tier=7"}), kExitUsage);
  EXPECT_EQ(Ctl({"exposure", "suppliers/a", "--paths=all", "--lost=CN"}), kExitUsage);
}

TEST_F(CommandsTest, ExposureShowsThePathsAndTheDaysOfALoss) {
  EXPECT_EQ(Ctl({"exposure", "suppliers/a", "--mineral=zinc", "--tier=2", "--paths=CN"}), kExitDone);
  EXPECT_EQ(risk_.last_paths.tier(), 2);
  EXPECT_EQ(risk_.last_paths.country(), "countries/CN");
  EXPECT_THAT(out_.str(), HasSubstr("links/1 < links/2"));
  EXPECT_EQ(Ctl({"exposure", "suppliers/a", "--mineral=zinc", "--paths=all"}), kExitDone);
  EXPECT_EQ(risk_.last_paths.country(), "");
  EXPECT_EQ(Ctl({"exposure", "suppliers/a", "--lost=suppliers/b/facilities/c"}), kExitDone);
  EXPECT_EQ(risk_.last_survival.lost(), "suppliers/b/facilities/c");
  EXPECT_THAT(out_.str(), HasSubstr("perhaps never"));
  EXPECT_EQ(Ctl({"exposure", "suppliers/a", "--lost=CN"}), kExitDone);
  EXPECT_EQ(risk_.last_survival.lost(), "countries/CN");
}

TEST_F(CommandsTest, AlertsAreThoseFiringUnlessAskedOtherwise) {
  EXPECT_EQ(Ctl({"alerts"}), kExitDone);
  EXPECT_EQ(alerting_.last_state, alerting::v1::ALERT_STATE_FIRING);
  EXPECT_EQ(Ctl({"alerts", "--state=all"}), kExitDone);
  EXPECT_EQ(alerting_.last_state, alerting::v1::ALERT_STATE_UNSPECIFIED);
  EXPECT_EQ(Ctl({"alerts", "--state=loud"}), kExitUsage);
}

TEST_F(CommandsTest, ListOfAlertsTakesAState) {
  EXPECT_EQ(Ctl({"list", "alerts", "--state=resolved"}), kExitDone);
  EXPECT_EQ(alerting_.last_state, alerting::v1::ALERT_STATE_RESOLVED);
  EXPECT_EQ(Ctl({"list", "alerts"}), kExitDone);
  EXPECT_EQ(alerting_.last_state, alerting::v1::ALERT_STATE_UNSPECIFIED);
  EXPECT_EQ(Ctl({"list", "alerts", "--state=loud"}), kExitUsage);
}

TEST_F(CommandsTest, HelpListsEveryMethod) {
  EXPECT_EQ(Ctl({"help", "explain"}), kExitDone);
  for (int number = 1; number < risk::v1::Method_ARRAYSIZE; ++number) {
    EXPECT_THAT(out_.str(), HasSubstr(EnumText(*risk::v1::Method_descriptor(), number)));
  }
}

TEST_F(CommandsTest, OverviewPassesItsListAndImporter) {
  EXPECT_EQ(Ctl({"--critical_list", "US_2025", "overview", "--importer", "EU"}), kExitDone);
  EXPECT_THAT(out_.str(), HasSubstr("Critical list US_2025 for blocs/EU"));
}

TEST_F(CommandsTest, APartialOverviewIsPrintedAndToldByTheExitCode) {
  gateway_.risk_state = gateway::v1::SectionStatus::STATE_UNAVAILABLE;
  EXPECT_EQ(Ctl({"overview"}), kExitPartial);
  EXPECT_THAT(out_.str(), HasSubstr("! risk is UNAVAILABLE"));
  EXPECT_EQ(err_.str(), "error: UNAVAILABLE PARTIAL_ANSWER: not all of the answer came: risk\n");
}

TEST_F(CommandsTest, MisuseIsToldFromFailure) {
  EXPECT_EQ(Ctl({}), kExitUsage);
  EXPECT_EQ(Ctl({"frobnicate"}), kExitUsage);
  EXPECT_EQ(Ctl({"get"}), kExitUsage);
  EXPECT_EQ(Ctl({"get", "minerals/zinc", "--loud"}), kExitUsage);
  EXPECT_EQ(Ctl({"get", "minerals/zinc", "--atomic"}), kExitUsage);
  EXPECT_THAT(err_.str(), HasSubstr("--atomic means nothing to this command"));
  EXPECT_EQ(Ctl({"get", "minerals/zinc", "-o", "yaml"}), kExitUsage);
  EXPECT_EQ(Ctl({"get", "minerals/zinc", "--timeout=soon"}), kExitUsage);
  EXPECT_EQ(Ctl({"list", "colours"}), kExitUsage);
  EXPECT_EQ(Ctl({"help"}), kExitDone);
  EXPECT_EQ(Ctl({"import", "--help"}), kExitDone);
  EXPECT_EQ(Ctl({"version"}), kExitDone);
}

TEST_F(CommandsTest, AServerThatIsAwayIsAFailureWithinTheTimeout) {
  server_->Shutdown();
  EXPECT_EQ(Ctl({"get", "minerals/zinc", "--timeout=2s"}), kExitFailed);
  EXPECT_THAT(err_.str(), HasSubstr("error: "));
}

absl::optional<bool> Switches(absl::string_view name) {
  if (name == "atomic" || name == "help") {
    return true;
  }
  return name == "output" || name == "file" || name == "critical_list" ? absl::make_optional(false) : absl::nullopt;
}

TEST(ParseArgs, TakesFlagsAnywhereInEveryForm) {
  const auto args = ParseArgs({"-o", "json", "import", "--atomic", "a.csv", "--critical-list=X", "-fout", "--noatomic",
                               "-", "--", "--not-a-flag"},
                              Switches);
  ASSERT_TRUE(args.ok()) << args.status();
  EXPECT_THAT(args->words, ElementsAre("import", "a.csv", "-", "--not-a-flag"));
  EXPECT_THAT(args->flags, ElementsAre(Pair("output", "json"), Pair("atomic", "true"), Pair("critical_list", "X"),
                                       Pair("file", "out"), Pair("atomic", "false")));
}

TEST(ParseArgs, RefusesUnknownFlagsAndMissingValues) {
  for (const auto& words : std::vector<std::vector<std::string>>{{"--loud"}, {"-x"}, {"-o"}, {"--notoutput"}}) {
    EXPECT_TRUE(IsUsageError(ParseArgs(words, Switches).status())) << words.front();
  }
}

TEST(ProgressText, HasABarOnlyWhereTheTotalIsKnown) {
  EXPECT_EQ(ProgressText("importing", 1'000'000, 2'000'000, Progress::Unit::kBytes),
            "importing [###############...............]  50% 1.0/2.0 MB");
  EXPECT_EQ(ProgressText("exporting", 7, 0, Progress::Unit::kRows), "exporting 7 rows");
}

}  // namespace
}  // namespace orewatch::ctl
