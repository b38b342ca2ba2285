#include "services/alerting/store/sqlite/sqlite_alert_store.h"

#include <algorithm>
#include <utility>

#include "common/status/status.h"
#include "common/storage/sqlite.h"
#include "services/alerting/store/sqlite/delivery_rows.h"
#include "services/alerting/store/sqlite/rows.h"
#include "services/alerting/store/sqlite/schema.h"

namespace orewatch::alerting {
namespace {

using storage::Statement;

// Answers are kept for as long as a caller may repeat a request; the deletion rides on the next one.
constexpr absl::Duration kAnswerLifetime = absl::Hours(24);

// Calls `take` for each row.
template <typename Take>
absl::Status ForEach(Statement& statement, const Take& take) {
  for (;;) {
    OREWATCH_ASSIGN_OR_RETURN(const bool row, statement.Step());
    if (!row) {
      return absl::OkStatus();
    }
    take(statement);
  }
}

}  // namespace

absl::StatusOr<std::unique_ptr<SqliteAlertStore>> SqliteAlertStore::Open(const std::string& path) {
  OREWATCH_ASSIGN_OR_RETURN(std::unique_ptr<storage::Sqlite> db, storage::Sqlite::Open(path));
  OREWATCH_RETURN_IF_ERROR(Migrate(*db));
  return std::unique_ptr<SqliteAlertStore>(new SqliteAlertStore(std::move(db)));
}

SqliteAlertStore::SqliteAlertStore(std::unique_ptr<storage::Sqlite> db) : db_(std::move(db)) {}
SqliteAlertStore::~SqliteAlertStore() = default;

absl::StatusOr<World> SqliteAlertStore::Load() {
  absl::MutexLock lock(&mutex_);
  World world;
  OREWATCH_RETURN_IF_ERROR(db_->Read([&]() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) { return LoadInto(world); }));
  return world;
}

absl::Status SqliteAlertStore::LoadInto(World& world) {
  auto rules = db_->Prepare("SELECT * FROM rule");
  OREWATCH_RETURN_IF_ERROR(ForEach(rules, [&](const Statement& row) {
    Rule rule = ReadRule(row, 0);
    world.rules.emplace(rule.id, std::move(rule));
  }));
  auto scores = db_->Prepare("SELECT * FROM score");
  OREWATCH_RETURN_IF_ERROR(ForEach(scores, [&](const Statement& row) {
    ScoreValue score = ReadScore(row, 0);
    world.scores.emplace(score.key, std::move(score));
  }));
  auto alerts = db_->Prepare("SELECT * FROM alert");
  OREWATCH_RETURN_IF_ERROR(ForEach(alerts, [&](const Statement& row) {
    Alert alert = ReadAlert(row, 0);
    world.alerts.emplace(alert.key, std::move(alert));
  }));
  auto position =
      db_->Prepare("SELECT lineage, revision, tick, (SELECT coalesce(max(sequence), 0) FROM transition) FROM position");
  return ForEach(position, [&](const Statement& row) {
    world.applied = {.lineage = std::string(row.Text(0)), .number = row.Int(1)};
    world.tick = row.Int(2);
    world.sequence = row.Int(3);
  });
}

absl::Status SqliteAlertStore::Write(const Commit& commit) {
  absl::MutexLock lock(&mutex_);
  return db_->Transact([&]() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) -> absl::Status {
    OREWATCH_RETURN_IF_ERROR(WriteRules(commit.changes));
    OREWATCH_RETURN_IF_ERROR(WriteScores(commit.changes));
    OREWATCH_RETURN_IF_ERROR(WriteAlerts(commit.changes));
    if (commit.request.has_value()) {
      OREWATCH_RETURN_IF_ERROR(WriteAnswer(*commit.request));
    }
    OREWATCH_RETURN_IF_ERROR(InsertDeliveries(commit.deliveries, *db_));
    return WritePosition(commit);
  });
}

absl::Status SqliteAlertStore::WriteRules(const Changes& changes) {
  for (const Rule& rule : changes.rules) {
    auto put = db_->Prepare("INSERT OR REPLACE INTO rule VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)");
    BindRule(rule, put);
    OREWATCH_RETURN_IF_ERROR(put.Run());
  }
  for (const std::string& id : changes.deleted_rules) {
    OREWATCH_RETURN_IF_ERROR(db_->Prepare("DELETE FROM rule WHERE id = ?").Bind(id).Run());
  }
  return absl::OkStatus();
}

absl::Status SqliteAlertStore::WriteScores(const Changes& changes) {
  for (const ScoreValue& score : changes.scores) {
    auto put = db_->Prepare("INSERT OR REPLACE INTO score VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)");
    BindScore(score, put);
    OREWATCH_RETURN_IF_ERROR(put.Run());
  }
  for (const ScoreKey& key : changes.removed_scores) {
    auto remove = db_->Prepare("DELETE FROM score WHERE subject = ? AND stage = ? AND importer = ? AND method = ?");
    BindScoreKey(key, remove);
    OREWATCH_RETURN_IF_ERROR(remove.Run());
  }
  return absl::OkStatus();
}

absl::Status SqliteAlertStore::WriteAlerts(const Changes& changes) {
  for (const Alert& alert : changes.alerts) {
    auto put =
        db_->Prepare("INSERT OR REPLACE INTO alert VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)");
    BindAlert(alert, put);
    OREWATCH_RETURN_IF_ERROR(put.Run());
  }
  for (const Transition& transition : changes.transitions) {
    auto add = db_->Prepare(
        "INSERT INTO transition VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)");
    BindTransition(transition, add);
    OREWATCH_RETURN_IF_ERROR(add.Run());
  }
  return absl::OkStatus();
}

