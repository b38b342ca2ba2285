// Lists in the order that a caller asks for.
#include "services/registry/api/api_fixture.h"

namespace orewatch::registry {
namespace {

using ::orewatch::testing::BlamesField;
using ::orewatch::testing::HasError;
using ::orewatch::testing::IsOk;

class OrderApiTest : public RegistryApiTest {
 protected:
  OrderApiTest() {
    Create("a", "Zeta", "x");
    Create("b", "Alpha", "y");
    Create("c", "Zeta", "y", "visibility { owner: 'alice' }");
    Create("d", "", "x");
    Create("e", "Beta", "z");
  }

  void Create(const std::string& id, const std::string& legal_name, const std::string& display_name,
              const std::string& more = "") {
    EXPECT_THAT(CallText(&Stub::CreateSupplier,
                         absl::StrCat("supplier_id: '", id, "' supplier { legal_name: '", legal_name,
                                      "' display_name: '", display_name, "' provenance { source: 's' } ", more, " }")),
                IsOk());
  }

  static std::string PageFrom(int size, const std::string& token) {
    return absl::StrCat(" page_size: ", size, token.empty() ? "" : absl::StrCat(" page_token: '", token, "'"));
  }

  // The ids on each page, with a bar behind the page.
  std::string Pages(const std::string& query, int size, const std::string& principal = "alice") {
    std::string ids;
    std::string token;
    do {
      const auto page = CallText(&Stub::ListSuppliers, query + PageFrom(size, token), principal);
      EXPECT_THAT(page, IsOk());
      token = page.ok() ? page->next_page_token() : "";
      for (int i = 0; page.ok() && i < page->suppliers_size(); ++i) {
        ids += page->suppliers(i).name().back();
      }
      ids += "|";
    } while (!token.empty());
    return ids;
  }
};

TEST_P(OrderApiTest, ListsByFieldsThenByNameOverAnyPageSize) {
  const std::string by_legal_name = "order_by: 'legal_name'";
  EXPECT_EQ(Pages(by_legal_name, 10), "dbeac|");
  EXPECT_EQ(Pages(by_legal_name, 2), "db|ea|c|");
  EXPECT_EQ(Pages(by_legal_name, 1), "d|b|e|a|c|");
  EXPECT_EQ(Pages("order_by: 'legal_name desc'", 3), "ace|bd|");
  EXPECT_EQ(Pages("order_by: 'display_name desc, legal_name'", 2), "eb|cd|a|");
  EXPECT_EQ(Pages("order_by: 'metadata.update_time desc'", 5), "edcba|");
  EXPECT_EQ(Pages("order_by: 'name'", 2), "ab|cd|e|");
}

TEST_P(OrderApiTest, OrdersWhatTheFilterLeavesAndTheCallerMaySee) {
  EXPECT_EQ(Pages("order_by: 'legal_name' filter: 'display_name = y OR display_name = z'", 2), "be|c|");
  EXPECT_EQ(Pages("order_by: 'legal_name'", 2, "bob"), "db|ea|");
}

TEST_P(OrderApiTest, AllPagesShowTheRevisionOfTheFirst) {
  const auto first = CallText(&Stub::ListSuppliers, "order_by: 'legal_name' page_size: 2");
  ASSERT_THAT(first, IsOk());
  Create("f", "Cesium", "x");
  ASSERT_THAT(CallText(&Stub::DeleteSupplier, "name: 'suppliers/e'"), IsOk());
  ASSERT_THAT(CallText(&Stub::UpdateSupplier,
                       "supplier { name: 'suppliers/b' legal_name: 'Zz' } "
                       "update_mask { paths: 'legal_name' }"),
              IsOk());
  const auto second = CallText(&Stub::ListSuppliers, "order_by: 'legal_name'" + PageFrom(10, first->next_page_token()));
  ASSERT_THAT(second, IsOk());
  ASSERT_EQ(second->suppliers_size(), 3);
  EXPECT_EQ(second->suppliers(0).name(), "suppliers/e");
  EXPECT_EQ(second->revision().number(), first->revision().number());
}

TEST_P(OrderApiTest, ShowsDeletedOnesInTheirPlace) {
  ASSERT_THAT(CallText(&Stub::DeleteSupplier, "name: 'suppliers/e'"), IsOk());
  EXPECT_EQ(Pages("order_by: 'legal_name'", 2), "db|ac|");
  EXPECT_EQ(Pages("order_by: 'legal_name' show_deleted: true", 2), "db|ea|c|");
}

TEST_P(OrderApiTest, ATokenBelongsToItsOrder) {
  const auto first = CallText(&Stub::ListSuppliers, "order_by: 'legal_name' page_size: 1");
  ASSERT_THAT(first, IsOk());
  const std::string token = PageFrom(1, first->next_page_token());
  EXPECT_THAT(CallText(&Stub::ListSuppliers, "order_by: 'legal_name desc'" + token), BlamesField("page_token"));
  EXPECT_THAT(CallText(&Stub::ListSuppliers, token), BlamesField("page_token"));
  // Another spelling of the same order is the same query.
  EXPECT_THAT(CallText(&Stub::ListSuppliers, "order_by: ' legal_name  asc'" + token), IsOk());
}

TEST_P(OrderApiTest, RefusesWhatHasNoOrder) {
  for (const char* order : {"aliases", "owners.share", "colour", "legal_name up", "legal_name, legal_name", ","}) {
    EXPECT_THAT(CallText(&Stub::ListSuppliers, absl::StrCat("order_by: '", order, "'")), BlamesField("order_by"))
        << order;
  }
}

TEST_P(OrderApiTest, OrdersStatistics) {
  ASSERT_THAT(CallText(&Stub::CreateMineral, "mineral_id: 'tin' mineral { provenance { source: 's' } }"), IsOk());
  for (const auto& [year, tonnes] : {std::pair(2022, 5), std::pair(2023, 9), std::pair(2024, 5)}) {
    ASSERT_THAT(CallText(&Stub::ApplyChanges,
                         absl::StrCat("mutations { operation: OPERATION_CREATE entry { statistic { dataset: 'd' year: ",
                                      year, " production { mineral: 'minerals/tin' stage: STAGE_MINE country: 'ZZ' }",
                                      " quantity { tonnes: ", tonnes,
                                      " basis: BASIS_GROSS } provenance { source: 's' }", " } } }")),
                IsOk());
  }
  const std::string query = "kind: STATISTIC_KIND_PRODUCTION order_by: 'quantity.tonnes desc'";
  const auto first = CallText(&Stub::ListStatistics, query + PageFrom(2, ""));
  ASSERT_THAT(first, IsOk());
  ASSERT_EQ(first->statistics_size(), 2);
  EXPECT_EQ(first->statistics(0).year(), 2023);
  EXPECT_EQ(first->statistics(1).year(), 2022);
  const auto second = CallText(&Stub::ListStatistics, query + PageFrom(2, first->next_page_token()));
  ASSERT_THAT(second, IsOk());
  ASSERT_EQ(second->statistics_size(), 1);
  EXPECT_EQ(second->statistics(0).year(), 2024);
}

TEST_P(OrderApiTest, RefusesToOrderMoreThanItCanHold) {
  const auto imported = api_->store->Commit({"alice", ""}, [&](WriteTransaction& write) -> absl::Status {
    for (size_t i = 0; i <= kMaxOrdered; ++i) {
      v1::Entry entry;
      entry.mutable_requirement()->set_name(absl::StrCat("requirements/r", i));
      if (auto put = write.Put(Kind::kRequirement, entry.requirement().name(), entry); !put.ok()) {
        return put;
      }
    }
    return absl::OkStatus();
  });
  ASSERT_THAT(imported, IsOk());
  EXPECT_THAT(CallText(&Stub::ListRequirements, "order_by: 'year'"),
              HasError(absl::StatusCode::kFailedPrecondition, "TOO_MANY_TO_ORDER"));
  EXPECT_THAT(CallText(&Stub::ListRequirements, ""), IsOk());
}

INSTANTIATE_TEST_SUITE_P(Engines, OrderApiTest, ::testing::ValuesIn(AllEngines()), EngineOf);

}  // namespace
}  // namespace orewatch::registry
