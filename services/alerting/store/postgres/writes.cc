#include "services/alerting/store/postgres/writes.h"

#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "services/alerting/record/record_bytes.h"
#include "services/alerting/store/postgres/columns.h"
#include "services/alerting/store/postgres/deliveries.h"
#include "services/alerting/store/rows.h"

namespace orewatch::alerting {
namespace {

using storage::PostgresParameters;
using storage::PostgresStatement;

// Answers are kept for as long as a caller may repeat a request; the deletion rides on the next one.
constexpr absl::Duration kAnswerLifetime = absl::Hours(24);
// More than any replica can be behind and still catch up.
constexpr int64_t kCommitsKept = 1000;

constexpr char kPutRules[] =
    "INSERT INTO rules SELECT id, $2, body FROM unnest($1::text[], $3::bytea[]) AS put(id, body)"
    " ON CONFLICT (id) DO UPDATE SET version = excluded.version, body = excluded.body";
constexpr char kPutScores[] =
    "INSERT INTO scores SELECT subject, stage, importer, method, $5, body"
    " FROM unnest($1::text[], $2::bigint[], $3::text[], $4::bigint[], $6::bytea[])"
    " AS put(subject, stage, importer, method, body)"
    " ON CONFLICT (subject, stage, importer, method) DO UPDATE SET version = excluded.version, body = excluded.body";
constexpr char kPutFacts[] =
    "INSERT INTO facts SELECT id, $2, body FROM unnest($1::text[], $3::bytea[]) AS put(id, body)"
    " ON CONFLICT (id) DO UPDATE SET version = excluded.version, body = excluded.body";
constexpr char kPutAlerts[] =
    "INSERT INTO alerts SELECT id, $2, body FROM unnest($1::text[], $3::bytea[]) AS put(id, body)"
    " ON CONFLICT (id) DO UPDATE SET version = excluded.version, body = excluded.body";
constexpr char kAddTransitions[] =
    "INSERT INTO timeline SELECT sequence, alert, $3, body"
    " FROM unnest($1::bigint[], $2::text[], $4::bytea[]) AS put(sequence, alert, body)";
constexpr char kDropEntries[] = "DELETE FROM timeline WHERE sequence = ANY($1::bigint[])";
constexpr char kForgetAnswers[] = "DELETE FROM requests WHERE time < $1";
constexpr char kPutAnswer[] =
    "INSERT INTO requests VALUES ($1, $2, $3, $4, $5) ON CONFLICT (principal, request_id)"
    " DO UPDATE SET fingerprint = excluded.fingerprint, time = excluded.time, answer = excluded.answer";
constexpr char kMoveHead[] =
    "UPDATE head SET version = $1, token = $2, defaults_loaded = greatest(defaults_loaded, $3), position = $4";
constexpr char kAddCommit[] = "INSERT INTO commits VALUES ($1, $2)";
constexpr char kForgetCommits[] = "DELETE FROM commits WHERE version <= $1";
constexpr char kNotify[] = "SELECT pg_notify($1, $2)";

// Rules, facts and alerts alike.
template <typename Row>
void PutById(const char* sql, const std::vector<Row>& rows, int64_t version, std::vector<PostgresStatement>& batch) {
  if (rows.empty()) {
    return;
  }
  batch.push_back({sql, PostgresParameters().Texts(IdsOf(rows)).Int(version).BytesArray(BodiesOf(rows))});
}

void PutScores(const std::vector<ScoreRow>& rows, int64_t version, std::vector<PostgresStatement>& batch) {
  if (rows.empty()) {
    return;
  }
  PostgresParameters parameters;
  AddKeyColumns(rows, parameters);
  batch.push_back({kPutScores, parameters.Int(version).BytesArray(BodiesOf(rows))});
}

void AddTransitions(const std::vector<TransitionRow>& rows, int64_t version, std::vector<PostgresStatement>& batch) {
  if (rows.empty()) {
    return;
  }
  std::vector<int64_t> sequences;
  std::vector<absl::string_view> alerts;
  sequences.reserve(rows.size());
  alerts.reserve(rows.size());
  for (const TransitionRow& row : rows) {
    sequences.push_back(row.sequence);
    alerts.emplace_back(row.alert);
  }
  batch.push_back(
      {kAddTransitions, PostgresParameters().Ints(sequences).Texts(alerts).Int(version).BytesArray(BodiesOf(rows))});
}

void Drop(const Dropped& dropped, std::vector<PostgresStatement>& batch) {
  if (!dropped.entries.empty()) {
    batch.push_back({kDropEntries, PostgresParameters().Ints(dropped.entries)});
  }
  DropDeliveries(dropped.deliveries, batch);
}

void PutAnswer(const AnsweredRequest& request, std::vector<PostgresStatement>& batch) {
  batch.push_back({kForgetAnswers, PostgresParameters().Int(absl::ToUnixMicros(request.time - kAnswerLifetime))});
  batch.push_back({kPutAnswer, PostgresParameters()
                                   .Text(request.principal)
                                   .Text(request.request_id)
                                   .Text(request.fingerprint)
                                   .Int(absl::ToUnixMicros(request.time))
                                   .Bytes(BytesOf(request.answer))});
}

void MoveHead(const Commit& commit, const Version& version, std::vector<PostgresStatement>& batch) {
  batch.push_back({kMoveHead, PostgresParameters()
                                  .Int(version.number)
                                  .Text(version.token)
                                  .Int(commit.defaults_loaded ? 1 : 0)
                                  .Bytes(BytesOf(commit.changes.position))});
  batch.push_back({kAddCommit, PostgresParameters().Int(version.number).Text(version.token)});
  batch.push_back({kForgetCommits, PostgresParameters().Int(version.number - kCommitsKept)});
  batch.push_back({kNotify, PostgresParameters().Text(kCommitChannel).Text(absl::StrCat(version.number))});
}

}  // namespace

std::vector<PostgresStatement> StatementsFor(const Commit& commit, const Version& version) {
  std::vector<PostgresStatement> batch;
  PutById(kPutRules, RuleRowsOf(commit.changes), version.number, batch);
  PutScores(ScoreRowsOf(commit.changes), version.number, batch);
  PutById(kPutFacts, FactRowsOf(commit.changes), version.number, batch);
  PutById(kPutAlerts, AlertRowsOf(commit.changes), version.number, batch);
  AddTransitions(TransitionRowsOf(commit.changes), version.number, batch);
  AddDeliveries(commit.deliveries, batch);
  Drop(commit.dropped, batch);
  if (commit.request.has_value()) {
    PutAnswer(*commit.request, batch);
  }
  MoveHead(commit, version, batch);
  return batch;
}

}  // namespace orewatch::alerting
