#include "services/alerting/store/postgres/postgres_alert_store.h"

#include <algorithm>
#include <utility>

#include "common/log/log.h"
#include "common/status/status.h"
#include "common/storage/postgres_errors.h"
#include "common/storage/postgres_lease.h"
#include "common/storage/postgres_listener.h"
#include "common/time/deadline_scope.h"
#include "common/time/steady.h"
#include "services/alerting/store/postgres/deliveries.h"
#include "services/alerting/store/postgres/reads.h"
#include "services/alerting/store/postgres/schema.h"
#include "services/alerting/store/postgres/writes.h"
#include "services/alerting/store/rows.h"

namespace orewatch::alerting {
namespace {

using storage::Postgres;
using storage::PostgresParameters;
using storage::PostgresRows;
using storage::PostgresStatement;

// For migrations too.
constexpr absl::Duration kOpenTimeout = absl::Minutes(2);
constexpr absl::Duration kFindOutTimeout = absl::Seconds(30);
constexpr absl::Duration kFindOutPause = absl::Milliseconds(100);

// Plans are kept while the tables grow, so they are always by index. A commit is durable even where the database's
// default is that it is not. A replica that stops in the middle of a commit keeps the others waiting no longer than the
// pause that the server allows it.
constexpr char kSession[] = R"sql(
  SET idle_in_transaction_session_timeout = '3s'; SET lock_timeout = '10s'; SET plan_cache_mode = force_generic_plan;
  SET enable_seqscan = off; SET enable_hashjoin = off; SET enable_mergejoin = off; SET jit = off;
  SELECT set_config('synchronous_commit', 'on', false) WHERE current_setting('synchronous_commit') = 'off';
)sql";

// Whoever only reads sees one snapshot in a transaction.
constexpr char kReaderSession[] =
    "SET default_transaction_isolation = 'repeatable read'; SET default_transaction_read_only = on;";

constexpr char kBegin[] = "BEGIN";
constexpr char kLockHead[] = "SELECT version, token FROM head FOR UPDATE";
constexpr char kNoTimeout[] = "SET LOCAL statement_timeout = 0";
constexpr char kCommit[] = "COMMIT";
// Waits for the transaction in doubt to end, and is durable only after it, on a standby too.
constexpr char kAwaitEnd[] = "UPDATE head SET version = version";
constexpr char kTokenOf[] = "SELECT token FROM commits WHERE version = $1";

// A restore from a backup and a promotion begin a timeline, which the name of the log's current file starts with. A
// dump that is read in meets another system, another database, or makes the table anew.
#define OREWATCH_ORIGIN                                                  \
  "concat_ws('/', (SELECT system_identifier FROM pg_control_system()), " \
  "left(pg_walfile_name(pg_current_wal_lsn()), 8), "                     \
  "(SELECT oid FROM pg_database WHERE datname = current_database()), to_regclass('secret')::oid)"
// One of several replicas that find the same. Where no origin is known yet nothing has been restored.
constexpr char kRenewSecret[] =
    "WITH place AS (SELECT " OREWATCH_ORIGIN
    " AS origin) UPDATE secret SET origin = place.origin, secret = CASE "
    "WHEN secret.origin = '' THEN secret.secret ELSE sha256(uuid_send(gen_random_uuid()) || "
    "uuid_send(gen_random_uuid()) || uuid_send(gen_random_uuid())) END FROM place WHERE secret.origin <> place.origin";
#undef OREWATCH_ORIGIN
constexpr char kReadSecret[] = "SELECT secret FROM secret";

constexpr char kDeliveries[] = "deliveries";

// What Read, Write and the lease say that they do.
const std::vector<const char*> kOperations = {
    "load", "catch_up", "commit", "lease", "defaults_loaded", "answer", "timeline", "transitions_after", kDeliveries};

storage::PostgresOptions ConnectionOptions(const PostgresAlertStore::Options& options,
                                           storage::PostgresMetrics& metrics) {
  storage::PostgresOptions connection;
  connection.database = options.database;
  connection.application_name = "orewatch-alerting";
  connection.session = kSession;
  connection.metrics = &metrics;
  return connection;
}

storage::PostgresOptions ReaderOptions(storage::PostgresOptions connection) {
  connection.session += kReaderSession;
  return connection;
}

class PostgresFollowing final : public Following {
 public:
  explicit PostgresFollowing(storage::PostgresListener::Options options) : listener_(std::move(options)) {}

 private:
  storage::PostgresListener listener_;
};

}  // namespace

absl::StatusOr<std::unique_ptr<PostgresAlertStore>> PostgresAlertStore::Open(const Options& options,
                                                                             prometheus::Registry& metrics) {
  OREWATCH_RETURN_IF_ERROR(storage::CheckPostgresDatabase(options.database));
  auto store = std::unique_ptr<PostgresAlertStore>(new PostgresAlertStore(options, metrics));
  absl::MutexLock lock(&store->writer_.mutex);
  OREWATCH_ASSIGN_OR_RETURN(store->writer_.db, store->Connect());
  if (options.answered != nullptr) {
    options.answered();
  }
  return store;
}

