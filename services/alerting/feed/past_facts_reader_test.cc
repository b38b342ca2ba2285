#include "services/alerting/feed/past_facts_reader.h"

#include <memory>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "common/testing/matchers.h"
#include "common/testing/serve.h"
#include "gmock/gmock.h"
#include "grpcpp/grpcpp.h"
#include "gtest/gtest.h"
#include "orewatch/alerting/v1/happening.pb.h"
#include "tests/testing/fake_registry.h"

namespace orewatch::alerting {
namespace {

using ::orewatch::testing::FakeRegistry;
using ::orewatch::testing::HasCode;
using ::orewatch::testing::HasError;
using ::orewatch::testing::IsOk;
using ::orewatch::testing::Mineral;
using ::orewatch::testing::Set;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::SizeIs;

std::string NameOf(const std::string& id) { return absl::StrCat("suppliers/a/facilities/", id); }
std::string State(const std::string& id, const std::string& status) {
  return absl::StrCat("{ facility { name: '", NameOf(id), "' country: 'countries/AU' status: STATUS_", status, " } } ");
}
std::string Change(const std::string& id, const std::string& before, const std::string& after) {
  return absl::StrCat("changes { name: '", NameOf(id), "' ",
                      before.empty() ? "" : absl::StrCat("before ", State(id, before)),
                      after.empty() ? "" : absl::StrCat("after ", State(id, after)), "} ");
}

// What a batch holds, in words.
std::vector<std::string> Words(const FactBatch& batch) {
  std::vector<std::string> words;
  for (const Fact& fact : batch.facts) {
    const bool closed = !fact.spells.empty() && fact.spells[0].state == v1::Happening::STATE_FACILITY_CLOSED;
    words.push_back(absl::StrCat(fact.resource, closed ? " closed" : " else"));
  }
  for (const std::string& name : batch.removed) {
    words.push_back(absl::StrCat(name, " gone"));
  }
  return words;
}

class PastFactsReaderTest : public ::testing::Test {
 protected:
  PastFactsReaderTest() {
    server_ = orewatch::testing::Serve({&registry_});
    rule_.condition = Happening{.states = {v1::Happening::STATE_FACILITY_CLOSED}};
  }
  ~PastFactsReaderTest() override {
    registry_.Close();
    server_->Shutdown();
  }
  absl::StatusOr<PastFacts> Read(absl::Time end = absl::InfiniteFuture()) {
    const auto stub = registry::v1::Registry::NewStub(server_->InProcessChannel({}));
    return ReadPastFacts(*stub, {.rule = rule_,
                                 .end = end,
                                 .caller = {"ann"},
                                 .deadline = absl::Now() + absl::Seconds(20),
                                 .cancelled = [this] { return cancelled_; }});
  }
  static absl::Time TimeOfRevision(int64_t number) { return absl::FromUnixSeconds(FakeRegistry::kEpoch + number); }

