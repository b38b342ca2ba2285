// Alerting's storage, with steps at which the process may die.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "services/alerting/store/alert_store.h"
#include "tests/chaos/death.h"

namespace orewatch::testing {

// Thread-safe; the death outlives it.
class MortalStore final : public alerting::AlertStore, public alerting::DeliveryStore {
 public:
  MortalStore(std::unique_ptr<alerting::AlertStore> store, const Death& death)
      : store_(std::move(store)), deliveries_(store_->deliveries()), death_(death) {}

  // From here on every SQLite database of this process dies at the end of a transaction that stores a change of an
  // alert, before it is durable. The death outlives the process's databases.
  static void DieInTransactionsOfSqlite(const Death& death);

  const alerting::StoreIdentity& identity() const override { return store_->identity(); }
  absl::StatusOr<alerting::StoredWorld> Load() override { return store_->Load(); }
  absl::StatusOr<alerting::Advance> CatchUp(const alerting::Version& from, const alerting::Changes& also) override {
    return store_->CatchUp(from, also);
  }
  absl::StatusOr<alerting::Version> Write(const alerting::Commit& commit) override;
  absl::StatusOr<std::optional<int64_t>> TakeLease(const std::string& holder, absl::Duration life) override {
    return store_->TakeLease(holder, life);
  }
  absl::Status GiveUpLease(int64_t epoch) override { return store_->GiveUpLease(epoch); }
  std::unique_ptr<alerting::Following> Follow(std::function<void(const alerting::Version&)> committed) override {
    return store_->Follow(std::move(committed));
  }
  absl::StatusOr<bool> DefaultsLoaded() override { return store_->DefaultsLoaded(); }
  absl::StatusOr<std::optional<alerting::AnsweredRequest>> FindAnswer(const std::string& principal,
                                                                      const std::string& request_id,
                                                                      absl::Time since) override {
    return store_->FindAnswer(principal, request_id, since);
  }
  absl::StatusOr<std::vector<alerting::TimelineEntry>> Timeline(const alerting::AlertKey& key, int64_t before,
                                                                int64_t limit) override {
    return store_->Timeline(key, before, limit);
  }
  absl::StatusOr<std::vector<alerting::TimelineEntry>> TransitionsAfter(int64_t sequence, int64_t limit) override {
    return store_->TransitionsAfter(sequence, limit);
  }
  alerting::DeliveryStore& deliveries() override { return *this; }

  absl::StatusOr<std::vector<alerting::Delivery>> DueDeliveries(const std::string& target, absl::Time now,
                                                                int64_t limit) override {
    return deliveries_.DueDeliveries(target, now, limit);
  }
  absl::Status UpdateDeliveries(int64_t epoch, const std::vector<alerting::Delivery>& deliveries) override;
  absl::StatusOr<std::optional<alerting::Delivery>> MarkNotified(const std::string& alert_id, int64_t sequence,
                                                                 absl::Time time) override;
  absl::StatusOr<std::vector<alerting::Delivery>> Unnotified(absl::Time since, absl::Time until,
                                                             int64_t limit) override {
    return deliveries_.Unnotified(since, until, limit);
  }
  absl::StatusOr<std::vector<alerting::Delivery>> ListDeliveries(const alerting::DeliveryQuery& query) override {
    return deliveries_.ListDeliveries(query);
  }
  absl::StatusOr<std::vector<alerting::Delivery>> DeliveriesAfter(const alerting::DeliveryRank& rank,
                                                                  int64_t limit) override {
    return deliveries_.DeliveriesAfter(rank, limit);
  }
  absl::StatusOr<int64_t> CountDeliveries(const std::string& target, alerting::DeliveryState state) override {
    return deliveries_.CountDeliveries(target, state);
  }
  absl::StatusOr<alerting::Outbox> ReadOutbox() override { return deliveries_.ReadOutbox(); }
  absl::StatusOr<alerting::Delivery> ReplayDelivery(int64_t sequence, const std::string& target,
                                                    absl::Time now) override {
    return deliveries_.ReplayDelivery(sequence, target, now);
  }

 private:
  const std::unique_ptr<alerting::AlertStore> store_;
  alerting::DeliveryStore& deliveries_;
  const Death& death_;
};

}  // namespace orewatch::testing
