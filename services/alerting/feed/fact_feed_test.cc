#include "services/alerting/feed/fact_feed.h"

#include <map>
#include <memory>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/synchronization/mutex.h"
#include "common/testing/matchers.h"
#include "common/testing/serve.h"
#include "gmock/gmock.h"
#include "grpcpp/grpcpp.h"
#include "gtest/gtest.h"
#include "tests/testing/fake_registry.h"

namespace orewatch::alerting {
namespace {

using ::orewatch::testing::FakeRegistry;
using ::orewatch::testing::Mineral;
using ::orewatch::testing::Set;
using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::Field;
using ::testing::IsEmpty;
using ::testing::Key;
using ::testing::SizeIs;
using ::testing::UnorderedElementsAre;

constexpr absl::Duration kPatience = absl::Seconds(20);

// Keeps what it is given, as the engine does, and lets tests wait for it.
class KeepingSink final : public FactSink {
 public:
  absl::Status ApplyFacts(const FactBatch& batch) override {
    absl::MutexLock lock(&mutex_);
    if (refusals_ > 0) {
      --refusals_;
      return absl::AbortedError("not now");
    }
    if (batch.complete) {
      facts_.clear();
    }
    for (const Fact& fact : batch.facts) {
      facts_[fact.resource] = fact;
    }
    for (const std::string& name : batch.removed) {
      facts_.erase(name);
    }
    batches_.push_back(batch);
    position_ = batch.position;
    live_ = true;
    return absl::OkStatus();
  }
  absl::Status FactsLost() override {
    absl::MutexLock lock(&mutex_);
    live_ = false;
    ++losses_;
    return absl::OkStatus();
  }
  FactPosition facts() const override {
    absl::MutexLock lock(&mutex_);
    return position_;
  }
  bool Knows(const std::string& resource) const override {
    absl::MutexLock lock(&mutex_);
    return facts_.count(resource) > 0;
  }

  // As if everything up to there had been applied before.
  void StandAt(const std::string& lineage, int64_t number) {
    absl::MutexLock lock(&mutex_);
    position_.revision.lineage = lineage;
    position_.revision.number = number;
    position_.digest = absl::StrCat(lineage, " up to ", number);
  }
  void RefuseOnce() {
    absl::MutexLock lock(&mutex_);
    refusals_ = 1;
  }
  // Live, and with everything up to a revision.
  void Await(const Revision& revision) {
    const auto reached = [&] {
      mutex_.AssertReaderHeld();
      return live_ && position_.revision == revision;
    };
    absl::MutexLock lock(&mutex_);
    EXPECT_TRUE(mutex_.AwaitWithTimeout(absl::Condition(&reached), kPatience)) << position_.revision.number;
  }
  void AwaitLosses(int losses) {
    const auto lost = [&] {
      mutex_.AssertReaderHeld();
      return losses_ >= losses;
    };
    absl::MutexLock lock(&mutex_);
    EXPECT_TRUE(mutex_.AwaitWithTimeout(absl::Condition(&lost), kPatience));
  }
  std::vector<FactBatch> batches() const {
    absl::MutexLock lock(&mutex_);
    return batches_;
  }
  std::map<std::string, Fact> kept() const {
    absl::MutexLock lock(&mutex_);
    return facts_;
  }

 private:
  mutable absl::Mutex mutex_;
  std::map<std::string, Fact> facts_ ABSL_GUARDED_BY(mutex_);
  std::vector<FactBatch> batches_ ABSL_GUARDED_BY(mutex_);
  FactPosition position_ ABSL_GUARDED_BY(mutex_);
  bool live_ ABSL_GUARDED_BY(mutex_) = false;
  int losses_ ABSL_GUARDED_BY(mutex_) = 0;
  int refusals_ ABSL_GUARDED_BY(mutex_) = 0;
};

std::string NameOf(const std::string& id) { return absl::StrCat("suppliers/a/facilities/", id); }
std::string Facility(const std::string& id, const std::string& status) {
  return absl::StrCat("changes { name: '", NameOf(id), "' after { facility { name: '", NameOf(id), "' status: STATUS_",
                      status, " } } } ");
}
std::string Deletion(const std::string& id) {
  return absl::StrCat("changes { operation: OPERATION_DELETE name: '", NameOf(id), "' } ");
}

class FactFeedTest : public ::testing::Test {
 protected:
  FactFeedTest() { server_ = orewatch::testing::Serve({&registry_}); }
  ~FactFeedTest() override {
    feed_.reset();
    registry_.Close();
    server_->Shutdown();
  }
  void Follow() { feed_ = std::make_unique<FactFeed>(server_->InProcessChannel({}), sink_); }

