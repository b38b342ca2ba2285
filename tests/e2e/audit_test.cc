// Audit logs of the programs as they are run: what is acknowledged is kept, whatever dies; and what is changed in a log
// shows.
#include <algorithm>
#include <atomic>
#include <iterator>
#include <mutex>
#include <set>
#include <thread>

#include "common/audit/testing.h"
#include "common/audit/verify.h"
#include "gmock/gmock.h"
#include "tests/testing/suite_processes.h"

namespace orewatch::testing {
namespace {

using ::testing::HasSubstr;
using ::testing::IsEmpty;

class AuditTest : public ::testing::Test {
 protected:
  AuditTest()
      : registry_("orewatch-registry", dir_ / "log",
                  {absl::StrCat("--data_dir=", dir_.path()), absl::StrCat("--audit_log=", audit_log_),
                   "--audit_anchor_interval=100ms", "--audit_process=registry@test", "--audit_log_max_bytes=30000"}),
        channel_(registry_.channel()) {}

  // Creates minerals until told to stop; those that were acknowledged are in `acknowledged`.
  void Write(int writer) {
    RegistryStub stub(channel_);
    while (!stop_.load()) {
      registry::v1::CreateMineralRequest request;
      request.set_mineral_id(absl::StrCat("m", writer, "-", next_.fetch_add(1)));
      request.mutable_mineral()->mutable_provenance()->set_source("a test");
      // Without a request id nobody repeats it.
      if (const auto created = Call(stub, &RegistryStub::CreateMineral, request); created.ok()) {
        const std::lock_guard<std::mutex> lock(mutex_);
        acknowledged_.insert(created->name());
      }
    }
  }
  size_t acknowledged() {
    const std::lock_guard<std::mutex> lock(mutex_);
    return acknowledged_.size();
  }
  // Killed in the middle of writes.
  void WriteAndKill() {
    constexpr int kWriters = 8;
    constexpr size_t kSome = 300;
    const size_t before = acknowledged();
    stop_.store(false);
    std::vector<std::thread> writers;
    for (int i = 0; i < kWriters; ++i) {
      writers.emplace_back([this, i] { Write(i); });
    }
    Eventually("some writes", [&] { return acknowledged() >= before + kSome; });
    registry_.Kill();
    stop_.store(true);
    for (std::thread& writer : writers) {
      writer.join();
    }
  }
  std::set<std::string> Kept() {
    std::set<std::string> kept;
    const auto damaged = audit::ForEachRecord({audit_log_}, [&](const audit::Record& record, absl::string_view) {
      if (record.kind == audit::kChange && record.code == "OK") {
        EXPECT_TRUE(kept.insert(record.resources.at(0)).second) << record.resources[0];
      }
    });
    EXPECT_TRUE(damaged.ok()) << damaged.status();
    return kept;
  }
  Finished Ctl(const std::string& command) {
    return RunToEnd({.program = "orewatchctl",
                     .arguments = {"audit", command, absl::StrCat("--audit_log=", audit_log_),
                                   absl::StrCat("--audit_anchor=", dir_ / "registry.db")}});
  }

  TempDir dir_;
  const std::string audit_log_ = dir_ / "audit.log";
  ServiceProcess registry_;
  std::shared_ptr<grpc::Channel> channel_;
  std::atomic<bool> stop_{false};
  std::atomic<int> next_{0};
  std::mutex mutex_;
  std::set<std::string> acknowledged_;
};

TEST_F(AuditTest, WhateverIsAcknowledgedIsKeptAlsoIfTheProcessIsKilled) {
  for (int death = 0; death < 3; ++death) {
    WriteAndKill();
    const std::set<std::string> kept = Kept();
    std::vector<std::string> missing;
    std::set_difference(acknowledged_.begin(), acknowledged_.end(), kept.begin(), kept.end(),
                        std::back_inserter(missing));
    EXPECT_THAT(missing, IsEmpty());
    const Finished verified = Ctl("verify");
    EXPECT_EQ(verified.code, 0) << verified.output;
    registry_.Start();
    registry_.AwaitReady();
  }
  EXPECT_GT(audit::FilesOf(audit_log_).size(), 3u);
  EXPECT_EQ(registry_.Terminate(), 0);
  const Finished verified = Ctl("verify");
  EXPECT_EQ(verified.code, 0) << verified.output;
  EXPECT_THAT(verified.output, HasSubstr("intact"));
}

TEST_F(AuditTest, TheClientListsAndVerifiesIt) {
  RegistryStub stub(channel_);
  ImportAll(stub, {CountryEntry("AU")});
  EXPECT_EQ(registry_.Terminate(), 0);
  const Finished listed = Ctl("list");
  EXPECT_EQ(listed.code, 0) << listed.output;
  EXPECT_THAT(listed.output, HasSubstr("Registry/Import"));
  EXPECT_THAT(listed.output, HasSubstr("countries/AU"));
  ASSERT_EQ(Ctl("verify").code, 0);
  const std::string bytes = audit::ReadAll(audit_log_);
  std::string flipped = bytes;
  audit::FlipBit(flipped, flipped.find("countries/AU"));
  audit::WriteAll(audit_log_, flipped);
  const Finished changed = Ctl("verify");
  EXPECT_EQ(changed.code, 1) << changed.output;
  EXPECT_THAT(changed.output,
              HasSubstr(absl::StrCat("BROKEN ", audit_log_, ":2: the record is not as it was written")));
  // The last record is gone; the database knows that it was there.
  audit::WriteAll(audit_log_, bytes.substr(0, bytes.find('\n') + 1));
  const Finished cut = Ctl("verify");
  EXPECT_EQ(cut.code, 1) << cut.output;
  EXPECT_THAT(cut.output, HasSubstr("its end was cut off"));
}

TEST_F(AuditTest, ADamagedLogStopsTheStart) {
  EXPECT_EQ(registry_.Terminate(), 0);
  std::string bytes = audit::ReadAll(audit_log_);
  audit::FlipBit(bytes, bytes.size() / 2);
  audit::WriteAll(audit_log_, bytes);
  const Finished start =
      RunToEnd({.program = "orewatch-registry",
                .arguments = {absl::StrCat("--data_dir=", dir_.path()), "--address=127.0.0.1:0",
                              "--admin_address=127.0.0.1:0", absl::StrCat("--audit_log=", audit_log_)}});
  EXPECT_EQ(start.code, 1) << start.output;
  EXPECT_THAT(start.output, HasSubstr("audit verify"));
}

}  // namespace
}  // namespace orewatch::testing
