#include "common/text/utf8.h"

#include "gmock/gmock.h"

namespace orewatch {
namespace {

TEST(Utf8Test, CountsCharacters) {
  EXPECT_EQ(CountCharacters(""), 0U);
  EXPECT_EQ(CountCharacters("cobalt"), 6U);
  EXPECT_EQ(CountCharacters("é銅🪨"), 3U);
}

TEST(Utf8Test, CutsBetweenCharacters) {
  EXPECT_EQ(CutToBytes("cobalt", 6), "cobalt");
  EXPECT_EQ(CutToBytes("cobalt", 5), "cobal");
  EXPECT_EQ(CutToBytes("銅銅", 6), "銅銅");
  EXPECT_EQ(CutToBytes("銅銅", 5), "銅");
  EXPECT_EQ(CutToBytes("銅銅", 3), "銅");
  EXPECT_EQ(CutToBytes("銅銅", 2), "");
}

TEST(Utf8Test, IsSafeOnOtherBytes) {
  EXPECT_EQ(CutToBytes("\x80\x80\x80", 2), "");
  EXPECT_EQ(CutToBytes("a\xFF\xFF", 2), "a\xFF");
}

}  // namespace
}  // namespace orewatch
