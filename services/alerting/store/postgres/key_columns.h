// Keys of scores as arrays, a column each.
#pragma once

#include <vector>

#include "common/storage/postgres_values.h"
#include "services/alerting/store/rows.h"

namespace orewatch::alerting {

// Subject, stage, importer, method. The rows live until the parameters have been made.
inline void AddKeyColumns(const std::vector<ScoreRow>& scores, storage::PostgresParameters& parameters) {
  std::vector<absl::string_view> subjects;
  std::vector<int64_t> stages;
  std::vector<absl::string_view> importers;
  std::vector<int64_t> methods;
  for (const ScoreRow& score : scores) {
    subjects.emplace_back(score.key.subject);
    stages.push_back(score.key.stage);
    importers.emplace_back(score.key.importer);
    methods.push_back(score.key.method);
  }
  parameters.Texts(subjects).Ints(stages).Texts(importers).Ints(methods);
}

}  // namespace orewatch::alerting