absl::Status SqliteAlertStore::WriteAnswer(const AnsweredRequest& request) {
  auto expire = db_->Prepare("DELETE FROM request WHERE time < ?");
  BindTime(request.time - kAnswerLifetime, expire);
  OREWATCH_RETURN_IF_ERROR(expire.Run());
  auto put =
      db_->Prepare("INSERT OR REPLACE INTO request VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)");
  put.Bind(request.principal).Bind(request.request_id).Bind(request.fingerprint);
  BindTime(request.time, put);
  BindRule(request.answer, put);
  return put.Run();
}

absl::Status SqliteAlertStore::WritePosition(const Commit& commit) {
  return db_
      ->Prepare("UPDATE position SET lineage = ?, revision = ?, tick = ?, defaults_loaded = max(defaults_loaded, ?)")
      .Bind(commit.changes.applied.lineage)
      .Bind(commit.changes.applied.number)
      .Bind(commit.changes.tick)
      .Bind(int64_t{commit.defaults_loaded ? 1 : 0})
      .Run();
}

absl::StatusOr<bool> SqliteAlertStore::DefaultsLoaded() {
  absl::MutexLock lock(&mutex_);
  auto position = db_->Prepare("SELECT defaults_loaded FROM position");
  OREWATCH_ASSIGN_OR_RETURN(const bool row, position.Step());
  return row && position.Int(0) != 0;
}

absl::StatusOr<std::optional<AnsweredRequest>> SqliteAlertStore::FindAnswer(const std::string& principal,
                                                                            const std::string& request_id,
                                                                            absl::Time since) {
  absl::MutexLock lock(&mutex_);
  auto request = db_->Prepare("SELECT * FROM request WHERE principal = ? AND request_id = ? AND time >= ?");
  request.Bind(principal).Bind(request_id);
  BindTime(since, request);
  OREWATCH_ASSIGN_OR_RETURN(const bool row, request.Step());
  if (!row) {
    return std::nullopt;
  }
  return AnsweredRequest{.principal = principal,
                         .request_id = request_id,
                         .fingerprint = std::string(request.Text(2)),
                         .answer = ReadRule(request, 4),
                         .time = ReadTime(request, 3)};
}

absl::StatusOr<std::vector<Transition>> SqliteAlertStore::Timeline(const AlertKey& key, int64_t limit) {
  absl::MutexLock lock(&mutex_);
  auto newest = db_->Prepare(
      "SELECT * FROM transition WHERE rule = ? AND subject = ? AND stage = ? AND importer = ? AND method = ?"
      " ORDER BY sequence DESC LIMIT ?");
  newest.Bind(key.rule);
  BindScoreKey(key.score, newest);
  newest.Bind(limit);
  std::vector<Transition> transitions;
  OREWATCH_RETURN_IF_ERROR(
      ForEach(newest, [&](const Statement& row) { transitions.push_back(ReadTransition(row, 0)); }));
  std::reverse(transitions.begin(), transitions.end());
  return transitions;
}

absl::StatusOr<std::vector<Transition>> SqliteAlertStore::TransitionsAfter(int64_t sequence, int64_t limit) {
  absl::MutexLock lock(&mutex_);
  auto after = db_->Prepare("SELECT * FROM transition WHERE sequence > ? ORDER BY sequence LIMIT ?");
  after.Bind(sequence).Bind(limit);
  std::vector<Transition> transitions;
  OREWATCH_RETURN_IF_ERROR(
      ForEach(after, [&](const Statement& row) { transitions.push_back(ReadTransition(row, 0)); }));
  return transitions;
}

absl::StatusOr<std::vector<Delivery>> SqliteAlertStore::DueDeliveries(const std::string& target, absl::Time now,
                                                                      int64_t limit) {
  absl::MutexLock lock(&mutex_);
  return alerting::DueDeliveries(*db_, target, now, limit);
}

absl::Status SqliteAlertStore::UpdateDeliveries(int64_t /*epoch*/, const std::vector<Delivery>& deliveries) {
  absl::MutexLock lock(&mutex_);
  return alerting::UpdateDeliveries(*db_, deliveries);
}

absl::StatusOr<bool> SqliteAlertStore::MarkNotified(const std::string& alert_id, int64_t sequence, absl::Time time) {
  absl::MutexLock lock(&mutex_);
  return alerting::MarkNotified(*db_, alert_id, sequence, time);
}

absl::StatusOr<std::vector<Delivery>> SqliteAlertStore::Unnotified(absl::Time since, absl::Time until, int64_t limit) {
  absl::MutexLock lock(&mutex_);
  return alerting::Unnotified(*db_, since, until, limit);
}

absl::StatusOr<std::vector<Delivery>> SqliteAlertStore::ListDeliveries(const DeliveryQuery& query) {
  absl::MutexLock lock(&mutex_);
  return alerting::ListDeliveries(*db_, query);
}

absl::StatusOr<int64_t> SqliteAlertStore::CountDeliveries(const std::string& target, DeliveryState state) {
  absl::MutexLock lock(&mutex_);
  return alerting::CountDeliveries(*db_, target, state);
}

absl::StatusOr<Delivery> SqliteAlertStore::ReplayDelivery(int64_t sequence, const std::string& target, absl::Time now) {
  absl::MutexLock lock(&mutex_);
  return alerting::ReplayDelivery(*db_, sequence, target, now);
}

}  // namespace orewatch::alerting
