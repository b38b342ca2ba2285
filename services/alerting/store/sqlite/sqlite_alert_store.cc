#include "services/alerting/store/sqlite/sqlite_alert_store.h"

#include <algorithm>
#include <utility>

#include "absl/functional/function_ref.h"
#include "absl/strings/str_cat.h"
#include "common/log/log.h"
#include "common/status/status.h"
#include "common/storage/history_mark.h"
#include "common/storage/sqlite.h"
#include "services/alerting/record/record_bytes.h"
#include "services/alerting/store/rows.h"
#include "services/alerting/store/sqlite/delivery_rows.h"
#include "services/alerting/store/sqlite/schema.h"

namespace orewatch::alerting {
namespace {

using storage::HistoryMark;
using storage::Statement;

constexpr absl::string_view kPrivate = ":memory:";

// Answers are kept for as long as a caller may repeat a request; the deletion rides on the next one.
constexpr absl::Duration kAnswerLifetime = absl::Hours(24);
// More than any process can be behind and still catch up.
constexpr int64_t kCommitsKept = 1000;

absl::Status ForEach(Statement& statement, absl::FunctionRef<absl::Status(const Statement&)> take) {
  for (;;) {
    OREWATCH_ASSIGN_OR_RETURN(const bool row, statement.Step());
    if (!row) {
      return absl::OkStatus();
    }
    OREWATCH_RETURN_IF_ERROR(take(statement));
  }
}

void BindScoreKey(const ScoreKey& key, Statement& statement) {
  statement.Bind(key.subject).Bind(int64_t{key.stage}).Bind(key.importer).Bind(int64_t{key.method});
}

ScoreKey ReadScoreKey(const Statement& row) {
  return {.subject = std::string(row.Text(0)),
          .stage = static_cast<int>(row.Int(1)),
          .importer = std::string(row.Text(2)),
          .method = static_cast<int>(row.Int(3))};
}

absl::Status ReadTransitions(Statement& rows, std::vector<TimelineEntry>& transitions) {
  return ForEach(rows, [&](const Statement& row) -> absl::Status {
    OREWATCH_ASSIGN_OR_RETURN(TimelineEntry transition, TransitionOf(row.Blob(0)));
    transitions.push_back(std::move(transition));
    return absl::OkStatus();
  });
}

// A table of bodies by id.
template <typename Row>
absl::Status PutById(const char* sql, const std::vector<Row>& rows, int64_t version, storage::Sqlite& db) {
  for (const Row& row : rows) {
    OREWATCH_RETURN_IF_ERROR(db.Prepare(sql).Bind(row.id).Bind(version).BindBlob(row.body).Run());
  }
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<std::unique_ptr<SqliteAlertStore>> SqliteAlertStore::Open(
    const std::string& path, const std::shared_ptr<storage::StorageMetrics>& metrics) {
  OREWATCH_ASSIGN_OR_RETURN(std::unique_ptr<storage::Sqlite> db, storage::Sqlite::Open(path, {.metrics = metrics}));
  OREWATCH_RETURN_IF_ERROR(Migrate(*db).status());
  std::unique_ptr<HistoryMark> mark;
  if (path != kPrivate) {
    OREWATCH_ASSIGN_OR_RETURN(mark, HistoryMark::Open(absl::StrCat(path, ".history"), HistoryMark::Use::kShared));
  }
  auto store = std::unique_ptr<SqliteAlertStore>(new SqliteAlertStore(std::move(db), std::move(mark)));
  absl::MutexLock lock(&store->mutex_);
  OREWATCH_RETURN_IF_ERROR(store->Begin());
  return store;
}

SqliteAlertStore::SqliteAlertStore(std::unique_ptr<storage::Sqlite> db, std::unique_ptr<HistoryMark> mark)
    : db_(std::move(db)), mark_(std::move(mark)) {}
SqliteAlertStore::~SqliteAlertStore() = default;

absl::Status SqliteAlertStore::Begin() {
  int64_t version = 0;
  const absl::Status begun = db_->Transact([&]() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) -> absl::Status {
    OREWATCH_RETURN_IF_ERROR(db_->Prepare("UPDATE lease SET epoch = epoch + 1").Run());
    auto row = db_->Prepare("SELECT epoch, secret, version FROM lease, secret, head");
    OREWATCH_RETURN_IF_ERROR(row.Step().status());
    epoch_ = row.Int(0);
    identity_ = IdentityOf(std::string(row.Blob(1)));
    version = row.Int(2);
    return absl::OkStatus();
  });
  OREWATCH_RETURN_IF_ERROR(begun);
  return mark_ == nullptr ? absl::OkStatus() : RenewIdentityIfRestored(version);
}

absl::Status SqliteAlertStore::RenewIdentityIfRestored(int64_t version) {
  const auto& remembered = mark_->found();
  const bool as_left =
      remembered.has_value() && remembered->lineage == identity_.lineage && remembered->head <= version;
  if (version > 0 && !as_left) {
    OREWATCH_RETURN_IF_ERROR(db_->Prepare("UPDATE secret SET secret = randomblob(32)").Run());
    auto row = db_->Prepare("SELECT secret FROM secret");
    OREWATCH_RETURN_IF_ERROR(row.Step().status());
    const std::string before = std::exchange(identity_, IdentityOf(std::string(row.Blob(0)))).lineage;
    log::Warning("the alerts were restored or moved; their history goes on under a new lineage",
                 {{"lineage", identity_.lineage}, {"before", before}, {"version", version}});
  }
  return mark_->Write({identity_.lineage, version}, /*durable=*/true);
}

absl::StatusOr<StoredWorld> SqliteAlertStore::Load() {
  absl::MutexLock lock(&mutex_);
  StoredWorld stored;
  Changes all;
  const absl::Status read = db_->Read([&]() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) -> absl::Status {
    OREWATCH_RETURN_IF_ERROR(ReadHead(stored.version, all.position));
    return ReadWritten(-1, all);
  });
  OREWATCH_RETURN_IF_ERROR(read);
  Apply(all, stored.world);
  return stored;
}

absl::Status SqliteAlertStore::ReadHead(Version& version, WorldPosition& position) {
  auto head = db_->Prepare("SELECT version, token, position FROM head");
  return ForEach(head, [&](const Statement& row) -> absl::Status {
    version = {row.Int(0), std::string(row.Text(1))};
    OREWATCH_ASSIGN_OR_RETURN(position, PositionOf(row.Blob(2)));
    return absl::OkStatus();
  });
}

absl::Status SqliteAlertStore::ReadWritten(int64_t after, Changes& changes) {
  auto rules = db_->Prepare("SELECT id, body FROM rules WHERE version > ?");
  rules.Bind(after);
  OREWATCH_RETURN_IF_ERROR(
      ForEach(rules, [&](const Statement& row) { return AddRule(row.Text(0), row.Blob(1), changes); }));
  auto scores = db_->Prepare("SELECT subject, stage, importer, method, body FROM scores WHERE version > ?");
  scores.Bind(after);
  OREWATCH_RETURN_IF_ERROR(
      ForEach(scores, [&](const Statement& row) { return AddScore(ReadScoreKey(row), row.Blob(4), changes); }));
  auto facts = db_->Prepare("SELECT id, body FROM facts WHERE version > ?");
  facts.Bind(after);
  OREWATCH_RETURN_IF_ERROR(
      ForEach(facts, [&](const Statement& row) { return AddFact(row.Text(0), row.Blob(1), changes); }));
  auto alerts = db_->Prepare("SELECT body FROM alerts WHERE version > ?");
  alerts.Bind(after);
  return ForEach(alerts, [&](const Statement& row) { return AddAlert(row.Blob(0), changes); });
}

absl::StatusOr<Advance> SqliteAlertStore::CatchUp(const Version& from, const Changes& also) {
  absl::MutexLock lock(&mutex_);
  Advance advance;
  const absl::Status read = db_->Read([&]() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) -> absl::Status {
    OREWATCH_RETURN_IF_ERROR(ReadHead(advance.version, advance.changes.position));
    OREWATCH_RETURN_IF_ERROR(CheckHistory(from));
    // First what was named: a commit since then may have been about the same.
    OREWATCH_RETURN_IF_ERROR(ReadNamed(also, advance.changes));
    return ReadWritten(from.number, advance.changes);
  });
  OREWATCH_RETURN_IF_ERROR(read);
  if (advance.changes.Count() > kMaxAdvance) {
    return MustLoad();
  }
  return advance;
}

