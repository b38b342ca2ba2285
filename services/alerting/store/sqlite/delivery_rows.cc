#include "services/alerting/store/sqlite/delivery_rows.h"

#include <limits>
#include <utility>

#include "common/status/status.h"
#include "common/storage/sqlite.h"
#include "services/alerting/store/alert_store.h"
#include "services/alerting/store/rows.h"

namespace orewatch::alerting {

// States are stored by number: 1 pending, 2 delivered, 3 notified, 4 dead, 5 superseded.
const char kDeliveryTables[] = R"sql(
CREATE TABLE deliveries (
  sequence INTEGER NOT NULL, target TEXT NOT NULL, alert TEXT NOT NULL, state INTEGER NOT NULL,
  created INTEGER NOT NULL, next_attempt INTEGER NOT NULL, notified INTEGER NOT NULL, body BLOB NOT NULL,
  PRIMARY KEY (sequence, target)
) WITHOUT ROWID;
CREATE INDEX deliveries_of_alert ON deliveries (target, alert, sequence);
CREATE INDEX deliveries_pending ON deliveries (target, sequence) WHERE state = 1;
CREATE INDEX deliveries_unnotified ON deliveries (created) WHERE target = 'alertmanager' AND state IN (1, 2);
CREATE INDEX deliveries_dead ON deliveries (target, sequence) WHERE state = 4;
)sql";

namespace {

using storage::Sqlite;
using storage::Statement;

int64_t Micros(absl::Time time) { return absl::ToUnixMicros(time); }

absl::StatusOr<std::vector<Delivery>> ReadAll(Statement& statement) {
  std::vector<Delivery> deliveries;
  for (;;) {
    OREWATCH_ASSIGN_OR_RETURN(const bool found, statement.Step());
    if (!found) {
      return deliveries;
    }
    OREWATCH_ASSIGN_OR_RETURN(Delivery delivery, DeliveryOf(DeliveryRow{.sequence = statement.Int(0),
                                                                        .target = std::string(statement.Text(1)),
                                                                        .alert = std::string(statement.Text(2)),
                                                                        .state = statement.Int(3),
                                                                        .created = statement.Int(4),
                                                                        .next_attempt = statement.Int(5),
                                                                        .notified = statement.Int(6),
                                                                        .body = std::string(statement.Blob(7))}));
    deliveries.push_back(std::move(delivery));
  }
}

absl::Status CheckEpoch(Sqlite& db, int64_t epoch) {
  auto lease = db.Prepare("SELECT epoch FROM lease");
  OREWATCH_RETURN_IF_ERROR(lease.Step().status());
  return lease.Int(0) == epoch ? absl::OkStatus() : LeaseLost();
}

absl::Status UpdateOne(Sqlite& db, const DeliveryRow& row) {
  return db
      .Prepare(
          "UPDATE deliveries SET state = CASE WHEN state IN (3, 5) THEN state ELSE ? END, next_attempt = ?, body = ?"
          " WHERE sequence = ? AND target = ?")
      .Bind(row.state)
      .Bind(row.next_attempt)
      .BindBlob(row.body)
      .Bind(row.sequence)
      .Bind(row.target)
      .Run();
}

}  // namespace

absl::Status InsertDeliveries(const std::vector<Delivery>& deliveries, Sqlite& db) {
  for (const Delivery& delivery : deliveries) {
    const DeliveryRow row = RowOf(delivery);
    OREWATCH_RETURN_IF_ERROR(db.Prepare("INSERT INTO deliveries VALUES (?, ?, ?, ?, ?, ?, ?, ?)")
                                 .Bind(row.sequence)
                                 .Bind(row.target)
                                 .Bind(row.alert)
                                 .Bind(row.state)
                                 .Bind(row.created)
                                 .Bind(row.next_attempt)
                                 .Bind(row.notified)
                                 .BindBlob(row.body)
                                 .Run());
  }
  return absl::OkStatus();
}

absl::Status DropDeliveries(const std::vector<DeliveryRank>& ranks, Sqlite& db) {
  for (const DeliveryRank& rank : ranks) {
    OREWATCH_RETURN_IF_ERROR(db.Prepare("DELETE FROM deliveries WHERE sequence = ? AND target = ? AND state <> 1")
                                 .Bind(rank.sequence)
                                 .Bind(rank.target)
                                 .Run());
  }
  return absl::OkStatus();
}

absl::StatusOr<std::vector<Delivery>> DueDeliveries(Sqlite& db, const std::string& target, absl::Time now,
                                                    int64_t limit) {
  auto due = db.Prepare(
      "SELECT * FROM deliveries d WHERE target = ? AND state = 1 AND next_attempt <= ? AND NOT EXISTS ("
      " SELECT 1 FROM deliveries e WHERE e.target = d.target AND e.alert = d.alert AND e.state = 1"
      " AND e.sequence < d.sequence) ORDER BY sequence LIMIT ?");
  due.Bind(target).Bind(Micros(now)).Bind(limit);
  return ReadAll(due);
}

absl::Status UpdateDeliveries(Sqlite& db, int64_t epoch, const std::vector<Delivery>& deliveries) {
  return db.Transact([&]() -> absl::Status {
    OREWATCH_RETURN_IF_ERROR(CheckEpoch(db, epoch));
    for (const Delivery& delivery : deliveries) {
      OREWATCH_RETURN_IF_ERROR(UpdateOne(db, RowOf(delivery)));
    }
    return absl::OkStatus();
  });
}

