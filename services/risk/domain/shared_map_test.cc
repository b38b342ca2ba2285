#include "services/risk/domain/shared_map.h"

#include <random>
#include <vector>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"

namespace orewatch::risk {
namespace {

std::map<std::string, int> Contents(const SharedMap<int>& map) {
  std::map<std::string, int> contents;
  map.ForEach([&](const std::string& key, int value) { contents[key] = value; });
  return contents;
}

TEST(SharedMapTest, CopiesStayAsTheyWereWhateverLaterEditsDo) {
  std::mt19937 random(7);
  SharedMap<int> map;
  std::map<std::string, int> model;
  std::vector<std::pair<SharedMap<int>, std::map<std::string, int>>> kept;
  for (uint64_t edit = 1; edit <= 60; ++edit) {
    for (int i = 0; i < 100; ++i) {
      const std::string key = absl::StrCat("key-", random() % 3000);
      if (random() % 3 == 0) {
        map.Erase(edit, key);
        model.erase(key);
      } else {
        map.Write(edit, key) = i;
        model[key] = i;
      }
    }
    kept.emplace_back(map, model);
  }
  for (const auto& [copy, expected] : kept) {
    EXPECT_EQ(copy.size(), expected.size());
    EXPECT_EQ(Contents(copy), expected);
  }
  EXPECT_EQ(map.Find("none"), nullptr);
  EXPECT_EQ(*map.Find(model.begin()->first), model.begin()->second);
}

TEST(SharedMapTest, ErasingWhatIsNotThereChangesNothing) {
  SharedMap<int> map;
  map.Erase(1, "a");
  EXPECT_TRUE(map.empty());
  EXPECT_EQ(map.Find("a"), nullptr);
}

}  // namespace
}  // namespace orewatch::risk
