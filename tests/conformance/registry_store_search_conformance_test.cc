// Search: what every engine of the registry's store finds, and in which order.
#include <random>

#include "absl/strings/str_join.h"
#include "common/status/status.h"
#include "tests/conformance/registry_store_fixture.h"

namespace orewatch::registry {
namespace {

using ::orewatch::testing::HasError;
using ::orewatch::testing::IsOk;
using ::testing::ElementsAre;

class StoreSearchTest : public StoreTest {
 protected:
  void PutAs(Kind kind, const v1::Entry& entry) { PutAs(*store_, kind, entry); }
  static void PutAs(RegistryStore& store, Kind kind, const v1::Entry& entry) {
    const auto put = [&](WriteTransaction& t) { return t.Put(kind, NameIn(MessageIn(kind, entry)), entry); };
    ASSERT_THAT(store.Commit(kAnybody, put), IsOk());
  }
  SearchQuery QueryOf(const std::string& query, size_t skip = 0, size_t max_rows = 10) {
    return {*ParseSearchQuery(query), {}, "anonymous", store_->head(), skip, max_rows, 1 << 20};
  }
  std::vector<std::string> Found(const SearchQuery& query) {
    std::vector<std::string> keys;
    const auto hits = store_->Search(query);
    EXPECT_THAT(hits, IsOk());
    for (const SearchHit& hit : *hits) {
      keys.push_back(hit.stored.key);
    }
    return keys;
  }
  std::vector<std::string> Found(const std::string& text, std::vector<Kind> kinds = {}) {
    SearchQuery query = QueryOf(text);
    query.kinds = std::move(kinds);
    return Found(query);
  }
  std::vector<std::string> FoundBy(const std::string& principal, const std::string& text) {
    SearchQuery query = QueryOf(text);
    query.principal = principal;
    return Found(query);
  }
  std::vector<std::string> FoundAt(int64_t revision, const std::string& text) {
    SearchQuery query = QueryOf(text);
    query.revision = revision;
    return Found(query);
  }
};

v1::Entry Project(const std::string& id, const std::string& display_name, const std::string& sponsor = "") {
  v1::Entry entry;
  entry.mutable_project()->set_name(absl::StrCat("projects/", id));
  entry.mutable_project()->set_display_name(display_name);
  if (!sponsor.empty()) {
    entry.mutable_project()->add_sponsors()->set_display_name(sponsor);
  }
  return entry;
}

v1::Entry HiddenProject(const std::string& id, const std::string& display_name,
                        const std::vector<std::string>& readers = {}) {
  v1::Entry entry = Project(id, display_name);
  entry.mutable_project()->mutable_visibility()->set_owner("alice");
  for (const std::string& reader : readers) {
    entry.mutable_project()->mutable_visibility()->add_readers(reader);
  }
  return entry;
}

TEST_P(StoreSearchTest, APageEndsWithTheMatchThatPassesItsBytes) {
  for (const char* id : {"a", "b", "c", "d"}) {
    PutAs(Kind::kProject, Project(id, "Cobalt", std::string(1000, 'x')));
  }
  SearchQuery query = QueryOf("cobalt");
  for (const auto& [max_bytes, hits] : {std::make_pair(1U, 2U), {1500U, 2U}, {2500U, 3U}, {10'000U, 4U}}) {
    query.max_bytes = max_bytes;
    EXPECT_EQ(Found(query).size(), hits) << max_bytes;
  }
  query.max_bytes = 1;
  query.skip = 3;
  EXPECT_THAT(Found(query), ElementsAre("projects/d"));
}

TEST_P(StoreSearchTest, SearchFindsWordsInAnyScriptAndFollowsWrites) {
  v1::Entry sumitomo;
  sumitomo.mutable_supplier()->set_name("suppliers/smm");
  sumitomo.mutable_supplier()->set_display_name("Sumitomo Metal Mining");
  sumitomo.mutable_supplier()->add_aliases("住友金属鉱山");
  PutAs(Kind::kSupplier, sumitomo);
  v1::Entry nickel = Mineral("nickel", "Nickel");
  PutAs(Kind::kMineral, nickel);
  v1::Entry project;
  project.mutable_project()->set_name("projects/p");
  project.mutable_project()->set_display_name("Pomalaa");
  project.mutable_project()->set_mineral("minerals/nickel");
  project.mutable_project()->add_sponsors()->set_display_name("Sumitomo");
  PutAs(Kind::kProject, project);
  // Better where it is in the title.
  EXPECT_THAT(Found("sumitomo"), ElementsAre("suppliers/smm", "projects/p"));
  EXPECT_THAT(Found("SUMI nick"), ElementsAre("projects/p"));
  EXPECT_THAT(Found("sumitomo", {Kind::kProject, Kind::kMineral}), ElementsAre("projects/p"));
  for (const char* word : {"住友", "金属", "友金", "鉱山", "金属鉱", "山"}) {
    EXPECT_THAT(Found(word), ElementsAre("suppliers/smm")) << word;
  }
  EXPECT_THAT(Found("住金"), ElementsAre());
  nickel.mutable_mineral()->set_display_name("Ni");
  PutAs(Kind::kMineral, nickel);
  ASSERT_THAT(Run([](WriteTransaction& t) { return t.MarkDeleted(Kind::kMineral, "minerals/nickel"); }), IsOk());
  EXPECT_THAT(Found("nickel"), ElementsAre("projects/p"));
  PutAs(Kind::kMineral, nickel);
  EXPECT_THAT(Found("nickel"), ElementsAre("minerals/nickel", "projects/p"));
  EXPECT_THAT(Found(QueryOf("nickel", 1)), ElementsAre("projects/p"));
}

TEST_P(StoreSearchTest, FindsNeitherPartsOfWordsNorPairsThatStandApart) {
  PutAs(Kind::kMineral, Mineral("a", "Lithium carbonate"));
  PutAs(Kind::kMineral, Mineral("b", "리튬 수산화물"));
  EXPECT_THAT(Found("carb"), ElementsAre("minerals/a"));
  EXPECT_THAT(Found("arbonate"), ElementsAre());
  EXPECT_THAT(Found("리튬"), ElementsAre("minerals/b"));
  EXPECT_THAT(Found("산화물"), ElementsAre("minerals/b"));
  EXPECT_THAT(Found("튬수"), ElementsAre()) << "two words";
  EXPECT_THAT(Found("a' & 'b"), ElementsAre()) << "what looks like a query language is only text";
}

TEST_P(StoreSearchTest, TakesTextOfAnyLength) {
  std::string words;
  for (int i = 0; i < 200'000; ++i) {
    absl::StrAppend(&words, "w", i, " ");
  }
  PutAs(Kind::kMineral, Mineral("many", words));
  PutAs(Kind::kMineral, Mineral("long", std::string(1 << 20, 'x')));
  EXPECT_THAT(Found("w7"), ElementsAre("minerals/many"));
  EXPECT_THAT(Found("xxx"), ElementsAre("minerals/long"));
  EXPECT_THAT(Found("long"), ElementsAre("minerals/long"));
}

// Names of a few words out of few, so that words meet and scores tie.
v1::Entry RandomProject(int i, std::mt19937& random) {
  const std::vector<std::string> words = {"cobalt", "nickel", "sulphate", "住友金属", "리튬", "oxide", "co", "nick"};
  const auto some = [&](size_t at_most) {
    std::vector<std::string> chosen;
    for (size_t left = random() % (at_most + 1); left > 0; --left) {
      chosen.push_back(words[random() % words.size()]);
    }
    return absl::StrJoin(chosen, " ");
  };
  v1::Entry entry;
  entry.mutable_project()->set_name(absl::StrCat("projects/m", i));
  entry.mutable_project()->set_display_name(some(3));
  entry.mutable_project()->add_sponsors()->set_display_name(some(12));
  return entry;
}

TEST_P(StoreSearchTest, WhatOneMayNotReadDoesNotPushOutWhatOneMay) {
  ASSERT_THAT(Run([](WriteTransaction& t) {
                for (int i = 0; i < 300; ++i) {
                  const v1::Entry better = HiddenProject(absl::StrCat("h", i), "Nickel nickel nickel");
                  OREWATCH_RETURN_IF_ERROR(t.Put(Kind::kProject, better.project().name(), better));
                }
                const v1::Entry open = Project("open", "A mine", "a company that digs for nickel and for cobalt");
                return t.Put(Kind::kProject, open.project().name(), open);
              }),
              IsOk());
  EXPECT_THAT(FoundBy("bob", "nickel"), ElementsAre("projects/open"));
  EXPECT_EQ(FoundBy("alice", "nickel").size(), 10U);
  EXPECT_THAT(Found(QueryOf("nickel", 1)), ElementsAre()) << "what is passed over is counted likewise";
}

TEST_P(StoreSearchTest, OwnersAndReadersFindAndNobodyByHalfAName) {
  PutAs(Kind::kProject, HiddenProject("p", "Nickel", {"carol", "dan,erin", "two\nlines", std::string("na\0ught", 7)}));
  for (const char* reader : {"alice", "carol", "dan,erin"}) {
    EXPECT_THAT(FoundBy(reader, "nickel"), ElementsAre("projects/p")) << reader;
  }
  for (const char* other : {"anonymous", "bob", "ali", "lice", "carol,dan", "dan", "erin", "two", "lines", "na", "%"}) {
    EXPECT_THAT(FoundBy(other, "nickel"), ElementsAre()) << other;
  }
  PutAs(Kind::kProject, Project("p", "Nickel"));
  EXPECT_THAT(FoundBy("bob", "nickel"), ElementsAre("projects/p"));
  PutAs(Kind::kProject, HiddenProject("p", "Nickel"));
  EXPECT_THAT(FoundBy("bob", "nickel"), ElementsAre());
  EXPECT_THAT(FoundBy("carol", "nickel"), ElementsAre());
}

TEST_P(StoreSearchTest, FindsWhatHeldAtARevision) {
  PutAs(Kind::kProject, Project("p", "Nickel"));
  PutAs(Kind::kProject, Project("p", "Cobalt"));
  ASSERT_THAT(Run([](WriteTransaction& t) { return t.MarkDeleted(Kind::kProject, "projects/p"); }), IsOk());
  PutAs(Kind::kProject, Project("p", "Cobalt"));
  PutAs(Kind::kProject, HiddenProject("p", "Cobalt"));
  EXPECT_THAT(FoundAt(1, "nickel"), ElementsAre("projects/p"));
  EXPECT_THAT(FoundAt(1, "cobalt"), ElementsAre());
  EXPECT_THAT(FoundAt(2, "nickel"), ElementsAre());
  EXPECT_THAT(FoundAt(3, "cobalt"), ElementsAre()) << "deleted";
  EXPECT_THAT(FoundAt(4, "cobalt"), ElementsAre("projects/p"));
  EXPECT_THAT(FoundAt(5, "cobalt"), ElementsAre()) << "hidden";
  SearchQuery query = QueryOf("cobalt");
  query.revision = 2;
  const auto then = store_->Search(query);
  ASSERT_THAT(then, IsOk());
  EXPECT_EQ(then->front().stored.from_revision, 2);
  EXPECT_EQ(then->front().stored.entry.project().display_name(), "Cobalt");
}

TEST_P(StoreSearchTest, ForgetsWhatHasEndedAndRefusesToLookBelow) {
  PutAs(Kind::kProject, Project("p", "Nickel one"));
  PutAs(Kind::kProject, Project("p", "Nickel two"));
  PutAs(Kind::kProject, Project("p", "Nickel three"));
  EXPECT_EQ(*store_->EarliestSearched(), 0);
  const auto drop = [this](int64_t revision) {
    const auto committed = Run([&](WriteTransaction& t) { return t.DropSearched(revision, 100); });
    ASSERT_THAT(committed, IsOk());
    EXPECT_FALSE(committed->changed);
  };
  drop(2);
  EXPECT_EQ(*store_->EarliestSearched(), 2);
  SearchQuery below = QueryOf("nickel");
  below.revision = 1;
  EXPECT_THAT(store_->Search(below), HasError(absl::StatusCode::kOutOfRange, "REVISION_COMPACTED"));
  EXPECT_THAT(FoundAt(2, "two"), ElementsAre("projects/p"));
  EXPECT_THAT(FoundAt(3, "three"), ElementsAre("projects/p"));
  drop(1);
  EXPECT_EQ(*store_->EarliestSearched(), 2) << "nothing comes back";
  ASSERT_THAT(Run([](WriteTransaction& t) { return t.MarkDeleted(Kind::kProject, "projects/p"); }), IsOk());
  drop(4);
  EXPECT_THAT(FoundAt(4, "nickel"), ElementsAre());
  PutAs(Kind::kProject, Project("p", "Nickel four"));
  EXPECT_THAT(Found("nickel"), ElementsAre("projects/p"));
  ASSERT_THAT(Run([](WriteTransaction& t) { return t.Compact(5); }), IsOk());
  EXPECT_EQ(*store_->EarliestSearched(), 5) << "what was compacted cannot be shown";
}

TEST_P(StoreSearchTest, ForgetsInPortionsOfWholeRevisions) {
  const auto put_all = [](WriteTransaction& t) -> absl::Status {
    for (const char* id : {"a", "b", "c"}) {
      OREWATCH_RETURN_IF_ERROR(t.Put(Kind::kProject, absl::StrCat("projects/", id), Project(id, "Nickel")));
    }
    return absl::OkStatus();
  };
  for (int i = 0; i < 5; ++i) {
    ASSERT_THAT(Run(put_all), IsOk());
  }
  std::vector<int64_t> steps;
  while (steps.empty() || steps.back() < 4) {
    ASSERT_THAT(Run([](WriteTransaction& t) { return t.DropSearched(4, 4); }), IsOk());
    steps.push_back(*store_->EarliestSearched());
    EXPECT_EQ(FoundAt(steps.back(), "nickel").size(), 3U);
    EXPECT_EQ(Found("nickel").size(), 3U);
  }
  EXPECT_THAT(steps, ElementsAre(2, 4)) << "four changes end within a second revision";
}

TEST_P(StoreSearchTest, AgreesWithTheListAtEveryRevisionWhateverWasWrittenTogether) {
  // Writes that wait at the same time share a transaction, also those of one entry.
  RunThreads(8, [this](int thread) {
    std::mt19937 random(static_cast<uint32_t>(thread));
    for (int i = 0; i < 25; ++i) {
      const std::string id = absl::StrCat("p", random() % 4);
      const std::string key = absl::StrCat("projects/", id);
      const auto written = Run([&](WriteTransaction& t) -> absl::Status {
        OREWATCH_ASSIGN_OR_RETURN(const auto live, t.Find(Kind::kProject, key));
        if (live.has_value() && !live->delete_time.has_value() && random() % 3 == 0) {
          return t.MarkDeleted(Kind::kProject, key);
        }
        return t.Put(Kind::kProject, key, Project(id, random() % 2 == 0 ? "Nickel" : "Cobalt"));
      });
      ASSERT_THAT(written, IsOk());
    }
  });
  ASSERT_EQ(store_->head(), 200);
  for (int64_t revision = 1; revision <= store_->head(); ++revision) {
    std::vector<std::string> nickel;
    const auto list = store_->List({Kind::kProject, "projects/", "", revision, 10, 1 << 20});
    ASSERT_THAT(list, IsOk());
    for (const StoredEntry& stored : list->entries) {
      if (stored.entry.project().display_name() == "Nickel") {
        nickel.push_back(stored.key);
      }
    }
    EXPECT_EQ(FoundAt(revision, "nickel"), nickel) << revision;
  }
}

TEST_P(StoreSearchTest, ScoresByTheFormulaOfRelevanceAlone) {
  PutAs(Kind::kProject, Project("a", "Nickel"));
  PutAs(Kind::kProject, Project("b", "Nickel mine", "Nickel Industries"));
  PutAs(Kind::kProject, Project("c", "Mine", "Nickel and cobalt and cobalt and nickel and cobalt from one mine"));
  PutAs(Kind::kProject, Project("d", "Nickel"));
  const auto expect = [this](const std::string& query, const std::vector<std::pair<std::string, double>>& wanted) {
    const auto hits = store_->Search(QueryOf(query));
    ASSERT_THAT(hits, IsOk());
    ASSERT_EQ(hits->size(), wanted.size()) << query;
    for (size_t i = 0; i < wanted.size(); ++i) {
      EXPECT_EQ((*hits)[i].stored.key, wanted[i].first) << query << " " << i;
      EXPECT_NEAR((*hits)[i].score, wanted[i].second, 1e-9) << query << " " << i;
    }
  };
  // Worked out apart from the code, with f for the frequency and n for the words: 2.2 f / (f + 1.2 (0.25 + 0.75 n /
  // 13)).
  expect("nickel", {{"projects/a", 2.107590272660},
                    {"projects/d", 2.107590272660},
                    {"projects/b", 2.077939233818},
                    {"projects/c", 1.345882352941}});
  expect("nickel mine", {{"projects/b", 4.144413222257}, {"projects/c", 3.318296146045}});
  expect("cobalt", {{"projects/c", 1.545945945946}});
  // What nobody looks for changes nothing.
  for (int i = 0; i < 20; ++i) {
    PutAs(Kind::kProject, HiddenProject(absl::StrCat("h", i), "Nickel cobalt mine of a length beyond all others"));
  }
  expect("nickel", {{"projects/a", 2.107590272660},
                    {"projects/d", 2.107590272660},
                    {"projects/b", 2.077939233818},
                    {"projects/c", 1.345882352941}});
}

TEST_P(StoreSearchTest, PutsTheBetterMatchFirstInChineseJapaneseAndKorean) {
  const struct {
    const char* word;
    const char* title;
    const char* longer_title;
    const char* elsewhere;
    const char* apart;
  } kScripts[] = {
      {"金属", "住友金属", "住友金属鉱山株式会社と別の会社", "住友金属鉱山", "金と属"},
      {"ニッケル", "ニッケル", "フェロニッケル製造の会社", "硫酸ニッケル", "ニッ・ケル"},
      {"钴业", "华友钴业", "浙江华友钴业股份有限公司", "华友钴业", "钴和业"},
      {"니켈", "니켈", "포스코니켈생산공장", "황산니켈", "니와켈"},
  };
  for (const auto& script : kScripts) {
    PutAs(Kind::kProject, Project("a-apart", script.apart));
    PutAs(Kind::kProject, Project("b-elsewhere", "A mine", script.elsewhere));
    PutAs(Kind::kProject, Project("c-longer", script.longer_title));
    PutAs(Kind::kProject, Project("d-title", script.title));
    EXPECT_THAT(Found(script.word), ElementsAre("projects/d-title", "projects/c-longer", "projects/b-elsewhere"))
        << script.word;
  }
}

TEST_P(StoreSearchTest, EveryEngineFindsTheSameInTheSameOrder) {
  const auto reference_engine = AllEngines().front().make();
  const auto reference = reference_engine->Open(clock_);
  std::mt19937 random(5);
  for (int i = 0; i < 150; ++i) {
    // Some twice, so that what was found by the first is forgotten.
    const v1::Entry entry = RandomProject(i % 120, random);
    PutAs(Kind::kProject, entry);
    PutAs(*reference, Kind::kProject, entry);
  }
  for (const char* query : {"cobalt", "co", "nickel oxide", "住友", "友金", "金属", "リ", "리튬 co",
                            "sulphate 金属 nick", "m1", "属 co", "nothing"}) {
    const SearchQuery wanted = QueryOf(query, 3, 40);
    const auto ours = store_->Search(wanted);
    const auto theirs = reference->Search(wanted);
    ASSERT_THAT(ours, IsOk());
    ASSERT_EQ(ours->size(), theirs->size()) << query;
    for (size_t i = 0; i < ours->size(); ++i) {
      EXPECT_EQ((*ours)[i].score, (*theirs)[i].score) << query;
      EXPECT_EQ((*ours)[i].stored.key, (*theirs)[i].stored.key) << query << " " << i;
    }
  }
}

INSTANTIATE_TEST_SUITE_P(Engines, StoreSearchTest, ::testing::ValuesIn(AllEngines()), NameOf);

}  // namespace
}  // namespace orewatch::registry
