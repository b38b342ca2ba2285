// Atomic change sets, batches, deletion and views, as callers see them.
#include "google/rpc/error_details.pb.h"
#include "services/registry/api/api_fixture.h"

namespace orewatch::registry {
namespace {

using ::orewatch::testing::BlamesField;
using ::orewatch::testing::EqualsProto;
using ::orewatch::testing::HasCode;
using ::orewatch::testing::HasError;
using ::orewatch::testing::IsOk;
using ::testing::HasSubstr;

using ChangeSetApiTest = RegistryApiTest;

TEST_P(ChangeSetApiTest, AppliesManyKindsInOneRevisionWithForwardReferences) {
  const auto applied = CallText(&Stub::ApplyChanges, R"(
      mutations { operation: OPERATION_CREATE entry { facility {
        name: "suppliers/lynas/facilities/mt-weld" outputs { mineral: "minerals/ree" } provenance { source: "s" } } } }
      mutations { operation: OPERATION_CREATE entry { mineral { name: "minerals/ree" provenance { source: "s" } } } }
      mutations { operation: OPERATION_CREATE entry { supplier { name: "suppliers/lynas" provenance { source: "s" } } } }
      mutations { operation: OPERATION_CREATE entry { statistic { dataset: "d" year: 2024
        production { mineral: "minerals/ree" stage: STAGE_MINE country: "ZZ" }
        quantity { tonnes: 1 basis: BASIS_GROSS } provenance { source: "s" } } } })");
  ASSERT_THAT(applied, IsOk());
  EXPECT_EQ(applied->revision().number(), 1);
  ASSERT_EQ(applied->results_size(), 4);
  EXPECT_EQ(applied->results(2).name(), "suppliers/lynas");
  const auto got = CallText(&Stub::GetSupplier, R"(name: "suppliers/lynas")");
  ASSERT_THAT(got, IsOk());
  EXPECT_EQ(got->metadata().etag(), applied->results(2).etag());
  // What refers is deleted together with what is referred to.
  const auto deleted = CallText(&Stub::ApplyChanges, R"(
      mutations { operation: OPERATION_DELETE name: "suppliers/lynas" }
      mutations { operation: OPERATION_DELETE name: "suppliers/lynas/facilities/mt-weld" }
      mutations { operation: OPERATION_DELETE entry { statistic { dataset: "d" year: 2024
        production { mineral: "minerals/ree" stage: STAGE_MINE country: "ZZ" } quantity { basis: BASIS_GROSS } } } }
      mutations { operation: OPERATION_DELETE name: "minerals/ree" })");
  ASSERT_THAT(deleted, IsOk());
  EXPECT_EQ(deleted->revision().number(), 2);
  EXPECT_THAT(CallText(&Stub::ApplyChanges, R"(
      mutations { operation: OPERATION_UNDELETE name: "suppliers/lynas/facilities/mt-weld" }
      mutations { operation: OPERATION_UNDELETE name: "suppliers/lynas" }
      mutations { operation: OPERATION_UNDELETE name: "minerals/ree" })"),
              IsOk());
}

TEST_P(ChangeSetApiTest, OneBadMutationLeavesNothingAndIsNamed) {
  ASSERT_THAT(Put({Mineral("tin"), Mineral("zinc")}), IsOk());
  struct Case {
    const char* mutation;
    absl::StatusCode code;
    const char* reason;
  };
  for (const Case& bad : {
           Case{R"(operation: OPERATION_CREATE entry { mineral { name: "minerals/tin" provenance { source: "s" } } })",
                absl::StatusCode::kAlreadyExists, "ALREADY_EXISTS"},
           Case{R"(operation: OPERATION_UPDATE entry { mineral { name: "minerals/x" provenance { source: "s" } } })",
                absl::StatusCode::kNotFound, "NOT_FOUND"},
           Case{R"(operation: OPERATION_DELETE name: "minerals/tin" etag: "stale")", absl::StatusCode::kAborted,
                "ETAG_MISMATCH"},
           Case{R"(operation: OPERATION_UNDELETE name: "minerals/tin")", absl::StatusCode::kAlreadyExists,
                "ALREADY_EXISTS"},
           Case{R"(operation: OPERATION_CREATE
                   entry { link { name: "links/l" mineral: "minerals/x" provenance { source: "s" } } })",
                absl::StatusCode::kFailedPrecondition, "REFERENCE_NOT_FOUND"},
       }) {
    const auto status =
        CallText(&Stub::ApplyChanges, absl::StrCat("mutations { operation: OPERATION_CREATE entry { ", Mineral("new"),
                                                   " } } mutations { ", bad.mutation, " }"));
    EXPECT_THAT(status, HasError(bad.code, bad.reason)) << bad.mutation;
    EXPECT_THAT(status.status().message(), HasSubstr("mutations[1]")) << bad.mutation;
  }
  EXPECT_EQ(api_->store->head(), 1);
}

TEST_P(ChangeSetApiTest, BlamesTheFieldsOfEachMutation) {
  const std::vector<std::pair<std::string, std::string>> cases = {
      {"", "mutations"},
      {"mutations {}", "mutations[0].operation"},
      {"mutations { operation: OPERATION_CREATE }", "mutations[0].entry"},
      {"mutations { operation: OPERATION_DELETE name: 'minerals/Bad' }", "mutations[0].name"},
      {"mutations { operation: OPERATION_DELETE name: 'clock/today' }", "mutations[0].name"},
      {"mutations { operation: OPERATION_CREATE entry { mineral { name: 'minerals/x' } } }",
       "mutations[0].entry.mineral.provenance.source"},
      {"mutations { operation: OPERATION_CREATE entry { today { name: 'clock/today' } } }",
       "mutations[0].entry.today.entry"},
      {"mutations { operation: OPERATION_UPDATE entry { mineral { name: 'minerals/x' } } update_mask { paths: 'no' } }",
       "mutations[0].update_mask"},
      {absl::StrCat("mutations { operation: OPERATION_CREATE entry { ", Mineral("x"),
                    " } } mutations { operation: OPERATION_UNDELETE name: 'minerals/x' }"),
       "mutations[1].name"},
  };
  for (const auto& [request, field] : cases) {
    EXPECT_THAT(CallText(&Stub::ApplyChanges, request), BlamesField(field)) << request;
  }
}

TEST_P(ChangeSetApiTest, ARepeatedSetReturnsTheFirstAnswerAndAValidationChangesNothing) {
  const std::string set =
      absl::StrCat("mutations { operation: OPERATION_CREATE entry { ", Mineral("tin"), " } } request_id: 'r1'");
  const auto validated = CallText(&Stub::ApplyChanges, absl::StrCat(set, " validate_only: true"));
  ASSERT_THAT(validated, IsOk());
  EXPECT_EQ(api_->store->head(), 0);
  const auto first = CallText(&Stub::ApplyChanges, set);
  const auto repeat = CallText(&Stub::ApplyChanges, set);
  ASSERT_THAT(repeat, IsOk());
  EXPECT_THAT(*repeat, EqualsProto(*first));
  EXPECT_EQ(api_->store->head(), 1);
  EXPECT_THAT(CallText(&Stub::ApplyChanges,
                       absl::StrCat(set, " mutations { operation: OPERATION_DELETE name: 'minerals/tin' }")),
              BlamesField("mutations[1].name"));
}

TEST_P(ChangeSetApiTest, ARequestThatHoldsMapsIsTheSameHoweverItsMapsHappenToBeOrdered) {
  for (int attempt = 0; attempt < 20; ++attempt) {
    v1::CreateSupplierRequest same;
    same.set_supplier_id("a");
    same.set_request_id("r1");
    same.mutable_supplier()->mutable_provenance()->set_source("a test");
    for (int i = 0; i < 20; ++i) {
      (*same.mutable_supplier()->mutable_identifiers())[absl::StrCat("scheme-", i)] = "x";
    }
    ASSERT_THAT(Call(&Stub::CreateSupplier, same), IsOk()) << attempt;
  }
  EXPECT_EQ(api_->store->head(), 1);
}

TEST_P(ChangeSetApiTest, BatchGetAnswersInOrderAtOneRevisionOrNamesAllThatAreMissing) {
  ASSERT_THAT(Put({Mineral("a"), Supplier("b")}), IsOk());
  const auto got = CallText(&Stub::BatchGet, "names: 'suppliers/b' names: 'minerals/a'");
  ASSERT_THAT(got, IsOk());
  EXPECT_EQ(got->entries(0).supplier().name(), "suppliers/b");
  EXPECT_EQ(got->entries(1).mineral().name(), "minerals/a");
  EXPECT_EQ(got->revision().number(), 1);
  EXPECT_THAT(CallText(&Stub::BatchGet, "names: 'minerals/a' names: 'minerals/x'"),
              HasError(absl::StatusCode::kNotFound, "NOT_FOUND"));
  EXPECT_THAT(CallText(&Stub::BatchGet, ""), BlamesField("names"));
  EXPECT_THAT(CallText(&Stub::BatchGet, "names: 'minerals/a' names: 'x'"), BlamesField("names[1]"));
  EXPECT_THAT(CallText(&Stub::BatchGet, "names: 'minerals/a' min_revision: 9"), HasCode(absl::StatusCode::kOutOfRange));
  v1::BatchGetRequest many;
  for (int i = 0; i <= Registry::kMaxBatch; ++i) {
    many.add_names("minerals/a");
  }
  EXPECT_THAT(Call(&Stub::BatchGet, many), BlamesField("names"));
}

TEST_P(ChangeSetApiTest, DeletedResourcesAreReadableUntilTheyExpire) {
  ASSERT_THAT(Put({Mineral("a"), Mineral("b")}), IsOk());
  const auto deleted = CallText(&Stub::DeleteMineral, "name: 'minerals/a'");
  ASSERT_THAT(deleted, IsOk());
  EXPECT_TRUE(deleted->metadata().has_delete_time() && deleted->metadata().has_purge_time());
  EXPECT_THAT(CallText(&Stub::GetMineral, "name: 'minerals/a'"), IsOk());
  EXPECT_EQ(CallText(&Stub::ListMinerals, "")->minerals_size(), 1);
  EXPECT_EQ(CallText(&Stub::ListMinerals, "show_deleted: true")->minerals_size(), 2);
  EXPECT_THAT(CallText(&Stub::DeleteMineral, "name: 'minerals/a'"), HasCode(absl::StatusCode::kNotFound));
  EXPECT_THAT(CallText(&Stub::DeleteMineral, "name: 'minerals/a' allow_missing: true"), IsOk());
  EXPECT_THAT(CallText(&Stub::UndeleteMineral, "name: 'minerals/a' etag: 'stale'"),
              HasCode(absl::StatusCode::kAborted));
  EXPECT_THAT(CallText(&Stub::UndeleteMineral, "name: 'minerals/a' validate_only: true"), IsOk());
  EXPECT_EQ(api_->store->head(), 2);
  const auto back =
      CallText(&Stub::UndeleteMineral, absl::StrCat("name: 'minerals/a' etag: '", deleted->metadata().etag(), "'"));
  ASSERT_THAT(back, IsOk());
  EXPECT_FALSE(back->metadata().has_delete_time());
  EXPECT_THAT(CallText(&Stub::UndeleteMineral, "name: 'minerals/none'"), HasCode(absl::StatusCode::kNotFound));
}

TEST_P(ChangeSetApiTest, ABasicViewLeavesOutListsAndProvenance) {
  ASSERT_THAT(Put({Supplier("s",
                            "display_name: 'S' owners { display_name: 'O' } aliases: 'T' "
                            "identifiers { key: 'lei' value: '1' }")}),
              IsOk());
  const auto basic = CallText(&Stub::GetSupplier, "name: 'suppliers/s' view: RESOURCE_VIEW_BASIC");
  ASSERT_THAT(basic, IsOk());
  EXPECT_EQ(basic->display_name(), "S");
  EXPECT_EQ(basic->aliases_size(), 1);
  EXPECT_EQ(basic->identifiers_size(), 1);
  EXPECT_EQ(basic->owners_size(), 0);
  EXPECT_FALSE(basic->has_provenance());
  EXPECT_TRUE(basic->has_metadata());
  EXPECT_EQ(CallText(&Stub::ListSuppliers, "")->suppliers(0).owners_size(), 1);
  EXPECT_EQ(CallText(&Stub::ListSuppliers, "view: RESOURCE_VIEW_BASIC")->suppliers(0).owners_size(), 0);
}

TEST_P(ChangeSetApiTest, StatisticsAreReadAndDeletedByTheirKey) {
  const std::string series =
      "dataset: 'd' year: 2024 production { mineral: 'minerals/tin' stage: STAGE_MINE country: 'ZZ' }";
  const std::string key = absl::StrCat(series, " quantity { basis: BASIS_GROSS }");
  ASSERT_THAT(Put({Mineral("tin"), absl::StrCat("statistic { ", series,
                                                " quantity { tonnes: 5 basis: BASIS_GROSS } "
                                                "provenance { source: 's' } }")}),
              IsOk());
  const auto got = CallText(&Stub::GetStatistic, absl::StrCat("statistic { ", key, " }"));
  ASSERT_THAT(got, IsOk());
  EXPECT_EQ(got->quantity().tonnes(), 5);
  EXPECT_THAT(CallText(&Stub::GetStatistic, "statistic { dataset: 'd' }"), BlamesField("statistic"));
  const std::string endless =
      absl::StrCat("statistic { dataset: 'd' year: 2024 governance { country: '", std::string(1000, 'd'), "' } }");
  EXPECT_THAT(CallText(&Stub::GetStatistic, endless), BlamesField("statistic"));
  EXPECT_THAT(CallText(&Stub::DeleteStatistic, endless), BlamesField("statistic"));
  EXPECT_THAT(CallText(&Stub::DeleteStatistic, absl::StrCat("statistic { ", key, " } validate_only: true")), IsOk());
  EXPECT_THAT(CallText(&Stub::DeleteStatistic, absl::StrCat("statistic { ", key, " }")), IsOk());
  EXPECT_THAT(CallText(&Stub::DeleteStatistic, absl::StrCat("statistic { ", key, " }")),
              HasCode(absl::StatusCode::kNotFound));
  EXPECT_THAT(CallText(&Stub::DeleteStatistic, absl::StrCat("statistic { ", key, " } allow_missing: true")), IsOk());
  EXPECT_THAT(CallText(&Stub::GetStatistic, absl::StrCat("statistic { ", key, " }")),
              HasCode(absl::StatusCode::kNotFound));
}

TEST_P(ChangeSetApiTest, AFilterNarrowsAListPageByPage) {
  for (const char* id : {"a", "b", "c", "d"}) {
    ASSERT_THAT(CallText(&Stub::CreateMineral,
                         absl::StrCat("mineral_id: '", id, "' mineral { kind: ",
                                      *id < 'c' ? "KIND_ELEMENT" : "KIND_BASKET", " provenance { source: 's' } }")),
                IsOk());
  }
  const auto first = CallText(&Stub::ListMinerals, "filter: 'kind = basket' page_size: 1");
  ASSERT_THAT(first, IsOk());
  ASSERT_EQ(first->minerals_size(), 1);
  EXPECT_EQ(first->minerals(0).name(), "minerals/c");
  // Another spelling of the same filter is the same query.
  const auto second =
      CallText(&Stub::ListMinerals,
               absl::StrCat("filter: '(kind=KIND_BASKET)' page_size: 1 page_token: '", first->next_page_token(), "'"));
  ASSERT_THAT(second, IsOk());
  ASSERT_EQ(second->minerals_size(), 1);
  EXPECT_EQ(second->minerals(0).name(), "minerals/d");
  EXPECT_EQ(second->next_page_token(), "");
  EXPECT_THAT(CallText(&Stub::ListMinerals,
                       absl::StrCat("filter: 'kind = element' page_token: '", first->next_page_token(), "'")),
              BlamesField("page_token"));
  EXPECT_EQ(CallText(&Stub::ListMinerals, "filter: 'name = \"minerals/b\"'")->minerals_size(), 1);
  EXPECT_THAT(CallText(&Stub::ListMinerals, "filter: 'colour = red'"), BlamesField("filter"));
}

TEST_P(ChangeSetApiTest, AnswersAGetAfterAWriteAsAfterARestart) {
  ASSERT_THAT(Put({Mineral("cobalt"), Supplier("s", "owners { display_name: 'o' } visibility { owner: 'alice' }")}),
              IsOk());
  v1::GetSupplierRequest request;
  request.set_name("suppliers/s");
  const auto written = Call(&Stub::GetSupplier, request);
  ASSERT_THAT(written, IsOk());
  EXPECT_THAT(Call(&Stub::GetSupplier, request, "bob"), HasError(absl::StatusCode::kNotFound, "NOT_FOUND"));
  request.set_view(v1::RESOURCE_VIEW_BASIC);
  EXPECT_EQ(Call(&Stub::GetSupplier, request)->owners_size(), 0);
  request.clear_view();
  request.set_min_revision(1000);
  EXPECT_THAT(Call(&Stub::GetSupplier, request), HasError(absl::StatusCode::kOutOfRange, "REVISION_ABOVE_HEAD"));
  request.clear_min_revision();
  api_->Restart(clock_);
  const auto read = Call(&Stub::GetSupplier, request);
  ASSERT_THAT(read, IsOk());
  EXPECT_EQ(written->SerializeAsString(), read->SerializeAsString());
}

TEST_P(ChangeSetApiTest, NoMaskLeadsAroundTheChecksOfACreation) {
  struct Case {
    const char* mutation;
    const char* field;
  };
  for (
      const Case& bad : {
          Case{"operation: OPERATION_CREATE update_mask { paths: 'display_name' } entry { supplier { name: "
               "'suppliers/s' country: 'gibberish' provenance { source: 's' } } }",
               "mutations[0].update_mask"},
          Case{"operation: OPERATION_UPDATE allow_missing: true update_mask { paths: 'display_name' } entry { supplier "
               "{ name: 'suppliers/s' country: 'gibberish' provenance { source: 's' } } }",
               "mutations[0].entry.supplier.country"},
          Case{"operation: OPERATION_UPDATE allow_missing: true update_mask { paths: 'display_name' } entry { supplier "
               "{ name: 'suppliers/s' } }",
               "mutations[0].entry.supplier.provenance.source"},
          Case{"operation: OPERATION_CREATE update_mask { paths: 'year' } entry { statistic { year: -5 governance { "
               "country: 'ZZ' } } }",
               "mutations[0].update_mask"},
          Case{"operation: OPERATION_UPDATE allow_missing: true update_mask { paths: '' } entry { supplier { name: "
               "'suppliers/s' provenance { source: 's' } } }",
               "mutations[0].update_mask"},
          Case{"operation: OPERATION_CREATE entry { today { name: 'today' date { year: 2999 month: 1 day: 1 } } }",
               "mutations[0].entry.today.entry"},
          Case{
              "operation: OPERATION_CREATE etag: 'x' entry { supplier { name: 'suppliers/s' provenance { source: 's' } "
              "} }",
              "mutations[0].etag"},
      }) {
    EXPECT_THAT(CallText(&Stub::ApplyChanges, absl::StrCat("mutations { ", bad.mutation, " }")), BlamesField(bad.field))
        << bad.mutation;
  }
  EXPECT_EQ(api_->store->head(), 0);
}

TEST_P(ChangeSetApiTest, AStaleGuardDoesNotCreate) {
  EXPECT_THAT(CallText(&Stub::UpdateMineral,
                       "mineral { name: 'minerals/tin' provenance { source: 's' } metadata { etag: 'x' } } "
                       "allow_missing: true"),
              HasError(absl::StatusCode::kAborted, "ETAG_MISMATCH"));
}

TEST_P(ChangeSetApiTest, AnErrorOfOneOfSeveralKeepsItsDetails) {
  ASSERT_THAT(
      Put({Mineral("tin"), "project { name: 'projects/p' mineral: 'minerals/tin' provenance { source: 's' } }"}),
      IsOk());
  const auto refused = CallText(&Stub::ApplyChanges,
                                "mutations { operation: OPERATION_DELETE name: 'minerals/tin' } "
                                "mutations { operation: OPERATION_DELETE name: 'minerals/none' allow_missing: true }");
  google::rpc::ErrorInfo info;
  info.ParseFromString(std::string(*refused.status().GetPayload("type.googleapis.com/google.rpc.ErrorInfo")));
  EXPECT_EQ(info.reason(), "STILL_REFERENCED");
  EXPECT_EQ(info.metadata().at("referrers"), "projects/p");
  EXPECT_EQ(info.metadata().at("mutation"), "0");
}

TEST_P(ChangeSetApiTest, AKeyThatNoStatisticCanHaveIsRefused) {
  v1::GetStatisticRequest request;
  request.mutable_statistic()->set_dataset(std::string("d\0d", 3));
  request.mutable_statistic()->mutable_governance()->set_country("JP");
  EXPECT_THAT(Call(&Stub::GetStatistic, request), BlamesField("statistic.dataset"));
}

INSTANTIATE_TEST_SUITE_P(Engines, ChangeSetApiTest, ::testing::ValuesIn(AllEngines()), EngineOf);

}  // namespace
}  // namespace orewatch::registry
