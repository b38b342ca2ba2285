// How far each delivery has come.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "services/alerting/domain/delivery.h"

namespace orewatch::alerting {

// Where a delivery stands in a list by sequence, targets of one change by name.
struct DeliveryRank {
  int64_t sequence = 0;
  std::string target = {};

  friend bool operator==(const DeliveryRank&, const DeliveryRank&) = default;
};

// What nobody needs any longer: goes with the commit that says so.
struct Dropped {
  // One that is pending by then stays.
  std::vector<DeliveryRank> deliveries = {};
  // Of timelines, by their sequence.
  std::vector<int64_t> entries = {};

  bool empty() const { return deliveries.empty() && entries.empty(); }
};

// Unset fields match all.
struct DeliveryQuery {
  std::optional<DeliveryState> state = std::nullopt;
  std::string target = {};
  std::string alert_id = {};
  // Only deliveries behind this one.
  std::optional<DeliveryRank> after = std::nullopt;
  int64_t limit = 0;
};

// How much of one kind has been taken by nobody yet.
struct Backlog {
  int64_t pending = 0;
  // When the oldest of it came in; unset: there is none.
  std::optional<absl::Time> oldest = std::nullopt;

  friend bool operator==(const Backlog&, const Backlog&) = default;
};

struct Outbox {
  Backlog alertmanager = {};
  // All webhooks together.
  Backlog webhooks = {};
  // Of either.
  int64_t dead = 0;

  friend bool operator==(const Outbox&, const Outbox&) = default;
};

// Deliveries are inserted with the change that they tell of (Commit::deliveries). Thread-safe; every method may block.
// Besides what is named, each returns UNAVAILABLE while storage is busy, full or failing, and DATA_LOSS when it is
// corrupt.
class DeliveryStore {
 public:
  virtual ~DeliveryStore() = default;

  // Pending deliveries of the target whose time has come, by sequence, at most `limit`: of each alert the oldest
  // pending one alone, so that a later change waits for it.
  virtual absl::StatusOr<std::vector<Delivery>> DueDeliveries(const std::string& target, absl::Time now,
                                                              int64_t limit) = 0;
  // Writes what the dispatcher of this epoch knows of deliveries: everything but the notification, and never takes
  // NOTIFIED or SUPERSEDED back. All or nothing. ABORTED, reason LEASE_LOST, if the epoch has ended.
  virtual absl::Status UpdateDeliveries(int64_t epoch, const std::vector<Delivery>& deliveries) = 0;
  // A receiver has been told of the alert as the change `sequence` left it: that delivery to Alertmanager becomes
  // NOTIFIED, and earlier ones of the alert that were not become SUPERSEDED. That delivery as it is then, if that was
  // news. By any replica.
  virtual absl::StatusOr<std::optional<Delivery>> MarkNotified(const std::string& alert_id, int64_t sequence,
                                                               absl::Time time) = 0;

  // Deliveries to Alertmanager, created at or after `since` and before `until`, that are PENDING or DELIVERED; by
  // sequence, at most `limit`.
  virtual absl::StatusOr<std::vector<Delivery>> Unnotified(absl::Time since, absl::Time until, int64_t limit) = 0;
  virtual absl::StatusOr<std::vector<Delivery>> ListDeliveries(const DeliveryQuery& query) = 0;
  // Those that come after one in the order of their sequence, targets of one change by name; at most `limit`.
  virtual absl::StatusOr<std::vector<Delivery>> DeliveriesAfter(const DeliveryRank& rank, int64_t limit) = 0;
  // Deliveries of one target in one state.
  virtual absl::StatusOr<int64_t> CountDeliveries(const std::string& target, DeliveryState state) = 0;
  virtual absl::StatusOr<Outbox> ReadOutbox() = 0;
  // Makes a delivery that is not pending pending again, its attempts counted anew from `now`; returns it. NOT_FOUND,
  // reason DELIVERY_NOT_FOUND; FAILED_PRECONDITION, reason DELIVERY_NOT_DEAD, if Alertmanager has taken it: that is
  // told of what is, over and over, and what it has been told is not forgotten. By any replica.
  virtual absl::StatusOr<Delivery> ReplayDelivery(int64_t sequence, const std::string& target, absl::Time now) = 0;
};

}  // namespace orewatch::alerting
