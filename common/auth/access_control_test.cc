#include "common/auth/access_control.h"

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "common/auth/api_key.h"
#include "common/auth/testing/signing_key.h"
#include "common/hash/sha256.h"
#include "common/testing/matchers.h"
#include "gtest/gtest.h"
#include "prometheus/text_serializer.h"

namespace orewatch::auth {
namespace {

using ::orewatch::testing::HasError;
using ::orewatch::testing::IsOk;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

const absl::Time kNow = absl::FromUnixSeconds(1'800'000'000);

// The entry of a key that is known.
std::string EntryOf(const std::string& key, const std::string& grant, const std::string& rest = "") {
  return absl::StrCat("keys { id: '", std::string(ParseApiKey(key)->id), "' secret_sha256: '",
                      absl::BytesToHexString(Sha256Of(ParseApiKey(key)->secret)), "' grant { ", grant, " } ", rest,
                      " }\n");
}

class AccessControlTest : public ::testing::Test {
 protected:
  AccessControlTest() {
    Load(access_text_);
    keys_.Refresh().IgnoreError();
    AccessControl::Sources sources;
    sources.token_keys = &keys_;
    sources.token_policy.issuer = kTestIssuer;
    sources.token_policy.audiences = {kTestAudience};
    sources.key_missed = [this] { ++missed_; };
    sources.access = &access_;
    sources.own_key = own_key_;
    control_ = std::make_unique<AccessControl>(std::move(sources), clock_, metrics_);
  }

  void Load(const std::string& text) {
    access_text_ = text;
    const absl::Status read = access_.Refresh();
    ASSERT_TRUE(read.ok()) << read;
  }

  struct Call {
    std::string authorization = {};
    std::string api_key = {};
    std::string principal = {};
    std::string role = {};
    std::vector<std::string> identities = {};
  };
  absl::StatusOr<rpc::Caller> Ask(const Call& call) {
    const auto header = [](const std::string& text) { return Presented::Header{text, text.empty() ? 0 : 1}; };
    return control_->Authenticate(
        {header(call.authorization), header(call.api_key), header(call.principal), header(call.role)},
        [&] { return call.identities; });
  }
  absl::StatusOr<rpc::Caller> AskWith(const std::string& secret) { return Ask({absl::StrCat("Bearer ", secret)}); }
  std::string TokenOf(const std::string& subject, const std::string& role) {
    return signer_.Token(ClaimsOf(subject, role, clock_.Now()));
  }
  std::string Metrics() const { return prometheus::TextSerializer().Serialize(registry_.Collect()); }

  FakeClock clock_{kNow};
  prometheus::Registry registry_;
  AuthMetrics metrics_{registry_};
  const std::string alice_ = NewApiKey("alice-key");
  const std::string gateway_ = NewApiKey("gateway-key");
  const std::string own_key_ = NewApiKey("own");
  const SigningKey signer_{Algorithm::kEs256, "first"};
  std::string access_text_ = absl::StrCat(
      EntryOf(alice_, "principal: 'alice' role: ROLE_ANALYST",
              "expire_time: '2027-01-31T00:00:00Z' scopes: 'orewatch.risk.v1.Risk'"),
      EntryOf(gateway_, "principal: 'orewatch-gateway' role: ROLE_OPERATOR service: true may_speak_for_others: true"),
      "certificates { identity: 'dns:alerting.internal' "
      "grant { principal: 'orewatch-alerting' role: ROLE_ANALYST service: true } }\n",
      "subjects { grant { principal: 'bob' role: ROLE_VIEWER } }\n",
      "subjects { grant { principal: 'orewatch-risk' role: ROLE_ANALYST service: true } }\n");
  std::string key_text_ = JwkSetOf({signer_});
  Kept<AccessTable> access_{{}, clock_, metrics_.access_file(), [this] { return access_text_; }, AccessTable::Parse};
  Kept<KeySet> keys_{
      {.max_age = absl::Hours(24)}, clock_, metrics_.jwt_keys(), [this] { return key_text_; }, KeySet::Parse};
  int missed_ = 0;
  std::unique_ptr<AccessControl> control_;
};

auto Unauthenticated(const char* reason) { return HasError(absl::StatusCode::kUnauthenticated, reason); }

TEST_F(AccessControlTest, AKeySaysWhoCallsAndWhatItIsFor) {
  const auto caller = AskWith(alice_);
  ASSERT_THAT(caller, IsOk());
  EXPECT_EQ(caller->principal, "alice");
  EXPECT_EQ(caller->role, access::v1::ROLE_ANALYST);
  EXPECT_EQ(caller->credential, "key");
  EXPECT_EQ(caller->through, "");
  EXPECT_FALSE(caller->service);
  EXPECT_THAT(*caller->scopes, ElementsAre("orewatch.risk.v1.Risk"));
  EXPECT_EQ(absl::FormatTime(caller->expire_time, absl::UTCTimeZone()), "2027-01-31T00:00:00+00:00");
  EXPECT_EQ(Ask({.api_key = alice_})->principal, "alice");
  EXPECT_EQ(Ask({absl::StrCat("bearer ", alice_)})->principal, "alice");
}

TEST_F(AccessControlTest, ASubjectThatIsDeniedIsLetInByNoTokenAndNobodySpeaksForIt) {
  Load(absl::StrCat(access_text_, "subjects { grant { principal: 'vera' } denied: true }"));
  EXPECT_THAT(AskWith(TokenOf("vera", "admin")), HasError(absl::StatusCode::kPermissionDenied, "SUBJECT_DENIED"));
  EXPECT_THAT(Ask({.authorization = absl::StrCat("Bearer ", gateway_), .principal = "vera", .role = "ROLE_VIEWER"}),
              HasError(absl::StatusCode::kPermissionDenied, "SUBJECT_DENIED"));
  EXPECT_THAT(AskWith(TokenOf("bob", "admin")), IsOk());
  EXPECT_THAT(Metrics(), HasSubstr("credential=\"token\",outcome=\"subject_denied\"} 1\n"));
}

TEST_F(AccessControlTest, AKeyWithAnotherSecretOrNoEntryIsRefusedInTheSameWords) {
  std::string other = alice_;
  other.back() = other.back() == 'A' ? 'E' : 'A';
  const absl::Status wrong = AskWith(other).status();
  EXPECT_THAT(wrong, Unauthenticated("BAD_KEY"));
  EXPECT_EQ(AskWith(NewApiKey("nobodys-key")).status(), wrong);
}

TEST_F(AccessControlTest, AKeyEndsWithItsTime) {
  clock_.Advance(absl::FromCivil(absl::CivilSecond(2027, 1, 31), absl::UTCTimeZone()) - kNow - absl::Seconds(1));
  EXPECT_THAT(AskWith(alice_), IsOk());
  clock_.Advance(absl::Seconds(1));
  EXPECT_THAT(AskWith(alice_), Unauthenticated("KEY_EXPIRED"));
}

TEST_F(AccessControlTest, AKeyEndsWhenTheFileSaysSo) {
  Load(EntryOf(alice_, "principal: 'alice' role: ROLE_ANALYST", "revoked: true"));
  EXPECT_THAT(AskWith(alice_), Unauthenticated("KEY_REVOKED"));
  Load("");
  EXPECT_THAT(AskWith(alice_), Unauthenticated("BAD_KEY"));
}

TEST_F(AccessControlTest, ATokenSaysWhoCallsUntilItEnds) {
  const std::string token = TokenOf("carol", "operator");
  const auto caller = AskWith(token);
  ASSERT_THAT(caller, IsOk());
  EXPECT_EQ(caller->principal, "carol");
  EXPECT_EQ(caller->role, access::v1::ROLE_OPERATOR);
  EXPECT_EQ(caller->credential, "token");
  EXPECT_EQ(caller->expire_time, kNow + absl::Hours(1) + absl::Minutes(1));
  EXPECT_EQ(AskWith(token)->principal, "carol");
  EXPECT_THAT(Metrics(), HasSubstr("orewatch_auth_token_cache_total{result=\"hit\"} 1\n"));
  clock_.Advance(absl::Minutes(61));
  EXPECT_THAT(AskWith(token), Unauthenticated("TOKEN_EXPIRED"));
}

TEST_F(AccessControlTest, ATokenThatWasFoundRightEndsWithItsKey) {
  const std::string token = TokenOf("carol", "operator");
  ASSERT_THAT(AskWith(token), IsOk());
  key_text_ = JwkSetOf({SigningKey(Algorithm::kEs256, "second")});
  ASSERT_THAT(keys_.Refresh(), IsOk());
  EXPECT_THAT(AskWith(token), Unauthenticated("UNKNOWN_KEY"));
  EXPECT_EQ(missed_, 1);
  EXPECT_THAT(AskWith(token), Unauthenticated("UNKNOWN_KEY"));
  EXPECT_EQ(missed_, 1) << "the keys are on their way";
}

TEST_F(AccessControlTest, KeysThatAreTooOldAreNotBelieved) {
  clock_.Advance(absl::Hours(24) + absl::Seconds(1));
  EXPECT_THAT(AskWith(TokenOf("carol", "viewer")), HasError(absl::StatusCode::kUnavailable, "KEYS_UNAVAILABLE"));
}

TEST_F(AccessControlTest, TheFileDecidesOnARoleWhereItHasTheSubject) {
  EXPECT_EQ(AskWith(TokenOf("bob", "admin"))->role, access::v1::ROLE_VIEWER);
  EXPECT_EQ(AskWith(TokenOf("carol", "none at all"))->role, access::v1::ROLE_UNSPECIFIED);
}

TEST_F(AccessControlTest, NoTokenMakesAServiceOfItsBearerButByAnEntry) {
  for (const char* name : {"orewatch", "orewatch-alerting", "orewatch-gateway", "anonymous"}) {
    EXPECT_THAT(AskWith(TokenOf(name, "admin")), Unauthenticated("RESERVED_PRINCIPAL")) << name;
  }
  EXPECT_TRUE(AskWith(TokenOf("orewatch-risk", "viewer"))->service);
}

TEST_F(AccessControlTest, ACertificateCountsWhereThereIsNothingElse) {
  const Call call{.identities = {"uri:spiffe://example/x", "dns:alerting.internal"}};
  const auto caller = Ask(call);
  ASSERT_THAT(caller, IsOk());
  EXPECT_EQ(caller->principal, "orewatch-alerting");
  EXPECT_EQ(caller->credential, "certificate");
  EXPECT_TRUE(caller->service);
  Call with_token = call;
  with_token.authorization = absl::StrCat("Bearer ", TokenOf("carol", "viewer"));
  EXPECT_EQ(Ask(with_token)->principal, "carol");
  with_token.authorization = "Bearer nonsense";
  EXPECT_THAT(Ask(with_token), Unauthenticated("MALFORMED_TOKEN"));
  EXPECT_THAT(Ask({.identities = {"dns:other.internal", "cn:alerting.internal"}}),
              Unauthenticated("UNKNOWN_CERTIFICATE"));
}

TEST_F(AccessControlTest, NobodyIsLetInWithNothingOrWithTooMuch) {
  EXPECT_THAT(Ask({}), Unauthenticated("NO_CREDENTIAL"));
  EXPECT_THAT(Ask({.authorization = absl::StrCat("Bearer ", alice_), .api_key = alice_}),
              Unauthenticated("AMBIGUOUS_CREDENTIAL"));
  EXPECT_THAT(control_->Authenticate({{"Bearer x", 2}, {}, {}, {}}, [] { return std::vector<std::string>(); }),
              Unauthenticated("AMBIGUOUS_CREDENTIAL"));
  for (const char* bad : {"Basic YTpi", "Bearer", "Bearer ", "ow_", "Bearer ow_abcd_short"}) {
    EXPECT_THAT(Ask({bad}), Unauthenticated("MALFORMED_CREDENTIAL")) << bad;
  }
  EXPECT_THAT(Ask({.api_key = TokenOf("carol", "viewer")}), Unauthenticated("MALFORMED_CREDENTIAL"));
}

TEST_F(AccessControlTest, AServiceMaySpeakForOthersWithNoMoreThanItsOwnRole) {
  Call call{.authorization = absl::StrCat("Bearer ", gateway_), .principal = "dave", .role = "ROLE_VIEWER"};
  const auto caller = Ask(call);
  ASSERT_THAT(caller, IsOk());
  EXPECT_EQ(caller->principal, "dave");
  EXPECT_EQ(caller->role, access::v1::ROLE_VIEWER);
  EXPECT_EQ(caller->through, "orewatch-gateway");
  EXPECT_FALSE(caller->service);
  call.role = "ROLE_ADMIN";
  EXPECT_EQ(Ask(call)->role, access::v1::ROLE_OPERATOR);
  call.role = "ROLE_UNSPECIFIED";
  EXPECT_EQ(Ask(call)->role, access::v1::ROLE_UNSPECIFIED);
}

TEST_F(AccessControlTest, WhoeverSpeaksForSomebodySaysWhatTheyMayDo) {
  Call call{.authorization = absl::StrCat("Bearer ", gateway_), .principal = "dave"};
  EXPECT_THAT(Ask(call), Unauthenticated("BAD_ROLE"));
  call.role = "root";
  EXPECT_THAT(Ask(call), Unauthenticated("BAD_ROLE"));
  call = {.authorization = absl::StrCat("Bearer ", gateway_), .principal = "two words", .role = "ROLE_VIEWER"};
  EXPECT_THAT(Ask(call), Unauthenticated("BAD_PRINCIPAL"));
}

TEST_F(AccessControlTest, AStrangerWhoSpeaksForOthersIsRefusedRatherThanOverheard) {
  const auto denied = HasError(absl::StatusCode::kPermissionDenied, "MAY_NOT_SPEAK_FOR_OTHERS");
  for (const std::string& secret : {alice_, TokenOf("carol", "admin")}) {
    EXPECT_THAT(Ask({.authorization = absl::StrCat("Bearer ", secret), .principal = "dave", .role = "ROLE_VIEWER"}),
                denied);
    EXPECT_THAT(Ask({.authorization = absl::StrCat("Bearer ", secret), .principal = "orewatch-risk"}), denied);
  }
  EXPECT_THAT(Ask({.principal = "dave", .role = "ROLE_ADMIN"}), Unauthenticated("NO_CREDENTIAL"));
  // To say one's own name is no speaking for others, and to ask for less than one may do no harm.
  const auto self =
      Ask({.authorization = absl::StrCat("Bearer ", alice_), .principal = "alice", .role = "ROLE_VIEWER"});
  ASSERT_THAT(self, IsOk());
  EXPECT_EQ(self->role, access::v1::ROLE_VIEWER);
  EXPECT_EQ(self->through, "");
}

TEST_F(AccessControlTest, AServiceIsNoOtherService) {
  for (const char* name : {"orewatch-risk", "orewatch-alerting", "orewatch", "anonymous"}) {
    EXPECT_THAT(Ask({.authorization = absl::StrCat("Bearer ", gateway_), .principal = name, .role = "ROLE_VIEWER"}),
                HasError(absl::StatusCode::kPermissionDenied, "MAY_NOT_SPEAK_FOR_OTHERS"))
        << name;
  }
  EXPECT_TRUE(Ask({.authorization = absl::StrCat("Bearer ", gateway_), .principal = "orewatch-gateway"})->service);
}

TEST_F(AccessControlTest, AProcessKnowsItselfAndIsAnyServiceOfIt) {
  const std::string bearer = absl::StrCat("Bearer ", own_key_);
  const auto risk = Ask({.authorization = bearer, .principal = "orewatch-risk"});
  ASSERT_THAT(risk, IsOk());
  EXPECT_EQ(risk->principal, "orewatch-risk");
  EXPECT_TRUE(risk->service);
  const auto carol = Ask({.authorization = bearer, .principal = "carol", .role = "ROLE_VIEWER"});
  EXPECT_EQ(carol->role, access::v1::ROLE_VIEWER);
  EXPECT_FALSE(carol->service);
  EXPECT_THAT(Ask({.authorization = absl::StrCat("Bearer ", NewApiKey("own"))}), Unauthenticated("BAD_KEY"));
}

TEST_F(AccessControlTest, EachAttemptIsCountedByKindAndOutcome) {
  Ask({}).IgnoreError();
  AskWith(alice_).IgnoreError();
  AskWith("nonsense").IgnoreError();
  const std::string page = Metrics();
  for (const char* series : {"credential=\"none\",outcome=\"no_credential\"", "credential=\"key\",outcome=\"accepted\"",
                             "credential=\"token\",outcome=\"malformed_token\""}) {
    EXPECT_THAT(page, HasSubstr(absl::StrCat("orewatch_auth_attempts_total{", series, "} 1\n")));
  }
}

TEST(TokenCacheTest, WhatWasUsedTheLongestAgoGoesFirst) {
  TokenCache cache(2);
  const VerifiedToken token{"alice", access::v1::ROLE_VIEWER, kNow + absl::Hours(1)};
  cache.Put("a", 1, token);
  cache.Put("b", 1, token);
  EXPECT_TRUE(cache.Find("a", 1, kNow).has_value());
  cache.Put("c", 1, token);
  EXPECT_EQ(cache.size(), 2U);
  EXPECT_FALSE(cache.Find("b", 1, kNow).has_value());
  EXPECT_TRUE(cache.Find("a", 1, kNow).has_value());
  EXPECT_FALSE(cache.Find("a", 2, kNow).has_value()) << "other keys";
  EXPECT_FALSE(cache.Find("c", 1, kNow + absl::Hours(1)).has_value()) << "expired";
  EXPECT_EQ(cache.size(), 0U);
}

}  // namespace
}  // namespace orewatch::auth
