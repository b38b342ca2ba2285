// N-tier exposure of every facility against one sparse matrix-vector product of the same graph, and what an update
// costs.
#include <algorithm>
#include <chrono>
#include <map>
#include <random>
#include <tuple>

#include "absl/strings/str_cat.h"
#include "benchmark/benchmark.h"
#include "services/risk/domain/exposure.h"

namespace orewatch::risk {
namespace {

constexpr int kStages = 5;
constexpr char kMineral[] = "minerals/m";

NodeKey Key(int node) { return {absl::StrCat("f/", node), kMineral}; }

struct Form {
  int nodes = 0;
  int links = 0;
  // Stages with few countries each, and links from the stage before; else any node to any other.
  bool staged = false;
  // Of a staged form: one link in so many comes from anywhere, so that there are cycles.
  int one_in = 50;
};

class Chains {
 public:
  explicit Chains(const Form& form) : form_(form) {}
  GraphChanges Everything() {
    GraphChanges changes;
    for (int i = 0; i < form_.nodes; ++i) {
      changes.nodes[Key(i)] = Facts(i);
    }
    for (int i = 0; i < form_.links; ++i) {
      changes.links[absl::StrCat("l/", i)] = Link();
    }
    return changes;
  }
  LinkFacts Link() {
    const int to = form_.staged ? Any(form_.nodes - form_.nodes / kStages) + form_.nodes / kStages : Any(form_.nodes);
    int from = Any(form_.nodes);
    if (form_.staged && Any(form_.one_in) != 0) {
      const int stage = to / (form_.nodes / kStages);
      from = (stage - 1) * (form_.nodes / kStages) + Any(form_.nodes / kStages);
    }
    const double share = 0.9 * form_.nodes / form_.links;
    return {Key(from), Key(to).name, "product", {}, share, Any(3) != 0, {}};
  }

 private:
  NodeFacts Facts(int node) {
    NodeFacts facts;
    const int stage = node / (form_.nodes / kStages);
    // Half of a stage in its first country, half of the rest in the second: as concentrated as minerals are.
    int rank = 0;
    while (rank < 11 && Any(2) == 0) {
      ++rank;
    }
    facts.country = static_cast<CountryIndex>(form_.staged ? stage * 12 + rank : Any(60));
    facts.own_share = form_.staged && stage == 0 ? 1 : 0;
    return facts;
  }
  int Any(int end) { return std::uniform_int_distribution<int>(0, end - 1)(random_); }

  Form form_;
  std::mt19937 random_{7};
};

SupplyGraphEditor& EditorOf(const Form& form) {
  static auto* editors = new std::map<std::tuple<int, bool, int>, SupplyGraphEditor>();
  const auto [place, added] = editors->try_emplace({form.nodes, form.staged, form.one_in});
  if (added) {
    place->second.Apply(Chains(form).Everything());
  }
  return place->second;
}

// As plain as it can be: compressed rows, one pass.
struct Matrix {
  explicit Matrix(const SupplyGraph& graph) : begin(1, 0), x(graph.node_count(), 0.5), y(graph.node_count()) {
    for (NodeIndex node = 0; node < graph.node_count(); ++node) {
      for (const Edge& edge : graph.Inputs(node).edges) {
        weights.push_back(edge.weight);
        columns.push_back(edge.from);
      }
      begin.push_back(weights.size());
    }
  }
  void Multiply() {
    for (size_t row = 0; row < y.size(); ++row) {
      double sum = 0;
      for (size_t i = begin[row]; i < begin[row + 1]; ++i) {
        sum += weights[i] * x[columns[i]];
      }
      y[row] = sum;
    }
  }
  std::vector<size_t> begin;
  std::vector<double> weights;
  std::vector<uint32_t> columns;
  std::vector<double> x;
  std::vector<double> y;
};

constexpr Form kStaged{100'000, 1'000'000, true};
// Five links a facility, and hardly a cycle.
constexpr Form kSparse{200'000, 1'000'000, true, 1000};
constexpr Form kAny{100'000, 1'000'000, false};

void BM_MatrixVector(benchmark::State& state, const Form& form) {
  Matrix matrix(EditorOf(form).graph());
  for (auto _ : state) {
    matrix.Multiply();
    benchmark::DoNotOptimize(matrix.y.data());
  }
}
BENCHMARK_CAPTURE(BM_MatrixVector, staged, kStaged)->Unit(benchmark::kMillisecond);
BENCHMARK_CAPTURE(BM_MatrixVector, sparse, kSparse)->Unit(benchmark::kMillisecond);
BENCHMARK_CAPTURE(BM_MatrixVector, any, kAny)->Unit(benchmark::kMillisecond);

// `products`: how many matrix-vector products it takes, both timed by turns.
void BM_Exposure(benchmark::State& state, const Form& form) {
  using Clock = std::chrono::steady_clock;
  const SupplyGraph& graph = EditorOf(form).graph();
  Matrix matrix(graph);
  Clock::duration exposed{};
  Clock::duration multiplied{};
  constexpr int kProducts = 20;
  for (auto _ : state) {
    const auto start = Clock::now();
    const Exposure exposure = Exposure::Of(graph, static_cast<int>(state.range(0)));
    const auto middle = Clock::now();
    for (int i = 0; i < kProducts; ++i) {
      matrix.Multiply();
      benchmark::DoNotOptimize(matrix.y.data());
    }
    exposed += middle - start;
    multiplied += Clock::now() - middle;
    state.SetIterationTime(std::chrono::duration<double>(middle - start).count());
    state.counters["row_bytes"] = static_cast<double>(exposure.bytes());
  }
  state.counters["products"] =
      static_cast<double>(exposed.count()) * kProducts / static_cast<double>(multiplied.count());
}
BENCHMARK_CAPTURE(BM_Exposure, staged, kStaged)->Arg(1)->Arg(2)->UseManualTime()->Unit(benchmark::kMillisecond);
BENCHMARK_CAPTURE(BM_Exposure, sparse, kSparse)->Arg(1)->Arg(2)->UseManualTime()->Unit(benchmark::kMillisecond);
BENCHMARK_CAPTURE(BM_Exposure, any, kAny)->Arg(1)->Arg(2)->UseManualTime()->Unit(benchmark::kMillisecond);

void BM_ChangeOfALink(benchmark::State& state) {
  const Form form{static_cast<int>(state.range(0)), static_cast<int>(state.range(0)) * 10, true};
  SupplyGraphEditor& editor = EditorOf(form);
  Exposure exposure = Exposure::Of(editor.graph(), 2);
  Chains chains(form);
  int link = 0;
  size_t rows = 0;
  std::vector<double> times;
  for (auto _ : state) {
    const GraphChanges changes = {{}, {{absl::StrCat("l/", link++), chains.Link()}}};
    const auto start = std::chrono::steady_clock::now();
    const GraphDelta delta = editor.Apply(changes);
    exposure = exposure.Updated(editor.graph(), delta, 1);
    times.push_back(std::chrono::duration<double, std::milli>(std::chrono::steady_clock::now() - start).count());
    state.SetIterationTime(times.back() / 1e3);
    rows += exposure.computed_rows();
  }
  std::sort(times.begin(), times.end());
  state.counters["p50_ms"] = times[times.size() / 2];
  state.counters["p99_ms"] = times[times.size() * 99 / 100];
  state.counters["rows"] = static_cast<double>(rows) / static_cast<double>(times.size());
}
BENCHMARK(BM_ChangeOfALink)->Arg(10'000)->Arg(100'000)->UseManualTime()->Unit(benchmark::kMillisecond)->Iterations(300);

}  // namespace
}  // namespace orewatch::risk
