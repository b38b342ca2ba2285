#include "common/seal/seal.h"

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace orewatch {
namespace {

using ::testing::Eq;
using ::testing::Optional;

constexpr char kSecret[] = "a secret";
constexpr char kContext[] = "a context";

TEST(SealTest, NoTwoSecretsAreEqual) {
  EXPECT_EQ(NewSecret().size(), 32U);
  EXPECT_NE(NewSecret(), NewSecret());
}

TEST(SealTest, OpensWhatItSealed) {
  for (const size_t size : {0U, 1U, 127U, 128U, 129U, 5000U}) {
    std::string text(size, '\0');
    EXPECT_THAT(Unseal(Seal(text, kContext, kSecret), kContext, kSecret), Optional(Eq(text))) << size;
    text.assign(size, '\x01');
    EXPECT_THAT(Unseal(Seal(text, kContext, kSecret), kContext, kSecret), Optional(Eq(text))) << size;
  }
}

TEST(SealTest, ShowsNeitherTheTextNorItsSizeNorThatItIsTheSame) {
  const std::string sealed = Seal("suppliers/hush", kContext, kSecret);
  EXPECT_EQ(sealed.find("hush"), std::string::npos);
  EXPECT_NE(sealed, Seal("suppliers/hush", kContext, kSecret));
  EXPECT_EQ(sealed.size(), Seal("", kContext, kSecret).size());
}

TEST(SealTest, OpensNothingElse) {
  const std::string sealed = Seal("a text", kContext, kSecret);
  EXPECT_EQ(Unseal(sealed, "another", kSecret), std::nullopt);
  EXPECT_EQ(Unseal(sealed, kContext, "another"), std::nullopt);
  EXPECT_EQ(Unseal("", kContext, kSecret), std::nullopt);
  for (size_t i = 0; i < sealed.size(); ++i) {
    std::string changed = sealed;
    changed[i] = static_cast<char>(changed[i] ^ 1);
    EXPECT_EQ(Unseal(changed, kContext, kSecret), std::nullopt) << i;
    EXPECT_EQ(Unseal(sealed.substr(0, i), kContext, kSecret), std::nullopt) << i;
  }
}

}  // namespace
}  // namespace orewatch
