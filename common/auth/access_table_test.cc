#include "common/auth/access_table.h"

#include "absl/strings/str_cat.h"
#include "common/auth/api_key.h"
#include "common/hash/sha256.h"
#include "common/testing/matchers.h"
#include "gtest/gtest.h"

namespace orewatch::auth {
namespace {

using ::orewatch::testing::BlamesField;
using ::orewatch::testing::IsOk;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

constexpr char kDigest[] = "2bb80d537b1da3e38bd30361aa855686bde0eacd7162fef6a25fe97bf527a25b";

std::string Key(const std::string& rest, const std::string& grant = "principal: 'alice' role: ROLE_VIEWER") {
  return absl::StrCat("keys { id: 'ab-1' secret_sha256: '", kDigest, "' grant { ", grant, " } ", rest, " } ");
}

TEST(AccessTableTest, EntriesAreFoundByWhatCallersPresent) {
  const auto table = AccessTable::Parse(
      absl::StrCat(Key("scopes: 'orewatch.risk.v1.Risk' expire_time: '2027-01-31T00:00:00Z' revoked: true"),
                   "certificates { identity: 'dns:risk.internal' grant { principal: 'orewatch-risk' role: ROLE_ANALYST "
                   "service: true } }",
                   "subjects { grant { principal: 'bob' role: ROLE_ADMIN may_speak_for_others: true } }"));
  ASSERT_THAT(table, IsOk());
  const ApiKey* key = table->FindKey("ab-1");
  ASSERT_NE(key, nullptr);
  EXPECT_EQ(key->digest, Sha256Of("secret"));
  EXPECT_EQ(key->grant.principal, "alice");
  EXPECT_EQ(key->grant.role, access::v1::ROLE_VIEWER);
  EXPECT_THAT(*key->scopes, ElementsAre("orewatch.risk.v1.Risk"));
  EXPECT_EQ(absl::FormatTime(key->expire_time, absl::UTCTimeZone()), "2027-01-31T00:00:00+00:00");
  EXPECT_TRUE(key->revoked);
  EXPECT_TRUE(table->FindCertificate("dns:risk.internal")->service);
  EXPECT_TRUE(table->FindSubject("bob")->may_speak_for_others);
  EXPECT_FALSE(table->FindSubject("bob")->may_speak_for_services);
  EXPECT_EQ(table->FindKey("ab-2"), nullptr);
  EXPECT_EQ(table->FindCertificate("cn:risk.internal"), nullptr);
  EXPECT_EQ(table->FindSubject("alice"), nullptr);
}

TEST(AccessTableTest, AKeyWithoutScopesOrEndHasNone) {
  const auto table = AccessTable::Parse(Key(""));
  ASSERT_THAT(table, IsOk());
  EXPECT_EQ(table->FindKey("ab-1")->scopes, nullptr);
  EXPECT_EQ(table->FindKey("ab-1")->expire_time, absl::InfiniteFuture());
}

TEST(AccessTableTest, WhoeverIsDeniedNeedsNoRole) {
  const auto table = AccessTable::Parse("subjects { grant { principal: 'vera' } denied: true }");
  ASSERT_THAT(table, IsOk());
  EXPECT_TRUE(table->FindSubject("vera")->denied);
  EXPECT_THAT(AccessTable::Parse("subjects { grant { principal: 'vera' } }"), BlamesField("subjects[0].grant.role"));
}

TEST(AccessTableTest, NamesOfServicesAreForServices) {
  for (const char* name : {"orewatch", "orewatch-risk", "orewatch-alerting", "anonymous"}) {
    EXPECT_THAT(AccessTable::Parse(Key("", absl::StrCat("principal: '", name, "' role: ROLE_ADMIN"))),
                BlamesField("keys[0].grant.principal"));
    EXPECT_THAT(AccessTable::Parse(Key("", absl::StrCat("principal: '", name, "' role: ROLE_ADMIN service: true"))),
                IsOk());
  }
}

TEST(AccessTableTest, EachFieldIsChecked) {
  EXPECT_THAT(AccessTable::Parse(Key("", "principal: 'two words' role: ROLE_ADMIN")),
              BlamesField("keys[0].grant.principal"));
  EXPECT_THAT(AccessTable::Parse(Key("", "principal: 'alice'")), BlamesField("keys[0].grant.role"));
  EXPECT_THAT(AccessTable::Parse(Key("", "principal: 'alice' role: 9")), BlamesField("keys[0].grant.role"));
  EXPECT_THAT(AccessTable::Parse(Key("expire_time: 'tomorrow'")), BlamesField("keys[0].expire_time"));
  EXPECT_THAT(AccessTable::Parse(Key("scopes: 'Risk'")), BlamesField("keys[0].scopes"));
  EXPECT_THAT(AccessTable::Parse(Key("scopes: ''")), BlamesField("keys[0].scopes"));
  EXPECT_THAT(AccessTable::Parse("keys { id: 'own' }"), BlamesField("keys[0].id"));
  EXPECT_THAT(AccessTable::Parse("keys { id: 'AB_12' }"), BlamesField("keys[0].id"));
  EXPECT_THAT(AccessTable::Parse("keys { id: 'ab-1' secret_sha256: 'secret' }"), BlamesField("keys[0].secret_sha256"));
  for (const char* identity : {"", "risk", "dns:", "ip:10.0.0.1"}) {
    EXPECT_THAT(AccessTable::Parse(absl::StrCat("certificates { identity: '", identity, "' }")),
                BlamesField("certificates[0].identity"));
  }
}

TEST(AccessTableTest, WhatStandsTwiceIsRefused) {
  EXPECT_THAT(AccessTable::Parse(absl::StrCat(Key(""), Key(""))), BlamesField("keys[1]"));
  EXPECT_THAT(AccessTable::Parse("subjects { grant { principal: 'a' role: ROLE_VIEWER } } "
                                 "subjects { grant { principal: 'a' role: ROLE_ADMIN } }"),
              BlamesField("subjects[1]"));
}

TEST(AccessTableTest, ATextThatIsNoneSaysWhere) {
  const auto table = AccessTable::Parse("keys {\n  idd: 'x'\n}");
  EXPECT_THAT(std::string(table.status().message()), HasSubstr("line 2"));
  EXPECT_THAT(AccessTable::Parse(std::string(AccessTable::kMaxBytes + 1, ' ')), BlamesField(""));
}

TEST(ApiKeyTest, AKeyIsReadAsItWasMade) {
  const std::string text = NewApiKey("ci-importer");
  const auto key = ParseApiKey(text);
  ASSERT_TRUE(key.has_value());
  EXPECT_EQ(key->id, "ci-importer");
  EXPECT_EQ(key->secret.size(), 43U);
  EXPECT_NE(text, NewApiKey("ci-importer"));
}

TEST(ApiKeyTest, WhatHasAnotherFormIsNone) {
  const std::string key = NewApiKey("abcd");
  for (const std::string& text :
       {std::string(), std::string("ow_"), std::string("ow__"), key.substr(1), key.substr(0, key.size() - 1),
        absl::StrCat(key, "a"), absl::StrCat("x", key), absl::StrCat("ow_AB_", std::string(43, 'a'))}) {
    EXPECT_FALSE(ParseApiKey(text).has_value()) << text;
  }
}

}  // namespace
}  // namespace orewatch::auth
