// Domain values to and from the columns of the tables, in the order in which the schema lists them.
#pragma once

#include <optional>

#include "absl/time/time.h"
#include "common/storage/sqlite.h"
#include "services/alerting/domain/alert.h"
#include "services/alerting/domain/rule.h"
#include "services/alerting/domain/score.h"
#include "services/alerting/domain/timeline.h"

namespace orewatch::alerting {

// Each reads from, or binds, as many columns as its table has for the value; readers take the first column.
// Enumerations are stored by number: a release that adds one raises the oldest usable version of the schema.

void BindTime(absl::Time time, storage::Statement& statement);
absl::Time ReadTime(const storage::Statement& row, int column);

void BindScoreKey(const ScoreKey& key, storage::Statement& statement);
ScoreKey ReadScoreKey(const storage::Statement& row, int column);

void BindScore(const ScoreValue& score, storage::Statement& statement);
ScoreValue ReadScore(const storage::Statement& row, int column);

inline constexpr int kRuleColumns = 15;
void BindRule(const Rule& rule, storage::Statement& statement);
Rule ReadRule(const storage::Statement& row, int column);

void BindAlert(const Alert& alert, storage::Statement& statement);
Alert ReadAlert(const storage::Statement& row, int column);

void BindTransition(const Transition& transition, storage::Statement& statement);
Transition ReadTransition(const storage::Statement& row, int column);

}  // namespace orewatch::alerting
