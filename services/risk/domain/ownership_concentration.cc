#include "services/risk/domain/ownership_concentration.h"

#include <algorithm>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "services/risk/domain/chain_view.h"
#include "services/risk/domain/ownership.h"

namespace orewatch::risk {
namespace {

// Shares that differ by less are the same but for the rounding of sums; and for that of the sources of owners.
constexpr double kRounding = 1e-9;
constexpr double kOwnersRounding = 1e-6;

using ByCountry = std::map<std::string, double>;

double Sum(const ByCountry& amounts) {
  double sum = 0;
  for (const auto& [country, amount] : amounts) {
    sum += amount;
  }
  return sum;
}

// A facility that makes some of the mineral at the stage.
struct Maker {
  std::string name;
  const FacilityFact* facility = nullptr;
  // Tonnes that count what the series counts; nothing: unknown.
  std::optional<double> capacity;
  // Of world output; nothing: unknown.
  std::optional<double> part;
};

bool MayBeOneProduct(const std::string& a, const std::string& b) { return a.empty() || b.empty() || a == b; }

// Why a capacity cannot be set against the series; empty: it can.
std::string IncomparableBecause(const FacilityOutput& output, const ProductionSeries& series) {
  if (series.measure != Measure::kTonnes || output.basis != series.key.basis) {
    return "BASIS_MISMATCH";
  }
  return MayBeOneProduct(output.product, series.key.product) ? "" : "PRODUCT_MISMATCH";
}

// What a facility makes of the mineral at the stage, as far as its capacity is known.
std::vector<const FacilityOutput*> CapacitiesOf(const FacilityFact& facility, const SeriesId& id) {
  std::vector<const FacilityOutput*> outputs;
  for (const FacilityOutput& output : facility.outputs) {
    if (output.mineral == id.mineral && output.stage == id.stage && output.capacity_tonnes_per_year.has_value()) {
      outputs.push_back(&output);
    }
  }
  return outputs;
}

// The sum of those that can be set against the series.
std::optional<double> CapacityOf(const FacilityFact& facility, const SeriesView& view, Reasons& reasons) {
  std::optional<double> capacity;
  for (const FacilityOutput* output : CapacitiesOf(facility, view.id)) {
    const std::string because = IncomparableBecause(*output, view.production);
    if (because.empty()) {
      capacity = capacity.value_or(0) + *output->capacity_tonnes_per_year;
    } else {
      AddReason(because, reasons);
    }
  }
  return capacity;
}

// Shows the capacity that counts, or else the first that does not.
Input InputOf(const Maker& maker, const SeriesView& view) {
  Input input;
  input.role = "facility";
  input.facility = maker.name;
  input.country = maker.facility->country;
  input.value = maker.part;
  input.figure.provenance = maker.facility->provenance;
  for (const FacilityOutput* output : CapacitiesOf(*maker.facility, view.id)) {
    const bool counts = IncomparableBecause(*output, view.production).empty();
    if (counts == maker.capacity.has_value() && !input.figure.amount.has_value()) {
      input.product = output->product;
      input.basis = output->basis;
      input.figure.amount = counts ? maker.capacity : output->capacity_tonnes_per_year;
    }
  }
  return input;
}

class OwnershipScorer {
 public:
  OwnershipScorer(const SeriesView& view, const std::shared_ptr<const Chain>& chain, const Patience& patience)
      : view_(view), everybodys_(chain), patience_(patience), year_(view.production.latest_year()) {
    score_.key = {view.id.mineral, view.id.stage, "", Method::kHhiOwnership};
    score_.reference_year = year_;
    if (!view.production.empty()) {
      made_ = SharesOf(view.production.measure, view.production.PartsIn(year_));
    }
    score_.estimate.reasons = made_.reasons;
  }

  Score Compute() {
    if (made_.empty()) {
      AddReason("NO_SHARES", score_.estimate.reasons);
    } else {
      AddMakers();
      AddOutput();
      Attribute();
      AddOwners();
      Conclude();
    }
    FlagNewerDatasets(view_.newer_production, score_.estimate.reasons);
    AddInputs();
    Finish(view_.world, owned_, score_);
    return std::move(score_);
  }

 private:
  // In the order of their names, so that sums are the same however the facts came.
  void AddMakers() {
    std::vector<std::string> names = everybodys_.chain().everybodys.MakersAt(view_.id);
    std::sort(names.begin(), names.end());
    for (const std::string& name : names) {
      if (!Lasts(patience_)) {
        return;
      }
      if (const FacilityFact* facility = everybodys_.Facility(name)) {
        makers_.push_back({name, facility, CapacityOf(*facility, view_, score_.estimate.reasons), {}});
      }
    }
  }

  void AddOutput() {
    for (const Part& part : view_.production.PartsIn(year_)) {
      world_ += part.amount.value_or(0);
      if (part.amount.has_value() && part.country != kOtherCountries) {
        output_[part.country] += *part.amount;
      }
    }
  }

