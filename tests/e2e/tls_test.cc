// The binaries over TLS: each service calls the others with a certificate of its own, the suite calls itself, and the
// command line client calls all of them.
#include <algorithm>
#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "common/testing/certificates.h"
#include "common/testing/temp_dir.h"
#include "gmock/gmock.h"
#include "tests/testing/service_process.h"

namespace orewatch::testing {
namespace {

using ::testing::HasSubstr;

class TlsProcessTest : public ::testing::Test {
 protected:
  TlsProcessTest() {
    ReplaceFile(dir_ / "ca.crt", authority_.certificate());
    for (const char* name : {"registry", "risk", "alerting", "gateway", "suite", "operator"}) {
      Write(name, authority_.Issue({.common_name = name, .alternative_names = "DNS:localhost,IP:127.0.0.1"}));
    }
    Write("stranger", stranger_.Issue());
  }

  void Write(const std::string& name, const KeyPair& pair) {
    ReplaceFile(dir_ / (name + ".crt"), pair.certificate);
    ReplaceFile(dir_ / (name + ".key"), pair.key);
  }
  std::vector<std::string> ServerFlags(const std::string& name) const {
    return {absl::StrCat("--tls_certificate=", dir_ / (name + ".crt")),
            absl::StrCat("--tls_key=", dir_ / (name + ".key")), absl::StrCat("--tls_client_ca=", dir_ / "ca.crt"),
            "--tls_client_auth=required"};
  }
  std::vector<std::string> Flags(const std::string& name, const std::vector<std::string>& further) const {
    std::vector<std::string> flags = ServerFlags(name);
    flags.insert(flags.end(), further.begin(), further.end());
    return flags;
  }
  std::vector<std::string> CallingFlags(const std::string& name, std::vector<std::string> further) const {
    further.push_back(absl::StrCat("--upstream_ca=", dir_ / "ca.crt"));
    further.push_back(absl::StrCat("--upstream_certificate=", dir_ / (name + ".crt")));
    further.push_back(absl::StrCat("--upstream_key=", dir_ / (name + ".key")));
    return Flags(name, further);
  }
  Finished Ctl(const std::string& who, const std::vector<std::string>& words) const {
    std::vector<std::string> arguments = {absl::StrCat("--ca=", dir_ / "ca.crt"),
                                          absl::StrCat("--certificate=", dir_ / (who + ".crt")),
                                          absl::StrCat("--key=", dir_ / (who + ".key"))};
    arguments.insert(arguments.end(), words.begin(), words.end());
    return RunToEnd({.program = "orewatchctl", .arguments = arguments});
  }

