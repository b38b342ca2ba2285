// Nothing of what one owner hides reaches another, by any method of the risk service.
#include <map>
#include <random>
#include <regex>

#include "absl/strings/escaping.h"
#include "absl/strings/str_join.h"
#include "common/rpc/speak_for.h"
#include "grpcpp/generic/generic_stub.h"
#include "grpcpp/impl/codegen/proto_utils.h"
#include "tests/integration/risk_pair.h"

namespace orewatch::risk {
namespace {

using ::orewatch::testing::ParseProto;
using ::testing::HasSubstr;

using Requests = std::map<std::string, std::vector<std::string>>;

const google::protobuf::ServiceDescriptor& Service() {
  return *v1::GetScoreRequest::descriptor()->file()->FindServiceByName("Risk");
}

// Of every method about chains, those that ask for what is hidden.
Requests AboutChains() {
  const std::vector<std::string> nodes = {"suppliers/a/facilities/mine",
                                          "suppliers/b/facilities/refinery",
                                          "suppliers/c/facilities/maker",
                                          "suppliers/a",
                                          "suppliers/alices/facilities/plant",
                                          "suppliers/bobs/facilities/plant",
                                          "suppliers/alices",
                                          "suppliers/bobs",
                                          "suppliers/c",
                                          "suppliers/none",
                                          "suppliers/none/facilities/none"};
  Requests requests;
  for (const std::string& node : nodes) {
    const std::string subject = absl::StrCat("subject: '", node, "' ");
    const std::string at = absl::StrCat(subject, "mineral: 'minerals/cobalt' ");
    for (const char* more : {"", "product: 'sulphate'", "group_by: GROUP_BY_SUPPLIER", "group_by: GROUP_BY_FACILITY",
                             "group_by: GROUP_BY_ULTIMATE_OWNER_COUNTRY", "page_size: 1"}) {
      requests["ListExposures"].push_back(absl::StrCat(subject, more));
    }
    for (const int tier : {1, 2, 3, 4, 5, 6}) {
      requests["ListSupplyPaths"].push_back(absl::StrCat(at, "tier: ", tier));
    }
    for (const char* method : {"GetScore", "ExplainScore"}) {
      requests[method].push_back(absl::StrCat("key { subject: '", node, "' method: METHOD_OREWATCH_SUPPLIER_2026 }"));
    }
    requests["ListFailurePoints"].push_back(at);
    requests["ListFailurePoints"].push_back(absl::StrCat(at, "group_by: GROUP_BY_SUPPLIER"));
    requests["ListAlternatives"].push_back(absl::StrCat(at, "product: 'sulphate'"));
    for (const std::string& lost : nodes) {
      requests["GetTimeToSurvive"].push_back(absl::StrCat(subject, "lost: '", lost, "'"));
    }
    requests["GetTimeToSurvive"].push_back(absl::StrCat(subject, "lost: 'countries/AU' outage_days: 30"));
  }
  for (const char* requirement : {"requirements/c", "requirements/alices", "requirements/none"}) {
    requests["ListExposures"].push_back(absl::StrCat("subject: '", requirement, "'"));
    requests["GetTimeToSurvive"].push_back(absl::StrCat("subject: '", requirement, "' lost: 'suppliers/a'"));
  }
  return requests;
}

// Of every method about projects and partners, those that ask for what is hidden, or that it could move.
Requests AboutProjects() {
  Requests requests;
  for (const char* project : {"alices", "bobs", "none"}) {
    requests["GetProjectOutlook"].push_back(absl::StrCat("name: 'projects/", project, "' runs: 100"));
  }
  for (const char* stage : {"STAGE_MINE", "STAGE_REFINE"}) {
    requests["RankPartners"].push_back(
        absl::StrCat("mineral: 'minerals/cobalt' importer: 'countries/KR' stage: ", stage, " horizon_year: 2035"));
  }
  return requests;
}

// What callers may read of chains and projects decides these.
Requests AboutWhatMayBeRead() {
  Requests requests = AboutChains();
  requests.merge(AboutProjects());
  return requests;
}

// Of every method about scores, those that what is hidden could move.
Requests AboutScores() {
  Requests requests;
  for (const char* key :
       {"subject: 'minerals/cobalt' stage: STAGE_MINE method: METHOD_HHI",
        "subject: 'minerals/cobalt' stage: STAGE_MINE method: METHOD_HHI_OWNERSHIP",
        "subject: 'minerals/cobalt' stage: STAGE_MINE importer: 'countries/KR' method: METHOD_EU_SUPPLY_RISK_2017",
        "subject: 'minerals/cobalt' stage: STAGE_MINE importer: 'countries/KR' method: METHOD_GEOPOLRISK_2024",
        "subject: 'minerals/cobalt' importer: 'countries/KR' method: METHOD_STOCK_COVER",
        "subject: 'countries/CD' method: METHOD_COUNTRY_GOVERNANCE",
        "subject: 'suppliers/alices' method: METHOD_HHI"}) {
    const std::string request = absl::StrCat("key { ", key, " } ");
    requests["GetScore"].push_back(request);
    requests["ExplainScore"].push_back(request);
    requests["ExplainScore"].push_back(absl::StrCat(request, "since_revision: 1"));
    requests["ListScoreHistory"].push_back(request);
    requests["ListScoreYears"].push_back(request);
  }
  requests["ListScores"] = {"page_size: 1000", "filter { importer: 'countries/KR' } page_size: 2"};
  return requests;
}

// What differs between two histories by its nature is blotted out.
std::string Blotted(const std::string& text) {
  static const std::regex history(R"((lineage: "[^"]*")|((number|seconds|nanos): -?[0-9]+)|(since_revision [0-9]+))");
  static const std::regex token(R"((next_page_token): "[^"]*")");
  return std::regex_replace(std::regex_replace(text, history, "~"), token, "$1");
}

// With all its details, whose order is left to chance.
std::string Told(const absl::Status& status) {
  std::map<std::string, std::string> details;
  status.ForEachPayload([&](absl::string_view url, const absl::Cord& detail) {
    details[std::string(url)] = absl::CHexEscape(std::string(detail));
  });
  // The trace of the call, which is another each time.
  details.erase("type.googleapis.com/google.rpc.RequestInfo");
  return absl::StrCat(absl::StatusCodeToString(status.code()), " ", std::string(status.message()), "\n",
                      absl::StrJoin(details, "\n", absl::PairFormatter(" ")));
}

grpc::Status Call(const Follower& risk, const std::string& method, const google::protobuf::Message& request,
                  const std::string& principal, google::protobuf::Message& response) {
  grpc::ByteBuffer sent;
  grpc::ByteBuffer received;
  bool own = false;
  grpc::GenericSerialize<grpc::ProtoBufferWriter, google::protobuf::Message>(request, &sent, &own);
  grpc::ClientContext context;
  context.AddMetadata(rpc::kPrincipalHeader, principal);
  context.set_deadline(std::chrono::system_clock::now() + std::chrono::seconds(20));
  grpc::GenericStub stub(risk.channel);
  absl::Notification done;
  grpc::Status status;
  stub.UnaryCall(&context, absl::StrCat("/", Service().full_name(), "/", method), grpc::StubOptions(), &sent, &received,
                 [&](grpc::Status result) {
                   status = std::move(result);
                   done.Notify();
                 });
  done.WaitForNotification();
  return status.ok()
             ? grpc::GenericDeserialize<grpc::ProtoBufferReader, google::protobuf::Message>(&received, &response)
             : status;
}

// The answer of a method to a caller, as text.
std::string Answer(const Follower& risk, int64_t revision, const google::protobuf::MethodDescriptor& method,
                   const std::string& text, const std::string& principal) {
  auto* factory = google::protobuf::MessageFactory::generated_factory();
  const std::unique_ptr<google::protobuf::Message> request(factory->GetPrototype(method.input_type())->New());
  const std::unique_ptr<google::protobuf::Message> response(factory->GetPrototype(method.output_type())->New());
  EXPECT_TRUE(google::protobuf::TextFormat::ParseFromString(text, request.get())) << method.name() << " " << text;
  request->GetReflection()->SetInt64(request.get(), method.input_type()->FindFieldByName("min_revision"), revision);
  const absl::Status status = rpc::FromGrpc(Call(risk, method.name(), *request, principal, *response));
  return absl::StrCat(method.name(), " ", text, "\n", Blotted(status.ok() ? response->DebugString() : Told(status)),
                      "\n");
}

std::string Answers(const Pair& pair, const Requests& requests, const std::string& principal,
                    const Follower* of = nullptr) {
  std::string text;
  for (const auto& [name, texts] : requests) {
    for (const std::string& request : texts) {
      absl::StrAppend(&text, Answer(of == nullptr ? pair.risk() : *of, pair.revision(),
                                    *Service().FindMethodByName(name), request, principal));
    }
  }
  return text;
}

// All scores up to the last write.
std::string Watched(const Pair& pair, const std::string& principal) {
  grpc::ClientContext context;
  context.AddMetadata(rpc::kPrincipalHeader, principal);
  const auto reader = pair.risk().stub->WatchScores(&context, {});
  v1::WatchScoresResponse message;
  std::string text;
  while (message.bookmark().number() < pair.revision() && reader->Read(&message)) {
    for (const v1::Score& score : message.scores()) {
      absl::StrAppend(&text, score.DebugString());
    }
  }
  context.TryCancel();
  return Blotted(text);
}

// Figures of which the scores of Korea are made.
std::vector<std::string> Figures() {
  constexpr char kEnd[] = " provenance { source: 'a test' } }";
  const auto statistic = [&](const std::string& series) {
    return absl::StrCat("statistic { dataset: 'a-dataset' year: 2024 ", series, kEnd);
  };
  std::vector<std::string> entries;
  for (const char* country : {"CD", "CN"}) {
    entries.push_back(statistic(absl::StrCat("production { mineral: 'minerals/cobalt' stage: STAGE_MINE country: '",
                                             country, "' } quantity { tonnes: 50 basis: BASIS_GROSS }")));
    entries.push_back(
        statistic(absl::StrCat("trade { mineral: 'minerals/cobalt' stage: STAGE_MINE hs6: '260500' ", "exporter: '",
                               country, "' importer: 'KR' } ", "quantity { tonnes: 10 basis: BASIS_GROSS }")));
    entries.push_back(statistic(absl::StrCat(
        "governance { country: '", country,
        "' voice_accountability: 0 political_stability: 0 government_effectiveness: 0 regulatory_quality: 0 ",
        "rule_of_law: 0 control_of_corruption: 0 }")));
  }
  return entries;
}

// What would move scores if everybody might read it.
std::vector<std::string> Movers(const std::string& visibility) {
  return {Named("supplier", "suppliers/hush",
                absl::StrCat("owners { display_name: 'Far' country: 'countries/CN' share: 1 ultimate: true } ",
                             visibility)),
          Named("facility", "suppliers/a/facilities/hush",
                absl::StrCat("country: 'countries/CD' owners { supplier: 'suppliers/hush' share: 0.5 } ",
                             OutputText("STAGE_MINE", "ore", "capacity_tonnes_per_year: 30 basis: BASIS_GROSS "),
                             visibility)),
          Named("agreement", "agreements/hush",
                absl::StrCat("kind: KIND_FREE_TRADE_AGREEMENT parties: 'countries/CD' parties: 'countries/KR' ",
                             "in_force { year: 2020 } ", visibility)),
          Named("stockpile", "stockpiles/hush",
                absl::StrCat("country: 'countries/KR' minerals: 'minerals/cobalt' held_days: 42 ", visibility))};
}

class RiskVisibilityTest : public ::testing::Test {
 protected:
  FakeClock clock_{absl::FromUnixSeconds(1'700'000'000)};
};

TEST_F(RiskVisibilityTest, EveryMethodIsInTheTest) {
  Requests requests = AboutWhatMayBeRead();
  requests.merge(AboutScores());
  std::vector<std::string> streaming;
  for (int i = 0; i < Service().method_count(); ++i) {
    const auto& method = *Service().method(i);
    if (method.client_streaming() || method.server_streaming()) {
      streaming.push_back(method.name());
    } else {
      EXPECT_EQ(requests.count(method.name()), 1U)
          << "add requests of " << method.name() << " that try to see what is hidden";
    }
  }
  EXPECT_THAT(streaming, ::testing::ElementsAre("WatchScores")) << "a new stream needs a test that nothing crosses";
}

TEST_F(RiskVisibilityTest, ShowsOfTwoOwnersChainsToEachWhatHeMayReadAndToOthersNothing) {
  Pair both(clock_);
  Pair without(clock_);
  Pair alices(clock_);
  Pair bobs(clock_);
  for (Pair* pair : {&both, &without, &alices, &bobs}) {
    pair->Put(PublicChain());
  }
  both.Put(AlicesChain(), "alice");
  both.Put(BobsChain(), "bob");
  alices.Put(AlicesChain(), "alice");
  bobs.Put(BobsChain(), "bob");
  const Requests requests = AboutWhatMayBeRead();
  EXPECT_EQ(Answers(both, requests, "anonymous"), Answers(without, requests, "anonymous"));
  EXPECT_EQ(Answers(both, requests, "mallory"), Answers(without, requests, "mallory"));
  EXPECT_EQ(Answers(both, requests, "alice"), Answers(alices, requests, "alice"));
  EXPECT_EQ(Answers(both, requests, "bob"), Answers(bobs, requests, "bob"));
  EXPECT_EQ(Answers(both, requests, "carol"), Answers(bobs, requests, "carol"));
  EXPECT_THAT(Answers(both, requests, "alice"), HasSubstr("name: \"suppliers/alices/facilities/plant\""));
  for (const char* owner : {"alice", "bob"}) {
    EXPECT_THAT(Answers(both, AboutProjects(), owner), HasSubstr(absl::StrCat("name: \"projects/", owner, "s\"")));
  }
  EXPECT_NE(Answers(both, requests, "alice"), Answers(both, requests, "bob"));
  EXPECT_NE(Answers(both, requests, "bob"), Answers(both, requests, "anonymous"));
}

TEST_F(RiskVisibilityTest, ScoresTheirStreamAndTheirHistoryAreThoseOfPublicFactsForOwnersToo) {
  Pair hiding(clock_);
  Pair without(clock_);
  Pair open(clock_);
  for (Pair* pair : {&hiding, &without, &open}) {
    std::vector<std::string> entries = PublicChain();
    for (const std::string& figure : Figures()) {
      entries.push_back(figure);
    }
    pair->Put(entries);
  }
  hiding.Put(Movers(kAlices), "alice");
  hiding.Put(AlicesChain(), "alice");
  open.Put(Movers(""));
  const Requests requests = AboutScores();
  for (const char* principal : {"anonymous", "alice"}) {
    EXPECT_EQ(Answers(hiding, requests, principal), Answers(without, requests, principal));
    EXPECT_EQ(Watched(hiding, principal), Watched(without, principal));
  }
  EXPECT_THAT(Watched(open, "alice"), HasSubstr("METHOD_STOCK_COVER"));
  EXPECT_THAT(Answers(open, requests, "alice"), HasSubstr("facility: \"suppliers/a/facilities/hush\""));
  for (const auto& [method, texts] : requests) {
    EXPECT_NE(Answers(open, {{method, texts}}, "alice"), Answers(without, {{method, texts}}, "alice")) << method;
  }
  EXPECT_NE(Watched(open, "alice"), Watched(without, "alice"));
}

TEST_F(RiskVisibilityTest, WhoLoadsAllAtOnceAnswersAsWhoFollowedEachEdit) {
  Pair pair(clock_);
  pair.Put(PublicChain());
  pair.Put(AlicesChain(), "alice");
  pair.Put(BobsChain(), "bob");
  const Requests requests = AboutWhatMayBeRead();
  std::mt19937 random(11);
  const auto below = [&](int end) { return std::uniform_int_distribution<int>(0, end - 1)(random); };
  const std::vector<std::string> nodes = {"a/facilities/mine", "b/facilities/refinery", "c/facilities/maker", "a", "b"};
  for (int step = 1; step <= 120; ++step) {
    const std::string id = absl::StrCat("r", below(15));
    registry::v1::ApplyChangesRequest request;
    auto& mutation = *request.add_mutations();
    mutation.set_operation(registry::v1::Mutation::OPERATION_UPDATE);
    mutation.set_allow_missing(true);
    if (below(5) == 0) {
      *mutation.mutable_entry() =
          ParseProto<registry::v1::Entry>(Named("facility", "suppliers/b/facilities/refinery",
                                                absl::StrCat("country: 'countries/", below(2) == 0 ? "CN" : "FI", "' ",
                                                             InputText("ore", 1 + below(9), below(99)))));
    } else {
      const auto node = [&] { return nodes[static_cast<size_t>(below(5))]; };
      *mutation.mutable_entry() = ParseProto<registry::v1::Entry>(
          LinkText(id, node(), node(), below(2) == 0 ? "ore" : "sulphate",
                   absl::StrCat("share: ", 0.05 * below(9), below(3) == 0 ? " visibility { owner: 'alice' }" : "")));
    }
    // A link between a node and itself is refused, and so is what an edit may not do.
    pair.Apply(request, "alice").IgnoreError();
    if (step % 40 == 0) {
      const auto fresh = pair.NewFollower();
      for (const char* principal : {"anonymous", "alice", "bob"}) {
        ASSERT_EQ(Answers(pair, requests, principal), Answers(pair, requests, principal, fresh.get())) << step;
      }
    }
  }
}

}  // namespace
}  // namespace orewatch::risk
