#include "services/registry/domain/change_digest.h"

#include "common/testing/matchers.h"

namespace orewatch::registry {
namespace {

using ::orewatch::testing::ParseProto;

std::string DigestOf(const std::string& previous, const std::string& key, const std::string& after,
                     int64_t revision = 1, const std::string& principal = "alice",
                     const std::string& secret = "secret") {
  ChangeDigest digest(previous, secret);
  digest.AddChange(Kind::kMineral, key, v1::Change::OPERATION_CREATE, after);
  return digest.Finish(revision, 5, principal, "r");
}

TEST(ChangeDigestTest, DependsOnEverythingAndOnTheHistoryBefore) {
  const std::string digest = DigestOf("", "minerals/tin", "x");
  EXPECT_EQ(digest.size(), kSha256Bytes);
  EXPECT_EQ(digest, DigestOf("", "minerals/tin", "x"));
  EXPECT_NE(digest, DigestOf(digest, "minerals/tin", "x"));
  EXPECT_NE(digest, DigestOf("", "minerals/ti", "nx"));
  EXPECT_NE(digest, DigestOf("", "minerals/tin", "x", 2));
  EXPECT_NE(digest, DigestOf("", "minerals/tin", "x", 1, "bob"));
  EXPECT_NE(digest, DigestOf("", "minerals/tin", "x", 1, "alice", "guess"));
}

TEST(ChangeDigestTest, OfAWholeSetIsThatOfItsChanges) {
  const auto set = ParseProto<v1::ChangeSet>(R"pb(
    revision { number: 2 }
    commit_time { nanos: 5000 }
    principal { subject: "alice" }
    request_id: "r"
    changes {
      name: "minerals/tin"
      operation: OPERATION_CREATE
      after { mineral { name: "minerals/tin" } }
    }
  )pb");
  EXPECT_EQ(registry::DigestOf(set, "before", "secret"),
            DigestOf("before", "minerals/tin", CanonicalBytes(set.changes(0).after()), 2));
}

TEST(CanonicalBytesTest, DoNotDependOnTheOrderOfAMap) {
  auto one = ParseProto<v1::Entry>(R"pb(supplier { identifiers { key: "lei" value: "1" } })pb");
  auto two = one;
  for (int i = 0; i < 20; ++i) {
    (*one.mutable_supplier()->mutable_identifiers())[std::to_string(i)] = std::to_string(i);
    (*two.mutable_supplier()->mutable_identifiers())[std::to_string(19 - i)] = std::to_string(19 - i);
  }
  EXPECT_EQ(CanonicalBytes(one), CanonicalBytes(two));
}

}  // namespace
}  // namespace orewatch::registry
