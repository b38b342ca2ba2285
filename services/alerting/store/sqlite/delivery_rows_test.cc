// Deliveries through the interface of the store: what any engine must do.
#include <memory>
#include <string>
#include <vector>

#include "common/testing/matchers.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "services/alerting/domain/grid.h"
#include "services/alerting/store/sqlite/sqlite_alert_store.h"

namespace orewatch::alerting {
namespace {

using ::orewatch::testing::HasError;
using ::orewatch::testing::IsOk;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

const absl::Time kStart = TimeOf(1000);

class DeliveryRowsTest : public ::testing::Test {
 protected:
  DeliveryRowsTest() : store_(*SqliteAlertStore::Open(":memory:")), deliveries_(store_->deliveries()) {}

  void Insert(int64_t sequence, const std::string& alert, const std::string& target = kAlertmanagerTarget) {
    Commit commit;
    commit.deliveries = {{.sequence = sequence,
                          .target = target,
                          .alert_id = alert,
                          .create_time = kStart + absl::Seconds(sequence),
                          .next_attempt = kStart + absl::Seconds(sequence)}};
    ASSERT_THAT(store_->Write(commit), IsOk());
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
    ASSERT_THAT(deliveries_.UpdateDeliveries(0, {delivery}), IsOk());
  }

  std::unique_ptr<AlertStore> store_;
  DeliveryStore& deliveries_;
};

TEST_F(DeliveryRowsTest, WhatIsWrittenIsRead) {
  Insert(1, "a");
  Delivery delivery = Get(1);
  delivery.state = DeliveryState::kDelivered;
  delivery.attempts = 3;
  delivery.next_attempt = kStart + absl::Nanoseconds(7);
  delivery.last_error = "refused ü";
  delivery.delivered_time = kStart + absl::Nanoseconds(8);
  delivery.accepted_by = {{"10.0.0.1:9093", kStart}, {"[::1]:9093", kStart + absl::Nanoseconds(9)}};
  ASSERT_THAT(deliveries_.UpdateDeliveries(0, {delivery}), IsOk());
  EXPECT_EQ(Get(1), delivery);
}

TEST_F(DeliveryRowsTest, ADeliveryIsStoredOnce) {
  Insert(1, "a");
  Commit again;
  again.deliveries = {{.sequence = 1, .target = kAlertmanagerTarget}};
  EXPECT_EQ(store_->Write(again).code(), absl::StatusCode::kAlreadyExists);
}

TEST_F(DeliveryRowsTest, LaterChangesOfOneAlertWaitForTheOldest) {
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

TEST_F(DeliveryRowsTest, ADeadDeliveryBlocksNothingAndComesBackWhenReplayed) {
  Insert(1, "a", "hook");
  Insert(2, "a", "hook");
  Delivery dead = Get(1, "hook");
  dead.state = DeliveryState::kDead;
  dead.attempts = 9;
  dead.last_error = "410";
  ASSERT_THAT(deliveries_.UpdateDeliveries(0, {dead}), IsOk());
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

TEST_F(DeliveryRowsTest, ANotificationSupersedesEarlierChangesAndIsNotTakenBack) {
  Insert(1, "a");
  Insert(2, "a");
  Insert(3, "a");
  Insert(4, "b");
  const Delivery sent = Get(2);
  const auto news = deliveries_.MarkNotified("a", 2, kStart + absl::Minutes(1));
  ASSERT_THAT(news, IsOk());
  EXPECT_TRUE(*news);
  EXPECT_FALSE(*deliveries_.MarkNotified("a", 2, kStart + absl::Minutes(2)));
  EXPECT_EQ(Get(1).state, DeliveryState::kSuperseded);
  EXPECT_EQ(Get(2).notified_time, kStart + absl::Minutes(1));
  EXPECT_EQ(Get(3).state, DeliveryState::kPending);
  EXPECT_EQ(Get(4).state, DeliveryState::kPending);
  // The dispatcher hears of its acceptance only now.
  Delivery accepted = sent;
  accepted.state = DeliveryState::kDelivered;
  accepted.delivered_time = kStart;
  ASSERT_THAT(deliveries_.UpdateDeliveries(0, {accepted}), IsOk());
  EXPECT_EQ(Get(2).state, DeliveryState::kNotified);
  EXPECT_EQ(Get(2).delivered_time, kStart);
  EXPECT_FALSE(*deliveries_.MarkNotified("nobody", 1, kStart));
}

TEST_F(DeliveryRowsTest, UnnotifiedAreThoseThatAlertmanagerWasToTell) {
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

TEST_F(DeliveryRowsTest, ListsTheNewestFirstByPageAndFilter) {
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

}  // namespace
}  // namespace orewatch::alerting
