#include "tests/chaos/random_facts.h"

#include <map>
#include <optional>

#include "absl/strings/str_cat.h"

namespace orewatch::testing {
namespace {

constexpr const char* kCountries[] = {"AU", "CA", "CD", "CL", "CN", "FI", "ID", "JP", "KR", "US", "ZA", "ZZ"};
constexpr int kFacilitiesOfASupplier = 20;
constexpr int kFigures = 200;

std::string ProductOf(int stage) { return absl::StrCat("product-", stage); }

template <typename Key, typename Fact>
void MergeMap(const std::map<Key, std::optional<Fact>>& changes, std::map<Key, std::optional<Fact>>& facts) {
  for (const auto& [key, fact] : changes) {
    if (fact.has_value()) {
      facts[key] = fact;
    } else {
      facts.erase(key);
    }
  }
}

}  // namespace

std::string RandomFacts::Supplier(int facility) const {
  return absl::StrCat("suppliers/", facility / kFacilitiesOfASupplier);
}

std::string RandomFacts::Facility(int number) const { return absl::StrCat(Supplier(number), "/facilities/", number); }

int RandomFacts::AnyOfStage(int stage) {
  const int size = facilities_ / kStages;
  return stage * size + Below(size);
}

// Half of a stage in its first country, half of the rest in the second.
std::string RandomFacts::Country(int stage) {
  int rank = 0;
  while (rank < 11 && OneIn(2, random_)) {
    ++rank;
  }
  return kCountries[(stage * 3 + rank) % 12];
}

risk::Readers RandomFacts::Readers() { return OneIn(20, random_) ? risk::Readers{false, {kReader}} : risk::Readers{}; }

risk::FacilityFact RandomFacts::FacilityOf(int number) {
  const int stage = StageOf(number);
  risk::FacilityFact facility;
  facility.readers = Readers();
  facility.country = Country(stage);
  facility.operating = !OneIn(20, random_);
  facility.outputs = {{kMineral, 1 + stage, ProductOf(stage), "", std::nullopt}};
  for (int product = stage - 1; product >= 0 && product >= stage - 2; --product) {
    risk::FacilityInput input;
    input.mineral = kMineral;
    input.product = ProductOf(product);
    if (!OneIn(4, random_)) {
      input.use_tonnes_per_day = 1 + Below(9);
    }
    facility.inputs.push_back(input);
  }
  return facility;
}

risk::ChainLinkFact RandomFacts::Link(const std::string& name) {
  const int stage = 1 + Below(kStages - 1);
  const bool usual = !OneIn(50, random_);
  risk::ChainLinkFact link;
  link.readers = Readers();
  link.name = name;
  link.from = OneIn(100, random_) ? AnySupplier() : Facility(usual ? AnyOfStage(stage - 1) : Below(facilities_));
  link.to = Facility(AnyOfStage(stage));
  link.mineral = kMineral;
  link.product = ProductOf(usual ? stage - 1 : Below(kStages));
  if (OneIn(3, random_)) {
    link.tonnes_per_year = 100.0 * Below(20);
  } else {
    link.share = Part();
  }
  link.verified = !OneIn(3, random_);
  return link;
}

void RandomFacts::AddFigure(risk::Changes& changes) {
  const std::string country = kCountries[Below(11)];
  if (OneIn(20, random_)) {
    risk::GovernanceFact governance;
    governance.estimates.fill(0.25 * Below(10) - 1);
    changes.governance[{country, 2024, "wgi"}] = governance;
    return;
  }
  risk::Figure figure;
  figure.amount = 1000.0 * Below(50);
  const risk::SeriesId series = {absl::StrCat("minerals/", Below(10)), OneIn(2, random_) ? 1 : 3};
  const bool gone = OneIn(10, random_);
  changes.production[{series, {"usgs-mcs-2026", "", 2, "", 2023 + Below(2), country}}] =
      gone ? std::nullopt : std::optional(figure);
  const risk::TradeKey trade = {"cepii-baci-2025", "", "260500", 1, "", 2023, kCountries[Below(11)], country};
  changes.trade[{series, trade}] = figure;
}

void RandomFacts::EditOnce(risk::Changes& changes) {
  const int kind = Below(10);
  const bool gone = OneIn(8, random_);
  if (kind < 6) {
    const std::string name = absl::StrCat("links/", Below(links_ * 11 / 10));
    changes.chain.links[name] = gone ? std::nullopt : std::optional(Link(name));
  } else if (kind < 8) {
    const int number = Below(facilities_);
    changes.chain.facilities[Facility(number)] = gone ? std::nullopt : std::optional(FacilityOf(number));
  } else if (kind < 9) {
    changes.chain.suppliers[AnySupplier()] = risk::SupplierFact{Readers(), Country(Below(kStages))};
  } else {
    AddFigure(changes);
  }
}

risk::Changes RandomFacts::Edit() {
  risk::Changes changes;
  for (int i = 1 + Below(3); i > 0; --i) {
    EditOnce(changes);
  }
  return changes;
}

risk::Changes RandomFacts::Everything() {
  risk::Changes changes;
  for (const char* country : kCountries) {
    changes.countries[absl::StrCat("countries/", country)] = true;
  }
  for (int i = 0; i < facilities_; ++i) {
    changes.chain.facilities[Facility(i)] = FacilityOf(i);
    changes.chain.suppliers[Supplier(i)] = risk::SupplierFact{Readers(), Country(0)};
  }
  for (int i = 0; i < links_; ++i) {
    const std::string name = absl::StrCat("links/", i);
    changes.chain.links[name] = Link(name);
  }
  for (int i = 0; i < kFigures; ++i) {
    AddFigure(changes);
  }
  return changes;
}

void Merge(const risk::Changes& changes, risk::Changes& facts) {
  MergeMap(changes.production, facts.production);
  MergeMap(changes.trade, facts.trade);
  MergeMap(changes.governance, facts.governance);
  MergeMap(changes.chain.facilities, facts.chain.facilities);
  MergeMap(changes.chain.suppliers, facts.chain.suppliers);
  MergeMap(changes.chain.links, facts.chain.links);
}

}  // namespace orewatch::testing