absl::Status SqliteAlertStore::CheckHistory(const Version& from) {
  auto commit = db_->Prepare("SELECT token FROM commits WHERE version = ?");
  commit.Bind(from.number);
  OREWATCH_ASSIGN_OR_RETURN(const bool found, commit.Step());
  return found && commit.Text(0) == from.token ? absl::OkStatus() : MustLoad();
}

absl::Status SqliteAlertStore::ReadNamed(const Changes& also, Changes& changes) {
  for (const RuleRow& named : RuleRowsOf(also)) {
    auto rule = db_->Prepare("SELECT id, body FROM rules WHERE id = ?");
    rule.Bind(named.id);
    OREWATCH_RETURN_IF_ERROR(
        ForEach(rule, [&](const Statement& row) { return AddRule(row.Text(0), row.Blob(1), changes); }));
  }
  for (const ScoreRow& named : ScoreRowsOf(also)) {
    auto score = db_->Prepare(
        "SELECT subject, stage, importer, method, body FROM scores"
        " WHERE subject = ? AND stage = ? AND importer = ? AND method = ?");
    BindScoreKey(named.key, score);
    OREWATCH_RETURN_IF_ERROR(
        ForEach(score, [&](const Statement& row) { return AddScore(ReadScoreKey(row), row.Blob(4), changes); }));
  }
  for (const FactRow& named : FactRowsOf(also)) {
    auto fact = db_->Prepare("SELECT id, body FROM facts WHERE id = ?");
    fact.Bind(named.id);
    OREWATCH_RETURN_IF_ERROR(
        ForEach(fact, [&](const Statement& row) { return AddFact(row.Text(0), row.Blob(1), changes); }));
  }
  for (const AlertRow& named : AlertRowsOf(also)) {
    auto alert = db_->Prepare("SELECT body FROM alerts WHERE id = ?");
    alert.Bind(named.id);
    OREWATCH_RETURN_IF_ERROR(ForEach(alert, [&](const Statement& row) { return AddAlert(row.Blob(0), changes); }));
  }
  return absl::OkStatus();
}