absl::StatusOr<std::optional<Delivery>> MarkNotified(Sqlite& db, const std::string& alert_id, int64_t sequence,
                                                     absl::Time time) {
  std::vector<Delivery> news;
  const absl::Status done = db.Transact([&]() -> absl::Status {
    auto mark = db.Prepare(
        "UPDATE deliveries SET state = 3, notified = ? WHERE target = ? AND alert = ? AND sequence = ?"
        " AND notified = 0 RETURNING *");
    mark.Bind(Micros(time)).Bind(kAlertmanagerTarget).Bind(alert_id).Bind(sequence);
    OREWATCH_ASSIGN_OR_RETURN(news, ReadAll(mark));
    return db
        .Prepare(
            "UPDATE deliveries SET state = 5 WHERE target = ? AND alert = ? AND sequence < ? AND state IN (1, 2, 4)")
        .Bind(kAlertmanagerTarget)
        .Bind(alert_id)
        .Bind(sequence)
        .Run();
  });
  OREWATCH_RETURN_IF_ERROR(done);
  return news.empty() ? std::nullopt : std::optional(std::move(news.front()));
}

absl::StatusOr<std::vector<Delivery>> Unnotified(Sqlite& db, absl::Time since, absl::Time until, int64_t limit) {
  auto late = db.Prepare(
      "SELECT * FROM deliveries WHERE target = 'alertmanager' AND state IN (1, 2) AND created >= ? AND created < ?"
      " ORDER BY sequence LIMIT ?");
  late.Bind(Micros(since)).Bind(Micros(until)).Bind(limit);
  return ReadAll(late);
}

absl::StatusOr<std::vector<Delivery>> ListDeliveries(Sqlite& db, const DeliveryQuery& query) {
  const DeliveryRank after = query.after.value_or(DeliveryRank{std::numeric_limits<int64_t>::max(), ""});
  auto list = db.Prepare(
      "SELECT * FROM deliveries WHERE (? = 0 OR state = ?) AND (? = '' OR target = ?) AND (? = '' OR alert = ?)"
      " AND (sequence < ? OR (sequence = ? AND target > ?)) ORDER BY sequence DESC, target LIMIT ?");
  const int64_t state = query.state.has_value() ? static_cast<int64_t>(*query.state) : 0;
  list.Bind(state).Bind(state).Bind(query.target).Bind(query.target).Bind(query.alert_id).Bind(query.alert_id);
  list.Bind(after.sequence).Bind(after.sequence).Bind(after.target).Bind(query.limit);
  return ReadAll(list);
}

absl::StatusOr<std::vector<Delivery>> DeliveriesAfter(Sqlite& db, const DeliveryRank& rank, int64_t limit) {
  auto list =
      db.Prepare("SELECT * FROM deliveries WHERE (sequence, target) > (?, ?) ORDER BY sequence, target LIMIT ?");
  list.Bind(rank.sequence).Bind(rank.target).Bind(limit);
  return ReadAll(list);
}

absl::StatusOr<int64_t> CountDeliveries(Sqlite& db, const std::string& target, DeliveryState state) {
  auto count = db.Prepare("SELECT count(*) FROM deliveries WHERE target = ? AND state = ?");
  count.Bind(target).Bind(static_cast<int64_t>(state));
  OREWATCH_ASSIGN_OR_RETURN(const bool row, count.Step());
  return row ? count.Int(0) : 0;
}

absl::StatusOr<Outbox> ReadOutbox(Sqlite& db) {
  auto pending =
      db.Prepare("SELECT target = 'alertmanager', count(*), min(created) FROM deliveries WHERE state = 1 GROUP BY 1");
  Outbox outbox;
  for (;;) {
    OREWATCH_ASSIGN_OR_RETURN(const bool found, pending.Step());
    if (!found) {
      break;
    }
    Backlog& backlog = pending.Int(0) != 0 ? outbox.alertmanager : outbox.webhooks;
    backlog = {.pending = pending.Int(1), .oldest = absl::FromUnixMicros(pending.Int(2))};
  }
  auto dead = db.Prepare("SELECT count(*) FROM deliveries WHERE state = 4");
  OREWATCH_RETURN_IF_ERROR(dead.Step().status());
  outbox.dead = dead.Int(0);
  return outbox;
}

absl::StatusOr<Delivery> ReplayDelivery(Sqlite& db, int64_t sequence, const std::string& target, absl::Time now) {
  std::vector<Delivery> found;
  const absl::Status done = db.Transact([&]() -> absl::Status {
    OREWATCH_RETURN_IF_ERROR(db.Prepare("UPDATE deliveries SET state = 1, next_attempt = ?, notified = 0, body = x''"
                                        " WHERE sequence = ? AND target = ?"
                                        " AND CASE WHEN target = ? THEN state = 4 ELSE state <> 1 END")
                                 .Bind(Micros(now))
                                 .Bind(sequence)
                                 .Bind(target)
                                 .Bind(kAlertmanagerTarget)
                                 .Run());
    auto read = db.Prepare("SELECT * FROM deliveries WHERE sequence = ? AND target = ?");
    read.Bind(sequence).Bind(target);
    OREWATCH_ASSIGN_OR_RETURN(found, ReadAll(read));
    return absl::OkStatus();
  });
  OREWATCH_RETURN_IF_ERROR(done);
  return Replayed(std::move(found), sequence, target);
}

}  // namespace orewatch::alerting
