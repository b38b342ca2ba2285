#include "services/risk/engine/history_recorder.h"

#include <functional>
#include <set>

#include "common/testing/matchers.h"
#include "gmock/gmock.h"
#include "services/risk/engine/history_fixture.h"

namespace orewatch::risk {
namespace {

using ::testing::ElementsAre;

constexpr absl::Duration kPatience = absl::Seconds(20);

// What a recorder has said of itself.
class Observed {
 public:
  void Observe(const RecorderState& state) {
    absl::MutexLock lock(&mutex_);
    state_ = state;
    failures_ += state.status.ok() ? 0 : 1;
  }
  bool Await(const std::function<bool(const RecorderState&)>& wanted) {
    absl::MutexLock lock(&mutex_);
    const auto seen = [&]() ABSL_SHARED_LOCKS_REQUIRED(mutex_) { return wanted(state_); };
    return mutex_.AwaitWithTimeout(absl::Condition(&seen), kPatience);
  }
  bool AwaitRevision(int64_t revision) {
    return Await([&](const RecorderState& state) { return state.position.revision >= revision; });
  }
  bool AwaitFailure() {
    absl::MutexLock lock(&mutex_);
    const auto seen = [&]() ABSL_SHARED_LOCKS_REQUIRED(mutex_) { return failures_ > 0; };
    return mutex_.AwaitWithTimeout(absl::Condition(&seen), kPatience);
  }

 private:
  absl::Mutex mutex_;
  RecorderState state_ ABSL_GUARDED_BY(mutex_);
  int failures_ ABSL_GUARDED_BY(mutex_) = 0;
};

// Stands before a store: stops appends, or lets them fail.
class Gate final : public ScoreHistory {
 public:
  explicit Gate(ScoreHistory& store) : store_(store) {}

  void Close() {
    absl::MutexLock lock(&mutex_);
    open_ = false;
  }
  void Open() {
    absl::MutexLock lock(&mutex_);
    open_ = true;
  }
  void Break(bool broken) {
    absl::MutexLock lock(&mutex_);
    broken_ = broken;
  }
  bool AwaitSomebody() {
    absl::MutexLock lock(&mutex_);
    return mutex_.AwaitWithTimeout(absl::Condition(&waiting_), kPatience);
  }

  absl::Status Append(int64_t epoch, const HistoryAppend& append) override {
    {
      absl::MutexLock lock(&mutex_);
      waiting_ = true;
      mutex_.Await(absl::Condition(&open_));
      waiting_ = false;
      if (broken_) {
        return absl::UnavailableError("broken");
      }
    }
    return store_.Append(epoch, append);
  }
  const std::string& secret() const override { return store_.secret(); }
  absl::StatusOr<std::optional<int64_t>> TakeLease(const std::string& holder, absl::Time now,
                                                   absl::Duration life) override {
    return store_.TakeLease(holder, now, life);
  }
  absl::Status GiveUpLease(int64_t epoch) override { return store_.GiveUpLease(epoch); }
  absl::StatusOr<HistoryPosition> Position() override { return store_.Position(); }
  absl::StatusOr<std::optional<HistoryPosition>> RecordedUpTo(int64_t revision) override {
    return store_.RecordedUpTo(revision);
  }
  absl::Status Supersede(int64_t epoch, const HistoryPosition& position) override {
    return store_.Supersede(epoch, position);
  }
  absl::StatusOr<std::vector<ScoreRecord>> Latest(const std::optional<ScoreKey>& after, int limit) override {
    return store_.Latest(after, limit);
  }
  absl::StatusOr<std::vector<KeptRecord>> List(const HistoryQuery& query) override { return store_.List(query); }

 private:
  ScoreHistory& store_;
  absl::Mutex mutex_;
  bool open_ ABSL_GUARDED_BY(mutex_) = true;
  bool broken_ ABSL_GUARDED_BY(mutex_) = false;
  bool waiting_ ABSL_GUARDED_BY(mutex_) = false;
};

class HistoryRecorderTest : public HistoryTest {
 protected:
  // One replica.
  struct Replica {
    Replica(ScoreHistory& store, const Clock& clock, const std::string& holder,
            std::function<std::optional<Snapshot>()> current)
        : writer(store, clock, {.holder = holder},
                 [](const HistoryPosition&, const std::string&) -> absl::StatusOr<bool> { return true; }),
          recorder(writer, {.poll = absl::Milliseconds(5)}, std::move(current),
                   [this](const RecorderState& state) { observed.Observe(state); }) {}
    Observed observed;
    HistoryWriter writer;
    HistoryRecorder recorder;
  };
  std::unique_ptr<Replica> MakeReplica(const std::string& holder) {
    return std::make_unique<Replica>(gate_, clock_, holder, [this] {
      absl::MutexLock lock(&mutex_);
      return current_;
    });
  }
  Snapshot Commit(const Changes& changes) {
    absl::MutexLock lock(&mutex_);
    current_ = registry_.Commit(changes);
    return *current_;
  }