absl::StatusOr<Version> SqliteAlertStore::Write(const Commit& commit) {
  absl::MutexLock lock(&mutex_);
  const Version version = NextAfter(commit.base);
  const absl::Status written = db_->Transact([&]() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) -> absl::Status {
    OREWATCH_RETURN_IF_ERROR(CheckCommit(commit));
    OREWATCH_RETURN_IF_ERROR(WriteRows(commit.changes, version.number));
    OREWATCH_RETURN_IF_ERROR(WriteTimeline(commit.changes, version.number));
    if (commit.request.has_value()) {
      OREWATCH_RETURN_IF_ERROR(WriteAnswer(*commit.request));
    }
    OREWATCH_RETURN_IF_ERROR(InsertDeliveries(commit.deliveries, *db_));
    OREWATCH_RETURN_IF_ERROR(Drop(commit.dropped));
    return WriteHead(commit, version);
  });
  OREWATCH_RETURN_IF_ERROR(written);
  if (mark_ != nullptr) {
    // The commit stands whether or not the mark can be written: a mark that lags notices fewer restores, no more.
    const absl::Status marked = mark_->Write({identity_.lineage, version.number}, /*durable=*/false);
    if (!marked.ok()) {
      log::Error("the history mark of the alerts could not be written", {{"status", marked.ToString()}});
    }
  }
  return version;
}

absl::Status SqliteAlertStore::CheckCommit(const Commit& commit) {
  auto row = db_->Prepare("SELECT epoch, version, token FROM lease, head");
  OREWATCH_RETURN_IF_ERROR(row.Step().status());
  if (commit.epoch.has_value() && *commit.epoch != row.Int(0)) {
    return LeaseLost();
  }
  return row.Int(1) == commit.base.number && row.Text(2) == commit.base.token ? absl::OkStatus() : StaleState();
}

