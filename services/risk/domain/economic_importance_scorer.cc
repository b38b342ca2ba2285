#include "services/risk/domain/economic_importance_scorer.h"

#include <algorithm>
#include <optional>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "services/risk/domain/eu_economic_importance.h"
#include "services/risk/domain/series_view.h"

namespace orewatch::risk {
namespace {

constexpr double kFullImportance = 10;
// Published shares are rounded.
constexpr double kRoundingSlack = 0.005;

ParameterSet EchoOf(const EconomicImportanceParameters& parameters) {
  constexpr char kGuidelines[] = "European Commission, guidelines for the EU list of critical raw materials, 2017";
  return {parameters.name,
          parameters.edition,
          {{"critical_supply_risk", parameters.critical_supply_risk, "", kGuidelines},
           {"critical_importance", parameters.critical_importance, "", kGuidelines}}};
}

std::string IdOf(const std::string& importer) { return importer.substr(importer.find('/') + 1); }

using SectorFacts = std::map<std::string, const IndicatorFacts::value_type*>;

// Of one dataset in the latest year, by sector.
SectorFacts LatestBySector(const IndicatorFacts& facts, const std::string& subject, Indicator indicator,
                           const std::string& region) {
  SectorFacts sectors;
  const IndicatorFacts::value_type* first = nullptr;
  for (auto it = facts.lower_bound({subject, indicator, 0, "", ""});
       it != facts.end() && it->first.subject == subject && it->first.indicator == indicator; ++it) {
    if (it->first.region != region) {
      continue;
    }
    if (first == nullptr || it->first.year != first->first.year) {
      first = &*it;
      sectors.clear();
    }
    if (it->first.dataset == first->first.dataset) {
      sectors[it->first.sector] = &*it;
    }
  }
  return sectors;
}

class EconomicImportanceScorer {
 public:
  EconomicImportanceScorer(const World& world, const std::string& mineral, const std::string& importer)
      : world_(world),
        region_(IdOf(importer)),
        uses_(LatestBySector(*world.indicators, mineral, Indicator::kEndUseShare, region_)),
        value_added_(LatestBySector(*world.indicators, importer, Indicator::kValueAdded, "")) {
    score_.key = {mineral, 0, importer, Method::kEuEconomicImportance2017};
    score_.reference_year = uses_.empty() ? 0 : uses_.begin()->second->first.year;
    score_.parameters = EchoOf(world.parameters.economic_importance);
    for (const auto& [sector, fact] : value_added_) {
      largest_ = std::max(largest_, fact->second.value);
    }
  }
  Score Run(const Estimate& supply_risk);

 private:
  std::optional<double> ValueAddedOf(const std::string& sector) const;
  void ReadSubstitution();
  Estimate Importance() const;
  void ExplainUses();
  void AddComponents(const Estimate& supply_risk);

  const World& world_;
  const std::string region_;
  const SectorFacts uses_;
  const SectorFacts value_added_;
  double largest_ = 0;
  // Nothing: unknown, no relief is given.
  std::optional<double> substitution_;
  Score score_;
  Reasons reasons_;
};

std::optional<double> EconomicImportanceScorer::ValueAddedOf(const std::string& sector) const {
  const auto found = value_added_.find(sector);
  return found == value_added_.end() ? std::nullopt : std::optional<double>(found->second->second.value);
}

void EconomicImportanceScorer::ReadSubstitution() {
  const auto* fact =
      NearestIndicator(*world_.indicators, score_.key.subject, Indicator::kSubstitutionOfImportance, region_);
  if (fact == nullptr) {
    return AddReason("SUBSTITUTION_UNKNOWN", reasons_);
  }
  substitution_ = fact->second.value;
  if (!fact->first.region.empty() && fact->first.region != region_) {
    AddReason(absl::StrCat("SUBSTITUTION_REGION:", fact->first.region), reasons_);
  }
  score_.inputs.push_back(IndicatorInput("substitution", *fact));
  NoteYear("SUBSTITUTION_YEAR:", fact->first.year, score_);
}

Estimate EconomicImportanceScorer::Importance() const {
  std::vector<EndUse> uses;
  for (const auto& [sector, use] : uses_) {
    uses.push_back({use->second.value, ValueAddedOf(sector)});
  }
  Estimate importance = EconomicImportance(uses, largest_, substitution_.value_or(1));
  if (!substitution_.has_value()) {
    importance.lower *= kLeastSubstitutionIndex;
  }
  return importance;
}

void EconomicImportanceScorer::ExplainUses() {
  double sum = 0;
  for (const auto& [sector, use] : uses_) {
    sum += use->second.value;
    Input input = IndicatorInput(absl::StrCat("end_use:", sector), *use);
    const auto added = ValueAddedOf(sector);
    if (added.has_value() && largest_ > 0) {
      input.contribution = kFullImportance * use->second.value * *added / largest_ * substitution_.value_or(1);
    } else if (use->second.value > 0) {
      AddReason(absl::StrCat("VALUE_ADDED_UNKNOWN:", sector), reasons_);
    }
    score_.inputs.push_back(std::move(input));
  }
  if (sum > 1 + kRoundingSlack) {
    AddReason("SHARES_EXCEED_ONE", reasons_);
  }
  for (const auto& [sector, fact] : value_added_) {
    // What is used, and what all of it is measured by.
    if (uses_.count(sector) > 0 || fact->second.value == largest_) {
      score_.inputs.push_back(IndicatorInput(absl::StrCat("value_added:", sector), *fact));
      NoteYear("VALUE_ADDED_YEAR:", fact->first.year, score_);
    }
  }
}

void EconomicImportanceScorer::AddComponents(const Estimate& supply_risk) {
  Estimate index;
  if (substitution_.has_value()) {
    index = {substitution_, *substitution_, substitution_, {}};
  }
  score_.components = {
      {"substitution_index", "0 to 1", index},
      {"supply_risk", "of the worst known stage", supply_risk},
      {"critical", "1: yes", Criticality(supply_risk, score_.estimate, world_.parameters.economic_importance)}};
}

Score EconomicImportanceScorer::Run(const Estimate& supply_risk) {
  if (uses_.empty() || value_added_.empty()) {
    AddReason(uses_.empty() ? "NO_END_USES" : "NO_VALUE_ADDED", score_.estimate.reasons);
  } else {
    ReadSubstitution();
    ExplainUses();
    score_.estimate = Importance();
    for (const std::string& reason : reasons_) {
      AddReason(reason, score_.estimate.reasons);
    }
  }
  AddComponents(supply_risk);
  score_.band = BandOf(score_.estimate, score_.key.method, world_.parameters.thresholds);
  return std::move(score_);
}

}  // namespace

Score EconomicImportanceOf(const World& world, const std::string& mineral, const std::string& importer,
                           const Estimate& supply_risk) {
  return EconomicImportanceScorer(world, mineral, importer).Run(supply_risk);
}

std::set<int> EndUseYears(const World& world, const std::string& mineral, const std::string& importer) {
  std::set<int> years;
  const IndicatorFacts& facts = *world.indicators;
  for (auto it = facts.lower_bound({mineral, Indicator::kEndUseShare, 0, "", ""});
       it != facts.end() && it->first.subject == mineral && it->first.indicator == Indicator::kEndUseShare; ++it) {
    if (it->first.region == IdOf(importer)) {
      years.insert(it->first.year);
    }
  }
  return years;
}

}  // namespace orewatch::risk
