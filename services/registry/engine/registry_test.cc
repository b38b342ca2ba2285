#include "services/registry/engine/registry.h"

#include <filesystem>

#include "absl/strings/str_cat.h"
#include "common/testing/matchers.h"
#include "services/registry/engine/importer.h"
#include "services/registry/engine/page_token.h"
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
  void Create(const v1::Entry& entry) { ASSERT_THAT(registry_->Create(entry, By("alice")), IsOk()); }

  std::filesystem::path dir_;
  FakeClock clock_{absl::FromUnixSeconds(1'700'000'000)};
  std::unique_ptr<SqliteStore> store_;
  std::unique_ptr<Registry> registry_;
};

TEST_F(RegistryTest, ReturnsWhatWasCreatedWithMetadata) {
  const auto created = registry_->Create(Mineral("cobalt"), By("alice"));
  ASSERT_THAT(created, IsOk());
  EXPECT_EQ(created->mineral().metadata().revision().number(), 1);
  EXPECT_FALSE(created->mineral().metadata().etag().empty());
  const auto read = registry_->Get(Kind::kMineral, "minerals/cobalt");
  ASSERT_THAT(read, IsOk());
  EXPECT_THAT(*read, EqualsProto(*created));
  EXPECT_THAT(registry_->Create(Mineral("cobalt"), By("alice")),
              HasError(absl::StatusCode::kAlreadyExists, "ALREADY_EXISTS"));
  EXPECT_THAT(registry_->Get(Kind::kMineral, "minerals/tin"), HasError(absl::StatusCode::kNotFound, "NOT_FOUND"));
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
      registry_->Create(bad, By("alice")),
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
  EXPECT_THAT(registry_->Create(agreement, By("alice")), BlamesField("signed"));
  for (const auto& [month, day] : {std::pair(2, 28), {2, 0}, {0, 0}}) {
    agreement.mutable_agreement()->mutable_signed_()->set_month(month);
    agreement.mutable_agreement()->mutable_signed_()->set_day(day);
    EXPECT_THAT(registry_->Create(agreement, By("alice")), ::testing::Not(BlamesField("signed"))) << month;
  }
}

TEST_F(RegistryTest, RefusesReferencesToNothingAndDeletionOfWhatIsReferredTo) {
  EXPECT_THAT(registry_->Create(Project("cobalt"), By("alice")),
              HasError(absl::StatusCode::kFailedPrecondition, "REFERENCE_NOT_FOUND"));
  Create(Mineral("cobalt"));
  Create(Project("cobalt"));
  EXPECT_THAT(registry_->Delete(Kind::kMineral, "minerals/cobalt", By("alice")),
              HasError(absl::StatusCode::kFailedPrecondition, "STILL_REFERENCED"));
  EXPECT_THAT(registry_->Delete(Kind::kProject, "projects/p", By("alice")), IsOk());
  EXPECT_THAT(registry_->Delete(Kind::kMineral, "minerals/cobalt", By("alice")), IsOk());
}

TEST_F(RegistryTest, UpdatesMaskedFieldsGuardedByTheEtag) {
  Create(Mineral("cobalt"));
  v1::Entry wanted = Mineral("cobalt");
  wanted.mutable_mineral()->set_display_name("Cobalt");
  wanted.mutable_mineral()->mutable_provenance()->set_source("ignored");
  google::protobuf::FieldMask mask;
  mask.add_paths("display_name");
  WriteOptions options = By("alice");
  options.etag = "stale";
  EXPECT_THAT(registry_->Update(wanted, mask, options), HasError(absl::StatusCode::kAborted, "ETAG_MISMATCH"));
  const auto updated = registry_->Update(wanted, mask, By("alice"));
  ASSERT_THAT(updated, IsOk());
  EXPECT_EQ(updated->mineral().display_name(), "Cobalt");
  EXPECT_EQ(updated->mineral().provenance().source(), "a test");
  EXPECT_EQ(updated->mineral().metadata().revision().number(), 2);
  mask.add_paths("nonsense");
  EXPECT_THAT(registry_->Update(wanted, mask, By("alice")), BlamesField("update_mask"));
  EXPECT_THAT(registry_->Update(Mineral("tin"), {}, By("alice")), HasCode(absl::StatusCode::kNotFound));
}

TEST_F(RegistryTest, ANoOpAndAValidationTakeNoRevision) {
  Create(Mineral("cobalt"));
  EXPECT_THAT(registry_->Update(Mineral("cobalt"), {}, By("alice")), IsOk());
  WriteOptions options = By("alice");
  options.validate_only = true;
  EXPECT_THAT(registry_->Create(Mineral("tin"), options), IsOk());
  EXPECT_EQ(store_->head(), 1);
  EXPECT_THAT(registry_->Get(Kind::kMineral, "minerals/tin"), HasCode(absl::StatusCode::kNotFound));
}

TEST_F(RegistryTest, ARepeatedRequestReturnsTheFirstAnswerPerCaller) {
  const auto first = registry_->Create(Mineral("cobalt"), By("alice", "r1", "payload"));
  const auto repeat = registry_->Create(Mineral("cobalt"), By("alice", "r1", "payload"));
  ASSERT_THAT(repeat, IsOk());
  EXPECT_THAT(*repeat, EqualsProto(*first));
  EXPECT_THAT(registry_->Create(Mineral("tin"), By("alice", "r1", "other")), BlamesField("request_id"));
  EXPECT_THAT(registry_->Create(Mineral("cobalt"), By("bob", "r1", "payload")),
              HasCode(absl::StatusCode::kAlreadyExists));
}

TEST_F(RegistryTest, AllPagesShowTheRevisionOfTheFirst) {
  for (int i = 0; i < 5; ++i) {
    Create(Mineral(absl::StrCat("m", i)));
  }
  PageRequest request{Kind::kMineral, "", 2, "", 0};
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
    request.page_token = page->next_page_token;
    Create(Mineral(absl::StrCat("new", pages)));
    ASSERT_THAT(registry_->Delete(Kind::kMineral, "minerals/m4",
                                  [&] {
                                    WriteOptions options = By("alice");
                                    options.allow_missing = true;
                                    return options;
                                  }()),
                IsOk());
  }
  EXPECT_THAT(names, ::testing::ElementsAre("minerals/m0", "minerals/m1", "minerals/m2", "minerals/m3", "minerals/m4"));
  request.kind = Kind::kCountry;
  EXPECT_THAT(registry_->List(request), BlamesField("page_token"));
  request.page_token = "garbage!";
  EXPECT_THAT(registry_->List(request), BlamesField("page_token"));
  request = {Kind::kMineral, "", 0, "", store_->head() + 1};
  EXPECT_THAT(registry_->List(request), HasError(absl::StatusCode::kOutOfRange, "REVISION_ABOVE_HEAD"));
}

