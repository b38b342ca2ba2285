// Search: what every engine of the registry's store finds, and in which order.
#include <random>

#include "absl/strings/str_join.h"
#include "tests/conformance/registry_store_fixture.h"

namespace orewatch::registry {
namespace {

using ::orewatch::testing::IsOk;
using ::testing::ElementsAre;

class StoreSearchTest : public StoreTest {
 protected:
  void PutAs(Kind kind, const v1::Entry& entry) { PutAs(*store_, kind, entry); }
  static void PutAs(RegistryStore& store, Kind kind, const v1::Entry& entry) {
    const auto put = [&](WriteTransaction& t) { return t.Put(kind, NameIn(MessageIn(kind, entry)), entry); };
    ASSERT_THAT(store.Commit(kAnybody, put), IsOk());
  }
  std::vector<std::string> Found(const std::string& query, std::vector<Kind> kinds = {}) {
    std::vector<std::string> keys;
    const auto hits = store_->Search({*ParseSearchQuery(query), std::move(kinds), 0, 10});
    EXPECT_THAT(hits, IsOk());
    for (const SearchHit& hit : *hits) {
      keys.push_back(hit.stored.key);
    }
    return keys;
  }
};

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
  EXPECT_EQ(store_->Search({*ParseSearchQuery("nickel"), {}, 1, 10})->size(), 1U);
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
    const SearchQuery wanted{*ParseSearchQuery(query), {}, 3, 40};
    const auto ours = store_->Search(wanted);
    const auto theirs = reference->Search(wanted);
    ASSERT_THAT(ours, IsOk());
    ASSERT_EQ(ours->size(), theirs->size()) << query;
    for (size_t i = 0; i < ours->size(); ++i) {
      EXPECT_NEAR((*ours)[i].score, (*theirs)[i].score, 1e-12 * std::abs((*theirs)[i].score)) << query;
      EXPECT_EQ((*ours)[i].stored.key, (*theirs)[i].stored.key) << query << " " << i;
    }
  }
}

INSTANTIATE_TEST_SUITE_P(Engines, StoreSearchTest, ::testing::ValuesIn(AllEngines()), NameOf);

}  // namespace
}  // namespace orewatch::registry
