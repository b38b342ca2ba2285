#include "common/auth/key_set.h"

#include "common/auth/base64url.h"
#include "common/auth/testing/signing_key.h"
#include "common/testing/matchers.h"
#include "gtest/gtest.h"

namespace orewatch::auth {
namespace {

using nlohmann::json;
using ::orewatch::testing::BlamesField;
using ::orewatch::testing::IsOk;

absl::StatusOr<KeySet> SetOf(const std::vector<json>& keys) { return KeySet::Parse(json{{"keys", keys}}.dump()); }

json With(json jwk, const json& members) {
  jwk.update(members);
  return jwk;
}

const SigningKey& P256() {
  static const auto* const key = new SigningKey(Algorithm::kEs256, "p256");
  return *key;
}

const SigningKey& Rsa() {
  static const auto* const key = new SigningKey(Algorithm::kRs256, "rsa");
  return *key;
}

TEST(KeySetTest, KeysOfTheThreeTypesVerifyWhatTheySign) {
  for (const SigningKey& key : {P256(), Rsa(), SigningKey(Algorithm::kEdDsa, "ed25519")}) {
    const auto set = SetOf({key.Jwk()});
    ASSERT_THAT(set, IsOk());
    const PublicKey* found = set->Find(key.id(), key.algorithm());
    ASSERT_NE(found, nullptr);
    EXPECT_TRUE(found->Verifies("text", key.Signature("text")));
    EXPECT_FALSE(found->Verifies("texts", key.Signature("text")));
  }
}

TEST(KeySetTest, KeysForSomethingElseAreLeftOut) {
  const json larger = {{"kty", "EC"}, {"crv", "P-384"}, {"kid", "p384"}, {"x", "AA"}, {"y", "AA"}};
  json nameless = Rsa().Jwk();
  nameless.erase("kid");
  const auto set =
      SetOf({P256().Jwk(), larger, nameless, With(Rsa().Jwk(), {{"use", "enc"}}), With(Rsa().Jwk(), {{"alg", "RS512"}}),
             With(Rsa().Jwk(), {{"alg", "PS256"}}), With(Rsa().Jwk(), {{"key_ops", {"encrypt"}}}), "no object"});
  ASSERT_THAT(set, IsOk());
  EXPECT_EQ(set->size(), 1U);
  EXPECT_FALSE(set->Has("rsa"));
  EXPECT_TRUE(set->Has("p256"));
}

TEST(KeySetTest, WhatSaysThatItVerifiesIsTaken) {
  EXPECT_THAT(SetOf({With(P256().Jwk(), {{"use", "sig"}, {"alg", "ES256"}, {"key_ops", {"verify"}}})}), IsOk());
}

TEST(KeySetTest, OneNameMayBeOfKeysForTwoAlgorithmsButNotForOne) {
  EXPECT_THAT(SetOf({P256().Jwk(), With(Rsa().Jwk(), {{"kid", "p256"}})}), IsOk());
  EXPECT_THAT(SetOf({P256().Jwk(), SigningKey(Algorithm::kEs256, "p256").Jwk()}), BlamesField("keys[1].kid"));
}

TEST(KeySetTest, WeakAndMalformedKeysSpoilTheSet) {
  EXPECT_THAT(SetOf({SigningKey(Algorithm::kRs256, "small", 1024).Jwk()}), BlamesField("keys[0].n"));
  EXPECT_THAT(SetOf({With(Rsa().Jwk(), {{"e", "AQ"}})}), BlamesField("keys[0].e"));
  EXPECT_THAT(SetOf({With(Rsa().Jwk(), {{"e", "BA"}})}), BlamesField("keys[0].e"));
  EXPECT_THAT(SetOf({With(Rsa().Jwk(), {{"e", EncodeBase64Url(std::string(9, '\3'))}})}), BlamesField("keys[0].e"));
  EXPECT_THAT(SetOf({With(Rsa().Jwk(), {{"n", "AQAB="}})}), BlamesField("keys[0].n"));
  EXPECT_THAT(SetOf({With(Rsa().Jwk(), {{"n", EncodeBase64Url(std::string(2000, '\xff'))}})}),
              BlamesField("keys[0].n"));
  EXPECT_THAT(SetOf({With(P256().Jwk(), {{"x", EncodeBase64Url(std::string(32, '\1'))}})}), BlamesField("keys[0].kty"));
  EXPECT_THAT(SetOf({With(P256().Jwk(), {{"x", "AQAB"}})}), BlamesField("keys[0].x"));
  EXPECT_THAT(SetOf({{{"kty", "OKP"}, {"crv", "Ed25519"}, {"kid", "k"}, {"x", "AQAB"}}}), BlamesField("keys[0].x"));
}

TEST(KeySetTest, APrivateKeyIsPublishedByNobodyWhoKnows) {
  EXPECT_THAT(SetOf({With(P256().Jwk(), {{"d", "AQAB"}})}), BlamesField("keys[0].d"));
  // Whether or not anybody would verify with it.
  json nameless = With(Rsa().Jwk(), {{"p", "AQAB"}});
  nameless.erase("kid");
  EXPECT_THAT(SetOf({P256().Jwk(), nameless}), BlamesField("keys[1].p"));
  EXPECT_THAT(SetOf({P256().Jwk(), With(Rsa().Jwk(), {{"use", "enc"}, {"q", "AQAB"}})}), BlamesField("keys[1].q"));
  EXPECT_THAT(SetOf({P256().Jwk(), {{"kty", "EC"}, {"crv", "P-384"}, {"kid", "p384"}, {"d", "AA"}}}),
              BlamesField("keys[1].d"));
  EXPECT_THAT(SetOf({P256().Jwk(), {{"kty", "oct"}, {"kid", "hmac"}, {"k", "c2VjcmV0"}}}), BlamesField("keys[1].k"));
}

TEST(KeySetTest, WhatIsNoSetOrHasNoKeyIsRefused) {
  const std::vector<json> many(101, P256().Jwk());
  for (const std::string& text : {std::string(), std::string("{}"), std::string("[]"), std::string(R"({"keys":{}})"),
                                  std::string(R"({"keys":[]})"), std::string(R"({"keys":[], "keys":[]})"),
                                  json{{"keys", many}}.dump(), std::string(KeySet::kMaxBytes + 1, ' ')}) {
    EXPECT_THAT(KeySet::Parse(text), BlamesField("keys")) << text.substr(0, 80);
  }
}

}  // namespace
}  // namespace orewatch::auth
