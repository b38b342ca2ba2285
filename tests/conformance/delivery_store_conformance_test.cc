// Deliveries through the interface of the store: what both engines promise, each over real storage.
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "common/testing/matchers.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "services/alerting/domain/grid.h"
#include "tests/conformance/alert_store_engines.h"

namespace orewatch::alerting {
namespace {

using ::orewatch::testing::HasError;
using ::orewatch::testing::IsOk;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

const absl::Time kStart = TimeOf(1000);

class DeliveryStoreTest : public ::testing::TestWithParam<EngineCase> {
 protected:
  DeliveryStoreTest()
      : engine_(GetParam().make()),
        store_(*engine_->Open()),
        deliveries_(store_->deliveries()),
        epoch_(**store_->TakeLease("test", absl::Minutes(5))) {}

  absl::Status Insert(std::vector<Delivery> deliveries) {
    Commit commit{.base = store_->Load()->version};
    commit.deliveries = std::move(deliveries);
    return store_->Write(commit).status();
  }
  void Insert(int64_t sequence, const std::string& alert, const std::string& target = kAlertmanagerTarget) {
    ASSERT_THAT(Insert({{.sequence = sequence,
                         .target = target,
                         .alert_id = alert,
                         .create_time = kStart + absl::Seconds(sequence),
                         .next_attempt = kStart + absl::Seconds(sequence)}}),
                IsOk());
  }
  std::vector<int64_t> Due(const std::string& target = kAlertmanagerTarget, absl::Time now = kStart + absl::Hours(1),
                           int64_t limit = 100) {
    const auto due = deliveries_.DueDeliveries(target, now, limit);
    EXPECT_THAT(due, IsOk());
    return Sequences(*due);
  }
  static std::vector<int64_t> Sequences(const std::vector<Delivery>& deliveries) {
    std::vector<int64_t> sequences;
    sequences.reserve(deliveries.size());
    for (const Delivery& delivery : deliveries) {
      sequences.push_back(delivery.sequence);
    }
    return sequences;
  }
  std::vector<Delivery> List(const DeliveryQuery& query) {
    auto list = deliveries_.ListDeliveries(query);
    EXPECT_THAT(list, IsOk());
    return *std::move(list);
  }
  std::vector<int64_t> Unnotified(absl::Time since, absl::Time until) {
    const auto unnotified = deliveries_.Unnotified(since, until, 10);
    EXPECT_THAT(unnotified, IsOk());
    return Sequences(*unnotified);
  }
  Delivery Get(int64_t sequence, const std::string& target = kAlertmanagerTarget) {
    for (const Delivery& delivery : List({.limit = 100})) {
      if (delivery.sequence == sequence && delivery.target == target) {
        return delivery;
      }
    }
    ADD_FAILURE() << "no delivery " << sequence;
    return {};
  }
  void SetState(int64_t sequence, DeliveryState state, const std::string& target = kAlertmanagerTarget) {
    Delivery delivery = Get(sequence, target);
    delivery.state = state;
    ASSERT_THAT(deliveries_.UpdateDeliveries(epoch_, {delivery}), IsOk());
  }

