#include "services/alerting/store/sqlite/first_schema.h"

#include <optional>
#include <string>

#include "absl/functional/function_ref.h"
#include "absl/strings/str_split.h"
#include "absl/time/time.h"
#include "common/status/status.h"
#include "services/alerting/domain/world.h"
#include "services/alerting/record/record_bytes.h"

namespace orewatch::alerting {
namespace {

using storage::Sqlite;
using storage::Statement;

// Of an alert without its certainty, which came later and stands behind everything else.
constexpr int kAlertColumns = 14;
constexpr int kTransitionColumns = 5;
constexpr char kReasonSeparator = '\n';
constexpr int64_t kNanosInAMicro = 1000;

std::optional<double> ReadOptional(const Statement& row, int column) {
  return row.IsNull(column) ? std::nullopt : std::optional(row.Double(column));
}

absl::Time ReadTime(const Statement& row, int column) { return absl::FromUnixNanos(row.Int(column)); }

std::optional<absl::Time> ReadOptionalTime(const Statement& row, int column) {
  return row.IsNull(column) ? std::nullopt : std::optional(ReadTime(row, column));
}

std::string ReadText(const Statement& row, int column) { return std::string(row.Text(column)); }

int ReadSmall(const Statement& row, int column) { return static_cast<int>(row.Int(column)); }

Certainty ReadCertainty(const Statement& row, int column) {
  return {.lower = ReadOptional(row, column),
          .upper = ReadOptional(row, column + 1),
          .completeness = ReadSmall(row, column + 2),
          .reasons = absl::StrSplit(ReadText(row, column + 3), kReasonSeparator, absl::SkipEmpty())};
}

ScoreKey ReadScoreKey(const Statement& row, int column) {
  return {.subject = ReadText(row, column),
          .stage = ReadSmall(row, column + 1),
          .importer = ReadText(row, column + 2),
          .method = ReadSmall(row, column + 3)};
}

ScoreValue ReadScore(const Statement& row) {
  return {.key = ReadScoreKey(row, 0),
          .value = ReadOptional(row, 4),
          .certainty = ReadCertainty(row, 6),
          .revision = row.Int(5)};
}

Rule ReadRule(const Statement& row, int column) {
  Rule rule;
  rule.id = ReadText(row, column);
  rule.display_name = ReadText(row, column + 1);
  rule.target = ReadScoreKey(row, column + 2);
  rule.condition = Threshold{.raise = row.Double(column + 6),
                             .clear = row.Double(column + 7),
                             .measured_by = static_cast<Measure>(row.Int(column + 13))};
  rule.hold = absl::Nanoseconds(row.Int(column + 8));
  rule.severity = static_cast<Severity>(row.Int(column + 9));
  rule.reason = ReadText(row, column + 10);
  rule.disabled = row.Int(column + 11) != 0;
  rule.etag = ReadText(row, column + 12);
  return rule;
}

Alert ReadAlert(const Statement& row, int certainty) {
  Alert alert;
  alert.key = {.rule = ReadText(row, 0), .score = ReadScoreKey(row, 1)};
  alert.state = static_cast<AlertState>(row.Int(5));
  alert.severity = static_cast<Severity>(row.Int(6));
  alert.value = ReadOptional(row, 7);
  alert.certainty = ReadCertainty(row, certainty);
  alert.pending_time = ReadOptionalTime(row, 8);
  alert.fire_time = ReadOptionalTime(row, 9);
  alert.resolve_time = ReadOptionalTime(row, 10);
  alert.sequence = row.Int(11);
  alert.window_start = row.Int(12);
  alert.window_end = row.Int(13);
  // What fired was shown to all who watched.
  alert.announced = alert.state == AlertState::kFiring;
  if (alert.announced) {
    alert.told =
        Told{.sequence = alert.sequence, .time = alert.fire_time.value_or(absl::UnixEpoch()), .worst = alert.severity};
  }
  return alert;
}

Transition ReadTransition(const Statement& row) {
  const int rest = kAlertColumns;
  Transition transition;
  transition.from = static_cast<AlertState>(row.Int(rest));
  transition.reason = static_cast<Reason>(row.Int(rest + 1));
  transition.time = ReadTime(row, rest + 2);
  transition.revision = {.lineage = ReadText(row, rest + 3), .number = row.Int(rest + 4)};
  transition.after = ReadAlert(row, rest + kTransitionColumns);
  return transition;
}

absl::Status ForEach(Statement old, absl::FunctionRef<absl::Status(const Statement&)> take) {
  for (;;) {
    OREWATCH_ASSIGN_OR_RETURN(const bool row, old.Step());
    if (!row) {
      return absl::OkStatus();
    }
    OREWATCH_RETURN_IF_ERROR(take(old));
  }
}

absl::Status TakeOverRules(Sqlite& db) {
  return ForEach(db.Prepare("SELECT * FROM rule"), [&](const Statement& row) {
    const Rule rule = ReadRule(row, 0);
    return db.Prepare("INSERT INTO rules VALUES (?, 0, ?)").Bind(rule.id).BindBlob(BytesOf(rule)).Run();
  });
}

absl::Status TakeOverScores(Sqlite& db) {
  return ForEach(db.Prepare("SELECT * FROM score"), [&](const Statement& row) {
    const ScoreValue score = ReadScore(row);
    return db.Prepare("INSERT INTO scores VALUES (?, ?, ?, ?, 0, ?)")
        .Bind(score.key.subject)
        .Bind(int64_t{score.key.stage})
        .Bind(score.key.importer)
        .Bind(int64_t{score.key.method})
        .BindBlob(BytesOf(score))
        .Run();
  });
}

absl::Status TakeOverAlerts(Sqlite& db) {
  OREWATCH_RETURN_IF_ERROR(ForEach(db.Prepare("SELECT * FROM alert"), [&](const Statement& row) {
    const Alert alert = ReadAlert(row, kAlertColumns);
    return db.Prepare("INSERT INTO alerts VALUES (?, 0, ?)").Bind(alert.Id()).BindBlob(BytesOf(alert)).Run();
  }));
  return ForEach(db.Prepare("SELECT * FROM transition"), [&](const Statement& row) {
    const Transition transition = ReadTransition(row);
    return db.Prepare("INSERT INTO timeline VALUES (?, ?, 0, ?)")
        .Bind(transition.after.sequence)
        .Bind(transition.after.Id())
        .BindBlob(BytesOf(transition))
        .Run();
  });
}

absl::Status TakeOverAnswers(Sqlite& db) {
  return ForEach(db.Prepare("SELECT * FROM request"), [&](const Statement& row) {
    return db.Prepare("INSERT INTO requests VALUES (?, ?, ?, ?, ?)")
        .Bind(row.Text(0))
        .Bind(row.Text(1))
        .Bind(row.Text(2))
        .Bind(row.Int(3) / kNanosInAMicro)
        .BindBlob(BytesOf(Answer(ReadRule(row, 4))))
        .Run();
  });
}

absl::Status TakeOverPosition(Sqlite& db) {
  return ForEach(
      db.Prepare("SELECT lineage, revision, tick, (SELECT coalesce(max(sequence), 0) FROM transition), defaults_loaded"
                 " FROM position"),
      [&](const Statement& row) {
        const WorldPosition position{
            .applied = {.lineage = ReadText(row, 0), .number = row.Int(1)}, .tick = row.Int(2), .sequence = row.Int(3)};
        return db.Prepare("UPDATE head SET position = ?, defaults_loaded = ?")
            .BindBlob(BytesOf(position))
            .Bind(row.Int(4))
            .Run();
      });
}

}  // namespace

absl::Status TakeOverFirstSchema(Sqlite& db) {
  OREWATCH_RETURN_IF_ERROR(TakeOverRules(db));
  OREWATCH_RETURN_IF_ERROR(TakeOverScores(db));
  OREWATCH_RETURN_IF_ERROR(TakeOverAlerts(db));
  OREWATCH_RETURN_IF_ERROR(TakeOverAnswers(db));
  return TakeOverPosition(db);
}

}  // namespace orewatch::alerting
