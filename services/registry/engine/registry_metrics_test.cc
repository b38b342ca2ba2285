#include "services/registry/engine/registry_metrics.h"

#include "absl/strings/str_cat.h"
#include "common/testing/matchers.h"
#include "common/testing/metric_value.h"
#include "common/testing/temp_dir.h"
#include "services/registry/engine/importer.h"
#include "services/registry/engine/registry.h"
#include "services/registry/engine/resource_counter.h"
#include "services/registry/store/sqlite/sqlite_store.h"

namespace orewatch::registry {
namespace {

using ::orewatch::testing::HasCode;
using ::orewatch::testing::IsOk;
using ::orewatch::testing::MetricValue;
using ::orewatch::testing::ParseProto;
using Operation = Mutation::Operation;

v1::Entry Mineral(const std::string& id) {
  auto entry = ParseProto<v1::Entry>(R"pb(mineral { provenance { source: "a test" } })pb");
  entry.mutable_mineral()->set_name(absl::StrCat("minerals/", id));
  return entry;
}

WriteOptions By(const std::string& principal, const std::string& request_id = "", const std::string& payload = "") {
  WriteOptions options;
  options.author = {principal, request_id};
  options.payload = payload;
  return options;
}

v1::ImportRequest::Row Row(v1::Entry entry) {
  v1::ImportRequest::Row row;
  *row.mutable_entry() = std::move(entry);
  return row;
}

class RegistryMetricsTest : public ::testing::Test {
 protected:
  RegistryMetricsTest() {
    store_->ObserveCommits([this](absl::Duration took) { metrics_.ObserveCommit(took); });
  }
  absl::StatusOr<v1::Entry> Put(Operation operation, v1::Entry entry, const WriteOptions& options = By("alice")) {
    return registry_.Apply(PutOf(operation, std::move(entry)), options);
  }
  double Mutations(const std::string& operation, const std::string& outcome, const std::string& kind = "mineral") {
    return MetricValue(values_, "orewatch_registry_mutations_total",
                       {{"kind", kind}, {"operation", operation}, {"outcome", outcome}});
  }
  double Value(const std::string& name) { return MetricValue(values_, absl::StrCat("orewatch_registry_", name)); }
  double Rows(const std::string& outcome) {
    return MetricValue(values_, "orewatch_registry_import_rows_total", {{"outcome", outcome}});
  }