  FakeRegistry registry_;
  std::unique_ptr<grpc::Server> server_;
  Rule rule_;
  bool cancelled_ = false;
};

TEST_F(PastFactsReaderTest, ReadsFromTheFirstRevisionInTheNameOfWhoAsks) {
  registry_.Commit(Set(Change("a", "", "CLOSED") + Change("b", "", "OPERATING")));
  registry_.Commit(Set(Mineral("minerals/tin")));
  registry_.Commit(Set(Change("a", "CLOSED", "OPERATING") + Change("b", "OPERATING", "CLOSED")));
  registry_.Commit(Set(Change("a", "OPERATING", "")));
  const auto past = Read();
  ASSERT_THAT(past, IsOk());
  EXPECT_THAT(registry_.followers(), ElementsAre("ann"));
  EXPECT_EQ(past->revision, (Revision{"first", 4}));
  EXPECT_FALSE(past->begins.has_value());
  ASSERT_THAT(past->batches, SizeIs(4)) << "nothing of the mineral";
  EXPECT_EQ(past->batches[0].position.revision, (Revision{"first", 0}));
  EXPECT_THAT(past->batches[0].facts, IsEmpty()) << "all that there is came later";
  EXPECT_THAT(Words(past->batches[1]), ElementsAre(NameOf("a") + " closed")) << "b is in no state that is asked for";
  EXPECT_EQ(past->batches[1].commit_time, TimeOfRevision(1));
  EXPECT_THAT(Words(past->batches[2]), ElementsAre(NameOf("a") + " else", NameOf("b") + " closed"));
  EXPECT_THAT(Words(past->batches[3]), ElementsAre(NameOf("a") + " gone"));
  EXPECT_EQ(past->thing_count, 2);
}

TEST_F(PastFactsReaderTest, CountsWhatConcernsTheRule) {
  registry_.Commit(Set(Change("a", "", "CLOSED")));
  std::get<Happening>(rule_.condition).concerns = {"countries/AU"};
  EXPECT_EQ(Read()->thing_count, 1);
  std::get<Happening>(rule_.condition).concerns = {"countries/CD"};
  EXPECT_EQ(Read()->thing_count, 0);
}

TEST_F(PastFactsReaderTest, StopsWhereThePeriodEnds) {
  registry_.Commit(Set(Change("a", "", "CLOSED")));
  registry_.Commit(Set(Change("b", "", "CLOSED")));
  EXPECT_THAT(Read(TimeOfRevision(2))->batches, SizeIs(2));
}

TEST_F(PastFactsReaderTest, OfAnEmptyRegistryThereIsNothing) {
  const auto past = Read();
  ASSERT_THAT(past, IsOk());
  ASSERT_THAT(past->batches, SizeIs(1));
  EXPECT_THAT(past->batches[0].facts, IsEmpty());
}

TEST_F(PastFactsReaderTest, WhatStandsWhereACompactedHistoryBeginsWasThereBeforeAnybodyLooked) {
  registry_.Commit(Set(Change("a", "", "CLOSED") + Change("b", "", "CLOSED") + Change("c", "", "CLOSED")));
  registry_.Commit(Set(Change("e", "", "OPERATING")));
  registry_.ForgetBefore(2);
  registry_.Commit(Set(Change("b", "CLOSED", "OPERATING") + Change("d", "", "CLOSED")));
  registry_.Commit(Set(Change("b", "OPERATING", "CLOSED") + Change("c", "CLOSED", "")));
  const auto past = Read();
  ASSERT_THAT(past, IsOk());
  EXPECT_EQ(past->begins, (HistoryBegin{{"first", 3}, TimeOfRevision(3)}));
  ASSERT_THAT(past->batches, SizeIs(3));
  EXPECT_EQ(past->batches[0].position.revision, (Revision{"first", 2}));
  EXPECT_EQ(past->batches[0].commit_time, TimeOfRevision(3));
  EXPECT_THAT(Words(past->batches[0]),
              ElementsAre(NameOf("a") + " closed", NameOf("b") + " closed", NameOf("c") + " closed"));
  EXPECT_EQ(past->batches[0].facts[0].spells[0].from, std::nullopt);
  EXPECT_THAT(Words(past->batches[1]), ElementsAre(NameOf("b") + " else", NameOf("d") + " closed"));
  EXPECT_THAT(Words(past->batches[2]), ElementsAre(NameOf("b") + " closed", NameOf("c") + " gone"));
  // What stood there is told by what came after the period.
  const auto before = Read(TimeOfRevision(3));
  ASSERT_THAT(before->batches, SizeIs(1));
  EXPECT_EQ(Words(before->batches[0]), Words(past->batches[0]));
}

TEST_F(PastFactsReaderTest, WhereAllIsCompactedTheHeadIsAllThatIsKnown) {
  registry_.Commit(Set(Change("a", "", "CLOSED")));
  registry_.ForgetBefore(1);
  const auto past = Read();
  ASSERT_THAT(past, IsOk());
  EXPECT_EQ(past->begins, (HistoryBegin{{"first", 1}, TimeOfRevision(1)}));
  ASSERT_THAT(past->batches, SizeIs(1));
  EXPECT_THAT(Words(past->batches[0]), ElementsAre(NameOf("a") + " closed"));
}

TEST_F(PastFactsReaderTest, SaysWhyThereIsNoHistory) {
  registry_.Commit(Set(Change("a", "", "CLOSED")));
  registry_.RefuseWatch(absl::FailedPreconditionError("moved"), "LINEAGE_CHANGED");
  EXPECT_THAT(Read(), HasError(absl::StatusCode::kAborted, "LINEAGE_CHANGED"));
  registry_.RefuseWatch(absl::OutOfRangeError("moved"), "REVISION_COMPACTED");
  EXPECT_THAT(Read(), HasError(absl::StatusCode::kAborted, "LINEAGE_CHANGED"));
  registry_.HideHead();
  EXPECT_THAT(Read(), HasCode(absl::StatusCode::kUnavailable));
}

TEST_F(PastFactsReaderTest, GivesUpWhenNobodyWaits) {
  registry_.Commit(Set(Change("a", "", "CLOSED")));
  cancelled_ = true;
  EXPECT_THAT(Read(), HasCode(absl::StatusCode::kCancelled));
}

}  // namespace
}  // namespace orewatch::alerting
