// What a filter costs: to parse once, and to evaluate for each resource of a scan.
#include <string>

#include "benchmark/benchmark.h"
#include "common/filter/filter.h"
#include "common/filter/order_by.h"
#include "google/protobuf/text_format.h"
#include "orewatch/registry/v1/resources.pb.h"

namespace orewatch::filter {
namespace {

using registry::v1::Supplier;

// Three terms over plain fields, and three that go through maps, repeated messages and dates.
constexpr char kPlain[] = R"(country = "countries/AU" AND display_name = "*Mining*" AND NOT legal_name = "")";
constexpr char kNested[] =
    R"(identifiers.lei = "5493001KJTIIGC8Y1R12" AND owners.share > 0.5 AND findings.date >= 2024)";

const Supplier& Sample() {
  static const auto* sample = [] {
    auto* supplier = new Supplier();
    google::protobuf::TextFormat::ParseFromString(
        R"(name: 'suppliers/acme-mining' display_name: 'Acme Mining Pty Ltd' legal_name: 'Acme Mining Proprietary'
           aliases: 'Acme' country: 'countries/AU'
           identifiers { key: 'lei' value: '5493001KJTIIGC8Y1R12' } identifiers { key: 'ticker' value: 'ACM' }
           owners { supplier: 'suppliers/first' country: 'countries/AU' share: 0.2 }
           owners { supplier: 'suppliers/second' country: 'countries/JP' share: 0.6 }
           findings { kind: KIND_SANCTIONS date { year: 2023 month: 5 } }
           findings { kind: KIND_FORCED_LABOUR date { year: 2024 month: 7 day: 1 } }
           metadata { etag: 'x' update_time { seconds: 1719792000 } })",
        supplier);
    return supplier;
  }();
  return *sample;
}

Filter Parsed(const std::string& text) { return Filter::Parse(text, *Supplier::descriptor()).value(); }

void BM_Parse(benchmark::State& state, const char* text) {
  for (auto _ : state) {
    benchmark::DoNotOptimize(Filter::Parse(text, *Supplier::descriptor()));
  }
}
BENCHMARK_CAPTURE(BM_Parse, plain, kPlain);
BENCHMARK_CAPTURE(BM_Parse, nested, kNested);

// Every term is evaluated: the supplier matches.
void BM_Matches(benchmark::State& state, const char* text) {
  const Filter filter = Parsed(text);
  if (!filter.Matches(Sample())) {
    state.SkipWithError("the supplier must match");
    return;
  }
  for (auto _ : state) {
    benchmark::DoNotOptimize(filter.Matches(Sample()));
  }
}
BENCHMARK_CAPTURE(BM_Matches, plain, kPlain);
BENCHMARK_CAPTURE(BM_Matches, nested, kNested);
BENCHMARK_CAPTURE(BM_Matches, one_term, R"(country = "countries/AU")");

void BM_Compare(benchmark::State& state) {
  const OrderBy order = OrderBy::Parse("metadata.update_time desc, country", *Supplier::descriptor()).value();
  Supplier other = Sample();
  other.set_name("suppliers/other");
  for (auto _ : state) {
    benchmark::DoNotOptimize(order.Compare(Sample(), other));
  }
}
BENCHMARK(BM_Compare);

}  // namespace
}  // namespace orewatch::filter
