// docs/metrics.md and the programs say the same, and no program exposes more than a Prometheus should be given.
#include <algorithm>
#include <fstream>
#include <iterator>
#include <map>
#include <random>
#include <set>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "absl/time/clock.h"
#include "absl/time/time.h"
#include "common/rpc/speak_for.h"
#include "common/testing/temp_dir.h"
#include "gmock/gmock.h"
#include "google/protobuf/empty.pb.h"
#include "grpcpp/client_context.h"
#include "grpcpp/impl/codegen/client_unary_call.h"
#include "tests/testing/generic_call.h"
#include "tests/testing/postgres_server.h"
#include "tests/testing/suite_processes.h"

namespace orewatch::testing {
namespace {

// Of one process.
constexpr int kSeriesBudget = 5000;
// The suite is all four services.
constexpr int kSeriesBudgetOfSuite = 10'000;
constexpr int kStrangeCalls = 150;

// Type and labels of each family.
using Families = std::map<std::string, std::string>;

std::string Describe(absl::string_view type, const std::set<std::string>& labels) {
  return absl::StrCat(type, "(", absl::StrJoin(labels, ", "), ")");
}

// The rows of the table that concern a program.
Families Documented(const std::string& service) {
  constexpr size_t kCells = 7;  // Five, between the empty ones outside.
  std::ifstream file("docs/metrics.md");
  Families families;
  for (std::string line; std::getline(file, line);) {
    const std::vector<std::string> cells = absl::StrSplit(line, '|');
    if (!absl::StartsWith(line, "| `") || cells.size() != kCells) {
      continue;
    }
    const std::vector<std::string> of = absl::StrSplit(cells[4], absl::ByAnyChar(" ,"), absl::SkipEmpty());
    const auto concerns = [&](const char* name) { return std::find(of.begin(), of.end(), name) != of.end(); };
    // On PostgreSQL a service has all of its rows, and more.
    const std::pair<std::string, std::string> parts = absl::StrSplit(service, absl::MaxSplits(" on ", 1));
    // Risk keeps no history of its own unless it is told to.
    const bool embedded =
        concerns("embedded") && (service == "suite" || service == "registry" || service == "alerting");
    const bool own =
        embedded || (service == "suite" ? !absl::StrContains(line, "`grpc_client_") && !concerns("database")
                                        : concerns(parts.first.c_str()) || concerns(parts.second.c_str()));
    if (own || concerns("all")) {
      const std::set<std::string> labels = absl::StrSplit(cells[3], absl::ByAnyChar(" ,"), absl::SkipEmpty());
      const std::vector<std::string> quoted = absl::StrSplit(cells[1], '`');
      families[quoted[1]] = Describe(absl::StripAsciiWhitespace(cells[2]), labels);
    }
  }
  return families;
}

std::set<std::string> LabelsOf(const std::string& sample) {
  std::set<std::string> labels;
  const size_t open = sample.find('{');
  if (open == std::string::npos) {
    return labels;
  }
  const std::string inside = sample.substr(open + 1, sample.rfind('}') - open - 1);
  for (const absl::string_view pair : absl::StrSplit(inside, "\",", absl::SkipEmpty())) {
    const std::string name(pair.substr(0, pair.find('=')));
    if (name != "le") {
      labels.insert(name);
    }
  }
  return labels;
}

// What a page exposes; counts its series.
Families Exposed(const std::string& page, int& series) {
  Families families;
  std::string name;
  std::string type;
  const std::vector<std::string> lines = absl::StrSplit(page, '\n', absl::SkipEmpty());
  for (const std::string& line : lines) {
    if (absl::StartsWith(line, "# TYPE ")) {
      const std::vector<std::string> words = absl::StrSplit(line, ' ');
      name = words[2];
      type = words[3];
    } else if (!absl::StartsWith(line, "#")) {
      ++series;
      families[name] = Describe(type, LabelsOf(line));
    }
  }
  return families;
}

void ExpectAsDocumented(const ServiceProcess& process, const std::string& service) {
  int series = 0;
  EXPECT_THAT(Exposed(process.AdminPage("/metrics").value_or(""), series), ::testing::ContainerEq(Documented(service)))
      << service;
  EXPECT_LT(series, service == "suite" ? kSeriesBudgetOfSuite : kSeriesBudget) << service;
  ::testing::Test::RecordProperty(service + "_series", series);
}

// Methods that are there and that are not, garbage, and ever another caller: none of it may become a label.
void CallStrangely(const ServiceProcess& process) {
  std::mt19937 random(1);
  const auto number = [&](int below) { return std::uniform_int_distribution<int>(0, below - 1)(random); };
  const auto text = [&](int length) {
    std::string bytes;
    std::generate_n(std::back_inserter(bytes), length, [&] { return static_cast<char>(number(256)); });
    return bytes;
  };
  const auto channel = process.channel();
  const std::vector<const google::protobuf::ServiceDescriptor*> services = {
      registry::v1::GetHeadRequest::descriptor()->file()->service(0),
      risk::v1::GetScoreRequest::descriptor()->file()->service(0),
      alerting::v1::GetRuleRequest::descriptor()->file()->service(0),
      gateway::v1::GetOverviewRequest::descriptor()->file()->service(0)};
  for (int i = 0; i < kStrangeCalls; ++i) {
    const auto& service = *services[static_cast<size_t>(number(4))];
    const auto& method = *service.method(number(service.method_count()));
    CallWithBytes(channel, method, number(2) == 0 ? "" : text(number(40)), absl::Milliseconds(100),
                  {{rpc::kPrincipalHeader, absl::StrCat("somebody-", i)}})
        .IgnoreError();
    grpc::ClientContext context;
    context.set_deadline(absl::ToChronoTime(absl::Now() + absl::Milliseconds(500)));
    const std::string name = absl::StrCat("/no.such.Service", i, "/Method");
    const grpc::internal::RpcMethod unknown(name.c_str(), grpc::internal::RpcMethod::NORMAL_RPC);
    google::protobuf::Empty answer;
    grpc::internal::BlockingUnaryCall<google::protobuf::Empty, google::protobuf::Empty>(channel.get(), unknown,
                                                                                        &context, {}, &answer);
  }
}

TEST(MetricsTest, NoCallMakesALabelThatWasNotThere) {
  SeparateServices services;
  for (const auto& [process, service] :
       {std::pair(&services.registry(), "registry"), std::pair(&services.risk(), "risk"),
        std::pair(&services.alerting(), "alerting"), std::pair(&services.gateway(), "gateway")}) {
    int before = 0;
    Exposed(process->AdminPage("/metrics").value_or(""), before);
    CallStrangely(*process);
    ExpectAsDocumented(*process, service);
    int after = 0;
    Exposed(process->AdminPage("/metrics").value_or(""), after);
    EXPECT_EQ(after, before) << service;
  }
}

TEST(MetricsTest, EachServiceExposesWhatTheTableSaysWithinItsBudget) {
  SeparateServices services;
  ExpectAsDocumented(services.registry(), "registry");
  ExpectAsDocumented(services.risk(), "risk");
  ExpectAsDocumented(services.alerting(), "alerting");
  ExpectAsDocumented(services.gateway(), "gateway");
}

TEST(MetricsTest, SoDoServicesOnPostgres) {
  const TempDir dir;
  PostgresServer& server = SharedPostgresServer();
  const ServiceProcess registry("orewatch-registry", dir / "log",
                                {absl::StrCat("--database=", server.Address(server.CreateDatabase()))});
  ExpectAsDocumented(registry, "registry on database");
  const ServiceProcess risk("orewatch-risk", dir / "risk.log",
                            {absl::StrCat("--database=", server.Address(server.CreateDatabase())),
                             absl::StrCat("--registry_address=", registry.address())});
  ExpectAsDocumented(risk, "risk on database");
  const ServiceProcess alerting("orewatch-alerting", dir / "alerting.log",
                                {absl::StrCat("--database=", server.Address(server.CreateDatabase())),
                                 absl::StrCat("--risk_address=", risk.address())});
  ExpectAsDocumented(alerting, "alerting on database");
}

TEST(MetricsTest, SoDoesTheSuiteAlsoAfterItHasBeenUsed) {
  EmbeddedSuite suite;
  suite.ImportBundledData();
  gateway::v1::GetOverviewRequest request;
  EXPECT_TRUE(Call(suite.gateway, &GatewayStub::GetOverview, request).ok());
  CallStrangely(suite.process());
  ExpectAsDocumented(suite.process(), "suite");
}

}  // namespace
}  // namespace orewatch::testing