  const TempDir dir_;
  const TestAuthority authority_;
  const TestAuthority stranger_{"somebody else's authority"};
};

TEST_F(TlsProcessTest, ServicesThatRunApartKnowOneAnotherByTheirCertificates) {
  ServiceProcess registry("orewatch-registry", dir_ / "registry.log",
                          Flags("registry", {absl::StrCat("--data_dir=", dir_ / "registry")}));
  const std::string at_registry = absl::StrCat("--registry_address=", registry.address());
  ServiceProcess risk("orewatch-risk", dir_ / "risk.log", CallingFlags("risk", {at_registry}));
  const std::string at_risk = absl::StrCat("--risk_address=", risk.address());
  ServiceProcess alerting(
      "orewatch-alerting", dir_ / "alerting.log",
      CallingFlags("alerting", {at_registry, at_risk, absl::StrCat("--data_dir=", dir_ / "alerting")}));
  const std::string at_alerting = absl::StrCat("--alerting_address=", alerting.address());
  ServiceProcess gateway("orewatch-gateway", dir_ / "gateway.log",
                         CallingFlags("gateway", {at_registry, at_risk, at_alerting}));
  const Finished import = Ctl("operator", {"--registry_address", registry.address(), "import", "data/minerals.csv"});
  EXPECT_EQ(import.code, 0) << import.output;
  // With every part of it: the gateway has reached all three.
  Eventually("a whole overview", [&] {
    const Finished overview = Ctl("operator", {"--address", gateway.address(), "overview"});
    return overview.code == 0 && !absl::StrContains(overview.output, "UNAVAILABLE");
  });
  const Finished refused = Ctl("stranger", {"--address", gateway.address(), "--timeout=5s", "overview"});
  EXPECT_EQ(refused.code, 1) << refused.output;
  const Finished plain =
      RunToEnd({.program = "orewatchctl", .arguments = {"--address", gateway.address(), "--timeout=5s", "overview"}});
  EXPECT_EQ(plain.code, 1) << plain.output;
  EXPECT_THAT(registry.AdminPage("/metrics").value_or(""),
              HasSubstr("orewatch_tls_last_reload_successful{usage=\"server\"} 1"));
  EXPECT_THAT(risk.AdminPage("/metrics").value_or(""),
              HasSubstr("orewatch_tls_last_reload_successful{usage=\"upstream\"} 1"));
}

TEST_F(TlsProcessTest, TheSuiteCallsItselfThoughOthersNeedACertificate) {
  ServiceProcess suite("orewatch", dir_ / "log", Flags("suite", {absl::StrCat("--data_dir=", dir_ / "data")}));
  const Finished import = Ctl("operator", {"--address", suite.address(), "import", "data/minerals.csv"});
  EXPECT_EQ(import.code, 0) << import.output;
  const Finished overview = Ctl("operator", {"--address", suite.address(), "overview"});
  EXPECT_EQ(overview.code, 0) << overview.output;
  EXPECT_EQ(Ctl("stranger", {"--address", suite.address(), "--timeout=5s", "overview"}).code, 1);
}

class ProtectedStartTest : public TlsProcessTest {
 protected:
  Finished Start(std::vector<std::string> flags) const {
    flags.push_back(absl::StrCat("--data_dir=", dir_ / "data"));
    return RunToEnd({.program = "orewatch-registry", .arguments = flags});
  }
  static void ExpectOneLine(const Finished& run, const std::string& text) {
    EXPECT_EQ(run.code, 2) << run.output;
    EXPECT_THAT(run.output, ::testing::StartsWith("error: "));
    EXPECT_THAT(run.output, HasSubstr(text));
    EXPECT_EQ(std::count(run.output.begin(), run.output.end(), '\n'), 1) << run.output;
  }
};

TEST_F(ProtectedStartTest, AnAddressThatOthersReachIsRefusedWithoutTlsAndAuthentication) {
  ExpectOneLine(Start({"--address=0.0.0.0:0", "--admin_address=127.0.0.1:0"}), "--address: others can reach 0.0.0.0:0");
  ExpectOneLine(Start({"--address=0.0.0.0:0", "--admin_address=127.0.0.1:0",
                       absl::StrCat("--tls_certificate=", dir_ / "registry.crt"),
                       absl::StrCat("--tls_key=", dir_ / "registry.key")}),
                "lacks authentication");
  // That the caller holds some certificate does not say who they are.
  ExpectOneLine(Start(Flags("registry", {"--address=0.0.0.0:0", "--admin_address=127.0.0.1:0"})),
                "lacks authentication");
  ExpectOneLine(Start({"--address=127.0.0.1:0", "--admin_address=0.0.0.0:0"}), "--allow_unprotected_admin");
}

TEST_F(ProtectedStartTest, ItIsTakenWithBothOrWhenTheFlagSaysSo) {
  std::ofstream(dir_ / "access")
      << "certificates { identity: 'dns:risk' grant { principal: 'ann' role: ROLE_VIEWER } }";
  const std::string access_file = absl::StrCat("--access_file=", dir_ / "access");
  const auto serves = [&](std::vector<std::string> flags) {
    flags.push_back(absl::StrCat("--data_dir=", dir_ / "data"));
    auto child = ChildProcess::Start({.program = "orewatch-registry", .arguments = flags, .log_file = dir_ / "log"});
    ASSERT_TRUE(child.ok()) << child.status();
    EXPECT_TRUE(Eventually("the start", [&] {
      return RunToEnd({.program = "/bin/grep", .arguments = {"-q", "\"serving\"", dir_ / "log"}}).code == 0 ||
             !child->running();
    }));
    EXPECT_TRUE(child->running()) << absl::StrJoin(flags, " ");
    std::filesystem::remove(dir_ / "log");
  };
  serves(Flags("registry", {"--address=0.0.0.0:0", "--admin_address=127.0.0.1:0", access_file}));
  serves({"--address=0.0.0.0:0", "--admin_address=0.0.0.0:0", "--allow_unprotected", "--allow_unprotected_admin"});
}

TEST_F(ProtectedStartTest, WhatDoesNotGoTogetherOrCannotBeUsedIsOneLine) {
  const std::string certificate = absl::StrCat("--tls_certificate=", dir_ / "registry.crt");
  const std::string key = absl::StrCat("--tls_key=", dir_ / "registry.key");
  const std::string ca = absl::StrCat("--tls_client_ca=", dir_ / "ca.crt");
  ExpectOneLine(Start({certificate}), "--tls_key: is needed with --tls_certificate");
  ExpectOneLine(Start({key}), "--tls_certificate: is needed with --tls_key");
  ExpectOneLine(Start({certificate, key, "--tls_client_auth=required"}), "--tls_client_ca: is needed");
  ExpectOneLine(Start({certificate, key, ca}), "--tls_client_auth: must be optional or required");
  ExpectOneLine(Start({certificate, key, "--tls_client_auth=maybe"}), "must be none, optional or required");
  ExpectOneLine(Start({certificate, absl::StrCat("--tls_key=", dir_ / "risk.key")}), "is not the key of");
  ExpectOneLine(Start({certificate, "--tls_key=/nowhere"}), "/nowhere: cannot be read");
}

}  // namespace
}  // namespace orewatch::testing