  FakeClock clock_{absl::FromUnixSeconds(1'700'000'000)};
  Gate gate_{*store_};
  absl::Mutex mutex_;
  FakeHistory registry_ ABSL_GUARDED_BY(mutex_){"one"};
  std::optional<Snapshot> current_ ABSL_GUARDED_BY(mutex_);
};

TEST_F(HistoryRecorderTest, RecordsWhatItIsOfferedRevisionByRevision) {
  const auto replica = MakeReplica("a");
  for (int i = 1; i <= 5; ++i) {
    replica->recorder.Offer(Commit(TinOutput(i)));
    ASSERT_TRUE(replica->observed.AwaitRevision(i));
  }
  EXPECT_THAT(Recorded(), ElementsAre(1, 2, 3, 4, 5));
}

TEST_F(HistoryRecorderTest, MergesRevisionsWhenItFallsBehindAndNeverHoldsUpWhoOffers) {
  gate_.Close();
  const auto replica = MakeReplica("a");
  replica->recorder.Offer(Commit(TinOutput(1)));
  ASSERT_TRUE(gate_.AwaitSomebody());
  constexpr int kRevisions = static_cast<int>(HistoryRecorder::kMaxWaiting) + 100;
  for (int i = 2; i <= kRevisions; ++i) {
    replica->recorder.Offer(Commit(TinOutput(i)));
  }
  gate_.Open();
  ASSERT_TRUE(replica->observed.AwaitRevision(kRevisions));
  const auto recorded = Recorded();
  EXPECT_EQ(recorded.back(), kRevisions);
  EXPECT_LE(recorded.size(), HistoryRecorder::kMaxWaiting + 1);
}

TEST_F(HistoryRecorderTest, WhatFailsIsRecordedLater) {
  const auto replica = MakeReplica("a");
  replica->recorder.Offer(Commit(TinOutput(1)));
  ASSERT_TRUE(replica->observed.AwaitRevision(1));
  gate_.Break(true);
  replica->recorder.Offer(Commit(TinOutput(2)));
  ASSERT_TRUE(replica->observed.AwaitFailure());
  EXPECT_THAT(Recorded(), ElementsAre(1));
  gate_.Break(false);
  ASSERT_TRUE(replica->observed.AwaitRevision(2));
  EXPECT_THAT(Recorded(), ElementsAre(1, 2));
}

TEST_F(HistoryRecorderTest, OneReplicaRecordsAndTheOtherFollowsUntilItTakesOver) {
  auto first = MakeReplica("a");
  ASSERT_TRUE(first->observed.Await([](const RecorderState& state) { return state.leading; }));
  const auto second = MakeReplica("b");
  for (int i = 1; i <= 3; ++i) {
    const Snapshot snapshot = Commit(TinOutput(i));
    second->recorder.Offer(snapshot);
    first->recorder.Offer(snapshot);
    ASSERT_TRUE(second->observed.AwaitRevision(i));
  }
  ASSERT_TRUE(second->observed.Await([](const RecorderState& state) { return !state.leading; }));
  EXPECT_THAT(Recorded(), ElementsAre(1, 2, 3));
  // What is offered to the second alone is recorded once it leads.
  second->recorder.Offer(Commit(TinOutput(4)));
  first->recorder.Stop();
  ASSERT_TRUE(second->observed.Await([](const RecorderState& state) { return state.leading; }));
  ASSERT_TRUE(second->observed.AwaitRevision(4));
  const auto recorded = Recorded();
  EXPECT_EQ(std::set<int64_t>(recorded.begin(), recorded.end()).size(), recorded.size());
  EXPECT_EQ(recorded.back(), 4);
}

TEST_F(HistoryRecorderTest, AStopEndsAnythingButAnAppend) {
  const auto replica = MakeReplica("a");
  replica->recorder.Offer(Commit(TinOutput(1)));
  ASSERT_TRUE(replica->observed.AwaitRevision(1));
  replica->recorder.Stop();
  EXPECT_TRUE(store_->TakeLease("b", clock_.Now(), absl::Seconds(1))->has_value());
}

}  // namespace
}  // namespace orewatch::risk
