#include <algorithm>
#include <optional>
#include <random>
#include <set>
#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "common/testing/temp_dir.h"
#include "tests/bench/risk/measures.h"
#include "tests/bench/support/die.h"
#include "tests/bench/support/metric.h"
#include "tests/bench/support/rounds.h"
#include "tests/testing/clients.h"
#include "tests/testing/service_process.h"

namespace orewatch::bench {
namespace {

using registry::v1::Entry;

constexpr char kMineral[] = "minerals/benchmarkium";
constexpr const char* kCountries[] = {"AU", "CA", "CD", "CL", "CN", "FI", "ID", "JP", "KR", "US", "ZA", "VN"};
constexpr int kStages = 5;
constexpr int kLinksOfAFacility = 5;

// Facilities in stages, and links from each stage to the next.
class StagedChain {
 public:
  explicit StagedChain(int facilities) : facilities_(facilities), buyers_(static_cast<size_t>(facilities)) {
    for (int i = 0; i < facilities * kLinksOfAFacility; ++i) {
      const int stage = 1 + Below(kStages - 1);
      const Ends ends = {OfStage(stage - 1), OfStage(stage)};
      links_.push_back(ends);
      buyers_[static_cast<size_t>(ends.from)].push_back(ends.to);
    }
  }

  int Below(int end) { return std::uniform_int_distribution<int>(0, end - 1)(random_); }
  int facilities() const { return facilities_; }
  int links() const { return static_cast<int>(links_.size()); }
  int ReceiverOf(int link) const { return links_[static_cast<size_t>(link)].to; }
  const std::vector<int>& BuyersOf(int facility) const { return buyers_[static_cast<size_t>(facility)]; }

  // The facilities whose exposure may move with that of `first`, which is among them.
  size_t Downstream(int first) const {
    std::set<int> reached = {first};
    std::vector<int> next = {first};
    while (!next.empty()) {
      const int facility = next.back();
      next.pop_back();
      for (const int buyer : BuyersOf(facility)) {
        if (reached.insert(buyer).second) {
          next.push_back(buyer);
        }
      }
    }
    return reached.size();
  }

  static std::string SupplierOf(int facility) {
    constexpr int kFacilitiesOfASupplier = 20;
    return absl::StrCat("suppliers/s", facility / kFacilitiesOfASupplier);
  }
  std::string NameOf(int facility) const { return absl::StrCat(SupplierOf(facility), "/facilities/f", facility); }
  Entry FacilityEntry(int number) {
    Entry entry;
    auto& facility = *entry.mutable_facility();
    facility.set_name(NameOf(number));
    facility.set_country(absl::StrCat("countries/", kCountries[Below(std::size(kCountries))]));
    facility.mutable_provenance()->set_source("a benchmark");
    const int stage = StageOf(number);
    auto& output = *facility.add_outputs();
    output.set_mineral(kMineral);
    output.set_stage(stage == 0 ? type::v1::STAGE_MINE : type::v1::STAGE_REFINE);
    output.set_product(absl::StrCat("product-", stage));
    if (stage > 0) {
      auto& input = *facility.add_inputs();
      input.set_mineral(kMineral);
      input.set_product(absl::StrCat("product-", stage - 1));
    }
    return entry;
  }
  Entry LinkEntry(int number) {
    const Ends& ends = links_[static_cast<size_t>(number)];
    Entry entry;
    auto& link = *entry.mutable_link();
    link.set_name(absl::StrCat("links/l", number));
    link.set_from(NameOf(ends.from));
    link.set_to(NameOf(ends.to));
    link.set_mineral(kMineral);
    link.set_product(absl::StrCat("product-", StageOf(ends.from)));
    link.set_share(std::uniform_real_distribution<double>(0, 0.3)(random_));
    link.set_verification(Below(3) == 0 ? registry::v1::Link::VERIFICATION_INFERRED
                                        : registry::v1::Link::VERIFICATION_VERIFIED);
    link.mutable_provenance()->set_source("a benchmark");
    return entry;
  }

 private:
  struct Ends {
    int from = 0;
    int to = 0;
  };

  int StageOf(int facility) const { return facility / (facilities_ / kStages); }
  int OfStage(int stage) { return stage * (facilities_ / kStages) + Below(facilities_ / kStages); }

  std::mt19937 random_{7};
  const int facilities_;
  std::vector<Ends> links_;
  std::vector<std::vector<int>> buyers_;
};

void ImportRows(testing::RegistryStub& registry, const std::vector<Entry>& rows) {
  const auto report = testing::Import(registry, rows);
  if (!report.ok() || report->rejected() > 0) {
    Die(absl::StrCat("an import failed: ", report.ok() ? report->ShortDebugString() : report.status().ToString()));
  }
}

void ImportChain(testing::RegistryStub& registry, StagedChain& chain) {
  constexpr int kRowsAtOnce = 50'000;
  std::vector<std::string> subjects = {testing::MineralEntry("benchmarkium")};
  for (const char* country : kCountries) {
    subjects.push_back(testing::CountryEntry(country));
  }
  testing::ImportAll(registry, subjects);
  std::vector<Entry> rows;
  std::set<std::string> suppliers;
  for (int i = 0; i < chain.facilities(); ++i) {
    suppliers.insert(StagedChain::SupplierOf(i));
  }
  for (const std::string& name : suppliers) {
    auto& supplier = *rows.emplace_back().mutable_supplier();
    supplier.set_name(name);
    supplier.mutable_provenance()->set_source("a benchmark");
  }
  const int all = chain.facilities() + chain.links();
  for (int i = 0; i < all; ++i) {
    rows.push_back(i < chain.facilities() ? chain.FacilityEntry(i) : chain.LinkEntry(i - chain.facilities()));
    if (rows.size() >= kRowsAtOnce || i + 1 == all) {
      ImportRows(registry, std::exchange(rows, {}));
    }
  }
}

// A registry with a chain, and risk that has loaded it.
class ChainSubject {
 public:
  explicit ChainSubject(int facilities)
      : chain(facilities),
        registry_process_("orewatch-registry", dir_ / "registry.log",
                          {absl::StrCat("--data_dir=", dir_ / "registry"), "--database="}),
        registry_(registry_process_.channel()) {
    StartRisk();
    empty_bytes_ = risk_bytes();
    risk_process_.reset();
    ImportChain(registry_, chain);
    StartRisk();
    loaded_bytes_ = risk_bytes();
  }

