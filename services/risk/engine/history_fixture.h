// Models, snapshots and a score history for tests of the engine.
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "common/testing/matchers.h"
#include "common/testing/temp_dir.h"
#include "gmock/gmock.h"
#include "services/risk/domain/snapshot.h"
#include "services/risk/store/sqlite/sqlite_score_history.h"

namespace orewatch::risk {

// Scores of output alone, without an importer.
inline constexpr size_t kKeptPerSeries = 3;

// Output of tin by one country beside 10 tonnes of another.
inline Changes TinOutput(double tonnes) {
  Changes changes;
  for (const auto& [country, amount] : std::map<std::string, double>{{"CN", 10}, {"ID", tonnes}}) {
    Figure figure;
    figure.amount = amount;
    changes.production[{{"minerals/tin", 1}, {"usgs-mcs-2026", "", 2, "", 2024, country}}] = figure;
  }
  return changes;
}

// A registry's history, revision by revision.
class FakeHistory {
 public:
  explicit FakeHistory(std::string lineage) : lineage_(std::move(lineage)) {}

  Snapshot Commit(const Changes& changes) {
    ++revision_;
    digest_ = absl::StrCat(digest_, "/", lineage_, revision_);
    model_ = model_->Apply(changes, revision_);
    return Current();
  }
  // What a process that starts now loads.
  Snapshot Loaded(const Changes& everything) const {
    Snapshot snapshot = Current();
    snapshot.model = Model(Parameters()).Apply(everything, revision_);
    return snapshot;
  }
  Snapshot Current() const {
    return {lineage_, digest_, model_, nullptr, absl::FromUnixSeconds(1'700'000'000 + revision_)};
  }
  // Goes on from here under another lineage.
  FakeHistory Restored(const std::string& lineage) const {
    FakeHistory restored = *this;
    restored.lineage_ = lineage;
    return restored;
  }
  // Whether another history's position is part of this one.
  bool Holds(const HistoryPosition& position) const {
    return digest_ == position.digest || digest_.rfind(position.digest + "/", 0) == 0;
  }

 private:
  std::string lineage_;
  int64_t revision_ = 0;
  std::string digest_;
  std::shared_ptr<const Model> model_ = std::make_shared<const Model>(Parameters());
};

class HistoryTest : public ::testing::Test {
 protected:
  HistoryTest() {
    auto opened = SqliteScoreHistory::Open(dir_ / "risk.db");
    EXPECT_THAT(opened, orewatch::testing::IsOk());
    store_ = *std::move(opened);
  }

  // Revisions of the records of tin's concentration, the oldest first.
  std::vector<int64_t> Recorded(bool superseded = false) {
    HistoryQuery query;
    query.key = {"minerals/tin", 1, "", Method::kHhi};
    query.oldest_first = true;
    query.superseded = superseded;
    query.limit = 1000;
    const auto records = store_->List(query);
    EXPECT_THAT(records, orewatch::testing::IsOk());
    std::vector<int64_t> revisions;
    for (const KeptRecord& kept : *records) {
      revisions.push_back(kept.record.score.changed_revision);
    }
    return revisions;
  }

  const orewatch::testing::TempDir dir_;
  std::unique_ptr<ScoreHistory> store_;
};

}  // namespace orewatch::risk
