#include "common/hash/sha256.h"

#include "absl/strings/escaping.h"
#include "gtest/gtest.h"

namespace orewatch {
namespace {

// FIPS 180-2, appendix B.1, and RFC 4231, test case 2.
TEST(Sha256Test, AgreesWithThePublishedVectors) {
  EXPECT_EQ(absl::BytesToHexString(Sha256Of("abc")),
            "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  EXPECT_EQ(absl::BytesToHexString(HmacSha256("Jefe", "what do ya want for nothing?")),
            "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843");
}

TEST(Sha256Test, ComesToTheSamePieceByPiece) {
  Sha256 sha;
  sha.Add("a");
  sha.Add("");
  sha.Add("bc");
  EXPECT_EQ(sha.Finish(), Sha256Of("abc"));
}

TEST(Sha256Test, ComparesCodes) {
  EXPECT_TRUE(EqualInConstantTime("abc", "abc"));
  EXPECT_FALSE(EqualInConstantTime("abc", "abd"));
  EXPECT_FALSE(EqualInConstantTime("abc", "ab"));
}

}  // namespace
}  // namespace orewatch
