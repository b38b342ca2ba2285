// docs/metrics.md and the programs say the same, and no program exposes more than a Prometheus should be given.
#include <algorithm>
#include <fstream>
#include <map>
#include <set>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "common/testing/temp_dir.h"
#include "gmock/gmock.h"
#include "tests/testing/postgres_server.h"
#include "tests/testing/suite_processes.h"

namespace orewatch::testing {
namespace {

// Of one process.
constexpr int kSeriesBudget = 5000;
// The suite is all four services.
constexpr int kSeriesBudgetOfSuite = 6000;

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
    const bool own = service == "suite" ? !absl::StrContains(line, "`grpc_client_") && !concerns("database")
                                        : concerns(parts.first.c_str()) || concerns(parts.second.c_str());
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
  ExpectAsDocumented(suite.process(), "suite");
}

}  // namespace
}  // namespace orewatch::testing
