#include "services/alerting/store/postgres/deliveries.h"

#include <limits>
#include <utility>

#include "common/status/status.h"
#include "services/alerting/store/postgres/columns.h"
#include "services/alerting/store/rows.h"

namespace orewatch::alerting {
namespace {

using storage::Postgres;
using storage::PostgresParameters;
using storage::PostgresRows;
using storage::PostgresStatement;

constexpr char kAdd[] =
    "INSERT INTO deliveries SELECT sequence, target, alert, state, created, next_attempt, notified, body"
    " FROM unnest($1::bigint[], $2::text[], $3::text[], $4::bigint[], $5::bigint[], $6::bigint[], $7::bigint[],"
    " $8::bytea[]) AS put(sequence, target, alert, state, created, next_attempt, notified, body)";
constexpr char kDrop[] =
    "DELETE FROM deliveries d USING unnest($1::bigint[], $2::text[]) AS gone(sequence, target)"
    " WHERE d.sequence = gone.sequence AND d.target = gone.target AND d.state <> 1";
constexpr char kDue[] =
    "SELECT * FROM deliveries d WHERE target = $1 AND state = 1 AND next_attempt <= $2 AND NOT EXISTS ("
    " SELECT 1 FROM deliveries e WHERE e.target = d.target AND e.alert = d.alert AND e.state = 1"
    " AND e.sequence < d.sequence) ORDER BY sequence LIMIT $3";
constexpr char kUpdate[] =
    "UPDATE deliveries SET state = CASE WHEN state IN (3, 5) THEN state ELSE $1 END, next_attempt = $2, body = $3"
    " WHERE sequence = $4 AND target = $5";
constexpr char kNotified[] =
    "UPDATE deliveries SET state = 3, notified = $1 WHERE target = $2 AND alert = $3 AND sequence = $4"
    " AND notified = 0 RETURNING *";
constexpr char kSupersede[] =
    "UPDATE deliveries SET state = 5 WHERE target = $1 AND alert = $2 AND sequence < $3 AND state IN (1, 2, 4)";
constexpr char kUnnotified[] =
    "SELECT * FROM deliveries WHERE target = 'alertmanager' AND state IN (1, 2) AND created >= $1 AND created < $2"
    " ORDER BY sequence LIMIT $3";
constexpr char kList[] =
    "SELECT * FROM deliveries WHERE ($1 = 0 OR state = $1) AND ($2 = '' OR target = $2) AND ($3 = '' OR alert = $3)"
    " AND (sequence < $4 OR (sequence = $4 AND target > $5)) ORDER BY sequence DESC, target LIMIT $6";
constexpr char kAfter[] =
    "SELECT * FROM deliveries WHERE (sequence, target) > ($1, $2) ORDER BY sequence, target LIMIT $3";
constexpr char kCount[] = "SELECT count(*) FROM deliveries WHERE target = $1 AND state = $2";
constexpr char kBacklog[] =
    "SELECT (target = 'alertmanager')::int, count(*), min(created) FROM deliveries WHERE state = 1 GROUP BY 1";
constexpr char kDead[] = "SELECT count(*) FROM deliveries WHERE state = 4";
constexpr char kReplay[] =
    "UPDATE deliveries SET state = 1, next_attempt = $1, notified = 0, body = '' WHERE sequence = $2 AND target = $3"
    " AND CASE WHEN target = $4 THEN state = 4 ELSE state <> 1 END";
constexpr char kFind[] = "SELECT * FROM deliveries WHERE sequence = $1 AND target = $2";

int64_t Micros(absl::Time time) { return absl::ToUnixMicros(time); }

absl::StatusOr<std::vector<Delivery>> ReadAll(const PostgresRows& rows) {
  std::vector<Delivery> deliveries;
  for (int row = 0; row < rows.size(); ++row) {
    OREWATCH_ASSIGN_OR_RETURN(Delivery delivery, DeliveryOf(DeliveryRow{.sequence = rows.Int(row, 0),
                                                                        .target = std::string(rows.Text(row, 1)),
                                                                        .alert = std::string(rows.Text(row, 2)),
                                                                        .state = rows.Int(row, 3),
                                                                        .created = rows.Int(row, 4),
                                                                        .next_attempt = rows.Int(row, 5),
                                                                        .notified = rows.Int(row, 6),
                                                                        .body = std::string(rows.Bytes(row, 7))}));
    deliveries.push_back(std::move(delivery));
  }
  return deliveries;
}

absl::StatusOr<std::vector<Delivery>> Find(Postgres& db, const char* sql, PostgresParameters parameters) {
  OREWATCH_ASSIGN_OR_RETURN(const PostgresRows rows, db.Query(sql, std::move(parameters)));
  return ReadAll(rows);
}

template <typename Row, typename Field>
std::vector<int64_t> Column(const std::vector<Row>& rows, Field field) {
  std::vector<int64_t> values;
  values.reserve(rows.size());
  for (const Row& row : rows) {
    values.push_back(row.*field);
  }
  return values;
}

template <typename Row, typename Field>
std::vector<absl::string_view> Texts(const std::vector<Row>& rows, Field field) {
  std::vector<absl::string_view> values;
  values.reserve(rows.size());
  for (const Row& row : rows) {
    values.emplace_back(row.*field);
  }
  return values;
}

}  // namespace

void AddDeliveries(const std::vector<Delivery>& deliveries, std::vector<PostgresStatement>& batch) {
  if (deliveries.empty()) {
    return;
  }
  std::vector<DeliveryRow> rows;
  rows.reserve(deliveries.size());
  for (const Delivery& delivery : deliveries) {
    rows.push_back(RowOf(delivery));
  }
  batch.push_back({kAdd, PostgresParameters()
                             .Ints(Column(rows, &DeliveryRow::sequence))
                             .Texts(Texts(rows, &DeliveryRow::target))
                             .Texts(Texts(rows, &DeliveryRow::alert))
                             .Ints(Column(rows, &DeliveryRow::state))
                             .Ints(Column(rows, &DeliveryRow::created))
                             .Ints(Column(rows, &DeliveryRow::next_attempt))
                             .Ints(Column(rows, &DeliveryRow::notified))
                             .BytesArray(BodiesOf(rows))});
}

void DropDeliveries(const std::vector<DeliveryRank>& ranks, std::vector<PostgresStatement>& batch) {
  if (!ranks.empty()) {
    batch.push_back(
        {kDrop,
         PostgresParameters().Ints(Column(ranks, &DeliveryRank::sequence)).Texts(Texts(ranks, &DeliveryRank::target))});
  }
}

absl::StatusOr<std::vector<Delivery>> DueDeliveries(Postgres& db, const std::string& target, absl::Time now,
                                                    int64_t limit) {
  return Find(db, kDue, PostgresParameters().Text(target).Int(Micros(now)).Int(limit));
}

absl::Status UpdateDeliveries(Postgres& db, const std::vector<Delivery>& deliveries) {
  std::vector<PostgresStatement> batch;
  for (const Delivery& delivery : deliveries) {
    const DeliveryRow row = RowOf(delivery);
    batch.push_back(
        {kUpdate,
         PostgresParameters().Int(row.state).Int(row.next_attempt).Bytes(row.body).Int(row.sequence).Text(row.target)});
  }
  return batch.empty() ? absl::OkStatus() : db.Run(batch).status();
}

absl::StatusOr<std::optional<Delivery>> MarkNotified(Postgres& db, const std::string& alert_id, int64_t sequence,
                                                     absl::Time time) {
  OREWATCH_ASSIGN_OR_RETURN(
      const auto done,
      db.Run(
          {{kNotified, PostgresParameters().Int(Micros(time)).Text(kAlertmanagerTarget).Text(alert_id).Int(sequence)},
           {kSupersede, PostgresParameters().Text(kAlertmanagerTarget).Text(alert_id).Int(sequence)}}));
  OREWATCH_ASSIGN_OR_RETURN(std::vector<Delivery> news, ReadAll(done[0]));
  return news.empty() ? std::nullopt : std::optional(std::move(news.front()));
}

absl::StatusOr<std::vector<Delivery>> Unnotified(Postgres& db, absl::Time since, absl::Time until, int64_t limit) {
  return Find(db, kUnnotified, PostgresParameters().Int(Micros(since)).Int(Micros(until)).Int(limit));
}

absl::StatusOr<std::vector<Delivery>> ListDeliveries(Postgres& db, const DeliveryQuery& query) {
  const DeliveryRank after = query.after.value_or(DeliveryRank{std::numeric_limits<int64_t>::max(), ""});
  const int64_t state = query.state.has_value() ? static_cast<int64_t>(*query.state) : 0;
  return Find(db, kList,
              PostgresParameters()
                  .Int(state)
                  .Text(query.target)
                  .Text(query.alert_id)
                  .Int(after.sequence)
                  .Text(after.target)
                  .Int(query.limit));
}

absl::StatusOr<std::vector<Delivery>> DeliveriesAfter(Postgres& db, const DeliveryRank& rank, int64_t limit) {
  return Find(db, kAfter, PostgresParameters().Int(rank.sequence).Text(rank.target).Int(limit));
}

absl::StatusOr<int64_t> CountDeliveries(Postgres& db, const std::string& target, DeliveryState state) {
  OREWATCH_ASSIGN_OR_RETURN(const PostgresRows rows,
                            db.Query(kCount, PostgresParameters().Text(target).Int(static_cast<int64_t>(state))));
  return rows.Int(0, 0);
}

absl::StatusOr<Outbox> ReadOutbox(Postgres& db) {
  OREWATCH_ASSIGN_OR_RETURN(const auto answers, db.Run({{kBacklog, {}}, {kDead, {}}}));
  Outbox outbox;
  const PostgresRows& pending = answers[0];
  for (int row = 0; row < pending.size(); ++row) {
    Backlog& backlog = pending.Int(row, 0) != 0 ? outbox.alertmanager : outbox.webhooks;
    backlog = {.pending = pending.Int(row, 1), .oldest = absl::FromUnixMicros(pending.Int(row, 2))};
  }
  outbox.dead = answers[1].Int(0, 0);
  return outbox;
}

absl::StatusOr<Delivery> ReplayDelivery(Postgres& db, int64_t sequence, const std::string& target, absl::Time now) {
  OREWATCH_ASSIGN_OR_RETURN(
      const auto done,
      db.Run({{kReplay, PostgresParameters().Int(Micros(now)).Int(sequence).Text(target).Text(kAlertmanagerTarget)},
              {kFind, PostgresParameters().Int(sequence).Text(target)}}));
  OREWATCH_ASSIGN_OR_RETURN(std::vector<Delivery> found, ReadAll(done[1]));
  return Replayed(std::move(found), sequence, target);
}

}  // namespace orewatch::alerting
