// Every change and every refusal stands in the audit log, once; and whatever is done to the log shows.
#include <map>
#include <random>
#include <set>
#include <thread>
#include <tuple>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/synchronization/mutex.h"
#include "absl/synchronization/notification.h"
#include "common/audit/audit_log.h"
#include "common/audit/testing.h"
#include "common/audit/verify.h"
#include "common/rpc/grpc_status.h"
#include "common/testing/matchers.h"
#include "common/testing/temp_dir.h"
#include "common/testing/test_server.h"
#include "grpcpp/generic/generic_stub.h"
#include "services/alerting/alerting_app.h"
#include "services/registry/registry_app.h"
#include "tests/testing/clients.h"

namespace orewatch::testing {
namespace {

using audit::Record;

// kind, principal, method, code, reason.
using Outcome = std::tuple<std::string, std::string, std::string, std::string, std::string>;

constexpr char kWho[] = "x-who";

// Callers say who they are; the first letter says what they may do.
absl::StatusOr<rpc::Caller> ByName(const grpc::ServerContextBase& context) {
  const auto header = context.client_metadata().find(kWho);
  if (header == context.client_metadata().end()) {
    return MakeError(absl::StatusCode::kUnauthenticated, "NO_CREDENTIAL", "a credential is needed");
  }
  const std::string who(header->second.data(), header->second.size());
  const bool operates = who[0] == 'o';
  return rpc::Caller{who, operates ? access::v1::ROLE_OPERATOR : access::v1::ROLE_VIEWER, "token", ""};
}

class AuditCallsTest : public ::testing::Test {
 protected:
  static constexpr int kCalls = 1000;
  static constexpr int kThreads = 4;

  AuditCallsTest()
      : log_(OpenLog()),
        registry_app_(*registry::RegistryApp::Create({dir_ / "registry"}, {clock_, metrics_})),
        alerting_app_(*alerting::AlertingApp::Create({.data_dir = "", .default_rules_file = ""}, {clock_, metrics_})),
        server_({&registry_app_->service(), &alerting_app_->service()}, Options()),
        channel_(server_.tcp_channel()),
        registry_(channel_),
        alerting_(channel_) {}

  std::unique_ptr<audit::AuditLog> OpenLog() {
    audit::AuditLog::Options options;
    options.file = {path_, "orewatch-test@here", 64 * 1024};
    // Each by itself.
    options.refusals.singly = 0;
    auto log = audit::AuditLog::Open(options, audit::MakeAnchorStore(anchors_), clock_, audit_metrics_);
    EXPECT_THAT(log, IsOk());
    return *std::move(log);
  }
  rpc::ServerOptions Options() {
    rpc::ServerOptions options;
    options.ledger = log_.get();
    options.authenticator = ByName;
    return options;
  }

  // Makes a call, and remembers what should be kept of it.
  template <typename Stub, typename Request, typename Response>
  void Make(Stub& stub, grpc::Status (Stub::*method)(grpc::ClientContext*, const Request&, Response*),
            const std::string& name, const std::string& who, const Request& request) {
    grpc::ClientContext context;
    LimitCall(context);
    if (!who.empty()) {
      context.AddMetadata(kWho, who);
    }
    Response response;
    Expect(name, who, rpc::FromGrpc((stub.*method)(&context, request, &response)));
  }
  void Expect(const std::string& method, const std::string& who, const absl::Status& status) {
    const std::string reason = ErrorReason(status);
    const bool refused = reason == "NO_CREDENTIAL" || reason == "ROLE_MISSING" || reason == "MALFORMED_REQUEST" ||
                         reason == "UNKNOWN_METHOD";
    const bool reads = absl::StrContains(method, "/Get") || absl::StrContains(method, "/List");
    if (reads && !refused) {
      return;
    }
    absl::MutexLock lock(&mutex_);
    ++expected_[{refused ? audit::kRefusal : audit::kChange, who, method,
                 rpc::CodeName(static_cast<int>(status.code())), reason}];
  }

