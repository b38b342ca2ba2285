#include "services/alerting/store/postgres/reads.h"

#include <algorithm>
#include <utility>

#include "absl/functional/function_ref.h"
#include "common/status/status.h"
#include "services/alerting/record/record_bytes.h"
#include "services/alerting/store/postgres/columns.h"
#include "services/alerting/store/rows.h"

namespace orewatch::alerting {
namespace {

using storage::Postgres;
using storage::PostgresParameters;
using storage::PostgresRows;

constexpr int64_t kPage = 10000;

constexpr char kHead[] = "SELECT version, token, position FROM head";
constexpr char kAllRules[] = "SELECT id, body FROM rules WHERE id > $1 ORDER BY id LIMIT $2";
constexpr char kAllScores[] =
    "SELECT subject, stage, importer, method, body FROM scores"
    " WHERE (subject, stage, importer, method) > ($1, $2, $3, $4)"
    " ORDER BY subject, stage, importer, method LIMIT $5";
constexpr char kAllFacts[] = "SELECT id, body FROM facts WHERE id > $1 ORDER BY id LIMIT $2";
constexpr char kAllAlerts[] = "SELECT id, body FROM alerts WHERE id > $1 ORDER BY id LIMIT $2";

constexpr char kRulesAfter[] = "SELECT id, body FROM rules WHERE version > $1 ORDER BY version LIMIT $2";
constexpr char kScoresAfter[] =
    "SELECT subject, stage, importer, method, body FROM scores WHERE version > $1 ORDER BY version LIMIT $2";
constexpr char kFactsAfter[] = "SELECT id, body FROM facts WHERE version > $1 ORDER BY version LIMIT $2";
constexpr char kAlertsAfter[] = "SELECT id, body FROM alerts WHERE version > $1 ORDER BY version LIMIT $2";

constexpr char kNamedRules[] = "SELECT id, body FROM rules WHERE id = ANY($1)";
constexpr char kNamedScores[] =
    "SELECT subject, stage, importer, method, body FROM scores"
    " JOIN unnest($1::text[], $2::bigint[], $3::text[], $4::bigint[]) AS named(subject, stage, importer, method)"
    " USING (subject, stage, importer, method)";
constexpr char kNamedFacts[] = "SELECT id, body FROM facts WHERE id = ANY($1)";
constexpr char kNamedAlerts[] = "SELECT id, body FROM alerts WHERE id = ANY($1)";

absl::StatusOr<Version> ReadHead(Postgres& db, WorldPosition& position) {
  OREWATCH_ASSIGN_OR_RETURN(const PostgresRows rows, db.Query(kHead));
  OREWATCH_ASSIGN_OR_RETURN(position, PositionOf(rows.Bytes(0, 2)));
  return Version{rows.Int(0, 0), std::string(rows.Text(0, 1))};
}

absl::Status AddRules(const PostgresRows& rows, Changes& changes) {
  for (int row = 0; row < rows.size(); ++row) {
    OREWATCH_RETURN_IF_ERROR(AddRule(rows.Text(row, 0), rows.Bytes(row, 1), changes));
  }
  return absl::OkStatus();
}

ScoreKey ReadScoreKey(const PostgresRows& rows, int row) {
  return {.subject = std::string(rows.Text(row, 0)),
          .stage = static_cast<int>(rows.Int(row, 1)),
          .importer = std::string(rows.Text(row, 2)),
          .method = static_cast<int>(rows.Int(row, 3))};
}

absl::Status AddScores(const PostgresRows& rows, Changes& changes) {
  for (int row = 0; row < rows.size(); ++row) {
    OREWATCH_RETURN_IF_ERROR(AddScore(ReadScoreKey(rows, row), rows.Bytes(row, 4), changes));
  }
  return absl::OkStatus();
}

absl::Status AddFacts(const PostgresRows& rows, Changes& changes) {
  for (int row = 0; row < rows.size(); ++row) {
    OREWATCH_RETURN_IF_ERROR(AddFact(rows.Text(row, 0), rows.Bytes(row, 1), changes));
  }
  return absl::OkStatus();
}

absl::Status AddAlerts(const PostgresRows& rows, Changes& changes) {
  for (int row = 0; row < rows.size(); ++row) {
    OREWATCH_RETURN_IF_ERROR(AddAlert(rows.Bytes(row, 1), changes));
  }
  return absl::OkStatus();
}

// Of rules, scores, facts and alerts.
absl::Status AddEach(const std::vector<PostgresRows>& found, Changes& changes) {
  OREWATCH_RETURN_IF_ERROR(AddRules(found[0], changes));
  OREWATCH_RETURN_IF_ERROR(AddScores(found[1], changes));
  OREWATCH_RETURN_IF_ERROR(AddFacts(found[2], changes));
  return AddAlerts(found[3], changes);
}

// Takes pages, of which the next follows the last row of the one before, into a world.
absl::Status ReadPages(absl::FunctionRef<absl::StatusOr<PostgresRows>(const PostgresRows* before)> next,
                       absl::Status (*add)(const PostgresRows&, Changes&), World& world) {
  std::optional<PostgresRows> before;
  for (;;) {
    OREWATCH_ASSIGN_OR_RETURN(PostgresRows rows, next(before.has_value() ? &*before : nullptr));
    Changes page;
    page.position = world.position();
    OREWATCH_RETURN_IF_ERROR(add(rows, page));
    Apply(page, world);
    if (rows.size() < kPage) {
      return absl::OkStatus();
    }
    before = std::move(rows);
  }
}

// Of a table whose first column is its key.
absl::Status ReadTable(Postgres& db, const char* sql, absl::Status (*add)(const PostgresRows&, Changes&),
                       World& world) {
  return ReadPages(
      [&](const PostgresRows* before) {
        const std::string after = before != nullptr ? std::string(before->Text(before->size() - 1, 0)) : "";
        return db.Query(sql, PostgresParameters().Text(after).Int(kPage));
      },
      add, world);
}

absl::StatusOr<std::vector<TimelineEntry>> ReadTransitions(const PostgresRows& rows) {
  std::vector<TimelineEntry> transitions;
  transitions.reserve(static_cast<size_t>(rows.size()));
  for (int row = 0; row < rows.size(); ++row) {
    OREWATCH_ASSIGN_OR_RETURN(TimelineEntry transition, TransitionOf(rows.Bytes(row, 0)));
    transitions.push_back(std::move(transition));
  }
  return transitions;
}

absl::Status ReadNamed(Postgres& db, const Changes& also, Changes& changes) {
  const auto rules = RuleRowsOf(also);
  const auto facts = FactRowsOf(also);
  const auto alerts = AlertRowsOf(also);
  const auto scores = ScoreRowsOf(also);
  PostgresParameters keys;
  AddKeyColumns(scores, keys);
  OREWATCH_ASSIGN_OR_RETURN(const auto found, db.Run({{kNamedRules, PostgresParameters().Texts(IdsOf(rules))},
                                                      {kNamedScores, std::move(keys)},
                                                      {kNamedFacts, PostgresParameters().Texts(IdsOf(facts))},
                                                      {kNamedAlerts, PostgresParameters().Texts(IdsOf(alerts))}}));
  return AddEach(found, changes);
}

absl::Status ReadWritten(Postgres& db, int64_t after, Changes& changes) {
  const auto parameters = PostgresParameters().Int(after).Int(AlertStore::kMaxAdvance + 1);
  OREWATCH_ASSIGN_OR_RETURN(const auto found, db.Run({{kRulesAfter, parameters},
                                                      {kScoresAfter, parameters},
                                                      {kFactsAfter, parameters},
                                                      {kAlertsAfter, parameters}}));
  if (found[0].size() + found[1].size() + found[2].size() + found[3].size() > AlertStore::kMaxAdvance) {
    return MustLoad();
  }
  return AddEach(found, changes);
}

}  // namespace

absl::StatusOr<Version> FindVersion(Postgres& db) {
  OREWATCH_ASSIGN_OR_RETURN(const PostgresRows rows, db.Query("SELECT version, token FROM head"));
  return Version{rows.Int(0, 0), std::string(rows.Text(0, 1))};
}

absl::StatusOr<StoredWorld> LoadWorld(Postgres& db) {
  StoredWorld stored;
  WorldPosition position;
  OREWATCH_ASSIGN_OR_RETURN(stored.version, ReadHead(db, position));
  OREWATCH_RETURN_IF_ERROR(ReadTable(db, kAllRules, AddRules, stored.world));
  OREWATCH_RETURN_IF_ERROR(ReadTable(db, kAllFacts, AddFacts, stored.world));
  OREWATCH_RETURN_IF_ERROR(ReadTable(db, kAllAlerts, AddAlerts, stored.world));
  OREWATCH_RETURN_IF_ERROR(ReadPages(
      [&](const PostgresRows* before) {
        // No subject has an empty name.
        const ScoreKey after = before != nullptr ? ReadScoreKey(*before, before->size() - 1) : ScoreKey();
        PostgresParameters parameters;
        parameters.Text(after.subject).Int(after.stage).Text(after.importer).Int(after.method).Int(kPage);
        return db.Query(kAllScores, std::move(parameters));
      },
      AddScores, stored.world));
  Changes where;
  where.position = position;
  Apply(where, stored.world);
  return stored;
}

absl::StatusOr<Advance> FindAdvance(Postgres& db, const Version& from, const Changes& also) {
  Advance advance;
  OREWATCH_ASSIGN_OR_RETURN(advance.version, ReadHead(db, advance.changes.position));
  if (advance.version == from && also.OnlyPosition()) {
    return advance;
  }
  OREWATCH_ASSIGN_OR_RETURN(const auto commit, db.Query("SELECT token FROM commits WHERE version = $1",
                                                        PostgresParameters().Int(from.number)));
  if (commit.empty() || commit.Text(0, 0) != from.token) {
    return MustLoad();
  }
  if (!also.OnlyPosition()) {
    OREWATCH_RETURN_IF_ERROR(ReadNamed(db, also, advance.changes));
  }
  OREWATCH_RETURN_IF_ERROR(ReadWritten(db, from.number, advance.changes));
  return advance;
}

absl::StatusOr<std::optional<AnsweredRequest>> FindAnswer(Postgres& db, const std::string& principal,
                                                          const std::string& request_id, absl::Time since) {
  OREWATCH_ASSIGN_OR_RETURN(
      const auto rows,
      db.Query("SELECT fingerprint, time, answer FROM requests WHERE principal = $1 AND request_id = $2 AND time >= $3",
               PostgresParameters().Text(principal).Text(request_id).Int(absl::ToUnixMicros(since))));
  if (rows.empty()) {
    return std::nullopt;
  }
  OREWATCH_ASSIGN_OR_RETURN(Answer answer, AnswerOf(rows.Bytes(0, 2)));
  return AnsweredRequest{.principal = principal,
                         .request_id = request_id,
                         .fingerprint = std::string(rows.Text(0, 0)),
                         .answer = std::move(answer),
                         .time = absl::FromUnixMicros(rows.Int(0, 1))};
}

absl::StatusOr<std::vector<TimelineEntry>> FindTimeline(Postgres& db, const std::string& alert, int64_t before,
                                                        int64_t limit) {
  OREWATCH_ASSIGN_OR_RETURN(
      const auto rows,
      db.Query("SELECT body FROM timeline WHERE alert = $1 AND sequence < $2 ORDER BY sequence DESC LIMIT $3",
               PostgresParameters().Text(alert).Int(before).Int(limit)));
  OREWATCH_ASSIGN_OR_RETURN(auto transitions, ReadTransitions(rows));
  std::reverse(transitions.begin(), transitions.end());
  return transitions;
}

absl::StatusOr<std::vector<TimelineEntry>> FindTransitions(Postgres& db, int64_t after, int64_t limit) {
  OREWATCH_ASSIGN_OR_RETURN(const auto rows,
                            db.Query("SELECT body FROM timeline WHERE sequence > $1 ORDER BY sequence LIMIT $2",
                                     PostgresParameters().Int(after).Int(limit)));
  return ReadTransitions(rows);
}

}  // namespace orewatch::alerting
