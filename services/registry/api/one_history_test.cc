#include "services/registry/api/one_history.h"

#include "gtest/gtest.h"

namespace orewatch::registry {
namespace {

struct RestoredHistory {
  std::string lineage() const { return current; }
  std::string current = "old";
};

TEST(OfOneHistoryTest, AnAnswerThatARestoreCameBetweenIsGivenAgain) {
  RestoredHistory history;
  int reads = 0;
  const std::string answer = OfOneHistory(history, [&] {
    const std::string read = history.current;
    if (++reads == 1) {
      history.current = "new";
    }
    return read + " labelled " + history.current;
  });
  EXPECT_EQ(answer, "new labelled new");
  EXPECT_EQ(reads, 2);
}

}  // namespace
}  // namespace orewatch::registry
