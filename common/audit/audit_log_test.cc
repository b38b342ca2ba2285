#include "common/audit/audit_log.h"

#include <atomic>
#include <set>
#include <thread>

#include "absl/strings/str_cat.h"
#include "absl/synchronization/notification.h"
#include "common/audit/testing.h"
#include "common/audit/verify.h"
#include "common/testing/matchers.h"
#include "common/testing/temp_dir.h"

namespace orewatch::audit {
namespace {

using ::orewatch::testing::HasError;
using ::orewatch::testing::IsOk;
using ::orewatch::testing::TempDir;
using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::Field;
using ::testing::IsEmpty;

rpc::CallRecord Call(const std::string& principal, absl::StatusCode code = absl::StatusCode::kOk) {
  rpc::CallRecord call;
  call.start = absl::FromUnixSeconds(1'700'000'000);
  call.ran = code == absl::StatusCode::kOk;
  call.caller = rpc::Caller{principal, access::v1::ROLE_OPERATOR, "token", ""};
  call.peer = "ipv4:10.0.0.9:4711";
  call.method = "orewatch.registry.v1.Registry/UpdateMineral";
  call.subject = {{"minerals/cobalt"}, 1, "r-1"};
  call.code = call.told = code;
  call.reason = code == absl::StatusCode::kOk ? "" : "ROLE_MISSING";
  return call;
}

class AuditLogTest : public ::testing::Test {
 protected:
  void Open(std::unique_ptr<AnchorStore> anchors = nullptr) {
    options_.file = {path_, "orewatch-test@here"};
    auto log = AuditLog::Open(options_, std::move(anchors), clock_, metrics_);
    ASSERT_THAT(log, IsOk());
    log_ = *std::move(log);
  }
  absl::Status KeepAndWait(const rpc::CallRecord& call) {
    absl::Notification done;
    absl::Status status;
    log_->Keep(call, [&](const absl::Status& kept) {
      status = kept;
      done.Notify();
    });
    done.WaitForNotification();
    return status;
  }
  // What the log holds once it is closed.
  std::vector<Record> Records() {
    log_.reset();
    std::vector<Record> records;
    EXPECT_THAT(ForEachRecord({path_}, [&](const Record& record, absl::string_view) { records.push_back(record); }),
                IsOk());
    const auto report = Verify({path_}, {});
    EXPECT_THAT(report, IsOk());
    EXPECT_THAT(report->broken, IsEmpty());
    return records;
  }

  TempDir dir_;
  const std::string path_ = dir_ / "audit.log";
  FakeClock clock_{absl::FromUnixSeconds(1'700'000'000)};
  prometheus::Registry registry_;
  AuditMetrics metrics_{registry_};
  AuditLog::Options options_;
  std::unique_ptr<AuditLog> log_;
};

TEST_F(AuditLogTest, AChangeIsOnTheDiskBeforeItsCallerIsAnswered) {
  Open();
  for (int i = 0; i < 5; ++i) {
    bool there = false;
    absl::Notification done;
    log_->Keep(Call(absl::StrCat("olga", i)), [&](const absl::Status& kept) {
      EXPECT_THAT(kept, IsOk());
      there = ParseLine(LinesOf(path_).back())->principal == absl::StrCat("olga", i);
      done.Notify();
    });
    done.WaitForNotification();
    EXPECT_TRUE(there);
  }
}

TEST_F(AuditLogTest, TellsWhatWasDoneByWhom) {
  Open();
  rpc::CallRecord call = Call("olga");
  call.caller->through = "orewatch-gateway";
  call.subject.resources = {"minerals/cobalt", "minerals/nickel"};
  call.subject.count = 1000;
  call.revision = 17;
  call.told = absl::StatusCode::kDeadlineExceeded;
  ASSERT_THAT(KeepAndWait(call), IsOk());
  const std::vector<Record> records = Records();
  ASSERT_EQ(records.size(), 2u);
  EXPECT_EQ(records[0].kind, kStart);
  const Record& record = records[1];
  EXPECT_EQ(record.kind, kChange);
  EXPECT_EQ(record.principal, "olga");
  EXPECT_EQ(record.role, "ROLE_OPERATOR");
  EXPECT_EQ(record.credential, "token");
  EXPECT_EQ(record.through, "orewatch-gateway");
  EXPECT_EQ(record.peer, "ipv4:10.0.0.9:4711");
  EXPECT_THAT(record.resources, ElementsAre("minerals/cobalt", "minerals/nickel"));
  EXPECT_EQ(record.resource_count, 1000);
  EXPECT_EQ(record.request_id, "r-1");
  EXPECT_EQ(record.code, "OK");
  EXPECT_EQ(record.told, "DeadlineExceeded");
  EXPECT_EQ(record.revision, 17);
}

TEST_F(AuditLogTest, ManyAtOnceAreEachThereOnce) {
  Open();
  constexpr int kThreads = 8;
  constexpr int kEach = 50;
  std::vector<std::thread> threads;
  for (int i = 0; i < kThreads; ++i) {
    threads.emplace_back([this, i] {
      for (int j = 0; j < kEach; ++j) {
        EXPECT_THAT(KeepAndWait(Call(absl::StrCat(i, "-", j))), IsOk());
      }
    });
  }
  for (std::thread& thread : threads) {
    thread.join();
  }
  std::set<std::string> principals;
  const std::vector<Record> records = Records();
  for (const Record& record : records) {
    principals.insert(record.principal);
  }
  EXPECT_EQ(records.size(), 1u + kThreads * kEach);
  EXPECT_EQ(principals.size(), 1u + kThreads * kEach);
}

TEST_F(AuditLogTest, AFloodOfRefusalsTakesFewRecordsAndNoneIsForgotten) {
  options_.refusals.singly = 5;
  Open();
  for (int i = 0; i < 1000; ++i) {
    log_->Note(Call("eve", absl::StatusCode::kPermissionDenied));
  }
  // The end of the interval is noticed by whatever comes next.
  clock_.Advance(options_.refusals.interval);
  ASSERT_THAT(KeepAndWait(Call("olga")), IsOk());
  for (int i = 0; i < 7; ++i) {
    log_->Note(Call("eve", absl::StatusCode::kPermissionDenied));
  }
  int64_t told = 0;
  int64_t summed = 0;
  for (const Record& record : Records()) {
    told += record.kind == kRefusal ? 1 : 0;
    if (record.kind == kRefusals) {
      EXPECT_EQ(record.principal, "eve");
      EXPECT_EQ(record.reason, "ROLE_MISSING");
      EXPECT_GT(record.since, absl::UnixEpoch());
      summed += record.count;
    }
  }
  EXPECT_EQ(told, 10);
  EXPECT_EQ(summed, 997);
}

TEST_F(AuditLogTest, ALogThatCannotBeWrittenRefusesChangesUntilItCan) {
  Open();
  {
    const FullDisk full(static_cast<int64_t>(ReadAll(path_).size()) + 10);
    EXPECT_THAT(log_->MayChange(), IsOk());
    EXPECT_THAT(KeepAndWait(Call("olga")), HasError(absl::StatusCode::kUnavailable, "AUDIT_LOG_UNAVAILABLE"));
    EXPECT_THAT(log_->MayChange(), HasError(absl::StatusCode::kUnavailable, "AUDIT_LOG_UNAVAILABLE"));
  }
  ASSERT_THAT(KeepAndWait(Call("otto")), IsOk());
  EXPECT_THAT(log_->MayChange(), IsOk());
  EXPECT_THAT(Records(), ElementsAre(Field(&Record::kind, kStart),
                                     AllOf(Field(&Record::principal, "olga"), Field(&Record::told, "Unavailable")),
                                     AllOf(Field(&Record::principal, "otto"), Field(&Record::told, ""))))
      << "what was done is told as soon as it can be";
}

TEST_F(AuditLogTest, OpenToFailureItLetsChangesGoOnAndSaysWhatIsMissing) {
  options_.fail_open = true;
  Open();
  constexpr int kCalls = 10'100;
  {
    const FullDisk full(static_cast<int64_t>(ReadAll(path_).size()) + 10);
    std::atomic<int> kept{0};
    for (int i = 0; i < kCalls - 1; ++i) {
      log_->Keep(Call("olga"), [&](const absl::Status& status) { kept += status.ok() ? 1 : 0; });
    }
    ASSERT_THAT(KeepAndWait(Call("olga")), IsOk());
    EXPECT_EQ(kept.load(), kCalls - 1);
    EXPECT_THAT(log_->MayChange(), IsOk());
  }
  int64_t changes = 0;
  int64_t lost = 0;
  for (const Record& record : Records()) {
    changes += record.kind == kChange ? 1 : 0;
    lost += record.kind == kLost ? record.count : 0;
  }
  EXPECT_EQ(changes, 10'000);
  EXPECT_EQ(lost, kCalls - changes);
}

TEST_F(AuditLogTest, ItsHeadIsAnchoredAndAtTheEndItsLastRecord) {
  const std::string database = dir_ / "anchors.db";
  Open(MakeAnchorStore(database));
  ASSERT_THAT(KeepAndWait(Call("olga")), IsOk());
  ASSERT_THAT(log_->Anchor(), IsOk());
  ASSERT_THAT(KeepAndWait(Call("otto")), IsOk());
  const Head head = log_->head();
  log_.reset();
  const auto anchors = MakeAnchorStore(database)->List();
  ASSERT_THAT(anchors, IsOk());
  ASSERT_GE(anchors->size(), 2u);
  EXPECT_THAT(anchors->back(), AllOf(Field(&Anchor::sequence, head.sequence), Field(&Anchor::hash, head.hash)));
  const auto report = Verify({path_}, {.anchors = *anchors});
  ASSERT_THAT(report, IsOk());
  EXPECT_THAT(report->broken, IsEmpty());
  EXPECT_EQ(report->anchors, static_cast<int64_t>(anchors->size()));
}

TEST_F(AuditLogTest, SaysThatALineWasCut) {
  WriteAll(path_, "{\"seq\":1");
  Open();
  EXPECT_THAT(Records(),
              ElementsAre(AllOf(Field(&Record::kind, kTorn), Field(&Record::count, 8)), Field(&Record::kind, kStart)));
}

}  // namespace
}  // namespace orewatch::audit
