// What a test of a rule finds in the registry's own history: what who asks may read, from where the registry keeps it.
#include <memory>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "common/rpc/grpc_status.h"
#include "common/rpc/speak_for.h"
#include "common/testing/matchers.h"
#include "common/testing/temp_dir.h"
#include "common/testing/test_server.h"
#include "common/time/clock.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "orewatch/alerting/v1/happening.pb.h"
#include "services/alerting/feed/past_facts_reader.h"
#include "services/registry/registry_app.h"
#include "tests/integration/risk_pair.h"

namespace orewatch::alerting {
namespace {

using ::orewatch::testing::IsOk;
using ::orewatch::testing::ParseProto;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::SizeIs;

constexpr char kMine[] = "suppliers/a/facilities/mine";
constexpr char kPlant[] = "suppliers/bobs/facilities/plant";

std::string Closed(const std::string& name) {
  return risk::Named("facility", name, "country: 'countries/AU' status: STATUS_CLOSED");
}
std::string Operating(const std::string& name) {
  return risk::Named("facility", name, "country: 'countries/AU' status: STATUS_OPERATING");
}

class PastFactsTest : public ::testing::Test {
 protected:
  PastFactsTest() {
    registry::RegistryConfig config;
    config.data_dir = folder_.path();
    app_ = *registry::RegistryApp::Create(config, {clock_, metrics_});
    server_ = std::make_unique<orewatch::testing::TestServer>(std::vector<rpc::Service*>{&app_->service()},
                                                              risk::BelievingCallers());
    stub_ = registry::v1::Registry::NewStub(server_->tcp_channel());
    rule_.condition = Happening{.states = {v1::Happening::STATE_FACILITY_CLOSED}};
    Put({risk::Named("country", "countries/AU", ""), risk::Named("supplier", "suppliers/a", "")}, "anonymous");
    Put({risk::Named("supplier", "suppliers/bobs", risk::kBobs)}, "bob");
  }

  // Each a minute later than the one before.
  void Put(const std::vector<std::string>& entries, const std::string& principal) {
    clock_.Advance(absl::Minutes(1));
    registry::v1::ApplyChangesRequest request;
    for (const std::string& entry : entries) {
      auto& mutation = *request.add_mutations();
      mutation.set_operation(registry::v1::Mutation::OPERATION_UPDATE);
      mutation.set_allow_missing(true);
      *mutation.mutable_entry() = ParseProto<registry::v1::Entry>(entry);
    }
    grpc::ClientContext context;
    context.AddMetadata(rpc::kPrincipalHeader, principal);
    registry::v1::ApplyChangesResponse response;
    ASSERT_THAT(rpc::FromGrpc(stub_->ApplyChanges(&context, request, &response)), IsOk());
    revision_ = response.revision().number();
  }
  PastFacts Read(const std::string& principal) {
    const auto past = ReadPastFacts(*stub_, {.rule = rule_,
                                             .end = absl::InfiniteFuture(),
                                             .caller = {principal},
                                             .deadline = absl::Now() + absl::Seconds(20),
                                             .cancelled = [] { return false; }});
    EXPECT_THAT(past, IsOk());
    return *past;
  }
  // Those of a batch that are closed.
  static std::vector<std::string> ClosedIn(const FactBatch& batch) {
    std::vector<std::string> closed;
    for (const Fact& fact : batch.facts) {
      for (const Spell& spell : fact.spells) {
        if (spell.state == v1::Happening::STATE_FACILITY_CLOSED) {
          closed.push_back(fact.resource);
        }
      }
    }
    return closed;
  }

  FakeClock clock_{absl::FromUnixSeconds(1'767'225'600)};
  const orewatch::testing::TempDir folder_;
  prometheus::Registry metrics_;
  std::unique_ptr<registry::RegistryApp> app_;
  std::unique_ptr<orewatch::testing::TestServer> server_;
  std::unique_ptr<registry::v1::Registry::Stub> stub_;
  Rule rule_;
  int64_t revision_ = 0;
};

TEST_F(PastFactsTest, WhatWhoAsksMayNotReadIsNotThere) {
  Put({Closed(kMine)}, "anonymous");
  Put({Closed(kPlant)}, "bob");
  const absl::Time closed = clock_.Now();
  Put({Operating(kMine)}, "anonymous");
  const PastFacts bobs = Read("carol");
  EXPECT_EQ(bobs.thing_count, 2);
  ASSERT_THAT(bobs.batches, SizeIs(4));
  EXPECT_THAT(bobs.batches[0].facts, IsEmpty());
  EXPECT_THAT(ClosedIn(bobs.batches[1]), ElementsAre(kMine));
  EXPECT_THAT(ClosedIn(bobs.batches[2]), ElementsAre(kPlant));
  EXPECT_EQ(bobs.batches[2].commit_time, closed);
  const PastFacts others = Read("alice");
  EXPECT_EQ(others.thing_count, 1);
  EXPECT_EQ(others.revision.number, revision_);
  ASSERT_THAT(others.batches, SizeIs(3));
  EXPECT_THAT(ClosedIn(others.batches[1]), ElementsAre(kMine));
  EXPECT_THAT(ClosedIn(others.batches[2]), IsEmpty());
}

TEST_F(PastFactsTest, ACompactedHistoryBeginsWithWhatWhoAsksMayReadThere) {
  Put({Closed(kMine)}, "anonymous");
  Put({Closed(kPlant)}, "bob");
  const int64_t kept = revision_;
  Put({Operating(kMine)}, "anonymous");
  const absl::Time begins = clock_.Now();
  Put({Closed(kMine)}, "anonymous");
  clock_.Advance(absl::Hours(48));
  grpc::ClientContext context;
  registry::v1::CompactRequest request;
  request.set_revision(kept);
  registry::v1::CompactResponse response;
  ASSERT_THAT(rpc::FromGrpc(stub_->Compact(&context, request, &response)), IsOk());
  const PastFacts others = Read("alice");
  ASSERT_TRUE(others.begins.has_value());
  EXPECT_EQ(others.begins->revision.number, kept + 1);
  EXPECT_EQ(others.begins->commit_time, begins);
  ASSERT_THAT(others.batches, SizeIs(3));
  EXPECT_THAT(ClosedIn(others.batches[0]), ElementsAre(kMine)) << "as it was, not as it is";
  EXPECT_THAT(ClosedIn(others.batches[1]), IsEmpty());
  EXPECT_THAT(ClosedIn(others.batches[2]), ElementsAre(kMine));
  EXPECT_THAT(ClosedIn(Read("bob").batches[0]), ElementsAre(kMine, kPlant));
}

}  // namespace
}  // namespace orewatch::alerting
