// What happens when there is no space left: a real process on a small disk.
#include <sys/mount.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <functional>
#include <set>

#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "common/status/status.h"
#include "common/testing/temp_dir.h"
#include "gmock/gmock.h"
#include "tests/testing/clients.h"
#include "tests/testing/service_process.h"

namespace orewatch::testing {
namespace {

constexpr size_t kDiskBytes = size_t{24} << 20;
// More than what a log that is written anew has room for.
constexpr int kMostWrites = 3000;

// A file system of its own, in memory. Only root may have one.
class SmallDisk {
 public:
  SmallDisk() : path_(dir_ / "disk") {
    std::filesystem::create_directory(path_);
    mounted_ = mount("tmpfs", path_.c_str(), "tmpfs", 0, absl::StrCat("size=", kDiskBytes).c_str()) == 0;
    why_not_ = mounted_ ? "" : std::strerror(errno);
  }
  ~SmallDisk() {
    if (mounted_) {
      umount2(path_.c_str(), MNT_DETACH);
    }
  }
  const std::string& path() const { return path_; }
  std::string beside(const std::string& name) const { return dir_ / name; }
  // Empty: it is there.
  const std::string& why_not() const { return why_not_; }

  void Fill() {
    std::ofstream ballast(path_ + "/ballast", std::ios::binary);
    const std::string block(4096, 'x');
    while (ballast.write(block.data(), static_cast<std::streamsize>(block.size())).flush()) {
    }
  }
  void MakeRoom() { std::filesystem::remove(path_ + "/ballast"); }

 private:
  const TempDir dir_;
  std::string path_;
  bool mounted_ = false;
  std::string why_not_;
};

class FullDiskTest : public ::testing::Test {
 protected:
  void SetUp() override {
    if (!disk_.why_not().empty()) {
      GTEST_SKIP() << "cannot mount a small disk: " << disk_.why_not();
    }
  }
  static std::vector<std::string> SuiteFlags(const SmallDisk& disk) {
    return {absl::StrCat("--data_dir=", disk.path(), "/data"), "--default_rules=data/rules.textproto"};
  }
  absl::Status CreateMineral(ServiceProcess& process) {
    auto stub = registry::v1::Registry::NewStub(process.channel());
    registry::v1::CreateMineralRequest request;
    request.set_mineral_id(absl::StrCat("m", ++number_));
    request.mutable_mineral()->mutable_provenance()->set_source("a test");
    const auto created = Call(*stub, &RegistryStub::CreateMineral, request);
    if (created.ok()) {
      acknowledged_.insert(created->name());
    }
    return created.status();
  }
  absl::Status CreateRule(ServiceProcess& process) {
    auto stub = alerting::v1::Alerting::NewStub(process.channel());
    alerting::v1::CreateRuleRequest request;
    EXPECT_TRUE(google::protobuf::TextFormat::ParseFromString(
        "rule { display_name: 'a' severity: SEVERITY_WARNING target { method: METHOD_HHI }"
        " threshold { raise: 9999 clear: 9998 } }",
        &request));
    request.set_rule_id(absl::StrCat("r", ++number_));
    return Call(*stub, &AlertingStub::CreateRule, request).status();
  }
  // The first failure; OK: there was none.
  static absl::Status WriteUntilItFails(const std::function<absl::Status()>& write) {
    for (int i = 0; i < kMostWrites; ++i) {
      if (absl::Status status = write(); !status.ok()) {
        return status;
      }
    }
    return absl::OkStatus();
  }
  void ExpectAllThere(ServiceProcess& process) {
    auto stub = registry::v1::Registry::NewStub(process.channel());
    std::set<std::string> there;
    ListAll(*stub, &RegistryStub::ListMinerals, registry::v1::ListMineralsRequest(), [&](const auto& page) {
      for (const auto& mineral : page.minerals()) {
        there.insert(mineral.name());
      }
    });
    EXPECT_THAT(there, ::testing::IsSupersetOf(acknowledged_));
  }
  static double Metric(const ServiceProcess& process, const std::string& series) {
    const std::string page = process.AdminPage("/metrics").value_or("");
    for (const absl::string_view line : absl::StrSplit(page, '\n')) {
      double value = 0;
      if (absl::StartsWith(line, series + " ") && absl::SimpleAtod(line.substr(series.size() + 1), &value)) {
        return value;
      }
    }
    return -1;
  }
  static double FullErrors(const ServiceProcess& process, const std::string& store) {
    return Metric(process, absl::StrCat("orewatch_storage_write_errors_total{class=\"full\",store=\"", store, "\"}"));
  }