TEST_F(RegistryTest, RecordsEachDateOnce) {
  ASSERT_THAT(registry_->CommitToday(), IsOk());
  ASSERT_THAT(registry_->CommitToday(), IsOk());
  EXPECT_EQ(store_->head(), 1);
  clock_.Advance(absl::Hours(24));
  ASSERT_THAT(registry_->CommitToday(), IsOk());
  EXPECT_EQ(store_->head(), 2);
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
  EXPECT_THAT(report.rejections(1).reason(), ::testing::HasSubstr("minerals/unobtainium"));
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

TEST_F(ImporterTest, CommitsAThousandRowsARevision) {
  std::vector<v1::Entry> entries;
  for (int i = 0; i < 2500; ++i) {
    entries.push_back(Mineral(absl::StrCat("m", i)));
  }
  EXPECT_EQ(Import(entries, false).created(), 2500);
  EXPECT_EQ(store_->head(), 3);
}

TEST(PageTokenTest, RoundTripsAndRefusesAnythingElse) {
  const PageToken token{"lineage", 42, "1:suppliers/x", "key\nwith newline"};
  const auto decoded = DecodePageToken(EncodePageToken(token));
  ASSERT_THAT(decoded, IsOk());
  EXPECT_EQ(decoded->after_key, token.after_key);
  EXPECT_EQ(decoded->revision, 42);
  for (const char* bad : {"x", "bGluZWFnZQ", "YQotMQpxCms", "%%%"}) {
    EXPECT_THAT(DecodePageToken(bad), BlamesField("page_token")) << bad;
  }
}

}  // namespace
}  // namespace orewatch::registry
