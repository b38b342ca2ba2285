#include "services/alerting/store/sqlite/delivery_rows.h"

#include <limits>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "common/status/status.h"
#include "common/storage/sqlite.h"
#include "services/alerting/store/sqlite/rows.h"

namespace orewatch::alerting {

// States are stored by number: 1 pending, 2 delivered, 3 notified, 4 dead, 5 superseded.
const char kDeliveryTables[] = R"sql(
CREATE TABLE delivery (
  sequence INTEGER NOT NULL, target TEXT NOT NULL, alert_id TEXT NOT NULL, state INTEGER NOT NULL,
  attempts INTEGER NOT NULL, create_time INTEGER NOT NULL, next_attempt INTEGER NOT NULL, last_error TEXT NOT NULL,
  delivered_time INTEGER, notified_time INTEGER, accepted_by TEXT NOT NULL,
  PRIMARY KEY (sequence, target)
) WITHOUT ROWID;
CREATE INDEX delivery_of_alert ON delivery (target, alert_id, sequence);
CREATE INDEX delivery_pending ON delivery (target, sequence) WHERE state = 1;
CREATE INDEX delivery_unnotified ON delivery (create_time) WHERE target = 'alertmanager' AND state IN (1, 2);
CREATE INDEX delivery_dead ON delivery (target, sequence) WHERE state = 4;
)sql";

namespace {

using storage::Statement;

int64_t Number(DeliveryState state) { return static_cast<int64_t>(state); }

void BindOptionalTime(std::optional<absl::Time> time, Statement& statement) {
  time.has_value() ? BindTime(*time, statement) : static_cast<void>(statement.BindNull());
}

std::optional<absl::Time> ReadOptionalTime(const Statement& row, int column) {
  return row.IsNull(column) ? std::nullopt : std::optional(ReadTime(row, column));
}

// `replica nanoseconds`, a line each.
std::string WriteAcceptances(const std::vector<Acceptance>& acceptances) {
  return absl::StrJoin(acceptances, "\n", [](std::string* out, const Acceptance& acceptance) {
    absl::StrAppend(out, acceptance.replica, " ", absl::ToUnixNanos(acceptance.time));
  });
}

std::vector<Acceptance> ReadAcceptances(absl::string_view text) {
  std::vector<Acceptance> acceptances;
  for (const absl::string_view line : absl::StrSplit(text, '\n', absl::SkipEmpty())) {
    const std::pair<std::string, std::string> parts = absl::StrSplit(line, ' ');
    int64_t nanos = 0;
    if (absl::SimpleAtoi(parts.second, &nanos)) {
      acceptances.push_back({.replica = parts.first, .time = absl::FromUnixNanos(nanos)});
    }
  }
  return acceptances;
}

Delivery ReadDelivery(const Statement& row) {
  return {.sequence = row.Int(0),
          .target = std::string(row.Text(1)),
          .alert_id = std::string(row.Text(2)),
          .state = static_cast<DeliveryState>(row.Int(3)),
          .attempts = static_cast<int>(row.Int(4)),
          .create_time = ReadTime(row, 5),
          .next_attempt = ReadTime(row, 6),
          .last_error = std::string(row.Text(7)),
          .delivered_time = ReadOptionalTime(row, 8),
          .notified_time = ReadOptionalTime(row, 9),
          .accepted_by = ReadAcceptances(row.Text(10))};
}

absl::StatusOr<std::vector<Delivery>> ReadAll(Statement& statement) {
  std::vector<Delivery> deliveries;
  for (;;) {
    OREWATCH_ASSIGN_OR_RETURN(const bool row, statement.Step());
    if (!row) {
      return deliveries;
    }
    deliveries.push_back(ReadDelivery(statement));
  }
}

}  // namespace

absl::Status InsertDeliveries(const std::vector<Delivery>& deliveries, storage::Sqlite& db) {
  for (const Delivery& delivery : deliveries) {
    auto add = db.Prepare("INSERT INTO delivery VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)");
    add.Bind(delivery.sequence).Bind(delivery.target).Bind(delivery.alert_id).Bind(Number(delivery.state));
    add.Bind(int64_t{delivery.attempts});
    BindTime(delivery.create_time, add);
    BindTime(delivery.next_attempt, add);
    add.Bind(delivery.last_error);
    BindOptionalTime(delivery.delivered_time, add);
    BindOptionalTime(delivery.notified_time, add);
    add.Bind(WriteAcceptances(delivery.accepted_by));
    OREWATCH_RETURN_IF_ERROR(add.Run());
  }
  return absl::OkStatus();
}

absl::StatusOr<std::vector<Delivery>> DueDeliveries(storage::Sqlite& db, const std::string& target, absl::Time now,
                                                    int64_t limit) {
  auto due = db.Prepare(
      "SELECT * FROM delivery d WHERE target = ? AND state = 1 AND next_attempt <= ? AND NOT EXISTS ("
      " SELECT 1 FROM delivery e WHERE e.target = d.target AND e.alert_id = d.alert_id AND e.state = 1"
      " AND e.sequence < d.sequence) ORDER BY sequence LIMIT ?");
  due.Bind(target);
  BindTime(now, due);
  due.Bind(limit);
  return ReadAll(due);
}

