// The registry is killed at moments that are spread over an import into SQLite: the file stays whole, an atomic import
// is all or nothing, any other is there up to a row, and to repeat it completes it.
#include <atomic>
#include <filesystem>
#include <iostream>
#include <memory>
#include <set>
#include <string>
#include <thread>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/synchronization/notification.h"
#include "common/storage/sqlite.h"
#include "common/testing/temp_dir.h"
#include "gmock/gmock.h"
#include "services/registry/domain/change_digest.h"
#include "tests/chaos/feed.h"
#include "tests/chaos/history_checker.h"
#include "tests/chaos/registry_secret.h"
#include "tests/chaos/run.h"
#include "tests/testing/service_process.h"

namespace orewatch::testing {
namespace {

using ::testing::IsEmpty;

constexpr int64_t kRowsPerRevision = 1000;

int64_t Rows() { return Soaking() ? 100'000 : 12'000; }
int Kills() { return Soaking() ? 20 : 4; }

// No row refers to a later one.
registry::v1::Entry RowAt(int64_t number) {
  constexpr int64_t kRowsPerSupplier = 20;
  const std::string supplier = absl::StrCat("suppliers/s", number / kRowsPerSupplier);
  std::string text;
  if (number == 0) {
    text = CountryEntry("AU");
  } else if (number == 1) {
    text = MineralEntry("tin");
  } else if (number == 2 || number % kRowsPerSupplier == 0) {
    text = absl::StrCat("supplier { name: '", supplier, "' country: 'countries/AU' provenance { source: 'a test' } }");
  } else if (number % 2 == 1) {
    text = absl::StrCat("facility { name: '", supplier, "/facilities/f", number, "' provenance { source: 'a test' } }");
  } else {
    text = absl::StrCat("statistic { dataset: 'd", number,
                        "' year: 2024 production { mineral: 'minerals/tin' stage: STAGE_MINE country: 'AU' } "
                        "quantity { tonnes: 5 basis: BASIS_CONTAINED } provenance { source: 'a test' } }");
  }
  registry::v1::Entry entry;
  EXPECT_TRUE(google::protobuf::TextFormat::ParseFromString(text, &entry)) << text;
  return entry;
}

std::vector<registry::v1::Entry> AllRows() {
  std::vector<registry::v1::Entry> rows;
  for (int64_t i = 0; i < Rows(); ++i) {
    rows.push_back(RowAt(i));
  }
  return rows;
}

using Entries = std::multiset<std::string>;

Entries FirstOf(const std::vector<registry::v1::Entry>& rows, int64_t count) {
  Entries entries;
  for (int64_t i = 0; i < count; ++i) {
    entries.insert(registry::CanonicalBytes(rows[static_cast<size_t>(i)]));
  }
  return entries;
}

// Everything but the date, which the registry writes itself.
Entries Exported(RegistryStub& registry) {
  grpc::ClientContext context;
  LimitCall(context, absl::Minutes(2));
  const auto reader = registry.Export(&context, {});
  Entries entries;
  registry::v1::ExportResponse chunk;
  while (reader->Read(&chunk)) {
    for (const auto& entry : chunk.entries()) {
      if (!entry.has_today()) {
        entries.insert(registry::CanonicalBytes(entry));
      }
    }
  }
  EXPECT_TRUE(reader->Finish().ok() && chunk.done());
  return entries;
}

// On a copy, so that the registry finds what the kill left.
std::string IntegrityOfCopy(const std::string& data_dir) {
  const TempDir copy;
  for (const char* suffix : {"", "-wal"}) {
    std::error_code missing;
    std::filesystem::copy(absl::StrCat(data_dir, "/registry.db", suffix), absl::StrCat(copy / "registry.db", suffix),
                          missing);
  }
  const auto db = storage::Sqlite::Open(copy / "registry.db");
  if (!db.ok()) {
    return db.status().ToString();
  }
  auto row = (*db)->Prepare("PRAGMA integrity_check");
  return row.Step().value_or(false) ? std::string(row.Text(0)) : "no answer";
}

struct Report {
  absl::Status status;
  int64_t rejected = 0;
  absl::Duration took;
};

// An import on a thread of its own.
class RunningImport {
 public:
  RunningImport(const std::shared_ptr<grpc::Channel>& channel, const std::vector<registry::v1::Entry>& rows,
                bool atomic)
      : registry_(channel), thread_([this, &rows, atomic] {
          const absl::Time begin = absl::Now();
          Send(rows, atomic);
          report_.took = absl::Now() - begin;
          ended_.Notify();
        }) {}
  ~RunningImport() { thread_.join(); }

  // Until it has ended, or a moment of it has come.
  void AwaitEndOr(absl::Duration moment) { ended_.WaitForNotificationWithTimeout(moment); }
  const Report& Await() {
    ended_.WaitForNotification();
    return report_;
  }

 private:
  void Send(const std::vector<registry::v1::Entry>& rows, bool atomic) {
    grpc::ClientContext context;
    LimitCall(context, absl::Minutes(5));
    registry::v1::ImportResponse response;
    const auto writer = registry_.Import(&context, &response);
    registry::v1::ImportRequest request;
    request.set_atomic(atomic);
    bool open = true;
    constexpr int kRowsPerMessage = 500;
    for (size_t i = 0; open && i < rows.size(); ++i) {
      *request.add_rows()->mutable_entry() = rows[i];
      if (request.rows_size() == kRowsPerMessage || i + 1 == rows.size()) {
        open = writer->Write(request);
        request.clear_rows();
      }
    }
    writer->WritesDone();
    report_.status = rpc::FromGrpc(writer->Finish());
    report_.rejected = response.rejected();
  }