PostgresAlertStore::PostgresAlertStore(const Options& options, prometheus::Registry& metrics)
    : options_(options),
      metrics_(metrics, kOperations),
      connection_(ConnectionOptions(options, metrics_)),
      readers_(ReaderOptions(connection_), options.connections, metrics_) {}

absl::StatusOr<std::unique_ptr<Postgres>> PostgresAlertStore::Connect() {
  OREWATCH_ASSIGN_OR_RETURN(auto opened, Postgres::Open(connection_));
  opened->set_deadline(SteadyNow() + kOpenTimeout);
  // It may be another server than before.
  OREWATCH_ASSIGN_OR_RETURN(const storage::Migration migration, MigratePostgres(*opened));
  metrics_.schema_version().Set(migration.to);
  OREWATCH_RETURN_IF_ERROR(LearnIdentity(*opened));
  return opened;
}

absl::Status PostgresAlertStore::LearnIdentity(Postgres& db) {
  OREWATCH_ASSIGN_OR_RETURN(const auto results, db.Run({{kRenewSecret}, {kReadSecret}}));
  if (results[1].size() != 1) {
    return MakeError(absl::StatusCode::kUnavailable, "STORAGE_UNAVAILABLE", "the database is being restored");
  }
  StoreIdentity found = IdentityOf(std::string(results[1].Bytes(0, 0)));
  absl::MutexLock lock(&identities_mutex_);
  if (!identities_.empty() && identities_.back().lineage == found.lineage) {
    return absl::OkStatus();
  }
  if (!identities_.empty()) {
    log::Warning("the alerts were restored, or their server promoted: a new lineage begins",
                 {{"lineage", found.lineage}, {"before", identities_.back().lineage}});
  }
  identities_.push_back(std::move(found));
  identity_.store(&identities_.back());
  return absl::OkStatus();
}

absl::Status PostgresAlertStore::Mend(Connection& connection) {
  if (connection.db != nullptr && connection.db->StillOpen()) {
    return absl::OkStatus();
  }
  connection.db = nullptr;
  auto opened = Connect();
  if (!opened.ok()) {
    return storage::WithoutDetails(opened.status());
  }
  connection.db = *std::move(opened);
  return absl::OkStatus();
}

template <typename Result>
absl::StatusOr<Result> PostgresAlertStore::Read(const char* operation,
                                                absl::FunctionRef<absl::StatusOr<Result>(Postgres&)> body) {
  absl::StatusOr<Result> result = Result();
  const absl::Time deadline = std::min(SteadyNow() + options_.read_timeout, DeadlineScope::Current());
  OREWATCH_RETURN_IF_ERROR(readers_.Read(operation, deadline, [&](Postgres& db) {
    result = body(db);
    return result.status();
  }));
  return result;
}

template <typename Result>
absl::StatusOr<Result> PostgresAlertStore::ReadSnapshot(const char* operation,
                                                        absl::FunctionRef<absl::StatusOr<Result>(Postgres&)> body) {
  return Read<Result>(operation, [&](Postgres& db) -> absl::StatusOr<Result> {
    absl::StatusOr<Result> result = Result();
    const absl::Status done = db.Transact([&] {
      result = body(db);
      return result.status();
    });
    return done.ok() ? std::move(result) : done;
  });
}

absl::StatusOr<StoredWorld> PostgresAlertStore::Load() { return ReadSnapshot<StoredWorld>("load", LoadWorld); }

absl::StatusOr<Advance> PostgresAlertStore::CatchUp(const Version& from, const Changes& also) {
  return ReadSnapshot<Advance>("catch_up", [&](Postgres& db) { return FindAdvance(db, from, also); });
}

absl::Status PostgresAlertStore::Begin(Postgres& db, const Commit& commit) {
  OREWATCH_RETURN_IF_ERROR(db.Query(kBegin).status());
  if (commit.epoch.has_value()) {
    OREWATCH_ASSIGN_OR_RETURN(const bool held, storage::HoldsLease(db, *commit.epoch));
    if (!held) {
      return LeaseLost();
    }
  }
  OREWATCH_ASSIGN_OR_RETURN(const PostgresRows head, db.Query(kLockHead));
  const bool current = head.Int(0, 0) == commit.base.number && head.Text(0, 1) == commit.base.token;
  return current ? absl::OkStatus() : StaleState();
}

absl::Status PostgresAlertStore::WriteCommit(Postgres& db, const Commit& commit, const Version& version) {
  OREWATCH_RETURN_IF_ERROR(Begin(db, commit));
  std::vector<PostgresStatement> batch = StatementsFor(commit, version);
  batch.push_back({kNoTimeout});
  batch.push_back({kCommit});
  return db.Run(batch).status();
}

