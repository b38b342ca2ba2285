#include "services/registry/engine/registry.h"

#include <filesystem>
#include <thread>

#include "absl/strings/str_cat.h"
#include "common/testing/matchers.h"
#include "services/registry/engine/importer.h"
#include "services/registry/engine/metadata.h"
#include "services/registry/store/sqlite/sqlite_store.h"

namespace orewatch::registry {
namespace {

using ::orewatch::testing::BlamesField;
using ::orewatch::testing::EqualsProto;
using ::orewatch::testing::HasCode;
using ::orewatch::testing::HasError;
using ::orewatch::testing::IsOk;
using ::orewatch::testing::ParseProto;
using ::testing::AllOf;
using Operation = Mutation::Operation;

v1::Entry Mineral(const std::string& id) {
  auto entry = ParseProto<v1::Entry>(R"pb(mineral { provenance { source: "a test" } })pb");
  entry.mutable_mineral()->set_name(absl::StrCat("minerals/", id));
  return entry;
}

v1::Entry Project(const std::string& mineral) {
  auto entry = ParseProto<v1::Entry>(R"pb(project {
                                            name: "projects/p"
                                            provenance { source: "a test" }
                                          })pb");
  entry.mutable_project()->set_mineral(absl::StrCat("minerals/", mineral));
  return entry;
}

WriteOptions By(const std::string& principal, const std::string& request_id = "", const std::string& payload = "") {
  WriteOptions options;
  options.author = {principal, request_id};
  options.payload = payload;
  return options;
}

class RegistryTest : public ::testing::Test {
 protected:
  RegistryTest() {
    const std::string name = ::testing::UnitTest::GetInstance()->current_test_info()->name();
    dir_ = std::filesystem::temp_directory_path() / absl::StrCat("orewatch-registry-", getpid(), "-", name);
    std::filesystem::create_directories(dir_);
    store_ = *SqliteStore::Open(dir_ / "registry.db", clock_);
    registry_ = std::make_unique<Registry>(*store_, clock_);
  }
  ~RegistryTest() override {
    store_.reset();
    std::filesystem::remove_all(dir_);
  }
  absl::StatusOr<v1::Entry> TryCreate(const v1::Entry& entry, const WriteOptions& options = By("alice")) {
    return registry_->Apply(PutOf(Operation::kCreate, entry), options);
  }
  void Create(const v1::Entry& entry) { ASSERT_THAT(TryCreate(entry), IsOk()); }
  absl::StatusOr<v1::Entry> Update(const v1::Entry& entry, const google::protobuf::FieldMask& mask = {},
                                   const std::string& etag = "") {
    Mutation mutation = PutOf(Operation::kUpdate, entry);
    mutation.mask = mask;
    mutation.etag = etag;
    return registry_->Apply(mutation, By("alice"));
  }
  absl::StatusOr<v1::Entry> Named(Operation operation, Kind kind, const std::string& name, bool allow_missing = false) {
    Mutation mutation;
    mutation.operation = operation;
    mutation.kind = kind;
    mutation.key = name;
    mutation.allow_missing = allow_missing;
    return registry_->Apply(mutation, By("alice"));
  }
  absl::StatusOr<v1::Entry> Delete(Kind kind, const std::string& name) { return Named(Operation::kDelete, kind, name); }
  absl::StatusOr<v1::Entry> Get(const std::string& name) const { return registry_->Get("alice", Kind::kMineral, name); }