absl::Status SqliteAlertStore::WriteRows(const Changes& changes, int64_t version) {
  OREWATCH_RETURN_IF_ERROR(
      PutById("INSERT OR REPLACE INTO rules VALUES (?, ?, ?)", RuleRowsOf(changes), version, *db_));
  for (const ScoreRow& score : ScoreRowsOf(changes)) {
    auto put = db_->Prepare("INSERT OR REPLACE INTO scores VALUES (?, ?, ?, ?, ?, ?)");
    BindScoreKey(score.key, put);
    OREWATCH_RETURN_IF_ERROR(put.Bind(version).BindBlob(score.body).Run());
  }
  OREWATCH_RETURN_IF_ERROR(
      PutById("INSERT OR REPLACE INTO facts VALUES (?, ?, ?)", FactRowsOf(changes), version, *db_));
  return PutById("INSERT OR REPLACE INTO alerts VALUES (?, ?, ?)", AlertRowsOf(changes), version, *db_);
}

absl::Status SqliteAlertStore::WriteTimeline(const Changes& changes, int64_t version) {
  for (const TransitionRow& transition : TransitionRowsOf(changes)) {
    OREWATCH_RETURN_IF_ERROR(db_->Prepare("INSERT INTO timeline VALUES (?, ?, ?, ?)")
                                 .Bind(transition.sequence)
                                 .Bind(transition.alert)
                                 .Bind(version)
                                 .BindBlob(transition.body)
                                 .Run());
  }
  return absl::OkStatus();
}

absl::Status SqliteAlertStore::Drop(const Dropped& dropped) {
  for (const int64_t entry : dropped.entries) {
    OREWATCH_RETURN_IF_ERROR(db_->Prepare("DELETE FROM timeline WHERE sequence = ?").Bind(entry).Run());
  }
  return DropDeliveries(dropped.deliveries, *db_);
}

absl::Status SqliteAlertStore::WriteAnswer(const AnsweredRequest& request) {
  OREWATCH_RETURN_IF_ERROR(db_->Prepare("DELETE FROM requests WHERE time < ?")
                               .Bind(absl::ToUnixMicros(request.time - kAnswerLifetime))
                               .Run());
  return db_->Prepare("INSERT OR REPLACE INTO requests VALUES (?, ?, ?, ?, ?)")
      .Bind(request.principal)
      .Bind(request.request_id)
      .Bind(request.fingerprint)
      .Bind(absl::ToUnixMicros(request.time))
      .BindBlob(BytesOf(request.answer))
      .Run();
}

absl::Status SqliteAlertStore::WriteHead(const Commit& commit, const Version& version) {
  OREWATCH_RETURN_IF_ERROR(
      db_->Prepare("UPDATE head SET version = ?, token = ?, defaults_loaded = max(defaults_loaded, ?), position = ?")
          .Bind(version.number)
          .Bind(version.token)
          .Bind(int64_t{commit.defaults_loaded ? 1 : 0})
          .BindBlob(BytesOf(commit.changes.position))
          .Run());
  OREWATCH_RETURN_IF_ERROR(
      db_->Prepare("INSERT INTO commits VALUES (?, ?)").Bind(version.number).Bind(version.token).Run());
  return db_->Prepare("DELETE FROM commits WHERE version <= ?").Bind(version.number - kCommitsKept).Run();
}

absl::StatusOr<std::optional<int64_t>> SqliteAlertStore::TakeLease(const std::string&, absl::Duration) {
  absl::MutexLock lock(&mutex_);
  auto lease = db_->Prepare("SELECT epoch FROM lease");
  OREWATCH_RETURN_IF_ERROR(lease.Step().status());
  return lease.Int(0) == epoch_ ? std::optional(epoch_) : std::nullopt;
}

absl::StatusOr<bool> SqliteAlertStore::DefaultsLoaded() {
  absl::MutexLock lock(&mutex_);
  auto head = db_->Prepare("SELECT defaults_loaded FROM head");
  OREWATCH_ASSIGN_OR_RETURN(const bool row, head.Step());
  return row && head.Int(0) != 0;
}