absl::StatusOr<Version> PostgresAlertStore::Write(const Commit& commit) {
  absl::MutexLock lock(&writer_.mutex);
  OREWATCH_RETURN_IF_ERROR(Mend(writer_));
  const absl::Time start = SteadyNow();
  const Version version = NextAfter(commit.base);
  Postgres& db = *writer_.db;
  db.set_deadline(start + options_.write_timeout);
  absl::Status status = WriteCommit(db, commit, version);
  metrics_.ObserveQuery("commit", SteadyNow() - start);
  if (!status.ok() && db.lost()) {
    status = FindOut(version);
  } else if (!status.ok()) {
    db.Rollback();
  }
  return status.ok() ? absl::StatusOr<Version>(version) : status;
}

absl::Status PostgresAlertStore::FindOut(const Version& version) {
  log::Warning("a COMMIT may have got no answer; asking", {{"version", version.number}});
  for (const absl::Time give_up = SteadyNow() + kFindOutTimeout; SteadyNow() < give_up; absl::SleepFor(kFindOutPause)) {
    if (const auto happened = Happened(version); happened.ok()) {
      log::Info("the COMMIT without an answer", {{"version", version.number}, {"happened", *happened}});
      return *happened ? absl::OkStatus() : storage::StatusOfSqlState("");
    }
  }
  return MakeError(absl::StatusCode::kUnavailable, "COMMIT_UNKNOWN",
                   "storage went away while it committed; repeat the request with the same request_id");
}

absl::StatusOr<bool> PostgresAlertStore::Happened(const Version& version) {
  OREWATCH_RETURN_IF_ERROR(Mend(writer_));
  Postgres& db = *writer_.db;
  db.set_deadline(SteadyNow() + options_.lease_timeout);
  OREWATCH_RETURN_IF_ERROR(db.Query(kAwaitEnd).status());
  OREWATCH_ASSIGN_OR_RETURN(const auto rows, db.Query(kTokenOf, PostgresParameters().Int(version.number)));
  return !rows.empty() && rows.Text(0, 0) == version.token;
}

absl::Status PostgresAlertStore::WithLease(absl::FunctionRef<absl::Status(Postgres&)> body) {
  absl::MutexLock lock(&keeper_.mutex);
  OREWATCH_RETURN_IF_ERROR(Mend(keeper_));
  const absl::Time start = SteadyNow();
  keeper_.db->set_deadline(start + options_.lease_timeout);
  absl::Status status = body(*keeper_.db);
  metrics_.ObserveQuery("lease", SteadyNow() - start);
  return status;
}

absl::StatusOr<std::optional<int64_t>> PostgresAlertStore::TakeLease(const std::string& holder, absl::Duration life) {
  std::optional<int64_t> epoch;
  const absl::Status asked = WithLease([&](Postgres& db) -> absl::Status {
    OREWATCH_ASSIGN_OR_RETURN(epoch, storage::TakeLease(db, holder, life));
    return absl::OkStatus();
  });
  return asked.ok() ? absl::StatusOr<std::optional<int64_t>>(epoch) : asked;
}

absl::Status PostgresAlertStore::GiveUpLease(int64_t epoch) {
  return WithLease([&](Postgres& db) { return storage::GiveUpLease(db, epoch); });
}

std::unique_ptr<Following> PostgresAlertStore::Follow(std::function<void(const Version&)> committed) {
  const auto look = [committed](Postgres& db) -> absl::Status {
    OREWATCH_ASSIGN_OR_RETURN(const Version version, FindVersion(db));
    committed(version);
    return absl::OkStatus();
  };
  storage::PostgresListener::Options options;
  options.connection = connection_;
  options.channel = kCommitChannel;
  options.poll = options_.poll;
  options.connected = [this, look](Postgres& db) -> absl::Status {
    OREWATCH_RETURN_IF_ERROR(LearnIdentity(db));
    return look(db);
  };
  options.look = look;
  options.heard = [this, committed](const std::string&) {
    // What is heard names no history, so that the head is looked at.
    const absl::StatusOr<Version> version = Read<Version>("catch_up", FindVersion);
    if (version.ok()) {
      committed(*version);
    }
    return version.ok();
  };
  options.answered = options_.answered;
  return std::make_unique<PostgresFollowing>(std::move(options));
}

absl::StatusOr<bool> PostgresAlertStore::DefaultsLoaded() {
  return Read<bool>("defaults_loaded", [](Postgres& db) -> absl::StatusOr<bool> {
    OREWATCH_ASSIGN_OR_RETURN(const auto rows, db.Query("SELECT defaults_loaded FROM head"));
    return rows.Int(0, 0) != 0;
  });
}