  int64_t Write(const Entry& entry) {
    registry::v1::ApplyChangesRequest request;
    auto& mutation = *request.add_mutations();
    mutation.set_operation(registry::v1::Mutation::OPERATION_UPDATE);
    *mutation.mutable_entry() = entry;
    const auto response = testing::Call(registry_, &testing::RegistryStub::ApplyChanges, request);
    if (!response.ok()) {
      Die(response.status().ToString());
    }
    return response->revision().number();
  }
  void AwaitExposure(int facility, int64_t revision) {
    risk::v1::ListExposuresRequest request;
    request.set_subject(chain.NameOf(facility));
    request.set_min_revision(revision);
    const auto response = testing::Call(*risk_, &testing::RiskStub::ListExposures, request);
    if (!response.ok() || response->exposures_size() != 1) {
      Die(response.ok() ? "no exposure" : response.status().ToString());
    }
  }
  double risk_bytes() const { return MetricOf(*risk_process_, "process_resident_memory_bytes"); }
  // Beyond those of risk over an empty registry.
  double loaded_bytes() const { return loaded_bytes_ - empty_bytes_; }

 private:
  void StartRisk() {
    constexpr absl::Duration kLoading = absl::Minutes(10);
    risk_process_.emplace("orewatch-risk", dir_ / "risk.log",
                          std::vector<std::string>{absl::StrCat("--registry_address=", registry_process_.address())},
                          kLoading);
    risk_.emplace(risk_process_->channel());
  }

  testing::TempDir dir_;

 public:
  StagedChain chain;

 private:
  testing::ServiceProcess registry_process_;
  testing::RegistryStub registry_;
  std::optional<testing::ServiceProcess> risk_process_;
  std::optional<testing::RiskStub> risk_;
  double empty_bytes_ = 0;
  double loaded_bytes_ = 0;
};

struct Change {
  double milliseconds = 0;
  size_t reached = 0;
};

// Of a link every other time, else of the country of a facility that has buyers.
Change MakeChange(ChainSubject& subject, bool of_link) {
  StagedChain& chain = subject.chain;
  Entry entry;
  int seen_at = 0;
  size_t reached = 0;
  if (of_link) {
    const int link = chain.Below(chain.links());
    entry = chain.LinkEntry(link);
    seen_at = chain.ReceiverOf(link);
    reached = chain.Downstream(seen_at);
  } else {
    int facility = 0;
    do {
      facility = chain.Below(chain.facilities());
    } while (chain.BuyersOf(facility).empty());
    entry = chain.FacilityEntry(facility);
    seen_at = chain.BuyersOf(facility).front();
    reached = chain.Downstream(facility) - 1;
  }
  const absl::Time start = absl::Now();
  subject.AwaitExposure(seen_at, subject.Write(entry));
  return {SecondsSince(start) * 1e3, reached};
}

void AddTimes(const std::string& name, std::vector<Change> changes, std::vector<Figure>& figures) {
  if (changes.empty()) {
    return;
  }
  std::sort(changes.begin(), changes.end(), [](const Change& a, const Change& b) { return a.reached < b.reached; });
  const Change typical = changes[changes.size() / 2];
  figures.push_back({absl::StrCat(name, ", nodes, median"), "nodes", static_cast<double>(typical.reached), "the most",
                     static_cast<double>(changes.back().reached)});
  std::sort(changes.begin(), changes.end(),
            [](const Change& a, const Change& b) { return a.milliseconds < b.milliseconds; });
  const Change& middle = changes[changes.size() / 2];
  figures.push_back({absl::StrCat(name, ", p50"), "ms", middle.milliseconds});
  figures.push_back({absl::StrCat(name, ", p99"), "ms", changes[changes.size() * 99 / 100].milliseconds});
}

}  // namespace

std::vector<Figure> MeasureChainChanges(const Effort& effort, const std::vector<int>& facilities) {
  constexpr size_t kFew = 1000;
  std::vector<Figure> figures;
  for (const int count : facilities) {
    ChainSubject subject(count);
    std::vector<Change> few;
    std::vector<Change> many;
    const int changes = effort.quick ? 10 : 600;
    for (int i = 0; i < changes; ++i) {
      const Change change = MakeChange(subject, i % 2 == 0);
      (change.reached <= kFew ? few : many).push_back(change);
    }
    AddTimes(absl::StrCat("chain of ", count, ", few reached"), few, figures);
    if (!few.empty()) {
      constexpr double kTarget = 20;
      figures.back().baseline_name = "the target";
      figures.back().baseline = kTarget;
      figures.back().at_most = 1.0;
    }
    AddTimes(absl::StrCat("chain of ", count, ", many reached"), many, figures);
    constexpr double kMillion = 1e6;
    figures.push_back({absl::StrCat("memory of risk, a million links, of ", count), "MB",
                       subject.loaded_bytes() / subject.chain.links()});
    figures.push_back({absl::StrCat("memory after ", changes, " changes"), "MB", subject.risk_bytes() / kMillion});
  }
  return figures;
}

}  // namespace orewatch::bench
