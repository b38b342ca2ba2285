#include "common/auth/token.h"

#include <map>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "common/auth/base64url.h"
#include "common/auth/testing/signing_key.h"
#include "common/hash/sha256.h"
#include "common/testing/matchers.h"
#include "gtest/gtest.h"

namespace orewatch::auth {
namespace {

using nlohmann::json;
using ::orewatch::testing::HasError;
using ::orewatch::testing::IsOk;
using ::testing::HasSubstr;
using ::testing::Not;

const absl::Time kNow = absl::FromUnixSeconds(1'800'000'000);

// One of each, made once: RSA keys take their time.
const SigningKey& KeyOf(Algorithm algorithm) {
  static const auto* const keys =
      new std::map<Algorithm, SigningKey>{{Algorithm::kRs256, SigningKey(Algorithm::kRs256, "rsa")},
                                          {Algorithm::kEs256, SigningKey(Algorithm::kEs256, "p256")},
                                          {Algorithm::kEdDsa, SigningKey(Algorithm::kEdDsa, "ed25519")}};
  return keys->at(algorithm);
}

const KeySet& Keys() {
  static const auto* const set = new KeySet(
      *KeySet::Parse(JwkSetOf({KeyOf(Algorithm::kRs256), KeyOf(Algorithm::kEs256), KeyOf(Algorithm::kEdDsa)})));
  return *set;
}

TokenPolicy Policy() {
  TokenPolicy policy;
  policy.issuer = kTestIssuer;
  policy.audiences = {"another", kTestAudience};
  return policy;
}

absl::StatusOr<VerifiedToken> Verify(const std::string& token, absl::Time now = kNow) {
  return VerifyToken(token, Keys(), Policy(), now);
}

// A token of these claims over the usual ones.
std::string With(const json& claims) {
  json all = ClaimsOf("alice", "analyst", kNow);
  all.update(claims);
  return KeyOf(Algorithm::kEs256).Token(all);
}

std::string Without(const char* claim) {
  json all = ClaimsOf("alice", "analyst", kNow);
  all.erase(claim);
  return KeyOf(Algorithm::kEs256).Token(all);
}

std::string UnderHeader(const json& header) {
  return KeyOf(Algorithm::kEs256).Token(header, ClaimsOf("alice", "analyst", kNow));
}

auto Refused(const char* reason) { return HasError(absl::StatusCode::kUnauthenticated, reason); }

class EveryAlgorithm : public ::testing::TestWithParam<Algorithm> {};
INSTANTIATE_TEST_SUITE_P(Token, EveryAlgorithm,
                         ::testing::Values(Algorithm::kRs256, Algorithm::kEs256, Algorithm::kEdDsa),
                         [](const auto& test) { return std::string(NameOf(test.param)); });

TEST_P(EveryAlgorithm, ATokenSaysWhoCallsAndUntilWhen) {
  const auto verified = Verify(KeyOf(GetParam()).Token(ClaimsOf("alice", "operator", kNow)));
  ASSERT_THAT(verified, IsOk());
  EXPECT_EQ(verified->principal, "alice");
  EXPECT_EQ(verified->role, access::v1::ROLE_OPERATOR);
  EXPECT_EQ(verified->expire_time, kNow + absl::Hours(1) + absl::Minutes(1));
}

TEST_P(EveryAlgorithm, AnyBitThatIsAnotherIsNoticed) {
  const std::string token = KeyOf(GetParam()).Token(ClaimsOf("alice", "viewer", kNow));
  for (size_t i = 0; i < token.size(); ++i) {
    std::string other = token;
    other[i] = other[i] == 'A' ? 'B' : 'A';
    EXPECT_FALSE(Verify(other).ok()) << i;
  }
}

TEST_P(EveryAlgorithm, AnAlgorithmThatIsNotAllowedIsRefusedThoughItsKeyIsKnown) {
  TokenPolicy policy = Policy();
  policy.algorithms.erase(GetParam());
  EXPECT_THAT(VerifyToken(KeyOf(GetParam()).Token(ClaimsOf("alice", "viewer", kNow)), Keys(), policy, kNow),
              Refused("ALGORITHM_NOT_ALLOWED"));
}

TEST_P(EveryAlgorithm, AHeaderCannotChooseAnotherAlgorithmForAKey) {
  const SigningKey& key = KeyOf(GetParam());
  for (const char* other : {"RS256", "ES256", "EdDSA"}) {
    if (other != std::string(NameOf(GetParam()))) {
      EXPECT_THAT(Verify(key.Token({{"alg", other}, {"kid", key.id()}}, ClaimsOf("alice", "admin", kNow))),
                  Refused("ALGORITHM_NOT_ALLOWED"));
    }
  }
}

TEST_P(EveryAlgorithm, AKeyOfThatNameWithOtherNumbersVerifiesNothing) {
  const SigningKey stranger(GetParam(), KeyOf(GetParam()).id());
  EXPECT_THAT(Verify(stranger.Token(ClaimsOf("alice", "admin", kNow))), Refused("BAD_SIGNATURE"));
}

TEST(TokenTest, NoneIsNoAlgorithm) {
  for (const char* none : {"none", "None", "NONE", ""}) {
    const json header = {{"alg", none}, {"kid", "p256"}};
    const std::string text =
        absl::StrCat(EncodeBase64Url(header.dump()), ".", EncodeBase64Url(ClaimsOf("alice", "admin", kNow).dump()));
    EXPECT_THAT(Verify(absl::StrCat(text, ".")), Refused("ALGORITHM_NOT_ALLOWED"));
  }
  EXPECT_THAT(Verify(UnderHeader({{"kid", "p256"}})), Refused("ALGORITHM_NOT_ALLOWED"));
  EXPECT_THAT(Verify(UnderHeader({{"alg", {"ES256"}}, {"kid", "p256"}})), Refused("ALGORITHM_NOT_ALLOWED"));
}

TEST(TokenTest, APublicKeyIsNoSecretOfAnHmac) {
  const json jwk = KeyOf(Algorithm::kRs256).Jwk();
  const json header = {{"alg", "HS256"}, {"kid", "rsa"}};
  const std::string text =
      absl::StrCat(EncodeBase64Url(header.dump()), ".", EncodeBase64Url(ClaimsOf("alice", "admin", kNow).dump()));
  for (const std::string& secret :
       {jwk.dump(), jwk["n"].get<std::string>(), *DecodeBase64Url(jwk["n"].get<std::string>())}) {
    EXPECT_THAT(Verify(absl::StrCat(text, ".", EncodeBase64Url(HmacSha256(secret, text)))),
                Refused("ALGORITHM_NOT_ALLOWED"));
  }
}

TEST(TokenTest, AnEcdsaSignatureOfZerosIsNone) {
  const std::string token = KeyOf(Algorithm::kEs256).Token(ClaimsOf("alice", "admin", kNow));
  const std::string text = token.substr(0, token.rfind('.'));
  EXPECT_THAT(Verify(absl::StrCat(text, ".", EncodeBase64Url(std::string(64, '\0')))), Refused("BAD_SIGNATURE"));
  EXPECT_THAT(Verify(absl::StrCat(text, ".")), Refused("BAD_SIGNATURE"));
}

TEST(TokenTest, AKeyIsFoundByItsNameAlone) {
  EXPECT_THAT(Verify(UnderHeader({{"alg", "ES256"}})), Refused("UNKNOWN_KEY"));
  EXPECT_THAT(Verify(UnderHeader({{"alg", "ES256"}, {"kid", "p257"}})), Refused("UNKNOWN_KEY"));
  EXPECT_THAT(Verify(UnderHeader({{"alg", "ES256"}, {"kid", 5}})), Refused("UNKNOWN_KEY"));
}

TEST(TokenTest, AKeyThatATokenBringsAlongIsNotLookedAt) {
  const SigningKey stranger(Algorithm::kEs256, "mine");
  for (const char* header : {"jwk", "jku", "x5u", "x5c"}) {
    json all = {{"alg", "ES256"}, {"kid", "mine"}};
    all[header] = header == std::string("jwk") ? stranger.Jwk() : json("https://attacker.example/keys");
    EXPECT_THAT(Verify(stranger.Token(all, ClaimsOf("alice", "admin", kNow))), Refused("UNKNOWN_KEY"));
  }
}

TEST(TokenTest, WhatMustBeUnderstoodAndIsNotIsRefused) {
  EXPECT_THAT(Verify(UnderHeader({{"alg", "ES256"}, {"kid", "p256"}, {"crit", {"b64"}}, {"b64", false}})),
              Refused("MALFORMED_TOKEN"));
  EXPECT_THAT(Verify(UnderHeader({{"alg", "ES256"}, {"kid", "p256"}, {"typ", "logout+jwt"}})),
              Refused("MALFORMED_TOKEN"));
  EXPECT_THAT(Verify(UnderHeader({{"alg", "ES256"}, {"kid", "p256"}, {"typ", "at+JWT"}})), IsOk());
  EXPECT_THAT(Verify(UnderHeader({{"alg", "ES256"}, {"kid", "p256"}})), IsOk());
}

TEST(TokenTest, TheIssuerMustBeOurs) {
  for (const json& issuer : {json("https://issuer.example/"), json(""), json(nullptr), json({kTestIssuer})}) {
    EXPECT_THAT(Verify(With({{"iss", issuer}})), Refused("WRONG_ISSUER")) << issuer;
  }
  EXPECT_THAT(Verify(Without("iss")), Refused("WRONG_ISSUER"));
}

TEST(TokenTest, TheAudienceMustHoldOurs) {
  EXPECT_THAT(Verify(With({{"aud", {"somebody", kTestAudience}}})), IsOk());
  EXPECT_THAT(Verify(With({{"aud", "another"}})), IsOk());
  for (const json& audience : {json("orewatch-test2"), json(json::array()), json(7), json({{"a", kTestAudience}}),
                               json({json({kTestAudience})})}) {
    EXPECT_THAT(Verify(With({{"aud", audience}})), Refused("WRONG_AUDIENCE")) << audience;
  }
  EXPECT_THAT(Verify(Without("aud")), Refused("WRONG_AUDIENCE"));
}

TEST(TokenTest, ATokenEndsAMinuteAfterItsTime) {
  const std::string token = With({{"exp", absl::ToUnixSeconds(kNow)}});
  EXPECT_THAT(Verify(token, kNow + absl::Seconds(59)), IsOk());
  EXPECT_THAT(Verify(token, kNow + absl::Seconds(60)), Refused("TOKEN_EXPIRED"));
}

TEST(TokenTest, ATokenBeginsAMinuteBeforeItsTime) {
  for (const char* claim : {"nbf", "iat"}) {
    EXPECT_THAT(Verify(With({{claim, absl::ToUnixSeconds(kNow) + 60}})), IsOk());
    EXPECT_THAT(Verify(With({{claim, absl::ToUnixSeconds(kNow) + 61}})), Refused("TOKEN_NOT_YET_VALID"));
  }
}

TEST(TokenTest, TimesAreNumbersOfSecondsAndTheEndIsAMust) {
  EXPECT_THAT(Verify(Without("exp")), Refused("MALFORMED_TOKEN"));
  for (const json& time : {json("1800000000"), json(nullptr), json(-1), json(1e300), json(true), json::array({1})}) {
    for (const char* claim : {"exp", "nbf", "iat"}) {
      EXPECT_THAT(Verify(With({{claim, time}})), Refused("MALFORMED_TOKEN")) << claim << " " << time;
    }
  }
  EXPECT_THAT(Verify(With({{"exp", 1'800'000'000.5}})), IsOk());
  EXPECT_THAT(Verify(With({{"exp", 253'402'300'799}})), IsOk());
}

TEST(TokenTest, TheSubjectMustBeAbleToNameACaller) {
  for (const json& subject : {json(""), json("two words"), json(std::string(129, 'a')), json("zo\xc3\xab"), json(5)}) {
    EXPECT_THAT(Verify(With({{"sub", subject}})), Refused("BAD_SUBJECT")) << subject;
  }
  EXPECT_THAT(Verify(Without("sub")), Refused("BAD_SUBJECT"));
}

TEST(TokenTest, TheHighestKnownRoleCounts) {
  const auto role_of = [](const json& claims) { return Verify(With(claims))->role; };
  EXPECT_EQ(role_of({{"roles", {"viewer", "root", "operator", "analyst"}}}), access::v1::ROLE_OPERATOR);
  EXPECT_EQ(role_of({{"roles", "viewer admin"}}), access::v1::ROLE_ADMIN);
  // An element is one name, whatever words are in it.
  EXPECT_EQ(role_of({{"roles", {"billing admin", "not admin", "viewer"}}}), access::v1::ROLE_VIEWER);
  for (const json& none : {json("Admin"), json("ROLE_ADMIN"), json(4), json({json({"admin"})}), json({{"admin", true}}),
                           json("unspecified"), json("")}) {
    EXPECT_EQ(role_of({{"roles", none}}), access::v1::ROLE_UNSPECIFIED) << none;
  }
}

TEST(TokenTest, RolesMayLieDeeperOrUnderANameWithDots) {
  TokenPolicy policy = Policy();
  policy.role_claim = "realm_access.roles";
  const auto role_of = [&](const json& claims) { return VerifyToken(With(claims), Keys(), policy, kNow)->role; };
  EXPECT_EQ(role_of({{"realm_access", {{"roles", {"operator"}}}}}), access::v1::ROLE_OPERATOR);
  EXPECT_EQ(role_of({{"realm_access.roles", "viewer"}}), access::v1::ROLE_VIEWER);
  EXPECT_EQ(role_of({{"realm_access", "operator"}}), access::v1::ROLE_UNSPECIFIED);
}

TEST(TokenTest, ANameThatStandsTwiceIsRefused) {
  const SigningKey& key = KeyOf(Algorithm::kEs256);
  const std::string claims = ClaimsOf("alice", "viewer", kNow).dump();
  const std::string header = R"({"alg":"ES256","kid":"p256"})";
  const std::string twice = absl::StrReplaceAll(claims, {{R"("sub":"alice")", R"("sub":"alice","sub":"bob")"}});
  EXPECT_THAT(Verify(key.TokenOf(header, claims)), IsOk());
  EXPECT_THAT(Verify(key.TokenOf(header, twice)), Refused("MALFORMED_TOKEN"));
  EXPECT_THAT(Verify(key.TokenOf(R"({"alg":"ES256","kid":"p256","alg":"ES256"})", claims)), Refused("MALFORMED_TOKEN"));
  // Inside too, and where only the escapes differ.
  EXPECT_THAT(Verify(key.TokenOf(
                  header, absl::StrReplaceAll(claims, {{R"("sub":"alice")", R"("sub":"alice","s\u0075b":"bob")"}}))),
              Refused("MALFORMED_TOKEN"));
  EXPECT_THAT(Verify(key.TokenOf(header, absl::StrReplaceAll(claims, {{R"("sub":)", R"("x":{"a":1,"a":2},"sub":)"}}))),
              Refused("MALFORMED_TOKEN"));
}

TEST(TokenTest, WhatIsNoTokenIsRefused) {
  const std::string token = With(json::object());
  const std::string body = token.substr(0, token.rfind('.'));
  for (const std::string& bad :
       {std::string(), std::string("."), std::string(".."), std::string("a.b.c"), body, absl::StrCat(token, ".e30"),
        absl::StrCat(token, "="), absl::StrCat(" ", token), absl::StrCat(token, "\n"),
        absl::StrReplaceAll(token, {{".", "=."}}), std::string(kMaxTokenBytes + 1, 'a')}) {
    EXPECT_THAT(Verify(bad), Refused("MALFORMED_TOKEN")) << bad;
  }
  const SigningKey& key = KeyOf(Algorithm::kEs256);
  const std::string header = R"({"alg":"ES256","kid":"p256"})";
  for (const std::string& claims : {std::string("[]"), std::string("null"), std::string("{"), std::string("{}{}"),
                                    std::string("{\"a\":\"\xff\"}"), std::string(9, '[')}) {
    EXPECT_THAT(Verify(key.TokenOf(header, claims)), Refused("MALFORMED_TOKEN")) << claims;
  }
  EXPECT_THAT(Verify(key.TokenOf(header, absl::StrCat("{\"a\":", std::string(9, '['), std::string(9, ']'), "}"))),
              Refused("MALFORMED_TOKEN"));
}

TEST(TokenTest, ATokenWithMoreBytesThanAnyoneNeedsIsNotRead) {
  EXPECT_THAT(Verify(With({{"padding", std::string(kMaxTokenBytes, 'x')}})), Refused("MALFORMED_TOKEN"));
  EXPECT_THAT(Verify(With({{"padding", std::string(kMaxTokenBytes / 2, 'x')}})), IsOk());
}

TEST(TokenTest, ARefusalDoesNotEchoTheToken) {
  const std::string token = With({{"sub", "the secret subject"}});
  const absl::Status status = Verify(token).status();
  EXPECT_THAT(std::string(status.message()), Not(HasSubstr("secret")));
  EXPECT_THAT(std::string(status.message()), Not(HasSubstr(token.substr(0, 10))));
}

}  // namespace
}  // namespace orewatch::auth