  // A facility makes its capacity, and those of a country together no more than the country.
  void Attribute() {
    ByCountry capacities;
    for (const Maker& maker : makers_) {
      capacities[maker.facility->country] += maker.capacity.value_or(0);
    }
    for (Maker& maker : makers_) {
      const std::string& country = maker.facility->country;
      const auto output = output_.find(country);
      if (!maker.capacity.has_value() || output == output_.end()) {
        continue;
      }
      const double all = capacities.at(country);
      const double runs_at = all > output->second ? output->second / all : 1;
      maker.part = *maker.capacity * runs_at / world_;
      if (all > output->second * (1 + kRounding)) {
        AddReason(absl::StrCat("CAPACITY_EXCEEDS_OUTPUT:", country), score_.notes);
      }
    }
  }

  void AddOwners() {
    ByCountry owned;
    for (const Maker& maker : makers_) {
      if (!Lasts(patience_)) {
        return;
      }
      if (maker.part.value_or(0) <= 0) {
        continue;
      }
      const UltimateOwners owners = UltimateOwnersOf(everybodys_, maker.name);
      ByCountry shares;
      for (const auto& [country, share] : owners.shares) {
        shares[CountryCodeOf(country)] = share;
      }
      // Whoever is named twice, by himself and behind another, would count twice.
      if (Sum(shares) > 1 + kOwnersRounding) {
        AddReason(absl::StrCat("OWNERS_EXCEED_ONE:", maker.facility->country), score_.estimate.reasons);
        continue;
      }
      for (const auto& [country, share] : shares) {
        owned[country] += *maker.part * share;
      }
    }
    for (const auto& [country, share] : owned) {
      if (share > 0) {
        owned_.named.push_back({country, share});
      }
    }
  }

  void Conclude() {
    double known = 0;
    for (const Share& share : owned_.named) {
      known += share.value;
    }
    owned_.other = known < 1 - kRounding ? 1 - known : 0;
    owned_.unknown = made_.capped ? std::vector<std::string>() : made_.unknown;
    owned_.reasons = score_.estimate.reasons;
    score_.estimate = OwnedHerfindahl(owned_);
    if (score_.estimate.value.has_value() && owned_.other > 0) {
      AddReason("OWNERS_UNKNOWN", score_.estimate.reasons);
    }
    score_.components.push_back({"owner_known", "0 to 1", {known, owned_.unknown.empty() ? known : 0, known, {}}});
    for (const int k : {1, 3, 5}) {
      score_.components.push_back({absl::StrCat("largest_", k), "0 to 1", LargestShares(owned_, k)});
    }
  }

  void AddInputs() {
    std::stable_sort(makers_.begin(), makers_.end(), [](const Maker& a, const Maker& b) { return a.part > b.part; });
    const size_t listed = std::min(makers_.size(), kMaxListedFacilities);
    for (size_t i = 0; i < listed; ++i) {
      score_.inputs.push_back(InputOf(makers_[i], view_));
    }
    if (listed < makers_.size()) {
      AddReason(absl::StrCat("FACILITIES_NOT_LISTED:", makers_.size() - listed), score_.notes);
    }
    for (const Share& share : owned_.named) {
      Input input;
      input.role = "owner";
      input.country = share.country;
      input.value = share.value;
      input.contribution = kFullConcentration * share.value * share.value;
      score_.inputs.push_back(std::move(input));
    }
    for (const auto& [country, figure] : view_.production.In(year_)) {
      Input input = ProductionInput("production", view_.production, year_, country, *figure);
      input.value = ShareOf(made_, country);
      score_.inputs.push_back(std::move(input));
    }
  }

  const SeriesView& view_;
  const ChainView everybodys_;
  const Patience& patience_;
  const int year_;
  // By place.
  Shares made_;
  // Tonnes by place, other countries left out; and of the world.
  ByCountry output_;
  double world_ = 0;
  std::vector<Maker> makers_;
  Shares owned_;
  Score score_;
};

}  // namespace

Estimate OwnedHerfindahl(const Shares& owned) {
  Estimate estimate;
  estimate.reasons = owned.reasons;
  if (owned.empty()) {
    AddReason("NO_OWNERS", estimate.reasons);
    return estimate;
  }
  double squares = 0;
  for (const Share& share : owned.named) {
    squares += share.value * share.value;
  }
  // With u unknown and L the largest, (L + u)^2 takes the place of L^2.
  const double more = owned.other * (2 * TopShare(owned)->value + owned.other);
  estimate.value = squares;
  estimate.lower = squares;
  estimate.upper = squares + more;
  Scale(kFullConcentration, estimate);
  if (!owned.unknown.empty()) {
    Unbound(estimate);
  }
  return estimate;
}

Score OwnershipConcentration(const SeriesView& view, const std::shared_ptr<const Chain>& chain,
                             const Patience& patience) {
  return OwnershipScorer(view, chain, patience).Compute();
}

}  // namespace orewatch::risk