  SmallDisk disk_;
  int number_ = 0;
  std::set<std::string> acknowledged_;
};

TEST_F(FullDiskTest, WritesAreRefusedReadsGoOnAndAllIsWellOnceThereIsRoom) {
  ServiceProcess suite("orewatch", disk_.beside("log"), SuiteFlags(disk_));
  ASSERT_TRUE(CreateMineral(suite).ok());
  ASSERT_TRUE(CreateRule(suite).ok());
  EXPECT_EQ(FullErrors(suite, "registry"), 0);
  disk_.Fill();

  const absl::Status mineral = WriteUntilItFails([&] { return CreateMineral(suite); });
  EXPECT_EQ(mineral.code(), absl::StatusCode::kUnavailable) << mineral;
  EXPECT_EQ(ErrorReason(mineral), "STORAGE_FULL") << mineral;
  const absl::Status rule = WriteUntilItFails([&] { return CreateRule(suite); });
  EXPECT_EQ(rule.code(), absl::StatusCode::kUnavailable) << rule;
  EXPECT_EQ(ErrorReason(rule), "STORAGE_FULL") << rule;
  EXPECT_GT(FullErrors(suite, "registry"), 0);
  EXPECT_GT(FullErrors(suite, "alerting"), 0);
  EXPECT_TRUE(Eventually("the metric sees it", [&] {
    return Metric(suite, "orewatch_storage_free_bytes{store=\"registry\"}") < 0.02 * kDiskBytes;
  }));
  EXPECT_TRUE(suite.AdminPage("/livez").has_value());
  ExpectAllThere(suite);

  disk_.MakeRoom();
  EXPECT_TRUE(Eventually("the registry writes again", [&] { return CreateMineral(suite).ok(); }));
  EXPECT_TRUE(Eventually("alerting writes again", [&] { return CreateRule(suite).ok(); }));
  ExpectAllThere(suite);
  suite.Kill();
  suite.Start();
  suite.AwaitReady();
  ExpectAllThere(suite);
}

TEST_F(FullDiskTest, WhatCannotBeAuditedIsRefusedUntilItCan) {
  ServiceProcess registry(
      "orewatch-registry", disk_.beside("log"),
      {absl::StrCat("--data_dir=", disk_.beside("data")), absl::StrCat("--audit_log=", disk_.path(), "/audit.log")});
  ASSERT_TRUE(CreateMineral(registry).ok());
  disk_.Fill();
  const absl::Status refused = WriteUntilItFails([&] { return CreateMineral(registry); });
  EXPECT_EQ(refused.code(), absl::StatusCode::kUnavailable) << refused;
  EXPECT_EQ(ErrorReason(refused), "AUDIT_LOG_UNAVAILABLE") << refused;
  EXPECT_GT(FullErrors(registry, "audit"), 0);
  EXPECT_EQ(FullErrors(registry, "registry"), 0);
  EXPECT_TRUE(registry.AdminPage("/livez").has_value());
  disk_.MakeRoom();
  EXPECT_TRUE(Eventually("changes are audited again", [&] { return CreateMineral(registry).ok(); }));
  ExpectAllThere(registry);
}

}  // namespace
}  // namespace orewatch::testing
