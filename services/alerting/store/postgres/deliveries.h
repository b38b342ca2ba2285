// Deliveries in the tables of the PostgreSQL engine.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "common/storage/postgres.h"
#include "services/alerting/store/delivery_store.h"

namespace orewatch::alerting {

// Parts of a commit.
void AddDeliveries(const std::vector<Delivery>& deliveries, std::vector<storage::PostgresStatement>& batch);
void DropDeliveries(const std::vector<DeliveryRank>& ranks, std::vector<storage::PostgresStatement>& batch);

// Each that writes is to run in a transaction.
absl::StatusOr<std::vector<Delivery>> DueDeliveries(storage::Postgres& db, const std::string& target, absl::Time now,
                                                    int64_t limit);
absl::Status UpdateDeliveries(storage::Postgres& db, const std::vector<Delivery>& deliveries);
absl::StatusOr<std::optional<Delivery>> MarkNotified(storage::Postgres& db, const std::string& alert_id,
                                                     int64_t sequence, absl::Time time);
absl::StatusOr<std::vector<Delivery>> Unnotified(storage::Postgres& db, absl::Time since, absl::Time until,
                                                 int64_t limit);
absl::StatusOr<std::vector<Delivery>> ListDeliveries(storage::Postgres& db, const DeliveryQuery& query);
absl::StatusOr<std::vector<Delivery>> DeliveriesAfter(storage::Postgres& db, const DeliveryRank& rank, int64_t limit);
absl::StatusOr<int64_t> CountDeliveries(storage::Postgres& db, const std::string& target, DeliveryState state);
absl::StatusOr<Outbox> ReadOutbox(storage::Postgres& db);
absl::StatusOr<Delivery> ReplayDelivery(storage::Postgres& db, int64_t sequence, const std::string& target,
                                        absl::Time now);

}  // namespace orewatch::alerting