  FakeRegistry registry_;
  KeepingSink sink_;
  std::unique_ptr<grpc::Server> server_;
  std::unique_ptr<FactFeed> feed_;
};

TEST_F(FactFeedTest, LoadsEverythingAndGoesOnFromThere) {
  registry_.Commit(Set(Facility("a", "CLOSED") + Facility("b", "OPERATING") + Mineral("minerals/tin")));
  Follow();
  sink_.Await({"first", 1});
  EXPECT_THAT(sink_.kept(), ElementsAre(Key(NameOf("a"))));
  registry_.Commit(Set(Facility("b", "CLOSED") + Facility("c", "CLOSED")));
  sink_.Await({"first", 2});
  EXPECT_THAT(sink_.kept(), UnorderedElementsAre(Key(NameOf("a")), Key(NameOf("b")), Key(NameOf("c"))));
  registry_.Commit(Set(Facility("b", "OPERATING") + Deletion("c")));
  sink_.Await({"first", 3});
  EXPECT_THAT(sink_.kept(), UnorderedElementsAre(Key(NameOf("a")), Key(NameOf("b"))));
  EXPECT_THAT(sink_.kept()[NameOf("b")].spells, IsEmpty());
  EXPECT_EQ(registry_.exports(), 1);
}

TEST_F(FactFeedTest, AsksAsItselfForTheKindsThatItNeeds) {
  registry_.Commit(Set(Facility("a", "CLOSED")));
  registry_.Commit(Set(Facility("b", "CLOSED")));
  sink_.StandAt("first", 1);
  Follow();
  sink_.Await({"first", 2});
  EXPECT_THAT(registry_.followers(), ElementsAre("orewatch-alerting"));
  const auto request = registry_.watches().at(0);
  EXPECT_EQ(request.follower(), "orewatch-alerting");
  EXPECT_THAT(request.kinds(), UnorderedElementsAre("suppliers", "facilities", "projects", "agreements", "measures",
                                                    "stockpiles", "events"));
}

TEST_F(FactFeedTest, GoesOnFromWhereTheSinkStandsWithoutLoading) {
  registry_.Commit(Set(Facility("a", "CLOSED")));
  registry_.Commit(Set(Facility("b", "CLOSED")));
  sink_.StandAt("first", 1);
  Follow();
  sink_.Await({"first", 2});
  EXPECT_THAT(sink_.kept(), ElementsAre(Key(NameOf("b"))));
  EXPECT_EQ(registry_.exports(), 0);
  EXPECT_EQ(registry_.watches().at(0).after().number(), 1);
  EXPECT_EQ(registry_.watches().at(0).after_digest(), "first up to 1");
}

TEST_F(FactFeedTest, IsLiveAlthoughNothingHasHappenedSince) {
  registry_.Commit(Set(Facility("a", "CLOSED")));
  sink_.StandAt("first", 1);
  Follow();
  sink_.Await({"first", 1});
  EXPECT_THAT(sink_.batches(),
              ElementsAre(AllOf(Field(&FactBatch::facts, IsEmpty()), Field(&FactBatch::complete, false))));
}

TEST_F(FactFeedTest, LoadsAgainWhatTheRegistryHasCompacted) {
  registry_.Commit(Set(Facility("a", "CLOSED")));
  registry_.Commit(Set(Facility("b", "CLOSED")));
  registry_.ForgetBefore(2);
  sink_.StandAt("first", 1);
  Follow();
  sink_.Await({"first", 2});
  EXPECT_THAT(sink_.batches().at(0), Field(&FactBatch::complete, true));
  EXPECT_THAT(sink_.kept(), SizeIs(2));
}

TEST_F(FactFeedTest, GoesOnUnderAnotherLineageOfTheSameHistory) {
  registry_.Commit(Set(Facility("a", "CLOSED")));
  Follow();
  sink_.Await({"first", 1});
  registry_.RenewLineage();
  sink_.Await({"first'", 1});
  registry_.Commit(Set(Facility("b", "CLOSED")));
  sink_.Await({"first'", 2});
  EXPECT_EQ(registry_.exports(), 1);
}

TEST_F(FactFeedTest, LoadsAgainWhenAnotherHistoryGoesOn) {
  registry_.Commit(Set(Facility("a", "CLOSED")));
  Follow();
  sink_.Await({"first", 1});
  registry_.Restore(Set(Facility("b", "CLOSED")));
  sink_.Await({"second", 1});
  EXPECT_THAT(sink_.kept(), ElementsAre(Key(NameOf("b"))));
  EXPECT_EQ(registry_.exports(), 2);
}

TEST_F(FactFeedTest, WhatTheSinkRefusesComesAgain) {
  registry_.Commit(Set(Facility("a", "CLOSED")));
  Follow();
  sink_.Await({"first", 1});
  sink_.RefuseOnce();
  registry_.Commit(Set(Facility("b", "CLOSED")));
  sink_.Await({"first", 2});
  EXPECT_THAT(sink_.kept(), SizeIs(2));
  sink_.AwaitLosses(1);
}

TEST_F(FactFeedTest, SaysSoWhenTheRegistryIsAway) {
  registry_.Commit(Set(Facility("a", "CLOSED")));
  sink_.StandAt("first", 1);
  registry_.HideHead();
  Follow();
  sink_.AwaitLosses(2);
  EXPECT_THAT(sink_.batches(), IsEmpty());
}

}  // namespace
}  // namespace orewatch::alerting
