// Rows as arrays, one for each column.
#pragma once

#include <cstdint>
#include <vector>

#include "absl/strings/string_view.h"
#include "common/storage/postgres_values.h"
#include "services/alerting/store/rows.h"

namespace orewatch::alerting {

// What they return refers to the rows.

template <typename Row>
std::vector<absl::string_view> IdsOf(const std::vector<Row>& rows) {
  std::vector<absl::string_view> ids;
  ids.reserve(rows.size());
  for (const Row& row : rows) {
    ids.emplace_back(row.id);
  }
  return ids;
}

template <typename Row>
std::vector<absl::string_view> BodiesOf(const std::vector<Row>& rows) {
  std::vector<absl::string_view> bodies;
  bodies.reserve(rows.size());
  for (const Row& row : rows) {
    bodies.emplace_back(row.body);
  }
  return bodies;
}

// Subject, stage, importer, method.
inline void AddKeyColumns(const std::vector<ScoreRow>& scores, storage::PostgresParameters& parameters) {
  std::vector<absl::string_view> subjects;
  std::vector<int64_t> stages;
  std::vector<absl::string_view> importers;
  std::vector<int64_t> methods;
  subjects.reserve(scores.size());
  stages.reserve(scores.size());
  importers.reserve(scores.size());
  methods.reserve(scores.size());
  for (const ScoreRow& score : scores) {
    subjects.emplace_back(score.key.subject);
    stages.push_back(score.key.stage);
    importers.emplace_back(score.key.importer);
    methods.push_back(score.key.method);
  }
  parameters.Texts(subjects).Ints(stages).Texts(importers).Ints(methods);
}

}  // namespace orewatch::alerting
