#include "services/registry/domain/visibility.h"

#include "absl/strings/str_cat.h"
#include "common/testing/matchers.h"

namespace orewatch::registry {
namespace {

using ::orewatch::testing::ParseProto;

v1::Entry Supplier(const std::string& visibility) {
  return ParseProto<v1::Entry>(absl::StrCat("supplier { visibility { ", visibility, " } }"));
}

TEST(VisibilityTest, OwnersReadAndWriteReadersRead) {
  const v1::Entry entry = Supplier(R"(owner: "alice" readers: "bob")");
  EXPECT_TRUE(MayRead("alice", entry) && MayWrite("alice", entry));
  EXPECT_TRUE(MayRead("bob", entry));
  EXPECT_FALSE(MayWrite("bob", entry));
  EXPECT_FALSE(MayRead("carol", entry));
  EXPECT_FALSE(MayRead("anonymous", entry));
}

TEST(VisibilityTest, WhatHasNoOwnerOrNoVisibilityIsPublic) {
  for (const v1::Entry& entry : {Supplier(""), ParseProto<v1::Entry>("mineral {}"),
                                 ParseProto<v1::Entry>("statistic {}"), ParseProto<v1::Entry>("today {}")}) {
    EXPECT_TRUE(MayRead("anybody", entry)) << entry.DebugString();
  }
}

TEST(VisibilityTest, NamesWhoReads) {
  EXPECT_THAT(ReadersOf(Supplier(R"(owner: "alice" readers: "bob")")),
              ::testing::Optional(::testing::ElementsAre("alice", "bob")));
  EXPECT_EQ(ReadersOf(Supplier(R"(readers: "bob")")), std::nullopt) << "nobody owns it";
  EXPECT_EQ(ReadersOf(ParseProto<v1::Entry>("mineral {}")), std::nullopt);
}

TEST(VisibilityTest, AChangeIsSeenAsADeletionOrACreationAtTheEdgeOfSight) {
  const auto seen = [](const char* principal, const v1::Entry* before, const v1::Entry* after,
                       v1::Change::Operation operation) {
    v1::Change change;
    change.set_operation(operation);
    if (before != nullptr) {
      *change.mutable_before() = *before;
    }
    if (after != nullptr) {
      *change.mutable_after() = *after;
    }
    return ChangeSeenBy(Viewer{principal}, change);
  };
  const v1::Entry open = Supplier("");
  const v1::Entry hidden = Supplier(R"(owner: "alice")");
  using Change = v1::Change;
  EXPECT_EQ(seen("alice", &open, &hidden, Change::OPERATION_UPDATE)->operation(), Change::OPERATION_UPDATE);
  const auto gone = seen("bob", &open, &hidden, Change::OPERATION_UPDATE);
  EXPECT_EQ(gone->operation(), Change::OPERATION_DELETE);
  EXPECT_FALSE(gone->has_after());
  EXPECT_TRUE(gone->has_before());
  const auto came = seen("bob", &hidden, &open, Change::OPERATION_UPDATE);
  EXPECT_EQ(came->operation(), Change::OPERATION_CREATE);
  EXPECT_FALSE(came->has_before());
  EXPECT_FALSE(seen("bob", &hidden, &hidden, Change::OPERATION_UPDATE).has_value());
  for (const auto operation : {Change::OPERATION_CREATE, Change::OPERATION_UNDELETE}) {
    EXPECT_FALSE(seen("bob", nullptr, &hidden, operation).has_value());
    EXPECT_EQ(seen("bob", nullptr, &open, operation)->operation(), operation);
  }
  for (const auto operation : {Change::OPERATION_DELETE, Change::OPERATION_PURGE}) {
    EXPECT_FALSE(seen("bob", &hidden, nullptr, operation).has_value());
    EXPECT_EQ(seen("bob", &open, nullptr, operation)->operation(), operation);
  }
}

}  // namespace
}  // namespace orewatch::registry
