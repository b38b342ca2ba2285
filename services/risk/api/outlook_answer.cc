#include "services/risk/api/outlook_answer.h"

#include <algorithm>
#include <cmath>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "common/status/status.h"
#include "services/risk/api/score_message.h"
#include "services/risk/domain/calendar.h"
#include "services/risk/domain/lapse_cost.h"
#include "services/risk/domain/milestone_norms.h"
#include "services/risk/domain/milestone_slippage.h"
#include "services/risk/domain/project_outlook.h"

namespace orewatch::risk {
namespace {

constexpr int kMaxRuns = 100'000;
constexpr int kMaxHorizonYears = 60;
constexpr int kMaxEffects = 16;
constexpr size_t kMaxEffectName = 64;
constexpr double kMaxLogOdds = 20;
constexpr double kMaxDurationFactor = 100;
constexpr double kMaxRampYears = 50;

// Written so that what is no number is outside.
bool Within(double number, double least, double most) { return number >= least && number <= most; }

void CheckEffect(const v1::ProjectEffect& effect, const std::string& field, FieldViolations& violations) {
  if (effect.name().empty() || effect.name().size() > kMaxEffectName) {
    violations.Add(absl::StrCat(field, ".name"), absl::StrCat("must be 1 to ", kMaxEffectName, " bytes"));
  }
  if (!Within(effect.log_odds(), -kMaxLogOdds, kMaxLogOdds)) {
    violations.Add(absl::StrCat(field, ".log_odds"),
                   absl::StrCat("must be within -", kMaxLogOdds, " and ", kMaxLogOdds));
  }
  if (effect.has_duration_factor() && !Within(effect.duration_factor(), 1 / kMaxDurationFactor, kMaxDurationFactor)) {
    violations.Add(absl::StrCat(field, ".duration_factor"),
                   absl::StrCat("must be within ", 1 / kMaxDurationFactor, " and ", kMaxDurationFactor));
  }
}

void CheckAssumptions(const v1::ProjectAssumptions& assumptions, FieldViolations& violations) {
  if (assumptions.effects_size() > kMaxEffects) {
    violations.Add("assumptions.effects", absl::StrCat("must be at most ", kMaxEffects));
    return;
  }
  for (int i = 0; i < assumptions.effects_size(); ++i) {
    CheckEffect(assumptions.effects(i), absl::StrCat("assumptions.effects[", i, "]"), violations);
  }
  const auto& chances = assumptions.pass_probability();
  if (!chances.empty() && chances.size() != static_cast<int>(kPhases)) {
    violations.Add("assumptions.pass_probability", absl::StrCat("must be none or ", kPhases));
  }
  if (!std::all_of(chances.begin(), chances.end(), [](double chance) { return Within(chance, 0, 1); })) {
    violations.Add("assumptions.pass_probability", "must be within 0 and 1");
  }
  if (!Within(assumptions.country_failure(), 0, 1)) {
    violations.Add("assumptions.country_failure", "must be within 0 and 1");
  }
  if (!Within(assumptions.ramp_years(), 0, kMaxRampYears)) {
    violations.Add("assumptions.ramp_years", absl::StrCat("must be within 0 and ", kMaxRampYears));
  }
}

absl::Status Check(const v1::GetProjectOutlookRequest& request) {
  FieldViolations violations;
  if (request.name().empty()) {
    violations.Add("name", "must name a project");
  }
  if (request.runs() < 0 || request.runs() > kMaxRuns) {
    violations.Add("runs", absl::StrCat("must be at most ", kMaxRuns, "; 0 is the default"));
  }
  if (request.horizon_years() < 0 || request.horizon_years() > kMaxHorizonYears) {
    violations.Add("horizon_years", absl::StrCat("must be at most ", kMaxHorizonYears, "; 0 is the default"));
  }
  CheckAssumptions(request.assumptions(), violations);
  return violations.ToStatus();
}

OutlookAssumptions AssumptionsOf(const v1::ProjectAssumptions& asked) {
  OutlookAssumptions assumptions;
  for (const v1::ProjectEffect& effect : asked.effects()) {
    assumptions.effects.push_back(
        {effect.name(), effect.log_odds(), effect.has_duration_factor() ? effect.duration_factor() : 1});
  }
  if (!asked.pass_probability().empty()) {
    std::copy(asked.pass_probability().begin(), asked.pass_probability().end(),
              assumptions.pass_probability.emplace().begin());
  }
  assumptions.country_failure = asked.country_failure();
  assumptions.ramp_years = asked.ramp_years();
  return assumptions;
}

OutlookOptions OptionsOf(const v1::GetProjectOutlookRequest& request) {
  OutlookOptions options;
  if (request.has_seed()) {
    options.seed = request.seed();
  }
  if (request.runs() != 0) {
    options.runs = static_cast<uint32_t>(request.runs());
  }
  if (request.horizon_years() != 0) {
    options.horizon_years = request.horizon_years();
  }
  return options;
}

void FillRate(const BaseRate& rate, v1::BaseRate& message) {
  message.set_value(rate.value);
  message.set_metric(rate.metric);
  message.set_population(rate.population);
  message.set_source(rate.source);
  message.set_source_url(rate.source_url);
}

void FillCase(const OutlookCase& outlook, v1::ProjectOutlookCase& message) {
  const Chance& ever = outlook.ever_produces;
  if (ever.value.has_value()) {
    message.mutable_ever_produces()->set_value(*ever.value);
  }
  message.mutable_ever_produces()->mutable_bounds()->set_lower(ever.lower);
  message.mutable_ever_produces()->mutable_bounds()->set_upper(ever.upper);
  if (outlook.start.has_value()) {
    message.mutable_start()->set_p10_years(outlook.start->p10);
    message.mutable_start()->set_p50_years(outlook.start->p50);
    message.mutable_start()->set_p90_years(outlook.start->p90);
  }
  for (const OutlookYear& year : outlook.years) {
    auto& each = *message.add_years();
    each.set_years_from_now(year.years_from_now);
    each.set_produces_by(year.produces_by);
    if (year.expected_tonnes.has_value()) {
      each.set_expected_tonnes(*year.expected_tonnes);
    }
  }
}

std::vector<Milestone> MilestonesOf(const ProjectRecord& record, const BaseRates& rates, bool mine) {
  std::vector<Milestone> milestones;
  std::string before;
  for (const MilestoneRecord& milestone : record.milestones) {
    milestones.push_back({milestone.title, YearsOf(milestone.planned), YearsOf(milestone.actual),
                          mine ? NormOf(before, milestone.title, rates) : std::nullopt});
    before = milestone.title;
  }
  return milestones;
}

void FillSlippage(const registry::v1::Project& project, const std::vector<Milestone>& milestones,
                  const std::string& today, v1::ProjectOutlook& answer) {
  const std::optional<double> now = YearsOf(today);
  const std::vector<Slippage> slippage = now.has_value() ? SlippageOf(milestones, *now) : std::vector<Slippage>();
  for (int i = 0; i < project.milestones_size(); ++i) {
    auto& message = *answer.add_milestones();
    message.set_title(project.milestones(i).title());
    if (project.milestones(i).has_planned()) {
      *message.mutable_planned() = project.milestones(i).planned();
    }
    if (project.milestones(i).has_actual()) {
      *message.mutable_actual() = project.milestones(i).actual();
    }
    if (const auto& norm = milestones[static_cast<size_t>(i)].norm_years) {
      FillRate(*norm, *message.mutable_norm());
    }
    if (slippage.empty()) {
      continue;
    }
    const Slippage& late = slippage[static_cast<size_t>(i)];
    if (late.behind_plan.has_value()) {
      message.set_behind_plan_years(*late.behind_plan);
    }
    if (late.behind_norm.has_value()) {
      message.set_behind_norm_years(*late.behind_norm);
    }
    message.set_still_growing(late.still_growing);
  }
}

void FillCost(const LapseCost& cost, const ProjectRecord& record, const RequirementRecords& requirements,
              v1::LapseCost& message) {
  if (cost.tonnes_per_year.has_value()) {
    message.set_tonnes_per_year(*cost.tonnes_per_year);
    message.set_basis(static_cast<type::v1::Basis>(record.basis));
  }
  if (cost.days_of_cover.has_value()) {
    message.set_days_of_cover(*cost.days_of_cover);
  }
  if (!cost.requirement.empty()) {
    const RequirementRecord& requirement = requirements.at(cost.requirement);
    message.set_requirement(cost.requirement);
    message.set_requirement_year(requirement.year);
    message.mutable_requirement_provenance()->set_source(requirement.provenance.source);
    message.mutable_requirement_provenance()->set_as_of(requirement.provenance.as_of);
    message.mutable_requirement_provenance()->set_licence(requirement.provenance.licence);
  }
  message.mutable_reasons()->Assign(cost.reasons.begin(), cost.reasons.end());
}

void FillCommitments(const ProjectRecord& record, const std::string& principal, const World& world,
                     v1::ProjectOutlook& answer) {
  const std::string& today = world.policy->today;
  for (size_t i = 0; i < record.commitments.size(); ++i) {
    const CommitmentRecord& commitment = record.commitments[i];
    auto& message = *answer.add_commitments();
    *message.mutable_commitment() = answer.project().commitments(static_cast<int>(i));
    if (const auto days = DaysUntil(commitment.next_decision, today)) {
      message.set_days_to_next_decision(*days);
    }
    if (const auto days = DaysUntil(commitment.lapse, today)) {
      message.set_days_to_lapse(*days);
    }
    const RequirementRecords& requirements = *world.projects.requirements;
    FillCost(CostOfLapse(record, commitment, requirements, principal, today), record, requirements,
             *message.mutable_lapse_cost());
  }
}

void FillToday(const std::string& today, v1::ProjectOutlook& answer) {
  constexpr size_t kDay = 10;
  if (today.size() == kDay) {
    answer.mutable_today()->set_year(YearOf(today));
    answer.mutable_today()->set_month(std::stoi(today.substr(5, 2)));
    answer.mutable_today()->set_day(std::stoi(today.substr(8, 2)));
  }
}

}  // namespace

absl::StatusOr<v1::ProjectOutlook> ProjectOutlookAnswer(const v1::GetProjectOutlookRequest& request,
                                                        const std::string& principal, const Snapshot& snapshot) {
  OREWATCH_RETURN_IF_ERROR(Check(request));
  const World& world = snapshot.model->world();
  const auto found = world.projects.projects->find(request.name());
  if (found == world.projects.projects->end() || !found->second.readers.Include(principal)) {
    return MakeError(absl::StatusCode::kNotFound, "NOT_FOUND", absl::StrCat("there is no project ", request.name()),
                     {{"name", request.name()}});
  }
  const ProjectRecord& record = found->second;
  const bool mine = record.stage == type::v1::STAGE_MINE;
  const BaseRates rates = DefaultBaseRates();
  const OutlookOptions options = OptionsOf(request);
  const ProjectOutlook outlook =
      OutlookOf({found->first, record.country, record.status, mine, record.capacity_tonnes_per_year}, rates,
                AssumptionsOf(request.assumptions()), options);
  v1::ProjectOutlook answer;
  answer.mutable_project()->ParseFromString(*record.document);
  FillCase(outlook.published, *answer.mutable_published());
  FillCase(outlook.assumed, *answer.mutable_assumed());
  for (const BaseRate& rate : outlook.rates) {
    FillRate(rate, *answer.add_base_rates());
  }
  answer.mutable_assumptions()->Assign(outlook.assumptions.begin(), outlook.assumptions.end());
  answer.mutable_reasons()->Assign(outlook.reasons.begin(), outlook.reasons.end());
  FillSlippage(answer.project(), MilestonesOf(record, rates, mine), world.policy->today, answer);
  FillCommitments(record, principal, world, answer);
  FillToday(world.policy->today, answer);
  answer.set_seed(options.seed);
  answer.set_runs(static_cast<int>(options.runs));
  *answer.mutable_revision() = RevisionOf(snapshot, snapshot.model->revision());
  return answer;
}

}  // namespace orewatch::risk