  std::filesystem::path dir_;
  FakeClock clock_{absl::FromUnixSeconds(1'700'000'000)};
  std::unique_ptr<SqliteStore> store_;
  std::unique_ptr<Registry> registry_;
};

TEST_F(RegistryTest, ReturnsWhatWasCreatedWithMetadata) {
  const auto created = TryCreate(Mineral("cobalt"), By("alice"));
  ASSERT_THAT(created, IsOk());
  EXPECT_EQ(created->mineral().metadata().revision().number(), 1);
  EXPECT_FALSE(created->mineral().metadata().etag().empty());
  const auto read = Get("minerals/cobalt");
  ASSERT_THAT(read, IsOk());
  EXPECT_THAT(*read, EqualsProto(*created));
  EXPECT_THAT(TryCreate(Mineral("cobalt"), By("alice")), HasError(absl::StatusCode::kAlreadyExists, "ALREADY_EXISTS"));
  EXPECT_THAT(Get("minerals/tin"), HasError(absl::StatusCode::kNotFound, "NOT_FOUND"));
}

TEST_F(RegistryTest, NamesEveryBadField) {
  const auto bad = ParseProto<v1::Entry>(R"pb(
    facility {
      name: "suppliers/s/facilities/Bad"
      country: "AU"
      latitude: 91
      outputs { mineral: "minerals/tin" product: "Ore" capacity_tonnes_per_year: -1 }
    })pb");
  EXPECT_THAT(
      TryCreate(bad, By("alice")),
      AllOf(BlamesField("name"), BlamesField("country"), BlamesField("latitude"), BlamesField("outputs[0].product"),
            BlamesField("outputs[0].capacity_tonnes_per_year"), BlamesField("provenance.source")));
  EXPECT_EQ(store_->head(), 0);
}

TEST_F(RegistryTest, TakesOnlyDaysThatTheCalendarHas) {
  auto agreement = ParseProto<v1::Entry>(R"pb(
    agreement {
      name: "agreements/a"
      provenance { source: "s" }
      signed { year: 2023 month: 2 day: 29 }
    })pb");
  EXPECT_THAT(TryCreate(agreement), BlamesField("signed"));
  for (const auto& [month, day] : {std::pair(2, 28), {2, 0}, {0, 0}}) {
    agreement.mutable_agreement()->mutable_signed_()->set_month(month);
    agreement.mutable_agreement()->mutable_signed_()->set_day(day);
    EXPECT_THAT(TryCreate(agreement), ::testing::Not(BlamesField("signed"))) << month;
  }
}

TEST_F(RegistryTest, RefusesReferencesToNothingAndDeletionOfWhatIsReferredTo) {
  EXPECT_THAT(TryCreate(Project("cobalt"), By("alice")),
              HasError(absl::StatusCode::kFailedPrecondition, "REFERENCE_NOT_FOUND"));
  Create(Mineral("cobalt"));
  Create(Project("cobalt"));
  EXPECT_THAT(Delete(Kind::kMineral, "minerals/cobalt"),
              HasError(absl::StatusCode::kFailedPrecondition, "STILL_REFERENCED"));
  EXPECT_THAT(Delete(Kind::kProject, "projects/p"), IsOk());
  EXPECT_THAT(Delete(Kind::kMineral, "minerals/cobalt"), IsOk());
}

TEST_F(RegistryTest, UpdatesMaskedFieldsGuardedByTheEtag) {
  Create(Mineral("cobalt"));
  v1::Entry wanted = Mineral("cobalt");
  wanted.mutable_mineral()->set_display_name("Cobalt");
  wanted.mutable_mineral()->mutable_provenance()->set_source("ignored");
  google::protobuf::FieldMask mask;
  mask.add_paths("display_name");
  EXPECT_THAT(Update(wanted, mask, "stale"), HasError(absl::StatusCode::kAborted, "ETAG_MISMATCH"));
  const auto updated = Update(wanted, mask);
  ASSERT_THAT(updated, IsOk());
  EXPECT_EQ(updated->mineral().display_name(), "Cobalt");
  EXPECT_EQ(updated->mineral().provenance().source(), "a test");
  EXPECT_EQ(updated->mineral().metadata().revision().number(), 2);
  mask.add_paths("nonsense");
  EXPECT_THAT(Update(wanted, mask), BlamesField("update_mask"));
  EXPECT_THAT(Update(Mineral("tin")), HasCode(absl::StatusCode::kNotFound));
}

TEST_F(RegistryTest, ANoOpAndAValidationTakeNoRevision) {
  Create(Mineral("cobalt"));
  EXPECT_THAT(Update(Mineral("cobalt")), IsOk());
  WriteOptions options = By("alice");
  options.validate_only = true;
  EXPECT_THAT(TryCreate(Mineral("tin"), options), IsOk());
  EXPECT_EQ(store_->head(), 1);
  EXPECT_THAT(Get("minerals/tin"), HasCode(absl::StatusCode::kNotFound));
}

TEST_F(RegistryTest, ARepeatedRequestReturnsTheFirstAnswerPerCaller) {
  const auto first = TryCreate(Mineral("cobalt"), By("alice", "r1", "payload"));
  const auto repeat = TryCreate(Mineral("cobalt"), By("alice", "r1", "payload"));
  ASSERT_THAT(repeat, IsOk());
  EXPECT_THAT(*repeat, EqualsProto(*first));
  EXPECT_THAT(TryCreate(Mineral("tin"), By("alice", "r1", "other")), BlamesField("request_id"));
  EXPECT_THAT(TryCreate(Mineral("cobalt"), By("bob", "r1", "payload")), HasCode(absl::StatusCode::kAlreadyExists));
}

TEST_F(RegistryTest, AllPagesShowTheRevisionOfTheFirst) {
  for (int i = 0; i < 5; ++i) {
    Create(Mineral(absl::StrCat("m", i)));
  }
  ListRequest request{{"alice", 2, "", 0}, Kind::kMineral, "", false};
  std::vector<std::string> names;
  for (int pages = 0; pages < 10; ++pages) {
    const auto page = registry_->List(request);
    ASSERT_THAT(page, IsOk());
    EXPECT_EQ(page->revision, 5);
    for (const auto& entry : page->entries) {
      names.push_back(entry.mineral().name());
    }
    if (page->next_page_token.empty()) {
      break;
    }
    request.page.page_token = page->next_page_token;
    Create(Mineral(absl::StrCat("new", pages)));
    ASSERT_THAT(Named(Operation::kDelete, Kind::kMineral, "minerals/m4", /*allow_missing=*/true), IsOk());
  }
  EXPECT_THAT(names, ::testing::ElementsAre("minerals/m0", "minerals/m1", "minerals/m2", "minerals/m3", "minerals/m4"));
}

TEST_F(RegistryTest, PageTokensBelongToOneQueryOneCallerAndHalfADay) {
  for (int i = 0; i < 5; ++i) {
    Create(Mineral(absl::StrCat("m", i)));
  }
  const ListRequest first{{"alice", 2, "", 0}, Kind::kMineral, "", false};
  ListRequest next = first;
  next.page.page_token = registry_->List(first)->next_page_token;
  ASSERT_THAT(registry_->List(next), IsOk());
  const std::vector<std::function<void(ListRequest&)>> changes = {
      [](ListRequest& r) { r.kind = Kind::kCountry; },        [](ListRequest& r) { r.page.principal = "bob"; },
      [](ListRequest& r) { r.show_deleted = true; },          [](ListRequest& r) { r.prefix = "minerals/m"; },
      [](ListRequest& r) { r.page.page_token = "garbage!"; }, [](ListRequest& r) { r.page.page_token.back() ^= 1; },
      [](ListRequest& r) { r.page.page_token[30] ^= 1; },     [](ListRequest& r) { r.page.page_token = "AAAA"; },
  };
  for (size_t i = 0; i < changes.size(); ++i) {
    ListRequest other = next;
    changes[i](other);
    EXPECT_THAT(registry_->List(other), BlamesField("page_token")) << i;
  }
  clock_.Advance(kPageTokenLife - absl::Seconds(2));
  const auto second = registry_->List(next);
  ASSERT_THAT(second, IsOk());
  // The second page does not prolong the life of the listing.
  clock_.Advance(absl::Seconds(3));
  next.page.page_token = second->next_page_token;
  EXPECT_THAT(registry_->List(next), HasError(absl::StatusCode::kFailedPrecondition, "PAGE_TOKEN_EXPIRED"));
  ListRequest above = first;
  above.page.min_revision = store_->head() + 1;
  EXPECT_THAT(registry_->List(above), HasError(absl::StatusCode::kOutOfRange, "REVISION_ABOVE_HEAD"));
}

TEST_F(RegistryTest, DeletedResourcesComeBackOrExpireAndNamesAreNotUsedAgain) {
  Create(Mineral("cobalt"));
  Create(Mineral("tin"));
  const auto deleted = Delete(Kind::kMineral, "minerals/cobalt");
  ASSERT_THAT(deleted, IsOk());
  const auto& metadata = deleted->mineral().metadata();
  EXPECT_EQ(metadata.purge_time().seconds() - metadata.delete_time().seconds(), absl::ToInt64Seconds(kDeletedKept));
  EXPECT_THAT(*Get("minerals/cobalt"), EqualsProto(*deleted));
  EXPECT_THAT(Delete(Kind::kMineral, "minerals/cobalt"), HasCode(absl::StatusCode::kNotFound));
  EXPECT_THAT(Update(Mineral("cobalt")), HasError(absl::StatusCode::kFailedPrecondition, "DELETED"));
  EXPECT_THAT(TryCreate(Mineral("cobalt")), HasError(absl::StatusCode::kAlreadyExists, "ALREADY_EXISTED"));
  EXPECT_THAT(TryCreate(Project("cobalt")), HasError(absl::StatusCode::kFailedPrecondition, "REFERENCE_NOT_FOUND"));
  ASSERT_THAT(Named(Operation::kUndelete, Kind::kMineral, "minerals/cobalt"), IsOk());
  EXPECT_THAT(Named(Operation::kUndelete, Kind::kMineral, "minerals/cobalt"),
              HasError(absl::StatusCode::kAlreadyExists, "ALREADY_EXISTS"));
  EXPECT_FALSE(Get("minerals/cobalt")->mineral().metadata().has_delete_time());

  ASSERT_THAT(Delete(Kind::kMineral, "minerals/cobalt"), IsOk());
  EXPECT_EQ(*registry_->PurgeExpired(), 0);
  clock_.Advance(kDeletedKept + absl::Seconds(1));
  EXPECT_EQ(*registry_->PurgeExpired(), 1);
  EXPECT_THAT(Get("minerals/cobalt"), HasCode(absl::StatusCode::kNotFound));
  EXPECT_THAT(Named(Operation::kUndelete, Kind::kMineral, "minerals/cobalt"), HasCode(absl::StatusCode::kNotFound));
  EXPECT_THAT(TryCreate(Mineral("cobalt")), HasError(absl::StatusCode::kAlreadyExists, "ALREADY_EXISTED"));
  EXPECT_THAT(Get("minerals/tin"), IsOk());
}

TEST_F(RegistryTest, UndeletionChecksReferencesAgain) {
  Create(Mineral("cobalt"));
  Create(Project("cobalt"));
  ASSERT_THAT(Delete(Kind::kProject, "projects/p"), IsOk());
  ASSERT_THAT(Delete(Kind::kMineral, "minerals/cobalt"), IsOk());
  EXPECT_THAT(Named(Operation::kUndelete, Kind::kProject, "projects/p"),
              HasError(absl::StatusCode::kFailedPrecondition, "REFERENCE_NOT_FOUND"));
}

TEST_F(RegistryTest, ASearchEndsAtItsDepth) {
  const auto fill = [](WriteTransaction& transaction) -> absl::Status {
    for (size_t i = 0; i < Registry::kMaxSearchDepth + 5; ++i) {
      const v1::Entry mineral = Mineral(absl::StrCat("m", i));
      OREWATCH_RETURN_IF_ERROR(transaction.Put(Kind::kMineral, mineral.mineral().name(), mineral));
    }
    return absl::OkStatus();
  };
  ASSERT_THAT(store_->Commit({"alice", ""}, fill), IsOk());
  // 90 does not divide the depth: the last page is cut short.
  PageRequest request{"alice", 90, "", 0};
  size_t found = 0;
  do {
    const auto page = registry_->Search(request, "m", {});
    ASSERT_THAT(page, IsOk());
    found += page->matches.size();
    request.page_token = page->next_page_token;
  } while (!request.page_token.empty());
  EXPECT_EQ(found, Registry::kMaxSearchDepth);
}

TEST_F(RegistryTest, CompactionSparesTheLastDayAndWhatFollowersHaveNotRead) {
  Create(Mineral("a"));
  Create(Mineral("b"));
  EXPECT_THAT(registry_->Compact(0), BlamesField("revision"));
  EXPECT_THAT(registry_->Compact(3), HasCode(absl::StatusCode::kOutOfRange));
  EXPECT_THAT(registry_->Compact(1), HasError(absl::StatusCode::kFailedPrecondition, "STILL_NEEDED"));
  clock_.Advance(Registry::kHistoryKept + absl::Seconds(1));
  ASSERT_THAT(registry_->NoteFollower({"alice", "risk"}, 1), IsOk());
  ASSERT_THAT(registry_->NoteFollower({"bob", "risk"}, 2), IsOk()) << "speaks for itself alone";
  EXPECT_THAT(registry_->Compact(2), HasError(absl::StatusCode::kFailedPrecondition, "STILL_NEEDED"));
  EXPECT_THAT(registry_->Compact(1), IsOk());
  clock_.Advance(Registry::kFollowersKept + absl::Seconds(1));
  EXPECT_THAT(registry_->Compact(2), IsOk());
  EXPECT_EQ(store_->earliest(), 2);
  const auto after = [&](int64_t number) { return registry_->RevisionOf(number); };
  EXPECT_THAT(registry_->CheckContinues(after(1), ""), HasError(absl::StatusCode::kOutOfRange, "REVISION_COMPACTED"));
  EXPECT_THAT(registry_->CheckContinues(after(2), ""), IsOk());
}

TEST_F(RegistryTest, AFollowerGoesOnUnderAnotherLineageOnlyWithTheSameHistory) {
  Create(Mineral("a"));
  type::v1::Revision old = registry_->RevisionOf(1);
  old.set_lineage("another");
  const std::string digest = *store_->DigestAt(1);
  EXPECT_THAT(registry_->CheckContinues(old, ""), HasError(absl::StatusCode::kFailedPrecondition, "LINEAGE_CHANGED"));
  EXPECT_THAT(registry_->CheckContinues(old, digest), IsOk());
  EXPECT_THAT(registry_->CheckContinues(registry_->RevisionOf(1), std::string(32, 'x')),
              HasError(absl::StatusCode::kFailedPrecondition, "LINEAGE_CHANGED"));
  EXPECT_THAT(registry_->CheckContinues(registry_->RevisionOf(2), ""),
              HasError(absl::StatusCode::kOutOfRange, "REVISION_ABOVE_HEAD"));
}

TEST_F(RegistryTest, WhatRefersToItselfAloneCanBeDeleted) {
  const auto basket =
      ParseProto<v1::Entry>("mineral { name: 'minerals/self' members: 'minerals/self' provenance { source: 's' } }");
  Importer importer(*registry_, {{"alice", ""}});
  v1::ImportRequest::Row row;
  *row.mutable_entry() = basket;
  ASSERT_THAT(importer.Add(row), IsOk());
  ASSERT_EQ(importer.Finish()->created(), 1);
  EXPECT_THAT(Delete(Kind::kMineral, "minerals/self"), IsOk());
}

TEST_F(RegistryTest, RecordsEachDateOnce) {
  ASSERT_THAT(registry_->CommitToday(), IsOk());
  ASSERT_THAT(registry_->CommitToday(), IsOk());
  EXPECT_EQ(store_->head(), 1);
  clock_.Advance(absl::Hours(24));
  ASSERT_THAT(registry_->CommitToday(), IsOk());
  EXPECT_EQ(store_->head(), 2);
  clock_.Advance(-absl::Hours(24));
  ASSERT_THAT(registry_->CommitToday(), IsOk());
  EXPECT_EQ(store_->head(), 2) << "no day comes back";
}

class ImporterTest : public RegistryTest {
 protected:
  static v1::ImportRequest::Row Row(int line, const v1::Entry& entry) {
    v1::ImportRequest::Row row;
    row.set_file("minerals.csv");
    row.set_line(line);
    *row.mutable_entry() = entry;
    return row;
  }
  v1::ImportResponse Import(const std::vector<v1::Entry>& entries, bool atomic, bool validate_only = false) {
    Importer importer(*registry_, {{"alice", ""}, atomic, validate_only});
    int line = 2;
    for (const auto& entry : entries) {
      EXPECT_THAT(importer.Add(Row(line++, entry)), IsOk());
    }
    auto report = importer.Finish();
    EXPECT_THAT(report, IsOk());
    return *report;
  }
};

TEST_F(ImporterTest, TakesGoodRowsAndReportsTheOthersWithLineFieldAndReason) {
  v1::Entry bad = Mineral("tin");
  bad.mutable_mineral()->clear_provenance();
  const auto report = Import({Mineral("cobalt"), bad, Project("unobtainium"), Project("cobalt")}, false);
  EXPECT_EQ(report.created(), 2);
  ASSERT_EQ(report.rejections_size(), 2);
  EXPECT_EQ(report.rejections(0).line(), 3);
  EXPECT_EQ(report.rejections(0).field(), "provenance.source");
  EXPECT_THAT(report.rejections(1).reason(), ::testing::HasSubstr("the same key and another value"));
  EXPECT_EQ(Import({Mineral("cobalt")}, false).unchanged(), 1);
  EXPECT_EQ(store_->head(), 1);
}

TEST_F(ImporterTest, AnAtomicImportMayReferForwardAndIsAllOrNothing) {
  v1::Entry bad = Mineral("tin");
  bad.mutable_mineral()->clear_provenance();
  EXPECT_EQ(Import({Project("cobalt"), Mineral("cobalt"), bad}, true).rejected(), 1);
  EXPECT_EQ(store_->head(), 0);
  EXPECT_EQ(Import({Project("cobalt"), Mineral("cobalt")}, true).created(), 2);
  EXPECT_EQ(store_->head(), 1);
  EXPECT_EQ(Import({Mineral("tin")}, true, true).created(), 1);
  EXPECT_EQ(store_->head(), 1);
}

TEST_F(ImporterTest, ARepeatedAtomicImportGetsTheFirstAnswer) {
  const auto import = [this](const std::vector<v1::Entry>& entries) {
    Importer importer(*registry_, {{"alice", "monday"}, /*atomic=*/true});
    int line = 2;
    for (const auto& entry : entries) {
      EXPECT_THAT(importer.Add(Row(line++, entry)), IsOk());
    }
    return importer.Finish();
  };
  EXPECT_EQ(import({Mineral("tin"), Mineral("zinc")})->created(), 2);
  EXPECT_EQ(import({Mineral("tin"), Mineral("zinc")})->created(), 2);
  EXPECT_EQ(store_->head(), 1);
  EXPECT_THAT(import({Mineral("tin")}), BlamesField("request_id"));
  EXPECT_EQ(store_->head(), 1);
}

TEST_F(ImporterTest, ARepeatIsKnownHoweverItsMapsAreSerialized) {
  constexpr int kRepeats = 50;
  const auto supplier = ParseProto<v1::Entry>(
      "supplier { name: 'suppliers/acme' provenance { source: 's' } identifiers { key: 'lei' value: '1' } "
      "identifiers { key: 'ticker' value: '2' } identifiers { key: 'cn_uscc' value: '3' } }");
  for (int i = 0; i < kRepeats; ++i) {
    // Built anew, since the order of a map is that of its table.
    v1::Entry again;
    again.ParseFromString(supplier.SerializeAsString());
    Importer importer(*registry_, {{"alice", "monday"}, /*atomic=*/true});
    ASSERT_THAT(importer.Add(Row(2, again)), IsOk());
    ASSERT_THAT(importer.Finish(), IsOk()) << i;
  }
}

TEST_F(ImporterTest, AFacilityTakesItsSuppliersVisibilityWhereverItsRowStands) {
  const auto facility =
      ParseProto<v1::Entry>("facility { name: 'suppliers/acme/facilities/mine' provenance { source: 's' } }");
  const auto supplier = [](const std::string& more) {
    return ParseProto<v1::Entry>(
        absl::StrCat("supplier { name: 'suppliers/acme' provenance { source: 's' } ", more, " }"));
  };
  const auto seen_by_bob = [&] {
    return registry_->Get("bob", Kind::kFacility, "suppliers/acme/facilities/mine").ok();
  };
  Import({facility, supplier("")}, /*atomic=*/true);
  EXPECT_TRUE(seen_by_bob());
  Import({facility, supplier("visibility { owner: 'alice' }")}, /*atomic=*/true);
  EXPECT_FALSE(seen_by_bob());
}

TEST_F(ImporterTest, RowsMayStandBeforeWhatTheyReferTo) {
  const auto owned = [](const std::string& id, const std::string& owner) {
    return ParseProto<v1::Entry>(absl::StrCat("supplier { name: 'suppliers/", id, "' provenance { source: 's' } ",
                                              "owners { supplier: 'suppliers/", owner, "' } }"));
  };
  const auto root = ParseProto<v1::Entry>("supplier { name: 'suppliers/root' provenance { source: 's' } }");
  const auto report = Import({owned("leaf", "branch"), owned("branch", "root"), owned("orphan", "nobody"),
                              owned("egg", "hen"), owned("hen", "egg"), root},
                             false);
  EXPECT_EQ(report.created(), 3);
  ASSERT_EQ(report.rejections_size(), 3) << "a circle needs an atomic import";
  EXPECT_EQ(report.rejections(0).line(), 4);
  EXPECT_THAT(report.rejections(0).reason(), ::testing::HasSubstr("suppliers/nobody"));
  EXPECT_EQ(Import({owned("egg", "hen"), owned("hen", "egg")}, true).created(), 2);
}

TEST_F(ImporterTest, ReportsRowsByLineAlsoThoseThatWaited) {
  v1::Entry bad = Mineral("tin");
  bad.mutable_mineral()->clear_provenance();
  const auto report = Import({Project("unobtainium"), bad}, false);
  ASSERT_EQ(report.rejections_size(), 2);
  EXPECT_EQ(report.rejections(0).line(), 2);
  EXPECT_EQ(report.rejections(1).line(), 3);
}

TEST_F(ImporterTest, ALongChainInReverseTakesFewRevisions) {
  constexpr int kRows = 20'000;
  std::vector<v1::Entry> chain;
  chain.reserve(kRows);
  for (int i = 0; i < kRows; ++i) {
    chain.push_back(ParseProto<v1::Entry>(
        absl::StrCat("supplier { name: 'suppliers/s", i, "' provenance { source: 's' } ",
                     i + 1 < kRows ? absl::StrCat("owners { supplier: 'suppliers/s", i + 1, "' }") : "", " }")));
  }
  const auto report = Import(chain, false);
  EXPECT_EQ(report.created(), kRows);
  EXPECT_LE(store_->head(), kRows / static_cast<int>(Importer::kRowsPerRevision) + 2);
}

TEST_F(ImporterTest, EndsWhereNobodyWaitsAnyMore) {
  bool wanted = true;
  Importer::Options options{{"alice", ""}, false, false};
  options.wanted = [&] { return wanted; };
  Importer importer(*registry_, options);
  EXPECT_THAT(importer.Add(Row(2, Mineral("tin"))), IsOk());
  wanted = false;
  EXPECT_THAT(importer.Finish(), HasCode(absl::StatusCode::kCancelled));
  EXPECT_EQ(store_->head(), 0);
}

TEST_F(ImporterTest, ACheckIsOfTheWholeWhetherAtomicOrNot) {
  std::vector<v1::Entry> entries = {Project("m1500")};
  for (int i = 0; i < 2000; ++i) {
    entries.push_back(Mineral(absl::StrCat("m", i)));
  }
  const auto report = Import(entries, /*atomic=*/false, /*validate_only=*/true);
  EXPECT_EQ(report.rejected(), 0) << report.ShortDebugString();
  EXPECT_EQ(report.created(), 2001);
  EXPECT_EQ(store_->head(), 0);
}

// A facility of acme, which takes the supplier's visibility.
v1::Entry Mine(const std::string& more = "") {
  return ParseProto<v1::Entry>(
      absl::StrCat("facility { name: 'suppliers/acme/facilities/mine' provenance { source: 's' } ", more, " }"));
}

v1::Entry Acme(const std::string& more = "") {
  return ParseProto<v1::Entry>(
      absl::StrCat("supplier { name: 'suppliers/acme' provenance { source: 's' } ", more, " }"));
}

TEST_F(ImporterTest, AReaderMayImportWhatHeReadsAndChangesNoneOfIt) {
  const std::string shared = "visibility { owner: 'alice' readers: 'bob' }";
  ASSERT_EQ(Import({Acme(shared), Mine()}, false).created(), 2);
  const auto import_as_bob = [&](const v1::Entry& entry) {
    Importer importer(*registry_, {{"bob", ""}});
    EXPECT_THAT(importer.Add(Row(2, entry)), IsOk());
    return *importer.Finish();
  };
  EXPECT_EQ(import_as_bob(Acme(shared)).unchanged(), 1);
  EXPECT_EQ(import_as_bob(Mine()).unchanged(), 1);
  const auto report = import_as_bob(Acme(shared + " display_name: 'Bob'"));
  ASSERT_EQ(report.rejections_size(), 1);
  EXPECT_THAT(report.rejections(0).reason(), ::testing::HasSubstr("only its owner"));
}

TEST_F(ImporterTest, ARowThatStandsTwiceIsUnchangedThoughItsVisibilityIsTakenOver) {
  for (const bool atomic : {false, true}) {
    SCOPED_TRACE(atomic);
    const std::string owned = "visibility { owner: 'alice' }";
    const std::string title = absl::StrCat("display_name: '", atomic, "'");
    const auto report =
        Import({Acme(absl::StrCat(owned, title)), Acme(absl::StrCat(owned, title)), Mine(title), Mine(title)}, atomic);
    EXPECT_EQ(report.rejected(), 0) << report.ShortDebugString();
    EXPECT_EQ(report.unchanged(), 2);
    // Left out means kept, so these two say the same.
    const auto kept = Import({Acme(absl::StrCat(owned, title)), Acme(title)}, atomic);
    EXPECT_EQ(kept.rejected(), 0) << kept.ShortDebugString();
  }
}

TEST_F(ImporterTest, ARowThatContradictsAnotherIsRejectedWhateverIsStored) {
  Import({Acme("display_name: 'one'")}, false);
  for (const bool atomic : {false, true}) {
    const auto report = Import({Acme("display_name: 'one'"), Acme("display_name: 'two'")}, atomic);
    EXPECT_EQ(report.rejected(), 1) << "the first row changes nothing, and counts";
    EXPECT_EQ(report.updated(), 0);
  }
}

TEST_F(ImporterTest, AFacilitysRowIsTakenAfterItsSuppliersNewVisibilityInTheSameImport) {
  Import({Acme(), Mine()}, false);
  const auto rows = {Mine("display_name: 'North'"), Acme("visibility { owner: 'alice' }")};
  const auto expected = Import(rows, false, /*validate_only=*/true);
  const auto report = Import(rows, false);
  EXPECT_EQ(report.updated(), 2) << report.ShortDebugString();
  EXPECT_EQ(expected.updated(), 2) << expected.ShortDebugString();
  EXPECT_THAT(registry_->Get("bob", Kind::kFacility, "suppliers/acme/facilities/mine"),
              HasCode(absl::StatusCode::kNotFound));
  const auto mine = registry_->Get("alice", Kind::kFacility, "suppliers/acme/facilities/mine");
  ASSERT_THAT(mine, IsOk());
  EXPECT_EQ(mine->facility().display_name(), "North");
}

TEST_F(ImporterTest, ASupplierOfTooManyFacilitiesStaysAsItIs) {
  constexpr int kFacilities = 10'001;
  std::vector<v1::Entry> entries = {Acme()};
  for (int i = 0; i < kFacilities; ++i) {
    entries.push_back(Mine());
    entries.back().mutable_facility()->set_name(absl::StrCat("suppliers/acme/facilities/f", i));
  }
  ASSERT_EQ(Import(entries, false).created(), kFacilities + 1);
  EXPECT_EQ(Import({Acme("visibility { owner: 'alice' }")}, false).rejected(), 1);
  EXPECT_THAT(registry_->Get("bob", Kind::kSupplier, "suppliers/acme"), IsOk());
}

TEST_F(ImporterTest, ARowThatWaitsIsNotTakenInPlaceOfALaterOne) {
  const auto owned = [](const std::string& owner) { return Acme(absl::StrCat("owners { supplier: '", owner, "' }")); };
  const auto root = ParseProto<v1::Entry>("supplier { name: 'suppliers/root' provenance { source: 's' } }");
  const auto report = Import({owned("suppliers/root"), Acme(), root}, false);
  EXPECT_EQ(report.created(), 2);
  ASSERT_EQ(report.rejections_size(), 1);
  EXPECT_EQ(report.rejections(0).line(), 2);
}

v1::Entry Output(int year, double tonnes) {
  auto entry = ParseProto<v1::Entry>(R"pb(statistic {
                                            dataset: "d"
                                            production { mineral: "minerals/tin" stage: STAGE_MINE country: "PE" }
                                            quantity { basis: BASIS_GROSS }
                                            provenance { source: "s" }
                                          })pb");
  entry.mutable_statistic()->set_year(year);
  entry.mutable_statistic()->mutable_quantity()->set_tonnes(tonnes);
  return entry;
}

TEST_F(ImporterTest, ADryRunSaysWhatTheImportSays) {
  v1::Entry bad = Mineral("tungsten");
  bad.mutable_mineral()->clear_provenance();
  std::vector<v1::Entry> entries = {
      bad,
      Project("tungsten"),
      Mineral("tin"),
      Acme("visibility { owner: 'alice' }"),
      Mine(),
      Mine(),
      ParseProto<v1::Entry>(
          "supplier { name: 'suppliers/egg' provenance { source: 's' } owners { supplier: 'suppliers/hen' } }"),
      ParseProto<v1::Entry>(
          "supplier { name: 'suppliers/hen' provenance { source: 's' } owners { supplier: 'suppliers/egg' } }")};
  for (int i = 0; i < 1500; ++i) {
    entries.push_back(Mineral(absl::StrCat("m", i)));
  }
  // In another portion than what they repeat, change or refer to.
  entries.insert(entries.end(), {Mineral("m0"), Acme("visibility { owner: 'bob' }"), Mine("status: STATUS_CLOSED"),
                                 Output(2000, 1), Output(2000, 1), Output(2000, 2), Acme("display_name: 'not mine'")});
  for (int i = 0; i < 1200; ++i) {
    entries.push_back(Output(1950 + i % 200, i));
  }
  v1::Entry known = Mineral("m1");
  known.mutable_mineral()->set_display_name("to be changed");
  Import({known}, false);
  const int64_t before = store_->head();
  auto checked = Import(entries, false, /*validate_only=*/true);
  EXPECT_EQ(store_->head(), before);
  auto imported = Import(entries, false);
  checked.clear_revision();
  imported.clear_revision();
  EXPECT_THAT(checked, EqualsProto(imported));
  EXPECT_GE(imported.rejected(), 6);
  EXPECT_GT(imported.updated(), 0);
  auto again = Import(entries, false, /*validate_only=*/true);
  auto twice = Import(entries, false);
  again.clear_revision();
  twice.clear_revision();
  EXPECT_THAT(again, EqualsProto(twice));
}

TEST_F(ImporterTest, ADryRunTakesMoreRowsThanAnAtomicImport) {
  constexpr int kRows = 260'000;
  Import({Mineral("tin")}, false);
  Importer importer(*registry_, {{"alice", ""}, /*atomic=*/false, /*validate_only=*/true});
  for (int i = 0; i < kRows; ++i) {
    ASSERT_THAT(importer.Add(Row(i, Output(1950, i))), IsOk());
  }
  const auto report = importer.Finish();
  ASSERT_THAT(report, IsOk());
  EXPECT_EQ(report->created() + report->updated() + report->rejected(), kRows);
  EXPECT_EQ(store_->head(), 1);
}

TEST_F(ImporterTest, AnAtomicDryRunIsBoundedAsTheImportIs) {
  Importer importer(*registry_, {{"alice", ""}, /*atomic=*/true, /*validate_only=*/true});
  absl::Status status;
  for (size_t i = 0; i <= Importer::kMaxAtomicRows && status.ok(); ++i) {
    status = importer.Add(Row(2, Mineral("tin")));
  }
  EXPECT_THAT(status, BlamesField("rows"));
}

TEST_F(ImporterTest, AReportFitsIntoOneAnswerHoweverLongTheNamesOfFiles) {
  Importer importer(*registry_, {{"alice", ""}, false, false});
  for (int i = 0; i < 5000; ++i) {
    v1::ImportRequest::Row row = Row(i, Project("nothing"));
    row.set_file(std::string(5000, 'x'));
    ASSERT_THAT(importer.Add(row), IsOk());
  }
  const auto report = importer.Finish();
  ASSERT_THAT(report, IsOk());
  EXPECT_EQ(report->rejected(), 5000);
  EXPECT_LT(report->ByteSizeLong(), 3'000'000u);
  EXPECT_GT(report->rejections_size(), 100);
}

TEST_F(ImporterTest, OneKeyHasOneValueHoweverFarItsRowsStandApart) {
  std::vector<v1::Entry> entries = {Acme()};
  for (int i = 0; i < 2500; ++i) {
    entries.push_back(Mineral(absl::StrCat("m", i)));
  }
  entries.push_back(Acme("display_name: 'another'"));
  entries.push_back(Acme());
  const auto report = Import(entries, false);
  EXPECT_EQ(report.created(), 2501);
  EXPECT_EQ(report.unchanged(), 1);
  ASSERT_EQ(report.rejected(), 1);
  EXPECT_EQ(report.rejections(0).line(), 2503);
  const int64_t head = store_->head();
  const auto again = Import(entries, false);
  EXPECT_EQ(again.unchanged(), 2502);
  EXPECT_EQ(again.rejected(), 1);
  EXPECT_EQ(store_->head(), head);
}

TEST_F(ImporterTest, ARowWhoseKeyWasTakenAndDeletedMeanwhileIsRejected) {
  Import({Mineral("tin"), ParseProto<v1::Entry>("country { name: 'countries/PE' provenance { source: 's' } }")}, false);
  Importer importer(*registry_, {{"alice", ""}, false, false});
  ASSERT_THAT(importer.Add(Row(2, Output(2000, 1))), IsOk());
  for (size_t i = 1; i < Importer::kRowsPerRevision; ++i) {
    ASSERT_THAT(importer.Add(Row(3, Mineral(absl::StrCat("m", i)))), IsOk());
  }
  const int64_t head = store_->head();
  while (store_->head() == head) {
    std::this_thread::yield();
  }
  ASSERT_THAT(registry_->Apply(PutOf(Operation::kDelete, Output(2000, 1)), {{"alice", ""}, "", false}), IsOk());
  ASSERT_THAT(importer.Add(Row(4, Output(2000, 2))), IsOk());
  const auto report = importer.Finish();
  ASSERT_THAT(report, IsOk());
  ASSERT_EQ(report->rejected(), 1);
  EXPECT_EQ(report->rejections(0).line(), 4);
}

TEST_F(ImporterTest, BoundsWhatItKeepsByBytesToo) {
  Importer::Options options{{"alice", ""}, /*atomic=*/true, false};
  options.limits.atomic = 400;
  Importer atomic(*registry_, options);
  EXPECT_THAT(atomic.Add(Row(1, Mineral("a"))), IsOk());
  EXPECT_THAT(atomic.Add(Row(2, Mineral(std::string(100, 'x')))), BlamesField("rows"));
  // Each row is a revision of its own, and none can wait for what it refers to.
  options.atomic = false;
  options.limits.revision = 1;
  options.limits.waiting = 1;
  Importer importer(*registry_, options);
  ASSERT_THAT(importer.Add(Row(1, Project("b"))), IsOk());
  ASSERT_THAT(importer.Add(Row(2, Mineral("a"))), IsOk());
  ASSERT_THAT(importer.Add(Row(3, Mineral("b"))), IsOk());
  const auto report = importer.Finish();
  ASSERT_THAT(report, IsOk());
  EXPECT_EQ(store_->head(), 2);
  ASSERT_EQ(report->rejected(), 1);
  EXPECT_THAT(report->rejections(0).reason(), ::testing::HasSubstr("minerals/b"));
}

TEST_F(ImporterTest, AllImportsTogetherHoldNoMoreThanThereIs) {
  Registry registry(*store_, clock_, /*import_memory=*/3'000'000);
  const Importer::Options atomic{{"alice", ""}, /*atomic=*/true, false};
  {
    Importer first(registry, atomic);
    absl::Status status;
    int taken = 0;
    while ((status = first.Add(Row(taken, Mineral(absl::StrCat("m", taken))))).ok()) {
      ++taken;
    }
    EXPECT_GT(taken, 2000);
    EXPECT_THAT(status, HasError(absl::StatusCode::kResourceExhausted, "TOO_MANY_IMPORTS"));
    Importer second(registry, atomic);
    EXPECT_THAT(second.Add(Row(1, Mineral("a"))), HasError(absl::StatusCode::kResourceExhausted, "TOO_MANY_IMPORTS"));
  }
  // What was given up and what is committed give back what they held.
  Importer third(registry, {{"alice", ""}, false, false});
  for (int i = 0; i < 10'000; ++i) {
    ASSERT_THAT(third.Add(Row(i, Mineral(absl::StrCat("n", i)))), IsOk()) << i;
  }
  EXPECT_EQ(third.Finish()->created(), 10'000);
}

TEST_F(ImporterTest, CommitsAThousandRowsARevision) {
  std::vector<v1::Entry> entries;
  entries.reserve(2500);
  for (int i = 0; i < 2500; ++i) {
    entries.push_back(Mineral(absl::StrCat("m", i)));
  }
  EXPECT_EQ(Import(entries, false).created(), 2500);
  EXPECT_EQ(store_->head(), 3);
}

}  // namespace
}  // namespace orewatch::registry