  std::unique_ptr<Engine> engine_;
  std::unique_ptr<AlertStore> store_;
  DeliveryStore& deliveries_;
  int64_t epoch_;
};

TEST_P(DeliveryStoreTest, WhatIsWrittenIsRead) {
  Insert(1, "a");
  Delivery delivery = Get(1);
  delivery.state = DeliveryState::kDelivered;
  delivery.attempts = 3;
  delivery.next_attempt = kStart + absl::Microseconds(7);
  delivery.last_error = "refused ü";
  delivery.delivered_time = kStart + absl::Nanoseconds(8);
  delivery.accepted_by = {{"10.0.0.1:9093", kStart}, {"[::1]:9093", kStart + absl::Nanoseconds(9)}};
  ASSERT_THAT(deliveries_.UpdateDeliveries(epoch_, {delivery}), IsOk());
  EXPECT_EQ(Get(1), delivery);
}

TEST_P(DeliveryStoreTest, ADeliveryIsStoredOnce) {
  Insert(1, "a");
  EXPECT_FALSE(Insert({{.sequence = 1, .target = kAlertmanagerTarget}}).ok());
  EXPECT_EQ(Get(1).alert_id, "a");
}

TEST_P(DeliveryStoreTest, TheyAreReadInTheOrderOfTheirSequenceAndByPage) {
  Insert(2, "a", "hook");
  Insert(2, "a");
  Insert(1, "b");
  Insert(10, "a");
  const auto after = [&](const DeliveryRank& rank, int64_t limit) {
    std::vector<std::string> found;
    const std::vector<Delivery> deliveries = *deliveries_.DeliveriesAfter(rank, limit);
    for (const Delivery& delivery : deliveries) {
      found.push_back(absl::StrCat(delivery.sequence, " ", delivery.target));
    }
    return found;
  };
  EXPECT_THAT(after({}, 10), ElementsAre("1 alertmanager", "2 alertmanager", "2 hook", "10 alertmanager"));
  EXPECT_THAT(after({2, "alertmanager"}, 10), ElementsAre("2 hook", "10 alertmanager"));
  EXPECT_THAT(after({2, ""}, 1), ElementsAre("2 alertmanager"));
}

TEST_P(DeliveryStoreTest, WhatACommitDropsIsGoneButWhatIsPending) {
  Insert(1, "a");
  Insert(1, "a", "hook");
  Insert(2, "b");
  Insert(3, "c");
  SetState(1, DeliveryState::kNotified);
  SetState(2, DeliveryState::kDead);
  Commit commit{.base = store_->Load()->version};
  commit.epoch = epoch_;
  commit.dropped.deliveries = {{1, kAlertmanagerTarget}, {2, kAlertmanagerTarget}, {3, kAlertmanagerTarget}, {4, "x"}};
  // As one that somebody has sent again meanwhile.
  ASSERT_THAT(deliveries_.ReplayDelivery(2, kAlertmanagerTarget, kStart), IsOk());
  ASSERT_THAT(store_->Write(commit), IsOk());
  EXPECT_THAT(Sequences(List({.limit = 10})), ElementsAre(3, 2, 1));
  EXPECT_EQ(Get(1, "hook").state, DeliveryState::kPending);
}

TEST_P(DeliveryStoreTest, NothingIsDroppedByACommitThatIsRefused) {
  Insert(1, "a");
  SetState(1, DeliveryState::kNotified);
  Commit commit{.base = store_->Load()->version};
  commit.epoch = epoch_ + 1;
  commit.dropped.deliveries = {{1, kAlertmanagerTarget}};
  EXPECT_THAT(store_->Write(commit).status(), HasError(absl::StatusCode::kAborted, "LEASE_LOST"));
  EXPECT_THAT(Sequences(List({.limit = 10})), ElementsAre(1));
}

TEST_P(DeliveryStoreTest, LaterChangesOfOneAlertWaitForTheOldest) {
  Insert(1, "a");
  Insert(2, "b");
  Insert(3, "a");
  Insert(4, "a", "hook");
  EXPECT_THAT(Due(), ElementsAre(1, 2));
  EXPECT_THAT(Due("hook"), ElementsAre(4));
  EXPECT_THAT(Due(kAlertmanagerTarget, kStart + absl::Seconds(1)), ElementsAre(1));
  EXPECT_THAT(Due(kAlertmanagerTarget, kStart + absl::Hours(1), 1), ElementsAre(1));
  SetState(1, DeliveryState::kDelivered);
  EXPECT_THAT(Due(), ElementsAre(2, 3));
}

TEST_P(DeliveryStoreTest, ADeadDeliveryBlocksNothingAndComesBackWhenReplayed) {
  Insert(1, "a", "hook");
  Insert(2, "a", "hook");
  Delivery dead = Get(1, "hook");
  dead.state = DeliveryState::kDead;
  dead.attempts = 9;
  dead.last_error = "410";
  ASSERT_THAT(deliveries_.UpdateDeliveries(epoch_, {dead}), IsOk());
  EXPECT_THAT(Due("hook"), ElementsAre(2));
  EXPECT_EQ(*deliveries_.CountDeliveries("hook", DeliveryState::kDead), 1);
  const absl::Time now = kStart + absl::Minutes(5);
  const auto replayed = deliveries_.ReplayDelivery(1, "hook", now);
  ASSERT_THAT(replayed, IsOk());
  EXPECT_EQ(replayed->state, DeliveryState::kPending);
  EXPECT_EQ(replayed->attempts, 0);
  EXPECT_EQ(replayed->next_attempt, now);
  EXPECT_THAT(Due("hook"), ElementsAre(1));
  EXPECT_THAT(deliveries_.ReplayDelivery(1, "nobody", now),
              HasError(absl::StatusCode::kNotFound, "DELIVERY_NOT_FOUND"));
}

TEST_P(DeliveryStoreTest, WhatAlertmanagerHasTakenIsNotReplayed) {
  Insert(1, "a");
  const absl::Time now = kStart + absl::Minutes(5);
  const auto pending = deliveries_.ReplayDelivery(1, kAlertmanagerTarget, now);
  ASSERT_THAT(pending, IsOk());
  EXPECT_EQ(pending->state, DeliveryState::kPending);
  SetState(1, DeliveryState::kDelivered);
  EXPECT_THAT(deliveries_.ReplayDelivery(1, kAlertmanagerTarget, now),
              HasError(absl::StatusCode::kFailedPrecondition, "DELIVERY_NOT_DEAD"));
  ASSERT_THAT(deliveries_.MarkNotified("a", 1, now), IsOk());
  const Delivery notified = Get(1);
  EXPECT_THAT(deliveries_.ReplayDelivery(1, kAlertmanagerTarget, now),
              HasError(absl::StatusCode::kFailedPrecondition, "DELIVERY_NOT_DEAD"));
  EXPECT_EQ(Get(1), notified);
  Insert(2, "b");
  SetState(2, DeliveryState::kDead);
  ASSERT_THAT(deliveries_.ReplayDelivery(2, kAlertmanagerTarget, now), IsOk());
  EXPECT_EQ(Get(2).state, DeliveryState::kPending);
}

TEST_P(DeliveryStoreTest, ANotificationSupersedesEarlierChangesAndIsNotTakenBack) {
  Insert(1, "a");
  Insert(2, "a");
  Insert(3, "a");
  Insert(4, "b");
  const Delivery sent = Get(2);
  const auto news = deliveries_.MarkNotified("a", 2, kStart + absl::Minutes(1));
  ASSERT_THAT(news, IsOk());
  EXPECT_EQ(*news, Get(2));
  EXPECT_EQ(*deliveries_.MarkNotified("a", 2, kStart + absl::Minutes(2)), std::nullopt);
  EXPECT_EQ(Get(1).state, DeliveryState::kSuperseded);
  EXPECT_EQ(Get(2).notified_time, kStart + absl::Minutes(1));
  EXPECT_EQ(Get(3).state, DeliveryState::kPending);
  EXPECT_EQ(Get(4).state, DeliveryState::kPending);
  // The dispatcher hears of its acceptance only now.
  Delivery accepted = sent;
  accepted.state = DeliveryState::kDelivered;
  accepted.delivered_time = kStart;
  ASSERT_THAT(deliveries_.UpdateDeliveries(epoch_, {accepted}), IsOk());
  EXPECT_EQ(Get(2).state, DeliveryState::kNotified);
  EXPECT_EQ(Get(2).delivered_time, kStart);
  EXPECT_EQ(*deliveries_.MarkNotified("nobody", 1, kStart), std::nullopt);
}

TEST_P(DeliveryStoreTest, UnnotifiedAreThoseThatAlertmanagerWasToTell) {
  for (int64_t sequence = 1; sequence <= 4; ++sequence) {
    Insert(sequence, std::string(1, static_cast<char>('a' + sequence)));
  }
  Insert(5, "z", "hook");
  SetState(2, DeliveryState::kDelivered);
  SetState(3, DeliveryState::kDead);
  ASSERT_THAT(deliveries_.MarkNotified("e", 4, kStart), IsOk());
  EXPECT_THAT(Unnotified(kStart, kStart + absl::Hours(1)), ElementsAre(1, 2));
  EXPECT_THAT(Unnotified(kStart + absl::Seconds(2), kStart + absl::Hours(1)), ElementsAre(2));
  EXPECT_THAT(Unnotified(kStart, kStart + absl::Seconds(2)), ElementsAre(1));
}

TEST_P(DeliveryStoreTest, TheOutboxIsWhatNobodyHasTakenAndWhatWasGivenUp) {
  EXPECT_EQ(*deliveries_.ReadOutbox(), Outbox());
  Insert(1, "a");
  Insert(2, "b");
  Insert(3, "a", "hook");
  Insert(4, "a", "other");
  const Outbox full = *deliveries_.ReadOutbox();
  EXPECT_EQ(full.alertmanager, (Backlog{.pending = 2, .oldest = Get(1).create_time}));
  EXPECT_EQ(full.webhooks.pending, 2);
  EXPECT_GT(*full.webhooks.oldest, *full.alertmanager.oldest);
  EXPECT_EQ(full.dead, 0);
  SetState(1, DeliveryState::kDelivered);
  SetState(2, DeliveryState::kDead);
  const Outbox less = *deliveries_.ReadOutbox();
  EXPECT_EQ(less.alertmanager, Backlog());
  EXPECT_EQ(less.webhooks, full.webhooks);
  EXPECT_EQ(less.dead, 1);
}

TEST_P(DeliveryStoreTest, ListsTheNewestFirstByPageAndFilter) {
  Insert(1, "a");
  Insert(2, "a");
  Insert(2, "a", "hook");
  Insert(3, "b");
  EXPECT_THAT(Sequences(List({.limit = 2})), ElementsAre(3, 2));
  const auto rest = List({.after = DeliveryRank{2, kAlertmanagerTarget}, .limit = 10});
  ASSERT_THAT(Sequences(rest), ElementsAre(2, 1));
  EXPECT_EQ(rest[0].target, "hook");
  EXPECT_THAT(Sequences(List({.target = "hook", .limit = 10})), ElementsAre(2));
  EXPECT_THAT(Sequences(List({.alert_id = "b", .limit = 10})), ElementsAre(3));
  EXPECT_THAT(List({.state = DeliveryState::kDead, .limit = 10}), IsEmpty());
}

TEST_P(DeliveryStoreTest, WhoHasLostTheLeaseRecordsNothing) {
  Insert(1, "a");
  Delivery delivery = Get(1);
  delivery.state = DeliveryState::kDelivered;
  ASSERT_THAT(store_->GiveUpLease(epoch_), IsOk());
  const auto other = *engine_->Open();
  ASSERT_THAT(other->TakeLease("other", absl::Minutes(5)), IsOk());
  EXPECT_THAT(deliveries_.UpdateDeliveries(epoch_, {delivery}), HasError(absl::StatusCode::kAborted, "LEASE_LOST"));
  EXPECT_EQ(Get(1).state, DeliveryState::kPending);
}

TEST_P(DeliveryStoreTest, ADeliveryIsStoredWithItsCommitOrNotAtAll) {
  Commit commit{.base = store_->Load()->version, .epoch = epoch_ + 1};
  commit.deliveries = {{.sequence = 1, .target = kAlertmanagerTarget, .alert_id = "a"}};
  EXPECT_THAT(store_->Write(commit).status(), HasError(absl::StatusCode::kAborted, "LEASE_LOST"));
  EXPECT_THAT(List({.limit = 10}), IsEmpty());
}

INSTANTIATE_TEST_SUITE_P(Engines, DeliveryStoreTest, EveryEngine(), NameOfEngine);

}  // namespace
}  // namespace orewatch::alerting
