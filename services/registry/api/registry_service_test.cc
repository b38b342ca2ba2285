// The registry as a caller sees it: a real server over each engine of the store.
#include "services/registry/api/registry_service.h"

#include <map>

#include "absl/strings/str_cat.h"
#include "common/rpc/grpc_status.h"
#include "common/testing/matchers.h"
#include "common/testing/test_server.h"
#include "grpcpp/grpcpp.h"
#include "orewatch/registry/v1/registry.grpc.pb.h"
#include "services/registry/api/api_fixture.h"

namespace orewatch::registry {
namespace {

using ::orewatch::testing::BlamesField;
using ::orewatch::testing::HasCode;
using ::orewatch::testing::HasError;
using ::orewatch::testing::IsOk;
using ::orewatch::testing::TestServer;

class RegistryServiceTest : public ::testing::TestWithParam<EngineCase> {
 protected:
  RegistryServiceTest() : engine_(GetParam().make()), store_(engine_->Open(clock_)) {
    registry_ = std::make_unique<Registry>(*store_, clock_);
    service_ = std::make_unique<RegistryService>(*registry_);
    server_ = std::make_unique<TestServer>(std::vector<rpc::Service*>{&service_->service()});
    stub_ = v1::Registry::NewStub(server_->tcp_channel());
  }
  ~RegistryServiceTest() override { server_.reset(); }

  absl::Status CreateMineral(const std::string& id) {
    grpc::ClientContext context;
    v1::CreateMineralRequest request;
    request.set_mineral_id(id);
    request.mutable_mineral()->mutable_provenance()->set_source("a test");
    v1::Mineral mineral;
    return rpc::FromGrpc(stub_->CreateMineral(&context, request, &mineral));
  }