absl::Status UpdateDeliveries(storage::Sqlite& db, const std::vector<Delivery>& deliveries) {
  return db.Transact([&]() -> absl::Status {
    for (const Delivery& delivery : deliveries) {
      auto update = db.Prepare(
          "UPDATE delivery SET state = CASE WHEN state IN (3, 5) THEN state ELSE ? END, attempts = ?,"
          " next_attempt = ?, last_error = ?, delivered_time = ?, accepted_by = ? WHERE sequence = ? AND target = ?");
      update.Bind(Number(delivery.state)).Bind(int64_t{delivery.attempts});
      BindTime(delivery.next_attempt, update);
      update.Bind(delivery.last_error);
      BindOptionalTime(delivery.delivered_time, update);
      update.Bind(WriteAcceptances(delivery.accepted_by)).Bind(delivery.sequence).Bind(delivery.target);
      OREWATCH_RETURN_IF_ERROR(update.Run());
    }
    return absl::OkStatus();
  });
}

absl::StatusOr<bool> MarkNotified(storage::Sqlite& db, const std::string& alert_id, int64_t sequence, absl::Time time) {
  bool news = false;
  const absl::Status done = db.Transact([&]() -> absl::Status {
    auto notified = db.Prepare(
        "UPDATE delivery SET state = 3, notified_time = ? WHERE target = ? AND alert_id = ? AND sequence = ?"
        " AND notified_time IS NULL");
    BindTime(time, notified);
    notified.Bind(kAlertmanagerTarget).Bind(alert_id).Bind(sequence);
    OREWATCH_RETURN_IF_ERROR(notified.Run());
    news = db.changes() > 0;
    return db
        .Prepare(
            "UPDATE delivery SET state = 5 WHERE target = ? AND alert_id = ? AND sequence < ? AND state IN (1, 2, 4)")
        .Bind(kAlertmanagerTarget)
        .Bind(alert_id)
        .Bind(sequence)
        .Run();
  });
  OREWATCH_RETURN_IF_ERROR(done);
  return news;
}

absl::StatusOr<std::vector<Delivery>> Unnotified(storage::Sqlite& db, absl::Time since, absl::Time until,
                                                 int64_t limit) {
  auto late = db.Prepare(
      "SELECT * FROM delivery WHERE target = 'alertmanager' AND state IN (1, 2) AND create_time >= ?"
      " AND create_time < ? ORDER BY sequence LIMIT ?");
  BindTime(since, late);
  BindTime(until, late);
  late.Bind(limit);
  return ReadAll(late);
}

absl::StatusOr<std::vector<Delivery>> ListDeliveries(storage::Sqlite& db, const DeliveryQuery& query) {
  const DeliveryRank after = query.after.value_or(DeliveryRank{std::numeric_limits<int64_t>::max(), ""});
  auto list = db.Prepare(
      "SELECT * FROM delivery WHERE (? = 0 OR state = ?) AND (? = '' OR target = ?) AND (? = '' OR alert_id = ?)"
      " AND (sequence < ? OR (sequence = ? AND target > ?)) ORDER BY sequence DESC, target LIMIT ?");
  const int64_t state = query.state.has_value() ? Number(*query.state) : 0;
  list.Bind(state).Bind(state).Bind(query.target).Bind(query.target).Bind(query.alert_id).Bind(query.alert_id);
  list.Bind(after.sequence).Bind(after.sequence).Bind(after.target).Bind(query.limit);
  return ReadAll(list);
}

absl::StatusOr<int64_t> CountDeliveries(storage::Sqlite& db, const std::string& target, DeliveryState state) {
  auto count = db.Prepare("SELECT count(*) FROM delivery WHERE target = ? AND state = ?");
  count.Bind(target).Bind(Number(state));
  OREWATCH_ASSIGN_OR_RETURN(const bool row, count.Step());
  return row ? count.Int(0) : 0;
}

absl::StatusOr<Delivery> ReplayDelivery(storage::Sqlite& db, int64_t sequence, const std::string& target,
                                        absl::Time now) {
  std::vector<Delivery> found;
  const absl::Status done = db.Transact([&]() -> absl::Status {
    auto update = db.Prepare(
        "UPDATE delivery SET state = 1, attempts = 0, next_attempt = ?, last_error = '', delivered_time = NULL,"
        " notified_time = NULL, accepted_by = '' WHERE sequence = ? AND target = ? AND state <> 1");
    BindTime(now, update);
    update.Bind(sequence).Bind(target);
    OREWATCH_RETURN_IF_ERROR(update.Run());
    auto read = db.Prepare("SELECT * FROM delivery WHERE sequence = ? AND target = ?");
    read.Bind(sequence).Bind(target);
    OREWATCH_ASSIGN_OR_RETURN(found, ReadAll(read));
    return absl::OkStatus();
  });
  OREWATCH_RETURN_IF_ERROR(done);
  if (found.empty()) {
    return MakeError(absl::StatusCode::kNotFound, "DELIVERY_NOT_FOUND",
                     absl::StrCat("there is no delivery of ", sequence, " to ", target));
  }
  return found.front();
}

}  // namespace orewatch::alerting
