#include "services/gateway/token/tokens.h"

#include <limits>

#include "common/testing/matchers.h"

namespace orewatch::gateway {
namespace {

using ::orewatch::testing::BlamesField;
using ::orewatch::testing::EqualsProto;
using ::orewatch::testing::IsOk;
using ::orewatch::testing::ParseProto;

v1::SearchRequest Request(const std::string& query) {
  v1::SearchRequest request;
  request.set_query(query);
  return request;
}

TEST(TokensTest, AFeedGoesOnWhereItsTokenSays) {
  const auto position = ParseProto<v1::FeedPosition>(R"pb(
    changes { lineage: "l" number: 7 }
    changes_digest: "\000\377d"
    scores { lineage: "l" number: 6 }
    alerts_lineage: "a"
    alerts_sequence: 12)pb");
  const auto again = FeedPositionOf(TokenOf(position));
  ASSERT_THAT(again, IsOk());
  EXPECT_THAT(*again, EqualsProto(position));
  EXPECT_THAT(FeedPositionOf(""), IsOk()) << "from now on";
}

TEST(TokensTest, WhatIsNoTokenOfAFeedIsRefused) {
  v1::FeedPosition negative;
  negative.set_alerts_sequence(-1);
  for (const std::string& token :
       {std::string("%%%"), std::string("AAAA"), std::string(20'000, 'A'), TokenOf(negative)}) {
    EXPECT_THAT(FeedPositionOf(token), BlamesField("token")) << token.substr(0, 10);
  }
}

TEST(TokensTest, ASearchGoesOnForTheSameQueryAndCallerAlone) {
  const std::string digest = DigestOf(Request("cobalt"), "alice");
  auto position = SearchPositionOf("", digest);
  ASSERT_THAT(position, IsOk());
  position->set_registry_token("sealed");
  position->set_registry_taken(3);
  position->set_last_score(1.5);
  const std::string token = TokenOf(*position);
  const auto again = SearchPositionOf(token, digest);
  ASSERT_THAT(again, IsOk());
  EXPECT_THAT(*again, EqualsProto(*position));
  EXPECT_THAT(SearchPositionOf(token, DigestOf(Request("nickel"), "alice")), BlamesField("page_token"));
  EXPECT_THAT(SearchPositionOf(token, DigestOf(Request("cobalt"), "bob")), BlamesField("page_token"));
}

TEST(TokensTest, APositionThatCannotBeIsRefused) {
  const std::string digest = DigestOf(Request("cobalt"), "alice");
  v1::SearchPosition position;
  position.set_query_digest(digest);
  position.set_registry_taken(-1);
  EXPECT_THAT(SearchPositionOf(TokenOf(position), digest), BlamesField("page_token"));
  position.set_registry_taken(0);
  position.set_last_score(std::numeric_limits<double>::quiet_NaN());
  EXPECT_THAT(SearchPositionOf(TokenOf(position), digest), BlamesField("page_token"));
}

TEST(TokensTest, ThePageDoesNotMakeAnotherSearch) {
  v1::SearchRequest next = Request("cobalt");
  next.set_page_token("t");
  next.set_min_revision(4);
  EXPECT_EQ(DigestOf(next, "alice"), DigestOf(Request("cobalt"), "alice"));
}

}  // namespace
}  // namespace orewatch::gateway
