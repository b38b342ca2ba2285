#include "common/rpc/call_table.h"

#include <memory>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"

namespace orewatch::rpc {
namespace {

using ::testing::ElementsAre;
using ::testing::Field;

CallInFlight CallAt(int64_t second, bool stream = false) {
  return {absl::StrCat("p.S/M", second),
          absl::FromUnixSeconds(second),
          absl::InfiniteFuture(),
          "ipv4:1.2.3.4:5",
          "",
          "",
          stream};
}

TEST(CallTableTest, ShowsTheOldestOfThoseThatHaveNotEnded) {
  CallTable table;
  const CallTable::Place newest(table, CallAt(3));
  auto ended = std::make_unique<CallTable::Place>(table, CallAt(0));
  CallTable::Place oldest(table, CallAt(1));
  const CallTable::Place middle(table, CallAt(2));
  EXPECT_EQ(table.size(false), 4);
  ended.reset();
  oldest.SetPrincipal("ann");
  EXPECT_EQ(table.size(false), 3);
  const auto shown = table.Oldest(false, 2);
  EXPECT_THAT(shown, ElementsAre(Field(&CallInFlight::method, "p.S/M1"), Field(&CallInFlight::method, "p.S/M2")));
  EXPECT_EQ(shown.front().principal, "ann");
}

TEST(CallTableTest, StreamsHideNoCalls) {
  CallTable table;
  const CallTable::Place first(table, CallAt(1, /*stream=*/true));
  const CallTable::Place second(table, CallAt(2, /*stream=*/true));
  const CallTable::Place call(table, CallAt(3));
  EXPECT_THAT(table.Oldest(false, 2), ElementsAre(Field(&CallInFlight::method, "p.S/M3")));
  EXPECT_THAT(table.Oldest(true, 1), ElementsAre(Field(&CallInFlight::method, "p.S/M1")));
  EXPECT_EQ(table.size(false), 1);
  EXPECT_EQ(table.size(true), 2);
}

}  // namespace
}  // namespace orewatch::rpc
