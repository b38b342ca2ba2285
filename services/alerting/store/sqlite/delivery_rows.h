// Deliveries in the tables of the SQLite engine. Each runs on the caller's connection, under its lock.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "services/alerting/store/delivery_store.h"

namespace orewatch::storage {
class Sqlite;
}

namespace orewatch::alerting {

// The migration that makes them.
extern const char kDeliveryTables[];

// The next two are parts of a commit.
absl::Status InsertDeliveries(const std::vector<Delivery>& deliveries, storage::Sqlite& db);
absl::Status DropDeliveries(const std::vector<DeliveryRank>& ranks, storage::Sqlite& db);

absl::StatusOr<std::vector<Delivery>> DueDeliveries(storage::Sqlite& db, const std::string& target, absl::Time now,
                                                    int64_t limit);
// ABORTED (LEASE_LOST).
absl::Status UpdateDeliveries(storage::Sqlite& db, int64_t epoch, const std::vector<Delivery>& deliveries);
absl::StatusOr<std::optional<Delivery>> MarkNotified(storage::Sqlite& db, const std::string& alert_id, int64_t sequence,
                                                     absl::Time time);
absl::StatusOr<std::vector<Delivery>> Unnotified(storage::Sqlite& db, absl::Time since, absl::Time until,
                                                 int64_t limit);
absl::StatusOr<std::vector<Delivery>> ListDeliveries(storage::Sqlite& db, const DeliveryQuery& query);
absl::StatusOr<std::vector<Delivery>> DeliveriesAfter(storage::Sqlite& db, const DeliveryRank& rank, int64_t limit);
absl::StatusOr<int64_t> CountDeliveries(storage::Sqlite& db, const std::string& target, DeliveryState state);
absl::StatusOr<Outbox> ReadOutbox(storage::Sqlite& db);
absl::StatusOr<Delivery> ReplayDelivery(storage::Sqlite& db, int64_t sequence, const std::string& target,
                                        absl::Time now);

}  // namespace orewatch::alerting