  RegistryStub registry_;
  Report report_;
  absl::Notification ended_;
  std::thread thread_;
};

// Keeps the highest revision that anybody outside of the registry has seen.
class Onlooker {
 public:
  explicit Onlooker(const std::shared_ptr<grpc::Channel>& channel)
      : registry_(channel), reader_(registry_.Watch(&context_, {})), thread_([this] {
          registry::v1::ChangeSet set;
          while (ReadSet(*reader_, set)) {
            seen_rows_ += set.changes_size();
          }
          reader_->Finish();
        }) {}
  // Once the registry is gone: the number of entries of which the onlooker has been told.
  int64_t Finish() {
    thread_.join();
    return seen_rows_;
  }

 private:
  RegistryStub registry_;
  grpc::ClientContext context_;
  const std::unique_ptr<grpc::ClientReader<registry::v1::ChangeSet>> reader_;
  int64_t seen_rows_ = 0;
  std::thread thread_;
};

class ImportKillTest : public ::testing::TestWithParam<bool> {
 protected:
  static std::string FlagOf(const TempDir& dir) { return absl::StrCat("--data_dir=", dir / "registry"); }
  bool atomic() const { return GetParam(); }

  // What an undisturbed import leaves, and how long it takes.
  absl::Duration ImportUndisturbed() {
    const TempDir dir;
    const ServiceProcess registry("orewatch-registry", dir / "log", {FlagOf(dir)});
    RunningImport import(registry.channel(), rows_, atomic());
    const Report report = import.Await();
    EXPECT_TRUE(report.status.ok()) << report.status;
    EXPECT_EQ(report.rejected, 0);
    RegistryStub stub(registry.channel());
    EXPECT_EQ(Exported(stub), whole_);
    return report.took;
  }

  // Returns how many rows the kill left.
  int64_t KillAt(absl::Duration moment) {
    const TempDir dir;
    ServiceProcess registry("orewatch-registry", dir / "log", {FlagOf(dir)});
    absl::Status acknowledged;
    int64_t seen = 0;
    {
      Onlooker onlooker(registry.channel());
      RunningImport import(registry.channel(), rows_, atomic());
      import.AwaitEndOr(moment);
      registry.Kill();
      acknowledged = import.Await().status;
      seen = onlooker.Finish();
    }
    EXPECT_EQ(IntegrityOfCopy(dir / "registry"), "ok");
    registry.Start();
    registry.AwaitReady();
    RegistryStub stub(registry.channel());
    const std::string secret = SecretOfFile(absl::StrCat(dir / "registry", "/registry.db"));
    const int64_t left = CheckLeft(stub, acknowledged.ok(), seen);
    CheckHistory(stub, secret);
    CompleteAndCheck(registry, stub);
    CheckHistory(stub, secret);
    EXPECT_EQ(registry.Terminate(), 0);
    EXPECT_EQ(IntegrityOfCopy(dir / "registry"), "ok");
    return left;
  }

  int64_t CheckLeft(RegistryStub& stub, bool acknowledged, int64_t seen) {
    const Entries left = Exported(stub);
    const auto count = static_cast<int64_t>(left.size());
    // The onlooker may also have seen the date.
    EXPECT_GE(count + 1, seen) << "what was shown is there";
    if (acknowledged || atomic()) {
      EXPECT_TRUE(count == Rows() || (!acknowledged && count == 0)) << count;
    } else {
      EXPECT_TRUE(count % kRowsPerRevision == 0 || count == Rows()) << count;
    }
    EXPECT_TRUE(count <= Rows() && left == FirstOf(rows_, count)) << "not the first " << count << " rows";
    return count;
  }
  static void CheckHistory(RegistryStub& stub, const std::string& secret) {
    const auto history = ReadHistory(stub);
    ASSERT_TRUE(history.ok()) << history.status();
    HistoryChecker checker(*history, secret);
    checker.CheckHead(*Call(stub, &RegistryStub::GetHead, registry::v1::GetHeadRequest()));
    EXPECT_THAT(checker.faults(), IsEmpty());
  }
  void CompleteAndCheck(const ServiceProcess& registry, RegistryStub& stub) {
    RunningImport repeated(registry.channel(), rows_, atomic());
    EXPECT_TRUE(repeated.Await().status.ok()) << repeated.Await().status;
    EXPECT_EQ(repeated.Await().rejected, 0);
    EXPECT_TRUE(Exported(stub) == whole_) << "another result than that of an undisturbed import";
  }

  const std::vector<registry::v1::Entry> rows_ = AllRows();
  const Entries whole_ = FirstOf(rows_, Rows());
};

TEST_P(ImportKillTest, LeavesAWholeFileFromWhichTheImportCanBeRepeated) {
  Random random(SeedOfRun());
  const absl::Duration length = ImportUndisturbed();
  std::cout << "an undisturbed import takes " << length << "; killed at";
  // One moment in each of as many equal parts.
  for (int i = 0; i < Kills() && !HasFailure(); ++i) {
    const absl::Duration moment = (i + std::uniform_real_distribution<double>(0, 1)(random)) / Kills() * length;
    std::cout << " " << moment << std::flush;
    std::cout << " (" << KillAt(moment) << " rows left)";
  }
  std::cout << "\n";
}

INSTANTIATE_TEST_SUITE_P(Imports, ImportKillTest, ::testing::Bool(),
                         [](const auto& atomic) { return atomic.param ? "Atomic" : "NotAtomic"; });

}  // namespace
}  // namespace orewatch::testing
