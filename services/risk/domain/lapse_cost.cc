#include "services/risk/domain/lapse_cost.h"

#include <tuple>
#include <vector>

#include "services/risk/domain/calendar.h"

namespace orewatch::risk {
namespace {

constexpr double kDaysPerYear = 365;
using Entry = RequirementRecords::value_type;

// The less, the better it fits.
using Fit = std::tuple<bool, bool, bool, int>;
Fit FitOf(const RequirementRecord& requirement, int year) {
  const bool later = requirement.year > year;
  return {requirement.stage == 0, requirement.product.empty(), later, later ? requirement.year : -requirement.year};
}

bool Concerns(const RequirementRecord& requirement, const ProjectRecord& project, const std::string& country) {
  return requirement.holder == country && requirement.mineral == project.mineral &&
         (requirement.stage == 0 || requirement.stage == project.stage) &&
         (requirement.product.empty() || requirement.product == project.product);
}

// Those that fit best.
std::vector<const Entry*> Fitting(const RequirementRecords& requirements, const ProjectRecord& project,
                                  const std::string& country, const std::string& principal, int year) {
  std::vector<const Entry*> best;
  for (const Entry& entry : requirements) {
    if (!Concerns(entry.second, project, country) || !entry.second.readers.Include(principal)) {
      continue;
    }
    if (!best.empty()) {
      const Fit fit = FitOf(entry.second, year);
      const Fit before = FitOf(best.front()->second, year);
      if (before < fit) {
        continue;
      }
      if (fit < before) {
        best.clear();
      }
    }
    best.push_back(&entry);
  }
  return best;
}

// Why tonnes of the one cannot be held against tonnes of the other; empty: they can.
std::string Incomparable(const ProjectRecord& project, const RequirementRecord& requirement) {
  if (!requirement.tonnes.has_value()) {
    return "REQUIREMENT_UNKNOWN";
  }
  if (*requirement.tonnes <= 0) {
    return "NO_USE";
  }
  if (project.basis == 0 || requirement.basis == 0) {
    return "BASIS_UNKNOWN";
  }
  return project.basis == requirement.basis ? "" : "BASIS_MISMATCH";
}

bool Ended(const ProjectRecord& project, const CommitmentRecord& commitment, const std::string& today) {
  return project.status == ProjectStatus::kCancelled || commitment.HasLapsed(today);
}

}  // namespace

LapseCost CostOfLapse(const ProjectRecord& project, const CommitmentRecord& commitment,
                      const RequirementRecords& requirements, const std::string& principal, const std::string& today) {
  LapseCost cost;
  if (Ended(project, commitment, today)) {
    AddReason("ENDED", cost.reasons);
    return cost;
  }
  cost.tonnes_per_year = commitment.offtake_tonnes_per_year;
  if (!cost.tonnes_per_year.has_value()) {
    AddReason("OFFTAKE_UNKNOWN", cost.reasons);
  }
  if (commitment.country.empty()) {
    AddReason("NO_COUNTRY", cost.reasons);
    return cost;
  }
  const auto fitting = Fitting(requirements, project, commitment.country, principal, YearOf(today));
  if (fitting.size() != 1) {
    AddReason(fitting.empty() ? "NO_REQUIREMENT" : "SEVERAL_REQUIREMENTS", cost.reasons);
    return cost;
  }
  const auto& [name, requirement] = *fitting.front();
  cost.requirement = name;
  if (const std::string reason = Incomparable(project, requirement); !reason.empty()) {
    AddReason(reason, cost.reasons);
    return cost;
  }
  if (requirement.stage == 0) {
    AddReason("REQUIREMENT_STAGE_UNKNOWN", cost.reasons);
  }
  if (cost.tonnes_per_year.has_value()) {
    cost.days_of_cover = *cost.tonnes_per_year / (*requirement.tonnes / kDaysPerYear);
  }
  return cost;
}

}  // namespace orewatch::risk
