#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "common/storage/sqlite.h"
#include "common/testing/temp_dir.h"
#include "services/alerting/domain/grid.h"
#include "services/alerting/domain/reconciler.h"
#include "tests/bench/alerting/measures.h"
#include "tests/bench/support/die.h"
#include "tests/bench/support/rounds.h"

namespace orewatch::bench {
namespace {

using alerting::Reconciler;
using alerting::World;

constexpr double kMicro = 1e6;
constexpr double kMilli = 1e3;

template <typename Body>
double SecondsOf(const Body& body) {
  const absl::Time start = absl::Now();
  body();
  return SecondsSince(start);
}

template <typename Body>
double MedianSecondsOf(int times, const Body& body) {
  std::vector<double> seconds;
  seconds.reserve(static_cast<size_t>(times));
  for (int i = 0; i < times; ++i) {
    seconds.push_back(SecondsOf(body));
  }
  return MedianOf(std::move(seconds));
}

double BareTransactionSeconds(int times) {
  const testing::TempDir dir;
  const auto db = storage::Sqlite::Open(dir / "bare.db");
  const auto write = [&] {
    return (*db)->Prepare("INSERT OR REPLACE INTO t VALUES (1, ?)").BindBlob(std::string(100, 'x')).Run();
  };
  if (!db.ok() || !(*db)->Execute("CREATE TABLE t (id INTEGER PRIMARY KEY, body BLOB)").ok()) {
    Die("no bare database");
  }
  return MedianSecondsOf(times, [&] {
    if (!(*db)->Transact(write).ok()) {
      Die("a bare transaction failed");
    }
  });
}

// The same steps without a store.
void MeasureInMemory(const Effort& effort, Plant& plant, const FakeClock& clock, std::vector<Figure>& figures) {
  World world = plant.LoadWorld();
  const auto apply = [&](const alerting::ScoreBatch& batch) {
    Reconciler reconciler(world, clock.Now());
    reconciler.ApplyScores(batch);
    reconciler.TakeChanges();
  };
  const alerting::ScoreBatch all = plant.AllScores();
  world.scores = {};
  world.alerts = {};
  figures.push_back({"every score judged by every rule, in memory", "ms", SecondsOf([&] { apply(all); }) * kMilli});
  figures.push_back({"the same again, unchanged", "ms", SecondsOf([&] { apply(all); }) * kMilli});
  const int changes = effort.quick ? 20 : 1000;
  figures.push_back(
      {"one changed score, in memory", "us", MedianSecondsOf(changes, [&] { apply(plant.OneScore()); }) * kMicro});
  absl::Time now = clock.Now();
  const auto tick = [&] {
    now += alerting::kTick;
    Reconciler reconciler(world, now);
    reconciler.ExpireAttention();
    reconciler.AdvanceGrid();
    reconciler.TakeChanges();
  };
  tick();
  figures.push_back({"a tick of the grid, in memory", "ms", MedianSecondsOf(effort.quick ? 3 : 10, tick) * kMilli});
}

}  // namespace

std::vector<Figure> MeasureEvaluation(const Effort& effort, const Size& size) {
  FakeClock clock(absl::FromUnixSeconds(1'700'000'000));
  Plant plant(size, clock);
  std::vector<Figure> figures;
  const alerting::ScoreBatch all = plant.AllScores();
  figures.push_back({absl::StrCat(size.subjects, " scores judged by ", size.rules, " rules, and stored"), "ms",
                     SecondsOf([&] { plant.Apply(all); }) * kMilli});
  figures.push_back({"alerts that fire", "", static_cast<double>(plant.CountFiring())});
  const alerting::ScoreBatch again = plant.AllScores();
  figures.push_back(
      {"the same again, as when risk starts anew", "ms", SecondsOf([&] { plant.Apply(again); }) * kMilli});
  const int changes = effort.quick ? 20 : 500;
  figures.push_back({"one changed score, and stored", "us",
                     MedianSecondsOf(changes, [&] { plant.Apply(plant.OneScore()); }) * kMicro,
                     "a durable transaction of one row", BareTransactionSeconds(changes) * kMicro});
  const auto tick = [&] {
    clock.Advance(alerting::kTick);
    if (const absl::Status status = plant.engine().AdvanceGrid(); !status.ok()) {
      Die(status.ToString());
    }
  };
  figures.push_back({"a tick of the grid while some wait, and stored", "ms", MedianSecondsOf(3, tick) * kMilli});
  for (int i = 0; i < 5; ++i) {
    tick();
  }
  figures.push_back({"a tick of the grid", "ms", MedianSecondsOf(effort.quick ? 3 : 10, tick) * kMilli});
  figures.push_back({"a start from the store", "ms", SecondsOf([&] { plant.Reopen(); }) * kMilli});
  MeasureInMemory(effort, plant, clock, figures);
  return figures;
}

}  // namespace orewatch::bench
