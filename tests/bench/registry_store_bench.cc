// How fast the engines of the registry's store write and search. Says items per second; each engine is durable.
#include <atomic>
#include <memory>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "benchmark/benchmark.h"
#include "common/status/status.h"
#include "services/registry/domain/statistic_key.h"
#include "services/registry/engine/importer.h"
#include "services/registry/engine/registry.h"
#include "tests/conformance/registry_store_engines.h"

namespace orewatch::registry {
namespace {

constexpr int kCallers = 64;
constexpr int kRows = 10'000;
constexpr int kMinerals = 40;
constexpr int kCountries = 26;
constexpr int kSearched = 100'000;

struct Bench {
  explicit Bench(const EngineCase& chosen) : engine(chosen.make()), store(engine->Open(clock)) {}
  SystemClock clock;
  std::unique_ptr<StoreEngine> engine;
  std::unique_ptr<RegistryStore> store;
  std::atomic<int> next{0};
};

// Shared by the threads of one run; made and ended by the first.
std::unique_ptr<Bench> shared;

v1::Entry Mineral(int i) {
  v1::Entry entry;
  entry.mutable_mineral()->set_name(absl::StrCat("minerals/m", i));
  entry.mutable_mineral()->mutable_provenance()->set_source("a benchmark");
  return entry;
}

v1::Entry Country(int i) {
  v1::Entry entry;
  entry.mutable_country()->set_name(absl::StrCat("countries/A", std::string(1, static_cast<char>('A' + i))));
  entry.mutable_country()->mutable_provenance()->set_source("a benchmark");
  return entry;
}

// Output of one country in one year: the most frequent kind of row, with two references.
v1::Entry Output(int i) {
  constexpr int kYears = 30;
  constexpr int kFirstYear = 1990;
  v1::Entry entry;
  auto& statistic = *entry.mutable_statistic();
  statistic.set_dataset(absl::StrCat("bench-", i / (kMinerals * kCountries * kYears)));
  statistic.set_year(kFirstYear + i / (kMinerals * kCountries) % kYears);
  auto& production = *statistic.mutable_production();
  production.set_mineral(absl::StrCat("minerals/m", i % kMinerals));
  production.set_country(absl::StrCat("A", std::string(1, static_cast<char>('A' + i / kMinerals % kCountries))));
  production.set_stage(type::v1::STAGE_MINE);
  production.set_product("ore");
  statistic.mutable_quantity()->set_tonnes(i);
  statistic.mutable_quantity()->set_basis(type::v1::BASIS_CONTAINED);
  statistic.mutable_provenance()->set_source("a benchmark");
  return entry;
}

// Each iteration of each thread is one durable write.
void SingleWrites(benchmark::State& state, const EngineCase& engine) {
  if (state.thread_index() == 0) {
    shared = std::make_unique<Bench>(engine);
  }
  for (auto _ : state) {
    const v1::Entry entry = Mineral(shared->next++);
    const EntryKey key{Kind::kMineral, entry.mineral().name()};
    const auto committed = shared->store->CommitTouching(
        {key}, {"bench", ""}, [&](WriteTransaction& transaction) { return transaction.Put(key.kind, key.key, entry); });
    if (!committed.ok()) {
      state.SkipWithError(committed.status().ToString().c_str());
    }
  }
  state.SetItemsProcessed(state.iterations());
}

// Each iteration stores new rows, a thousand in a revision, through the interface of the store alone.
void StoreRows(benchmark::State& state, const EngineCase& engine) {
  shared = std::make_unique<Bench>(engine);
  std::vector<v1::Entry> rows;
  for (auto _ : state) {
    state.PauseTiming();
    rows.clear();
    for (int i = 0; i < kRows; ++i) {
      rows.push_back(Output(shared->next++));
    }
    state.ResumeTiming();
    for (size_t first = 0; first < rows.size(); first += Importer::kRowsPerRevision) {
      std::vector<EntryKey> keys;
      for (size_t i = first; i < first + Importer::kRowsPerRevision; ++i) {
        keys.push_back({Kind::kProduction, StatisticKey(rows[i].statistic())});
      }
      const auto write = [&](WriteTransaction& transaction) -> absl::Status {
        for (size_t i = 0; i < keys.size(); ++i) {
          OREWATCH_RETURN_IF_ERROR(transaction.Put(keys[i].kind, keys[i].key, rows[first + i]));
        }
        return absl::OkStatus();
      };
      const auto committed = shared->store->CommitTouching(keys, {"bench", ""}, write);
      if (!committed.ok()) {
        state.SkipWithError(committed.status().ToString().c_str());
      }
    }
  }
  state.SetItemsProcessed(state.iterations() * kRows);
}

// The same through the importer, which validates rows and looks their references up.
void Import(benchmark::State& state, const EngineCase& engine) {
  shared = std::make_unique<Bench>(engine);
  Registry registry(*shared->store, shared->clock);
  const auto take = [&](int count, const std::function<v1::Entry()>& next) {
    Importer importer(registry, {{"bench", ""}, false, false});
    absl::Status status;
    for (int i = 0; i < count; ++i) {
      v1::ImportRequest::Row row;
      *row.mutable_entry() = next();
      status.Update(importer.Add(row));
    }
    const auto report = importer.Finish();
    status.Update(report.status());
    if (!status.ok() || report->rejected() > 0) {
      state.SkipWithError(status.ok() ? report->rejections(0).reason().c_str() : status.ToString().c_str());
    }
  };
  int minerals = 0;
  take(kMinerals, [&] { return Mineral(minerals++); });
  int countries = 0;
  take(kCountries, [&] { return Country(countries++); });
  for (auto _ : state) {
    take(kRows, [] { return Output(shared->next++); });
  }
  state.SetItemsProcessed(state.iterations() * kRows);
}

// One name in a hundred has the rare word, and all have the frequent one; half is hidden from who searches.
v1::Entry Company(int i) {
  v1::Entry entry;
  auto& supplier = *entry.mutable_supplier();
  supplier.set_name(absl::StrCat("suppliers/s", i));
  supplier.set_display_name(absl::StrCat(i % 100 == 0 ? "Rare " : "Common ", "Metal Works ", i));
  supplier.set_legal_name(absl::StrCat("Company ", i, i % 3 == 0 ? " of metal" : ""));
  if (i % 2 == 1) {
    supplier.mutable_visibility()->set_owner("somebody else");
  }
  return entry;
}

absl::Status PutCompanies(RegistryStore& store, int first, int count) {
  return store
      .Commit({"bench", ""},
              [&](WriteTransaction& transaction) -> absl::Status {
                for (int i = first; i < first + count; ++i) {
                  const v1::Entry entry = Company(i);
                  OREWATCH_RETURN_IF_ERROR(transaction.Put(Kind::kSupplier, entry.supplier().name(), entry));
                }
                return absl::OkStatus();
              })
      .status();
}

// Each iteration is a first page out of kSearched resources.
void Search(benchmark::State& state, const EngineCase& engine, const char* query) {
  static const EngineCase* filled = nullptr;
  if (filled != &engine || shared == nullptr) {
    shared = std::make_unique<Bench>(engine);
    filled = &engine;
    for (int i = 0; i < kSearched; i += kRows) {
      if (const absl::Status status = PutCompanies(*shared->store, i, kRows); !status.ok()) {
        state.SkipWithError(status.ToString().c_str());
      }
    }
  }
  const SearchQuery wanted{*ParseSearchQuery(query), {}, "bench", shared->store->head(), 0, 21, 3'000'000};
  for (auto _ : state) {
    if (const auto hits = shared->store->Search(wanted); !hits.ok()) {
      state.SkipWithError(hits.status().ToString().c_str());
    }
  }
}

void RegisterAll() {
  for (const EngineCase& engine : AllEngines()) {
    benchmark::RegisterBenchmark(("SingleWrites/" + engine.name).c_str(),
                                 [&engine](benchmark::State& state) { SingleWrites(state, engine); })
        ->Threads(kCallers)
        ->UseRealTime();
    benchmark::RegisterBenchmark(("StoreRows/" + engine.name).c_str(),
                                 [&engine](benchmark::State& state) { StoreRows(state, engine); })
        ->Unit(benchmark::kMillisecond)
        ->UseRealTime();
    benchmark::RegisterBenchmark(("Import/" + engine.name).c_str(),
                                 [&engine](benchmark::State& state) { Import(state, engine); })
        ->Unit(benchmark::kMillisecond)
        ->UseRealTime();
    for (const char* query : {"metal", "rare metal", "77777"}) {
      benchmark::RegisterBenchmark(("Search/" + engine.name + "/" + query).c_str(),
                                   [&engine, query](benchmark::State& state) { Search(state, engine, query); })
          ->Unit(benchmark::kMillisecond)
          ->UseRealTime();
    }
  }
}

}  // namespace
}  // namespace orewatch::registry

int main(int argc, char** argv) {
  benchmark::Initialize(&argc, argv);
  orewatch::registry::RegisterAll();
  benchmark::RunSpecifiedBenchmarks();
  orewatch::registry::shared = nullptr;
}
