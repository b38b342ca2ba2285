#include "services/registry/registry_app.h"

#include <filesystem>
#include <set>

#include "absl/time/time.h"
#include "common/rpc/call_runtime.h"
#include "common/rpc/grpc_status.h"
#include "common/seal/page_token.h"
#include "common/testing/matchers.h"
#include "common/testing/temp_dir.h"
#include "common/testing/test_server.h"
#include "common/time/clock.h"
#include "grpcpp/grpcpp.h"
#include "orewatch/registry/v1/registry.grpc.pb.h"
#include "prometheus/registry.h"
#include "services/registry/store/postgres/postgres_store.h"
#include "tests/testing/postgres_server.h"

namespace orewatch::registry {
namespace {

using ::orewatch::testing::BlamesField;
using ::orewatch::testing::HasError;
using ::orewatch::testing::IsOk;
using ::orewatch::testing::PostgresServer;
using ::orewatch::testing::SharedPostgresServer;
using ::orewatch::testing::TestServer;

class RegistryAppTest : public ::testing::Test {
 protected:
  std::set<std::string> MetricNames() {
    std::set<std::string> names;
    for (const auto& family : metrics_.Collect()) {
      names.insert(family.name);
    }
    return names;
  }

  FakeClock clock_{absl::FromUnixSeconds(1'700'000'000)};
  prometheus::Registry metrics_;
  const app::Environment environment_{clock_, metrics_};
  RegistryConfig config_;
};

TEST_F(RegistryAppTest, KeepsItsEntriesInTheFolderUnlessADatabaseIsGiven) {
  const testing::TempDir dir;
  config_.data_dir = dir.path();
  EXPECT_THAT(RegistryApp::Create(config_, environment_), IsOk());
  EXPECT_TRUE(std::filesystem::exists(config_.data_dir + "/registry.db"));
  EXPECT_EQ(MetricNames().count("orewatch_db_connections"), 0U);
}

TEST_F(RegistryAppTest, KeepsItsEntriesInTheDatabaseThatIsGiven) {
  config_.database = SharedPostgresServer().Address(SharedPostgresServer().CreateDatabase());
  const auto app = RegistryApp::Create(config_, environment_);
  ASSERT_THAT(app, IsOk());
  (*app)->Start();
  (*app)->Stop();
  for (const char* name : {"orewatch_db_connections", "orewatch_db_connections_max", "orewatch_db_errors_total",
                           "orewatch_db_schema_version", "orewatch_db_query_seconds"}) {
    EXPECT_EQ(MetricNames().count(name), 1U) << name;
  }
}

TEST_F(RegistryAppTest, DropsWhatSearchNoLongerNeeds) {
  config_.database = SharedPostgresServer().Address(SharedPostgresServer().CreateDatabase());
  prometheus::Registry metrics;
  const auto store = *PostgresStore::Open({config_.database}, clock_, metrics);
  for (const char* display_name : {"Tin", "Tin metal"}) {
    v1::Entry entry;
    entry.mutable_mineral()->set_name("minerals/tin");
    entry.mutable_mineral()->set_display_name(display_name);
    const auto put = [&](WriteTransaction& t) { return t.Put(Kind::kMineral, "minerals/tin", entry); };
    ASSERT_THAT(store->Commit({"anonymous", ""}, put), IsOk());
  }
  clock_.Advance(kPageTokenLife + absl::Seconds(1));
  const auto app = *RegistryApp::Create(config_, environment_);
  EXPECT_EQ(*store->EarliestSearched(), 0);
  app->Start();
  app->Stop();
  EXPECT_EQ(*store->EarliestSearched(), 2);
}

TEST_F(RegistryAppTest, ARestoreEndsStreamsAndFollowersGoOnOnlyFromWhatIsLeft) {
  const auto server = *PostgresServer::Start();
  config_.database = server->Address(server->CreateDatabase());
  const auto app = *RegistryApp::Create(config_, environment_);
  rpc::ServerOptions options;
  options.authenticator = rpc::TrustPrincipalHeader();
  TestServer grpc_server(std::vector<rpc::Service*>{&app->service()}, options);
  const auto stub = v1::Registry::NewStub(grpc_server.tcp_channel());
  const auto create = [&](const std::string& id) {
    grpc::ClientContext context;
    v1::CreateMineralRequest request;
    request.set_mineral_id(id);
    request.mutable_mineral()->mutable_provenance()->set_source("a test");
    v1::Mineral mineral;
    ASSERT_THAT(rpc::FromGrpc(stub->CreateMineral(&context, request, &mineral)), IsOk());
  };
  create("kept");
  server->Stop();
  ASSERT_THAT(server->SaveDisk(), IsOk());
  ASSERT_THAT(server->StartAgain(), IsOk());
  create("lost");

  grpc::ClientContext watching;
  const auto watch = stub->Watch(&watching, v1::WatchRequest());
  v1::ChangeSet kept;
  v1::ChangeSet lost;
  ASSERT_TRUE(watch->Read(&kept));
  ASSERT_TRUE(watch->Read(&lost));
  EXPECT_EQ(lost.revision().number(), 2);
  server->Stop();
  ASSERT_THAT(server->SetDiskBack(), IsOk());
  ASSERT_THAT(server->StartAgain(), IsOk());
  v1::ChangeSet none;
  EXPECT_FALSE(watch->Read(&none)) << none.DebugString();
  EXPECT_THAT(rpc::FromGrpc(watch->Finish()), HasError(absl::StatusCode::kFailedPrecondition, "LINEAGE_CHANGED"));

  const auto head_after = [&](const v1::ChangeSet& set) {
    grpc::ClientContext context;
    v1::GetHeadRequest request;
    *request.mutable_after() = set.revision();
    request.set_after_digest(set.digest());
    v1::GetHeadResponse head;
    EXPECT_THAT(rpc::FromGrpc(stub->GetHead(&context, request, &head)), IsOk());
    return head;
  };
  EXPECT_FALSE(head_after(lost).continues());
  create("other");
  EXPECT_FALSE(head_after(lost).continues()) << "another revision 2";
  const v1::GetHeadResponse head = head_after(kept);
  EXPECT_TRUE(head.continues());
  EXPECT_EQ(head.revision().number(), 2);
  EXPECT_NE(head.revision().lineage(), kept.revision().lineage());
}

TEST_F(RegistryAppTest, NamesTheFlagOfAMalformedDatabase) {
  config_.database = "postgres://user:secret@host/name";
  EXPECT_THAT(RegistryApp::Create(config_, environment_), BlamesField("--database"));
}

}  // namespace
}  // namespace orewatch::registry