  void MakeCall(int number) {
    using registry::v1::Registry;
    const std::string id = absl::StrCat("m", number);
    const std::string in_registry = "orewatch.registry.v1.Registry/";
    registry::v1::CreateMineralRequest create;
    create.set_mineral_id(id);
    create.set_request_id(id);
    create.mutable_mineral()->mutable_provenance()->set_source("a test");
    registry::v1::GetMineralRequest get;
    get.set_name("minerals/none");
    switch (number % 12) {
      case 0:
      case 1:
        return Make(registry_, &RegistryStub::CreateMineral, in_registry + "CreateMineral", "olga", create);
      case 2:
        create.set_mineral_id("No Such Id");
        return Make(registry_, &RegistryStub::CreateMineral, in_registry + "CreateMineral", "otto", create);
      case 3: {
        registry::v1::DeleteMineralRequest remove;
        remove.set_name("minerals/none");
        return Make(registry_, &RegistryStub::DeleteMineral, in_registry + "DeleteMineral", "otto", remove);
      }
      case 4:
        return Make(registry_, &RegistryStub::GetMineral, in_registry + "GetMineral", "vera", get);
      case 5:
        return Make(registry_, &RegistryStub::ListMinerals, in_registry + "ListMinerals", "vera",
                    registry::v1::ListMineralsRequest());
      case 6:
        return Make(registry_, &RegistryStub::CreateMineral, in_registry + "CreateMineral", "vera", create);
      case 7:
        return Make(registry_, &RegistryStub::GetMineral, in_registry + "GetMineral", "", get);
      case 8: {
        registry::v1::ApplyChangesRequest changes;
        for (int i = 0; i < 8; ++i) {
          auto& mutation = *changes.add_mutations();
          mutation.set_operation(registry::v1::Mutation::OPERATION_CREATE);
          mutation.mutable_entry()->mutable_mineral()->set_name(absl::StrCat("minerals/", id, "-", i));
          mutation.mutable_entry()->mutable_mineral()->mutable_provenance()->set_source("a test");
        }
        return Make(registry_, &RegistryStub::ApplyChanges, in_registry + "ApplyChanges", "olga", changes);
      }
      case 9: {
        alerting::v1::DeleteRuleRequest remove;
        remove.set_name("rules/none");
        return Make(alerting_, &AlertingStub::DeleteRule, "orewatch.alerting.v1.Alerting/DeleteRule", "otto", remove);
      }
      case 10:
        return MakeMalformed();
      default:
        return ImportCountry(number);
    }
  }
  void MakeMalformed() {
    grpc::ClientContext context;
    LimitCall(context);
    context.AddMetadata(kWho, "otto");
    grpc::GenericStub stub(channel_);
    const grpc::Slice garbage("\xff\xff\xff\xff", 4);
    grpc::ByteBuffer request(&garbage, 1);
    grpc::ByteBuffer response;
    absl::Notification done;
    absl::Status status;
    const std::string method = "orewatch.registry.v1.Registry/CreateMineral";
    stub.UnaryCall(&context, absl::StrCat("/", method), {}, &request, &response, [&](const grpc::Status& answer) {
      status = rpc::FromGrpc(answer);
      done.Notify();
    });
    done.WaitForNotification();
    Expect(method, "otto", status);
  }
  void ImportCountry(int number) {
    grpc::ClientContext context;
    LimitCall(context);
    context.AddMetadata(kWho, number % 5 == 0 ? "vera" : "olga");
    registry::v1::ImportResponse response;
    const auto writer = registry_.Import(&context, &response);
    registry::v1::ImportRequest request;
    auto& row = *request.add_rows();
    *row.mutable_entry() = ParseProto<registry::v1::Entry>(CountryEntry("AU"));
    writer->Write(request);
    writer->WritesDone();
    Expect("orewatch.registry.v1.Registry/Import", number % 5 == 0 ? "vera" : "olga", rpc::FromGrpc(writer->Finish()));
  }
  void MakeAllCalls() {
    std::vector<std::thread> threads;
    for (int thread = 0; thread < kThreads; ++thread) {
      threads.emplace_back([this, thread] {
        for (int number = thread; number < kCalls; number += kThreads) {
          MakeCall(number);
        }
      });
    }
    for (std::thread& thread : threads) {
      thread.join();
    }
  }
  audit::Report VerifyLog() {
    const auto anchors = audit::MakeAnchorStore(anchors_)->List();
    EXPECT_THAT(anchors, IsOk());
    const auto report = audit::Verify({path_}, {.anchors = *anchors});
    EXPECT_THAT(report, IsOk());
    return report.value_or(audit::Report());
  }