  const testing::TempDir dir_;
  FakeClock clock_{absl::FromUnixSeconds(1700000000)};
  prometheus::Registry values_;
  RegistryMetrics metrics_{values_};
  std::unique_ptr<SqliteStore> store_ = *SqliteStore::Open(dir_ / "registry.db", clock_);
  Registry registry_{*store_, clock_, Registry::kImportMemory, &metrics_};
};

TEST_F(RegistryMetricsTest, EveryMutationIsCountedOnceByWhatCameOfIt) {
  ASSERT_EQ(Mutations("create", "committed"), 0);
  ASSERT_THAT(Put(Operation::kCreate, Mineral("tin")), IsOk());
  EXPECT_EQ(Mutations("create", "committed"), 1);
  EXPECT_THAT(Put(Operation::kCreate, Mineral("tin")), HasCode(absl::StatusCode::kAlreadyExists));
  EXPECT_EQ(Mutations("create", "conflict"), 1);
  EXPECT_THAT(Put(Operation::kUpdate, Mineral("Not A Name")), HasCode(absl::StatusCode::kInvalidArgument));
  EXPECT_EQ(Mutations("update", "invalid"), 1);
  v1::Entry stale = Mineral("tin");
  stale.mutable_mineral()->mutable_metadata()->set_etag("stale");
  EXPECT_THAT(Put(Operation::kUpdate, stale), HasCode(absl::StatusCode::kAborted));
  EXPECT_EQ(Mutations("update", "conflict"), 1);
  EXPECT_EQ(Value("etag_conflicts_total"), 1);
  ASSERT_THAT(registry_.ApplyAll({PutOf(Operation::kCreate, Mineral("a")), PutOf(Operation::kUpdate, Mineral("tin"))},
                                 By("alice")),
              IsOk());
  EXPECT_EQ(Mutations("create", "committed"), 2);
  EXPECT_EQ(Mutations("update", "committed"), 1);
}

TEST_F(RegistryMetricsTest, WhatIsOnlyValidatedIsNotCounted) {
  WriteOptions options = By("alice");
  options.validate_only = true;
  ASSERT_THAT(Put(Operation::kCreate, Mineral("tin"), options), IsOk());
  EXPECT_EQ(Mutations("create", "committed"), 0);
}

TEST_F(RegistryMetricsTest, ARepeatedRequestIsToldFromOneThatIsAnothers) {
  const WriteOptions first = By("alice", "8e6a7b1e-0000-4000-8000-000000000001", "payload");
  ASSERT_THAT(Put(Operation::kCreate, Mineral("tin"), first), IsOk());
  ASSERT_THAT(Put(Operation::kCreate, Mineral("tin"), first), IsOk());
  EXPECT_EQ(Mutations("create", "committed"), 1);
  EXPECT_EQ(Mutations("create", "replayed"), 1);
  EXPECT_EQ(Value("idempotent_replays_total"), 1);
  const WriteOptions other = By("alice", first.author.request_id, "another payload");
  EXPECT_THAT(Put(Operation::kCreate, Mineral("zinc"), other), HasCode(absl::StatusCode::kInvalidArgument));
  EXPECT_EQ(Value("idempotency_mismatch_total"), 1);
  EXPECT_EQ(Value("idempotent_replays_total"), 1);
}

TEST_F(RegistryMetricsTest, RowsOfAnImportCountAsMutations) {
  Importer import(registry_, {.author = {"alice", ""}});
  ASSERT_THAT(import.Add(Row(Mineral("tin"))), IsOk());
  ASSERT_THAT(import.Add(Row(Mineral("tin"))), IsOk());
  ASSERT_THAT(import.Add(Row(Mineral("Not A Name"))), IsOk());
  ASSERT_THAT(import.Finish(), IsOk());
  EXPECT_EQ(Mutations("create", "committed"), 1);
  EXPECT_EQ(Mutations("update", "committed"), 1) << "the row that says the same again";
  EXPECT_EQ(Mutations("update", "invalid"), 1);
  EXPECT_EQ(Rows("accepted"), 2);
  EXPECT_EQ(Rows("rejected"), 1);
}

TEST_F(RegistryMetricsTest, AnAtomicImportStandsOrFallsAsOne) {
  Importer import(registry_, {.author = {"alice", ""}, .atomic = true});
  ASSERT_THAT(import.Add(Row(Mineral("tin"))), IsOk());
  ASSERT_THAT(import.Add(Row(Mineral("Not A Name"))), IsOk());
  ASSERT_THAT(import.Finish(), IsOk());
  EXPECT_EQ(Mutations("create", "committed"), 0);
  EXPECT_EQ(Mutations("create", "invalid") + Mutations("update", "invalid"), 2);
  EXPECT_EQ(Rows("accepted"), 0);
  EXPECT_EQ(Rows("rejected"), 1);
}

TEST_F(RegistryMetricsTest, TokensThatLeadNowhereAreCounted) {
  const auto rejected = [&](const std::string& reason) {
    return MetricValue(values_, "orewatch_registry_page_tokens_rejected_total", {{"reason", reason}});
  };
  ASSERT_THAT(Put(Operation::kCreate, Mineral("a")), IsOk());
  ASSERT_THAT(Put(Operation::kCreate, Mineral("b")), IsOk());
  ListRequest request;
  request.page.principal = "alice";
  request.page.page_size = 1;
  const auto page = registry_.List(request);
  ASSERT_THAT(page, IsOk());
  request.page.page_token = "nonsense";
  EXPECT_FALSE(registry_.List(request).ok());
  EXPECT_EQ(rejected("invalid"), 1);
  request.page.page_token = page->next_page_token;
  ASSERT_THAT(registry_.List(request), IsOk());
  clock_.Advance(kPageTokenLife + absl::Seconds(1));
  EXPECT_FALSE(registry_.List(request).ok());
  EXPECT_EQ(rejected("expired"), 1);
}

TEST_F(RegistryMetricsTest, OnlyGroupsThatChangeSomethingAreTimed) {
  ASSERT_THAT(Put(Operation::kCreate, Mineral("tin")), IsOk());
  EXPECT_FALSE(Put(Operation::kCreate, Mineral("tin")).ok());
  ASSERT_THAT(Put(Operation::kUpdate, Mineral("tin")), IsOk());
  EXPECT_EQ(Value("commit_seconds"), 1);
}

TEST_F(RegistryMetricsTest, ResourcesAreCountedByKindAndState) {
  const auto resources = [&](const std::string& kind, const std::string& state) {
    return MetricValue(values_, "orewatch_registry_resources", {{"kind", kind}, {"state", state}});
  };
  ASSERT_THAT(registry_.CommitToday(), IsOk());
  ASSERT_THAT(Put(Operation::kCreate, Mineral("a")), IsOk());
  ASSERT_THAT(Put(Operation::kCreate, Mineral("b")), IsOk());
  ResourceCounter counter(*store_, metrics_);
  counter.Count();
  EXPECT_EQ(resources("mineral", "active"), 2);
  EXPECT_EQ(resources("other", "active"), 0) << "the date is nobody's entry";
  Mutation deletion;
  deletion.operation = Operation::kDelete;
  deletion.kind = Kind::kMineral;
  deletion.key = "minerals/a";
  ASSERT_THAT(registry_.Apply(deletion, By("alice")), IsOk());
  counter.Count();
  EXPECT_EQ(resources("mineral", "deleted"), 1);
  EXPECT_EQ(resources("mineral", "active"), 1);
}

}  // namespace
}  // namespace orewatch::registry