  FakeClock clock_{absl::FromUnixSeconds(1'700'000'000)};
  std::unique_ptr<StoreEngine> engine_;
  std::unique_ptr<RegistryStore> store_;
  std::unique_ptr<Registry> registry_;
  std::unique_ptr<RegistryService> service_;
  std::unique_ptr<TestServer> server_;
  std::unique_ptr<v1::Registry::Stub> stub_;
};

TEST_P(RegistryServiceTest, ServesTheStandardMethodsOfAContainedKind) {
  grpc::ClientContext c1;
  v1::CreateSupplierRequest supplier;
  supplier.set_supplier_id("lynas");
  supplier.mutable_supplier()->mutable_provenance()->set_source("a test");
  v1::Supplier made;
  ASSERT_THAT(rpc::FromGrpc(stub_->CreateSupplier(&c1, supplier, &made)), IsOk());
  EXPECT_EQ(made.name(), "suppliers/lynas");

  grpc::ClientContext c2;
  v1::CreateFacilityRequest facility;
  facility.set_parent("suppliers/lynas");
  facility.set_facility_id("mt-weld");
  facility.mutable_facility()->mutable_provenance()->set_source("a test");
  v1::Facility mine;
  ASSERT_THAT(rpc::FromGrpc(stub_->CreateFacility(&c2, facility, &mine)), IsOk());
  EXPECT_EQ(mine.name(), "suppliers/lynas/facilities/mt-weld");

  for (const auto& [parent, count] : {std::pair("suppliers/lynas", 1), {"suppliers/-", 1}, {"suppliers/other", 0}}) {
    grpc::ClientContext context;
    v1::ListFacilitiesRequest list;
    list.set_parent(parent);
    v1::ListFacilitiesResponse listed;
    ASSERT_THAT(rpc::FromGrpc(stub_->ListFacilities(&context, list, &listed)), IsOk());
    EXPECT_EQ(listed.facilities_size(), count) << parent;
    EXPECT_EQ(listed.revision().number(), 2);
  }

  grpc::ClientContext c3;
  v1::UpdateFacilityRequest update;
  *update.mutable_facility() = mine;
  update.mutable_facility()->set_display_name("Mount Weld");
  v1::Facility updated;
  ASSERT_THAT(rpc::FromGrpc(stub_->UpdateFacility(&c3, update, &updated)), IsOk());
  EXPECT_EQ(updated.display_name(), "Mount Weld");
  grpc::ClientContext stale;
  update.mutable_facility()->set_display_name("again");
  EXPECT_THAT(rpc::FromGrpc(stub_->UpdateFacility(&stale, update, &updated)),
              HasError(absl::StatusCode::kAborted, "ETAG_MISMATCH"));

  grpc::ClientContext c4;
  v1::DeleteSupplierRequest remove;
  remove.set_name("suppliers/lynas");
  EXPECT_THAT(rpc::FromGrpc(stub_->DeleteSupplier(&c4, remove, &made)),
              HasError(absl::StatusCode::kFailedPrecondition, "STILL_REFERENCED"));
}

TEST_P(RegistryServiceTest, BlamesTheFieldsOfTheRequest) {
  EXPECT_THAT(CreateMineral("Not An Id"), BlamesField("mineral_id"));
  grpc::ClientContext context;
  v1::CreateMineralRequest request;
  request.set_mineral_id("tin");
  v1::Mineral mineral;
  EXPECT_THAT(rpc::FromGrpc(stub_->CreateMineral(&context, request, &mineral)),
              BlamesField("mineral.provenance.source"));
}

TEST_P(RegistryServiceTest, WatchSendsEveryRevisionFromAnywhereAndThenWaitsForMore) {
  for (const char* id : {"a", "b", "c"}) {
    ASSERT_THAT(CreateMineral(id), IsOk());
  }
  for (int64_t after = 0; after <= 3; ++after) {
    grpc::ClientContext context;
    v1::WatchRequest request;
    request.mutable_after()->set_number(after);
    auto reader = stub_->Watch(&context, request);
    v1::ChangeSet set;
    for (int64_t expected = after + 1; expected <= 3 + (after == 3 ? 1 : 0); ++expected) {
      if (expected == 4) {
        ASSERT_THAT(CreateMineral("d"), IsOk());
      }
      ASSERT_TRUE(reader->Read(&set));
      EXPECT_EQ(set.revision().number(), expected);
      EXPECT_EQ(set.principal().subject(), "anonymous");
      ASSERT_EQ(set.changes_size(), 1);
    }
    context.TryCancel();
    reader->Finish();
  }
  grpc::ClientContext foreign;
  v1::WatchRequest request;
  request.mutable_after()->set_lineage("another");
  EXPECT_THAT(rpc::FromGrpc(stub_->Watch(&foreign, request)->Finish()),
              HasError(absl::StatusCode::kFailedPrecondition, "LINEAGE_CHANGED"));
  grpc::ClientContext ahead;
  request.mutable_after()->set_lineage(store_->lineage());
  request.mutable_after()->set_number(99);
  EXPECT_THAT(rpc::FromGrpc(stub_->Watch(&ahead, request)->Finish()), HasCode(absl::StatusCode::kOutOfRange));
}

TEST_P(RegistryServiceTest, ImportsAndExportsStatistics) {
  ASSERT_THAT(CreateMineral("cobalt"), IsOk());
  grpc::ClientContext context;
  v1::ImportResponse report;
  auto writer = stub_->Import(&context, &report);
  v1::ImportRequest message;
  for (int year = 2000; year < 2010; ++year) {
    auto& statistic = *message.add_rows()->mutable_entry()->mutable_statistic();
    statistic.set_dataset("a-test");
    statistic.set_year(year);
    statistic.mutable_production()->set_mineral("minerals/cobalt");
    statistic.mutable_production()->set_stage(type::v1::STAGE_MINE);
    statistic.mutable_production()->set_country("ZZ");
    statistic.mutable_quantity()->set_tonnes(5);
    statistic.mutable_quantity()->set_basis(type::v1::BASIS_CONTAINED);
    statistic.mutable_provenance()->set_source("a test");
  }
  message.mutable_rows(9)->mutable_entry()->mutable_statistic()->mutable_production()->set_country("AU");
  ASSERT_TRUE(writer->Write(message));
  writer->WritesDone();
  ASSERT_THAT(rpc::FromGrpc(writer->Finish()), IsOk());
  EXPECT_EQ(report.created(), 9);
  EXPECT_EQ(report.rejected(), 1);  // countries/AU is not in the registry.

  grpc::ClientContext exporting;
  auto reader = stub_->Export(&exporting, {});
  v1::ExportResponse chunk;
  std::map<int, int> seen;
  bool done = false;
  while (reader->Read(&chunk)) {
    EXPECT_EQ(chunk.revision().number(), 2);
    for (const auto& entry : chunk.entries()) {
      ++seen[entry.value_case()];
    }
    done = chunk.done();
  }
  EXPECT_THAT(rpc::FromGrpc(reader->Finish()), IsOk());
  EXPECT_TRUE(done);
  EXPECT_EQ(seen[v1::Entry::kMineral], 1);
  EXPECT_EQ(seen[v1::Entry::kStatistic], 9);
}

INSTANTIATE_TEST_SUITE_P(Engines, RegistryServiceTest, ::testing::ValuesIn(AllEngines()), EngineOf);

}  // namespace
}  // namespace orewatch::registry
