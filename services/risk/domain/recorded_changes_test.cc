#include "services/risk/domain/recorded_changes.h"

#include <random>

#include "gmock/gmock.h"

namespace orewatch::risk {
namespace {

using ::testing::IsEmpty;
using ::testing::SizeIs;

constexpr StageNumber kMine = 1;
// Scores of output alone, without an importer.
constexpr size_t kKeptPerSeries = 3;

Changes Output(const std::string& mineral, const std::string& country, std::optional<double> tonnes, int year = 2024) {
  Changes changes;
  std::optional<Figure> figure;
  if (tonnes.has_value()) {
    figure.emplace();
    figure->amount = tonnes;
    figure->provenance.source = "the source";
  }
  changes.production[{{mineral, kMine}, {"usgs-mcs-2026", "", 2, "", year, country}}] = figure;
  return changes;
}

std::shared_ptr<const Model> Empty(const Parameters& parameters = {}) {
  return std::make_shared<const Model>(parameters);
}

// As a store would hold them.
std::vector<ScoreRecord> Recorded(const Model& model) {
  std::vector<ScoreRecord> records;
  for (const auto& [key, score] : model.scores()) {
    records.push_back(RecordOf(*score, model.parameters()));
  }
  return records;
}

std::vector<ScoreRecord> Since(const std::vector<ScoreRecord>& recorded, const Model& model) {
  ChangesSinceRecords changes(model);
  for (const ScoreRecord& record : recorded) {
    changes.Pass(record);
  }
  return changes.Finish();
}

TEST(RecordedChangesTest, RecordsOnlyWhatChangedAndWhy) {
  const auto first = Empty()->Apply(Output("minerals/tin", "CN", 10), 1)->Apply(Output("minerals/iron", "AU", 1), 2);
  const auto second = first->Apply(Output("minerals/tin", "ID", 10), 3);
  const auto changes = RecordedChanges(*first, *second);
  ASSERT_THAT(changes, SizeIs(kKeptPerSeries));
  for (const ScoreRecord& change : changes) {
    EXPECT_EQ(change.score.key.subject, "minerals/tin");
    EXPECT_EQ(change.score.changed_revision, 3);
    EXPECT_EQ(change.score.change_cause, ChangeCause::kRestated);
    EXPECT_TRUE(change.score.inputs.front().figure.provenance.source.empty());
  }
  EXPECT_EQ(changes.front().edition, "hhi");
  EXPECT_EQ(changes.front().parameter_set, "default");
}

TEST(RecordedChangesTest, TakesRevisionsTogether) {
  const auto first = Empty()->Apply(Output("minerals/tin", "CN", 10), 1);
  const auto third = first->Apply(Output("minerals/tin", "ID", 10), 2)->Apply(Output("minerals/tin", "ID", 20), 3);
  const auto changes = RecordedChanges(*first, *third);
  ASSERT_THAT(changes, SizeIs(kKeptPerSeries));
  EXPECT_EQ(changes.front().score.changed_revision, 3);
  const auto back = third->Apply(Output("minerals/tin", "ID", std::nullopt), 4);
  EXPECT_THAT(RecordedChanges(*first, *back), IsEmpty());
}

TEST(RecordedChangesTest, AMarkThatMovesHasTheCauseOfWhatMovedIt) {
  Changes refining;
  refining.production[{{"minerals/tin", 3}, {"usgs-mcs-2026", "", 2, "", 2024, "CN"}}] = Figure();
  refining.production.begin()->second->amount = 1;
  const auto first = Empty()->Apply(Output("minerals/tin", "CN", 10), 1)->Apply(refining, 2);
  const auto second = first->Apply(Output("minerals/tin", "ID", 10), 3)->Apply(Changes(), 4);
  const auto changes = RecordedChanges(*first, *second);
  const auto refined = std::find_if(changes.begin(), changes.end(), [](const ScoreRecord& change) {
    return change.score.key.stage == 3 && change.score.key.method == Method::kHhi;
  });
  ASSERT_NE(refined, changes.end()) << "it has become the worst stage";
  EXPECT_TRUE(refined->score.bottleneck);
  EXPECT_EQ(refined->score.change_cause, ChangeCause::kRestated);
}

TEST(RecordedChangesTest, RecordsThatAScoreIsGone) {
  const auto first = Empty()->Apply(Output("minerals/tin", "CN", 10), 1);
  const auto second = first->Apply(Output("minerals/tin", "CN", std::nullopt), 2);
  const auto changes = RecordedChanges(*first, *second);
  ASSERT_THAT(changes, SizeIs(kKeptPerSeries));
  EXPECT_TRUE(changes.front().removed);
  EXPECT_EQ(changes.front().score.change_cause, ChangeCause::kReal);
}

TEST(RecordedChangesTest, AnEmptyHistoryBeginsWithoutAReason) {
  const auto model = Empty()->Apply(Output("minerals/tin", "CN", 10), 7);
  const auto changes = Since({}, *model);
  ASSERT_THAT(changes, SizeIs(kKeptPerSeries));
  EXPECT_EQ(changes.front().score.changed_revision, 7);
  EXPECT_EQ(changes.front().score.change_cause, ChangeCause::kUnknown);
}

TEST(RecordedChangesTest, GoesOnFromWhatIsStoredAfterARestart) {
  const auto before = Empty()->Apply(Output("minerals/tin", "CN", 10), 1)->Apply(Output("minerals/zinc", "PE", 1), 2);
  Changes all = Output("minerals/tin", "CN", 10);
  all.production.merge(Output("minerals/tin", "ID", 5, 2025).production);
  const auto loaded = Empty()->Apply(all, 9);
  const auto changes = Since(Recorded(*before), *loaded);
  ASSERT_THAT(changes, SizeIs(2 * kKeptPerSeries));
  EXPECT_EQ(changes.front().score.key.subject, "minerals/tin");
  EXPECT_EQ(changes.front().score.change_cause, ChangeCause::kNewYear);
  EXPECT_EQ(changes.back().score.key.subject, "minerals/zinc");
  EXPECT_TRUE(changes.back().removed);
  EXPECT_THAT(Since(Recorded(*loaded), *loaded), IsEmpty());
}

TEST(RecordedChangesTest, OtherParametersAreAnotherMethod) {
  Parameters other;
  other.name = "strict";
  const Changes output = Output("minerals/tin", "CN", 10);
  const auto changes = Since(Recorded(*Empty()->Apply(output, 1)), *Empty(other)->Apply(output, 1));
  ASSERT_THAT(changes, SizeIs(kKeptPerSeries));
  EXPECT_EQ(changes.front().score.change_cause, ChangeCause::kMethod);
  EXPECT_EQ(changes.front().parameter_set, "strict");
}

// Replaying what was recorded gives every model again, however its revisions were taken together.
TEST(RecordedChangesTest, AddsUpToEachModelOnRandomEdits) {
  std::mt19937 random(4);
  const std::vector<std::string> minerals = {"minerals/a", "minerals/b", "minerals/c"};
  const std::vector<std::string> countries = {"AU", "CN", "ID"};
  auto model = Empty();
  auto recorded_model = model;
  std::map<ScoreKey, ScoreRecord> replayed;
  for (int64_t revision = 1; revision <= 400; ++revision) {
    const double tonnes = static_cast<double>(random() % 4);
    model = model->Apply(
        Output(minerals[random() % 3], countries[random() % 3],
               random() % 4 == 0 ? std::nullopt : std::optional<double>(tonnes), 2023 + static_cast<int>(random() % 2)),
        revision);
    if (random() % 3 != 0) {
      continue;
    }
    for (const ScoreRecord& change : RecordedChanges(*recorded_model, *model)) {
      replayed[change.score.key] = change;
    }
    recorded_model = model;
    std::vector<ScoreRecord> latest;
    latest.reserve(replayed.size());
    for (const auto& [key, record] : replayed) {
      latest.push_back(record);
    }
    ASSERT_THAT(Since(latest, *model), IsEmpty()) << revision;
  }
}

}  // namespace
}  // namespace orewatch::risk
