#include "services/alerting/store/sqlite/rows.h"

#include <string>
#include <utility>

#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "services/alerting/store/sqlite/attention_text.h"

namespace orewatch::alerting {
namespace {

using storage::Statement;

// Of an alert without its certainty, which came later and stands behind everything else.
constexpr int kAlertColumns = 14;
constexpr int kTransitionColumns = 5;
constexpr int kCertaintyColumns = 4;
constexpr char kReasonSeparator = '\n';

void BindOptional(std::optional<double> value, Statement& statement) {
  value.has_value() ? statement.Bind(*value) : statement.BindNull();
}

std::optional<double> ReadOptional(const Statement& row, int column) {
  return row.IsNull(column) ? std::nullopt : std::optional(row.Double(column));
}

void BindOptionalTime(std::optional<absl::Time> time, Statement& statement) {
  time.has_value() ? BindTime(*time, statement) : static_cast<void>(statement.BindNull());
}

std::optional<absl::Time> ReadOptionalTime(const Statement& row, int column) {
  return row.IsNull(column) ? std::nullopt : std::optional(ReadTime(row, column));
}

std::string ReadText(const Statement& row, int column) { return std::string(row.Text(column)); }

int ReadSmall(const Statement& row, int column) { return static_cast<int>(row.Int(column)); }

void BindSmall(int value, Statement& statement) { statement.Bind(int64_t{value}); }

void BindCertainty(const Certainty& certainty, Statement& statement) {
  BindOptional(certainty.lower, statement);
  BindOptional(certainty.upper, statement);
  BindSmall(certainty.completeness, statement);
  statement.Bind(absl::StrJoin(certainty.reasons, std::string(1, kReasonSeparator)));
}

Certainty ReadCertainty(const Statement& row, int column) {
  return {.lower = ReadOptional(row, column),
          .upper = ReadOptional(row, column + 1),
          .completeness = ReadSmall(row, column + 2),
          .reasons = absl::StrSplit(ReadText(row, column + 3), kReasonSeparator, absl::SkipEmpty())};
}

// Everything but the certainty.
void BindAlertState(const Alert& alert, Statement& statement) {
  statement.Bind(alert.key.rule);
  BindScoreKey(alert.key.score, statement);
  BindSmall(static_cast<int>(alert.state), statement);
  BindSmall(static_cast<int>(alert.severity), statement);
  BindOptional(alert.value, statement);
  BindOptionalTime(alert.pending_time, statement);
  BindOptionalTime(alert.fire_time, statement);
  BindOptionalTime(alert.resolve_time, statement);
  statement.Bind(alert.sequence).Bind(alert.window_start).Bind(alert.window_end);
}

Alert ReadAlertState(const Statement& row, int column) {
  return {.key = {.rule = ReadText(row, column), .score = ReadScoreKey(row, column + 1)},
          .state = static_cast<AlertState>(row.Int(column + 5)),
          .severity = static_cast<Severity>(row.Int(column + 6)),
          .value = ReadOptional(row, column + 7),
          .pending_time = ReadOptionalTime(row, column + 8),
          .fire_time = ReadOptionalTime(row, column + 9),
          .resolve_time = ReadOptionalTime(row, column + 10),
          .sequence = row.Int(column + 11),
          .window_start = row.Int(column + 12),
          .window_end = row.Int(column + 13)};
}

}  // namespace

void BindTime(absl::Time time, Statement& statement) { statement.Bind(absl::ToUnixNanos(time)); }
absl::Time ReadTime(const Statement& row, int column) { return absl::FromUnixNanos(row.Int(column)); }

void BindScoreKey(const ScoreKey& key, Statement& statement) {
  statement.Bind(key.subject).Bind(int64_t{key.stage}).Bind(key.importer).Bind(int64_t{key.method});
}

ScoreKey ReadScoreKey(const Statement& row, int column) {
  return {.subject = ReadText(row, column),
          .stage = ReadSmall(row, column + 1),
          .importer = ReadText(row, column + 2),
          .method = ReadSmall(row, column + 3)};
}

void BindScore(const ScoreValue& score, Statement& statement) {
  BindScoreKey(score.key, statement);
  BindOptional(score.value, statement);
  statement.Bind(score.revision);
  BindCertainty(score.certainty, statement);
}

ScoreValue ReadScore(const Statement& row, int column) {
  return {.key = ReadScoreKey(row, column),
          .value = ReadOptional(row, column + 4),
          .certainty = ReadCertainty(row, column + 6),
          .revision = row.Int(column + 5)};
}

void BindRule(const Rule& rule, Statement& statement) {
  statement.Bind(rule.id).Bind(rule.display_name);
  BindScoreKey(rule.target, statement);
  statement.Bind(rule.raise_threshold).Bind(rule.clear_threshold).Bind(absl::ToInt64Nanoseconds(rule.hold));
  BindSmall(static_cast<int>(rule.severity), statement);
  statement.Bind(rule.reason);
  BindSmall(rule.disabled ? 1 : 0, statement);
  statement.Bind(rule.etag);
  BindSmall(static_cast<int>(rule.measured_by), statement);
  statement.Bind(VisibilityText(rule.visibility));
}

Rule ReadRule(const Statement& row, int column) {
  return {.id = ReadText(row, column),
          .display_name = ReadText(row, column + 1),
          .target = ReadScoreKey(row, column + 2),
          .raise_threshold = row.Double(column + 6),
          .clear_threshold = row.Double(column + 7),
          .hold = absl::Nanoseconds(row.Int(column + 8)),
          .severity = static_cast<Severity>(row.Int(column + 9)),
          .reason = ReadText(row, column + 10),
          .disabled = row.Int(column + 11) != 0,
          .etag = ReadText(row, column + 12),
          .measured_by = static_cast<Measure>(row.Int(column + 13)),
          .visibility = ReadVisibility(row.Text(column + 14))};
}

void BindAlert(const Alert& alert, Statement& statement) {
  BindAlertState(alert, statement);
  BindCertainty(alert.certainty, statement);
  statement.Bind(AttentionText(alert));
}

Alert ReadAlert(const Statement& row, int column) {
  Alert alert = ReadAlertState(row, column);
  alert.certainty = ReadCertainty(row, column + kAlertColumns);
  ReadAttention(row.Text(column + kAlertColumns + kCertaintyColumns), alert);
  return alert;
}

void BindTransition(const Transition& transition, Statement& statement) {
  BindAlertState(transition.after, statement);
  BindSmall(static_cast<int>(transition.from), statement);
  BindSmall(static_cast<int>(transition.reason), statement);
  BindTime(transition.time, statement);
  statement.Bind(transition.revision.lineage).Bind(transition.revision.number);
  BindCertainty(transition.after.certainty, statement);
  statement.Bind(AttentionText(transition.after));
  BindSmall(static_cast<int>(transition.kind), statement);
  statement.Bind(transition.principal).Bind(transition.text);
}

Transition ReadTransition(const Statement& row, int column) {
  const int rest = column + kAlertColumns;
  Alert after = ReadAlertState(row, column);
  after.certainty = ReadCertainty(row, rest + kTransitionColumns);
  const int people = rest + kTransitionColumns + kCertaintyColumns;
  ReadAttention(row.Text(people), after);
  return {.from = static_cast<AlertState>(row.Int(rest)),
          .reason = static_cast<Reason>(row.Int(rest + 1)),
          .time = ReadTime(row, rest + 2),
          .revision = {.lineage = ReadText(row, rest + 3), .number = row.Int(rest + 4)},
          .after = std::move(after),
          .kind = static_cast<EntryKind>(row.Int(people + 1)),
          .principal = ReadText(row, people + 2),
          .text = ReadText(row, people + 3)};
}

}  // namespace orewatch::alerting