absl::StatusOr<std::optional<AnsweredRequest>> PostgresAlertStore::FindAnswer(const std::string& principal,
                                                                              const std::string& request_id,
                                                                              absl::Time since) {
  return Read<std::optional<AnsweredRequest>>(
      "answer", [&](Postgres& db) { return alerting::FindAnswer(db, principal, request_id, since); });
}

absl::StatusOr<std::vector<TimelineEntry>> PostgresAlertStore::Timeline(const AlertKey& key, int64_t before,
                                                                        int64_t limit) {
  return Read<std::vector<TimelineEntry>>(
      "timeline", [&](Postgres& db) { return FindTimeline(db, AlertIdOf(key), before, limit); });
}

absl::StatusOr<std::vector<TimelineEntry>> PostgresAlertStore::TransitionsAfter(int64_t sequence, int64_t limit) {
  return Read<std::vector<TimelineEntry>>("transitions_after",
                                          [&](Postgres& db) { return FindTransitions(db, sequence, limit); });
}

absl::Status PostgresAlertStore::WriteDeliveries(std::optional<int64_t> epoch,
                                                 absl::FunctionRef<absl::Status(Postgres&)> body) {
  absl::MutexLock lock(&writer_.mutex);
  OREWATCH_RETURN_IF_ERROR(Mend(writer_));
  const absl::Time start = SteadyNow();
  Postgres& db = *writer_.db;
  db.set_deadline(start + options_.write_timeout);
  absl::Status status = db.Transact([&]() -> absl::Status {
    if (epoch.has_value()) {
      OREWATCH_ASSIGN_OR_RETURN(const bool held, storage::HoldsLease(db, *epoch));
      if (!held) {
        return LeaseLost();
      }
    }
    return body(db);
  });
  metrics_.ObserveQuery(kDeliveries, SteadyNow() - start);
  return status;
}

absl::StatusOr<std::vector<Delivery>> PostgresAlertStore::DueDeliveries(const std::string& target, absl::Time now,
                                                                        int64_t limit) {
  return Read<std::vector<Delivery>>(kDeliveries,
                                     [&](Postgres& db) { return alerting::DueDeliveries(db, target, now, limit); });
}

absl::Status PostgresAlertStore::UpdateDeliveries(int64_t epoch, const std::vector<Delivery>& deliveries) {
  return WriteDeliveries(epoch, [&](Postgres& db) { return alerting::UpdateDeliveries(db, deliveries); });
}

absl::StatusOr<std::optional<Delivery>> PostgresAlertStore::MarkNotified(const std::string& alert_id, int64_t sequence,
                                                                         absl::Time time) {
  absl::StatusOr<std::optional<Delivery>> news = std::nullopt;
  OREWATCH_RETURN_IF_ERROR(WriteDeliveries(std::nullopt, [&](Postgres& db) {
    news = alerting::MarkNotified(db, alert_id, sequence, time);
    return news.status();
  }));
  return news;
}

absl::StatusOr<std::vector<Delivery>> PostgresAlertStore::Unnotified(absl::Time since, absl::Time until,
                                                                     int64_t limit) {
  return Read<std::vector<Delivery>>(kDeliveries,
                                     [&](Postgres& db) { return alerting::Unnotified(db, since, until, limit); });
}

absl::StatusOr<std::vector<Delivery>> PostgresAlertStore::ListDeliveries(const DeliveryQuery& query) {
  return Read<std::vector<Delivery>>(kDeliveries, [&](Postgres& db) { return alerting::ListDeliveries(db, query); });
}

absl::StatusOr<std::vector<Delivery>> PostgresAlertStore::DeliveriesAfter(const DeliveryRank& rank, int64_t limit) {
  return Read<std::vector<Delivery>>(kDeliveries,
                                     [&](Postgres& db) { return alerting::DeliveriesAfter(db, rank, limit); });
}

absl::StatusOr<int64_t> PostgresAlertStore::CountDeliveries(const std::string& target, DeliveryState state) {
  return Read<int64_t>(kDeliveries, [&](Postgres& db) { return alerting::CountDeliveries(db, target, state); });
}

absl::StatusOr<Outbox> PostgresAlertStore::ReadOutbox() {
  return Read<Outbox>(kDeliveries, [](Postgres& db) { return alerting::ReadOutbox(db); });
}

absl::StatusOr<Delivery> PostgresAlertStore::ReplayDelivery(int64_t sequence, const std::string& target,
                                                            absl::Time now) {
  absl::StatusOr<Delivery> replayed = Delivery();
  OREWATCH_RETURN_IF_ERROR(WriteDeliveries(std::nullopt, [&](Postgres& db) {
    replayed = alerting::ReplayDelivery(db, sequence, target, now);
    return replayed.status();
  }));
  return replayed;
}

}  // namespace orewatch::alerting