absl::StatusOr<std::optional<AnsweredRequest>> SqliteAlertStore::FindAnswer(const std::string& principal,
                                                                            const std::string& request_id,
                                                                            absl::Time since) {
  absl::MutexLock lock(&mutex_);
  auto request = db_->Prepare(
      "SELECT fingerprint, time, answer FROM requests WHERE principal = ? AND request_id = ? AND time >= ?");
  request.Bind(principal).Bind(request_id).Bind(absl::ToUnixMicros(since));
  OREWATCH_ASSIGN_OR_RETURN(const bool row, request.Step());
  if (!row) {
    return std::nullopt;
  }
  OREWATCH_ASSIGN_OR_RETURN(Answer answer, AnswerOf(request.Blob(2)));
  return AnsweredRequest{.principal = principal,
                         .request_id = request_id,
                         .fingerprint = std::string(request.Text(0)),
                         .answer = std::move(answer),
                         .time = absl::FromUnixMicros(request.Int(1))};
}

absl::StatusOr<std::vector<TimelineEntry>> SqliteAlertStore::Timeline(const AlertKey& key, int64_t before,
                                                                      int64_t limit) {
  absl::MutexLock lock(&mutex_);
  auto newest =
      db_->Prepare("SELECT body FROM timeline WHERE alert = ? AND sequence < ? ORDER BY sequence DESC LIMIT ?");
  newest.Bind(AlertIdOf(key)).Bind(before).Bind(limit);
  std::vector<TimelineEntry> transitions;
  OREWATCH_RETURN_IF_ERROR(ReadTransitions(newest, transitions));
  std::reverse(transitions.begin(), transitions.end());
  return transitions;
}

absl::StatusOr<std::vector<TimelineEntry>> SqliteAlertStore::TransitionsAfter(int64_t sequence, int64_t limit) {
  absl::MutexLock lock(&mutex_);
  auto after = db_->Prepare("SELECT body FROM timeline WHERE sequence > ? ORDER BY sequence LIMIT ?");
  after.Bind(sequence).Bind(limit);
  std::vector<TimelineEntry> transitions;
  OREWATCH_RETURN_IF_ERROR(ReadTransitions(after, transitions));
  return transitions;
}

absl::StatusOr<std::vector<Delivery>> SqliteAlertStore::DueDeliveries(const std::string& target, absl::Time now,
                                                                      int64_t limit) {
  absl::MutexLock lock(&mutex_);
  return alerting::DueDeliveries(*db_, target, now, limit);
}

absl::Status SqliteAlertStore::UpdateDeliveries(int64_t epoch, const std::vector<Delivery>& deliveries) {
  absl::MutexLock lock(&mutex_);
  return alerting::UpdateDeliveries(*db_, epoch, deliveries);
}

absl::StatusOr<std::optional<Delivery>> SqliteAlertStore::MarkNotified(const std::string& alert_id, int64_t sequence,
                                                                       absl::Time time) {
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

absl::StatusOr<std::vector<Delivery>> SqliteAlertStore::DeliveriesAfter(const DeliveryRank& rank, int64_t limit) {
  absl::MutexLock lock(&mutex_);
  return alerting::DeliveriesAfter(*db_, rank, limit);
}

absl::StatusOr<int64_t> SqliteAlertStore::CountDeliveries(const std::string& target, DeliveryState state) {
  absl::MutexLock lock(&mutex_);
  return alerting::CountDeliveries(*db_, target, state);
}

absl::StatusOr<Outbox> SqliteAlertStore::ReadOutbox() {
  absl::MutexLock lock(&mutex_);
  return alerting::ReadOutbox(*db_);
}

absl::StatusOr<Delivery> SqliteAlertStore::ReplayDelivery(int64_t sequence, const std::string& target, absl::Time now) {
  absl::MutexLock lock(&mutex_);
  return alerting::ReplayDelivery(*db_, sequence, target, now);
}

}  // namespace orewatch::alerting
