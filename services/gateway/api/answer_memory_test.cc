#include "services/gateway/api/answer_memory.h"

#include "gtest/gtest.h"
#include "orewatch/gateway/v1/gateway.pb.h"

namespace orewatch::gateway {
namespace {

class AnswerMemoryTest : public ::testing::Test {
 protected:
  static rpc::Caller Caller(const std::string& principal, access::v1::Role role = access::v1::ROLE_VIEWER) {
    rpc::Caller caller;
    caller.principal = principal;
    caller.role = role;
    return caller;
  }
  static std::string Key(const rpc::Caller& caller, const std::string& name) {
    v1::GetSupplierBriefRequest request;
    request.set_name(name);
    return AnswerMemory::KeyOf("GetSupplierBrief", caller, request);
  }

  prometheus::Registry registry_;
  CacheMetrics metrics_{registry_, "answers"};
  AnswerMemory memory_{1'000'000, metrics_};
  absl::Time now_ = absl::FromUnixSeconds(1'700'000'000);
};

TEST_F(AnswerMemoryTest, AnAnswerHoldsWhileEveryNeighbourStandsStill) {
  const std::string key = Key(Caller("alice"), "suppliers/a");
  memory_.Put(key, {1, 2, 3}, now_, "bytes");
  EXPECT_EQ(memory_.Find(key, {1, 2, 3}, now_), "bytes");
  for (const Stamps& moved : {Stamps{4, 2, 3}, Stamps{1, 4, 3}, Stamps{1, 2, 4}, Stamps{1, 2, 0}}) {
    EXPECT_EQ(memory_.Find(key, moved, now_), std::nullopt);
  }
  EXPECT_EQ(memory_.Find(key, {1, 2, 3}, now_ + AnswerMemory::kLongest + absl::Milliseconds(1)), std::nullopt);
}

TEST_F(AnswerMemoryTest, WhatIsOfAnUnknownPositionIsNotKept) {
  const std::string key = Key(Caller("alice"), "suppliers/a");
  memory_.Put(key, {1, 0, 3}, now_, "bytes");
  EXPECT_EQ(memory_.Find(key, {1, 0, 3}, now_), std::nullopt);
}

TEST_F(AnswerMemoryTest, EveryCallerRoleAndRequestHasItsOwn) {
  const std::string key = Key(Caller("alice"), "suppliers/a");
  EXPECT_NE(key, Key(Caller("bob"), "suppliers/a"));
  EXPECT_NE(key, Key(Caller("alice", access::v1::ROLE_ADMIN), "suppliers/a"));
  EXPECT_NE(key, Key(Caller("alice"), "suppliers/b"));
  // A principal cannot be made to look like another with a part of the request.
  v1::GetSupplierBriefRequest request;
  request.set_name("b");
  const std::string bytes = request.SerializeAsString();
  EXPECT_NE(AnswerMemory::KeyOf("m", Caller("alice" + bytes), v1::GetSupplierBriefRequest()),
            AnswerMemory::KeyOf("m", Caller("alice"), request));
}

}  // namespace
}  // namespace orewatch::gateway
