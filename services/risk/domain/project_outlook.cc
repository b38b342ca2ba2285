#include "services/risk/domain/project_outlook.h"

#include <algorithm>
#include <cmath>
#include <utility>

namespace orewatch::risk {
namespace {

// Expected range of 127 normal draws, in standard deviations.
constexpr double kRangeOfSample = 5.2;

size_t PhaseOf(ProjectStatus status) {
  return static_cast<size_t>(status) - static_cast<size_t>(ProjectStatus::kExploration);
}

// Mean years of each phase: those of all mines, divided as those of the largest were. Feasibility studies are part of
// exploration and studies there, commissioning part of construction.
std::array<double, kPhases> YearsByPhase(const BaseRates& rates) {
  const double scale = rates.years_to_production.value / rates.years_to_production_large.value;
  const double construction = rates.years_to_production_large.value - rates.years_of_studies_large.value -
                              rates.years_to_construction_large.value;
  return {scale * rates.years_of_studies_large.value, 0, scale * rates.years_to_construction_large.value,
          scale * construction, 0};
}

double Sigma(const BaseRates& rates) {
  return std::log(rates.years_to_production_most.value / rates.years_to_production_least.value) / kRangeOfSample;
}

Chance PublishedChance(const ProjectFacts& project, const BaseRates& rates, Reasons& reasons) {
  Chance chance{rates.becomes_mine.value, rates.becomes_mine.value, rates.becomes_mine_high.value};
  if (project.status == ProjectStatus::kExploration) {
    AddReason("DISCOVERY_NOT_ESTABLISHED", reasons);
    chance.lower = 0;
    return chance;
  }
  AddReason("PHASE_NOT_CREDITED", reasons);
  chance.upper = 1;
  if (project.status == ProjectStatus::kSuspended) {
    AddReason("SUSPENDED", reasons);
    chance.lower = 0;
  }
  return chance;
}

double WithLogOdds(double probability, double log_odds) {
  return log_odds == 0 || probability <= 0 || probability >= 1
             ? probability
             : 1 / (1 + (1 - probability) / probability * std::exp(-log_odds));
}

Chance Assumed(Chance chance, const ProjectFacts& project, const OutlookAssumptions& assumptions) {
  if (assumptions.pass_probability.has_value() && project.status <= ProjectStatus::kCommissioning) {
    double all = 1;
    for (size_t phase = PhaseOf(project.status); phase < kPhases; ++phase) {
      all *= (*assumptions.pass_probability)[phase];
    }
    chance = {all, all, all};
  }
  for (const Effect& effect : assumptions.effects) {
    chance.value = WithLogOdds(*chance.value, effect.log_odds);
    chance.lower = WithLogOdds(chance.lower, effect.log_odds);
    chance.upper = WithLogOdds(chance.upper, effect.log_odds);
  }
  for (double* probability : {&*chance.value, &chance.lower, &chance.upper}) {
    *probability *= 1 - assumptions.country_failure;
  }
  return chance;
}

// Remaining years of a project in its phase, none of which counts as spent; of a suspended one, all. Nothing: no rate
// is published for what is left.
std::optional<Duration> Remaining(const ProjectFacts& project, const BaseRates& rates, double factor) {
  const std::array<double, kPhases> years = YearsByPhase(rates);
  const size_t first = project.status == ProjectStatus::kSuspended ? 0 : PhaseOf(project.status);
  double mean = 0;
  for (size_t phase = first; phase < kPhases; ++phase) {
    mean += years[phase];
  }
  if (mean <= 0) {
    return std::nullopt;
  }
  return Duration{Duration::Kind::kLognormal, factor * mean, Sigma(rates)};
}

// `starts` ascending, without those that never come; not empty.
StartYears QuantilesOf(const std::vector<double>& starts) {
  const auto at = [&](double part) {
    return starts[std::min(starts.size() - 1, static_cast<size_t>(part * static_cast<double>(starts.size())))];
  };
  return {at(0.1), at(0.5), at(0.9)};
}

// `ever` counts the country's failure already; the runs draw only when.
OutlookCase CaseOf(const ProjectFacts& project, const Chance& ever, const std::optional<Duration>& duration,
                   double ramp_years, const OutlookOptions& options) {
  OutlookCase outlook{ever, std::nullopt, {}};
  if (!duration.has_value() || *ever.value <= 0) {
    return outlook;
  }
  const PipelineProject pipeline{
      project.name, project.country, {{1, *duration}}, project.capacity_tonnes_per_year.value_or(0), ramp_years};
  std::vector<double> starts = SimulateStarts(pipeline, {options.seed, options.runs, options.threads, 0});
  std::sort(starts.begin(), starts.end());
  if (starts.empty()) {
    return outlook;
  }
  outlook.start = QuantilesOf(starts);
  const auto runs = static_cast<double>(starts.size());
  for (int year = 1; year <= options.horizon_years; ++year) {
    const auto end = std::upper_bound(starts.begin(), starts.end(), year);
    double tonnes = 0;
    for (auto start = starts.begin(); start != end; ++start) {
      tonnes += TonnesBy(pipeline, *start, year);
    }
    OutlookYear each{year, *ever.value * static_cast<double>(end - starts.begin()) / runs, std::nullopt};
    if (project.capacity_tonnes_per_year.has_value()) {
      each.expected_tonnes = *ever.value * tonnes / runs;
    }
    outlook.years.push_back(each);
  }
  return outlook;
}

OutlookCase Certain(double probability, const ProjectFacts& project, const OutlookOptions& options) {
  return CaseOf(project, {probability, probability, probability}, Duration{Duration::Kind::kFixed, 0, 0}, 0, options);
}

std::vector<std::string> NamesOf(const OutlookAssumptions& assumptions) {
  std::vector<std::string> names;
  if (assumptions.pass_probability.has_value()) {
    names.push_back("pass_probability");
  }
  if (assumptions.country_failure != 0) {
    names.push_back("country_failure");
  }
  if (assumptions.ramp_years != 0) {
    names.push_back("ramp_years");
  }
  for (const Effect& effect : assumptions.effects) {
    if (effect.log_odds != 0 || effect.duration_factor != 1) {
      names.push_back(effect.name);
    }
  }
  return names;
}

std::vector<BaseRate> Used(const BaseRates& rates) {
  return {rates.becomes_mine,
          rates.becomes_mine_high,
          rates.years_to_production,
          rates.years_to_production_least,
          rates.years_to_production_most,
          rates.years_to_production_large,
          rates.years_of_studies_large,
          rates.years_to_construction_large};
}

void AddTimeReasons(ProjectStatus status, Reasons& reasons) {
  if (status == ProjectStatus::kCommissioning) {
    return AddReason("PHASE_LENGTH_UNKNOWN", reasons);
  }
  AddReason("SPREAD_FITTED", reasons);
  if (status == ProjectStatus::kFeasibility) {
    AddReason("STUDY_TIME_UNKNOWN", reasons);
  }
  if (status != ProjectStatus::kExploration && status != ProjectStatus::kSuspended) {
    AddReason("PHASES_OF_LARGE_MINES", reasons);
  }
}

// Without a value: why. Nothing: there is something to compute.
std::optional<std::string> NoValue(const ProjectFacts& project) {
  if (project.status == ProjectStatus::kUnspecified) {
    return "STATUS_UNKNOWN";
  }
  return project.mine ? std::nullopt : std::optional<std::string>("NO_BASE_RATE");
}

double NormalCdf(double z) { return std::erfc(-z / std::sqrt(2.0)) / 2; }

}  // namespace

std::optional<double> PublishedChanceWithin(const ProjectFacts& project, const BaseRates& rates, double years) {
  if (project.status == ProjectStatus::kOperating || project.status == ProjectStatus::kCancelled) {
    return project.status == ProjectStatus::kOperating ? 1 : 0;
  }
  if (NoValue(project).has_value()) {
    return std::nullopt;
  }
  const std::optional<Duration> duration = Remaining(project, rates, 1);
  if (!duration.has_value()) {
    return std::nullopt;
  }
  if (years <= 0) {
    return 0;
  }
  Reasons reasons;
  const double ever = *PublishedChance(project, rates, reasons).value;
  const double sigma = duration->sigma;
  return ever * NormalCdf(std::log(years / duration->mean_years) / sigma + sigma / 2);
}

ProjectOutlook OutlookOf(const ProjectFacts& project, const BaseRates& rates, const OutlookAssumptions& assumptions,
                         const OutlookOptions& options) {
  ProjectOutlook outlook;
  if (project.status == ProjectStatus::kOperating || project.status == ProjectStatus::kCancelled) {
    const bool operates = project.status == ProjectStatus::kOperating;
    if (!operates) {
      AddReason("CANCELLED", outlook.reasons);
    }
    outlook.published = Certain(operates ? 1 : 0, project, options);
    outlook.assumed = outlook.published;
    return outlook;
  }
  if (const std::optional<std::string> reason = NoValue(project)) {
    AddReason(*reason, outlook.reasons);
    return outlook;
  }
  AddTimeReasons(project.status, outlook.reasons);
  outlook.rates = Used(rates);
  outlook.assumptions = NamesOf(assumptions);
  const Chance published = PublishedChance(project, rates, outlook.reasons);
  double factor = 1;
  for (const Effect& effect : assumptions.effects) {
    factor *= effect.duration_factor;
  }
  outlook.published = CaseOf(project, published, Remaining(project, rates, 1), 0, options);
  outlook.assumed = CaseOf(project, Assumed(published, project, assumptions), Remaining(project, rates, factor),
                           assumptions.ramp_years, options);
  return outlook;
}

}  // namespace orewatch::risk