  TempDir dir_;
  const std::string path_ = dir_ / "audit.log";
  const std::string anchors_ = dir_ / "anchors.db";
  SystemClock clock_;
  prometheus::Registry metrics_;
  audit::AuditMetrics audit_metrics_{metrics_};
  std::unique_ptr<audit::AuditLog> log_;
  absl::Mutex mutex_;
  std::map<Outcome, int> expected_ ABSL_GUARDED_BY(mutex_);
  std::unique_ptr<registry::RegistryApp> registry_app_;
  std::unique_ptr<alerting::AlertingApp> alerting_app_;
  TestServer server_;
  std::shared_ptr<grpc::Channel> channel_;
  RegistryStub registry_;
  AlertingStub alerting_;
};

TEST_F(AuditCallsTest, OfAThousandCallsEachChangeAndRefusalIsThereOnceAndNothingElse) {
  MakeAllCalls();
  std::map<Outcome, int> found;
  std::set<std::string> request_ids;
  int set_of_eight = 0;
  ASSERT_THAT(
      audit::ForEachRecord({path_},
                           [&](const Record& record, absl::string_view) {
                             if (record.kind == audit::kStart) {
                               return;
                             }
                             ++found[{record.kind, record.principal, record.method, record.code, record.reason}];
                             EXPECT_NE(record.peer, "");
                             set_of_eight += record.resource_count == 8 && record.revision.has_value() ? 1 : 0;
                             if (record.kind == audit::kChange && !record.request_id.empty()) {
                               EXPECT_TRUE(request_ids.insert(record.request_id).second) << record.request_id;
                             }
                           }),
      IsOk());
  absl::MutexLock lock(&mutex_);
  EXPECT_EQ(found, expected_);
  int entered = 0;
  for (const auto& [outcome, count] : found) {
    entered += count;
  }
  EXPECT_EQ(entered, kCalls - 2 * (kCalls / 12)) << "all but the two kinds of read";
  EXPECT_EQ(set_of_eight, kCalls / 12);
}

TEST_F(AuditCallsTest, AFlippedByteOrARemovedRecordIsFound) {
  MakeAllCalls();
  ASSERT_THAT(log_->Anchor(), IsOk());
  ASSERT_THAT(VerifyLog().broken, ::testing::IsEmpty());
  const std::vector<std::string> files = audit::FilesOf(path_);
  ASSERT_GT(files.size(), 2u);
  std::mt19937 random(1);
  const auto below = [&](size_t limit) { return std::uniform_int_distribution<size_t>(0, limit - 1)(random); };
  for (int i = 0; i < 100; ++i) {
    const std::string& file = files[below(files.size())];
    const std::string bytes = audit::ReadAll(file);
    std::string flipped = bytes;
    const size_t where = below(bytes.size());
    audit::FlipBit(flipped, where, static_cast<int>(below(8)));
    audit::WriteAll(file, flipped);
    EXPECT_FALSE(VerifyLog().broken.empty()) << file << " " << where;
    std::vector<std::string> lines = absl::StrSplit(bytes, '\n', absl::SkipEmpty());
    lines.erase(lines.begin() + static_cast<ptrdiff_t>(below(lines.size())));
    audit::WriteLines(file, lines);
    EXPECT_FALSE(VerifyLog().broken.empty()) << file;
    audit::WriteAll(file, bytes);
  }
  EXPECT_THAT(VerifyLog().broken, ::testing::IsEmpty());
}

}  // namespace
}  // namespace orewatch::testing
