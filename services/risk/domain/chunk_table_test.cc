#include "services/risk/domain/chunk_table.h"

#include <map>
#include <memory>
#include <random>
#include <utility>
#include <vector>

#include "gtest/gtest.h"

namespace orewatch::risk {
namespace {

using Table = ChunkTable<int>;

TEST(ChunkTableTest, HoldsWhatWasPutAndNullBetween) {
  Table::Writer writer{Table()};
  writer.Resize(200);
  writer.Put(130, std::make_shared<int>(7));
  const Table table = std::move(writer).Finish();
  EXPECT_EQ(table.size(), 200u);
  EXPECT_EQ(*table[130], 7);
  EXPECT_EQ(table[129], nullptr);
}

TEST(ChunkTableTest, LeavesEveryTableBeforeAsItWas) {
  std::mt19937 random(7);
  std::vector<std::pair<Table, std::map<size_t, int>>> made(1);
  for (int round = 0; round < 50; ++round) {
    auto [table, expected] = made.back();
    Table::Writer writer(table);
    writer.Resize(table.size() + random() % 40);
    for (size_t i = 0; writer.table().size() > 0 && i < random() % 9; ++i) {
      const size_t place = random() % writer.table().size();
      expected[place] = round;
      writer.Put(place, std::make_shared<int>(round));
    }
    made.emplace_back(std::move(writer).Finish(), expected);
  }
  for (const auto& [table, expected] : made) {
    for (size_t i = 0; i < table.size(); ++i) {
      const auto found = expected.find(i);
      ASSERT_EQ(table[i] == nullptr, found == expected.end());
      ASSERT_TRUE(table[i] == nullptr || *table[i] == found->second);
    }
  }
}

}  // namespace
}  // namespace orewatch::risk
