#include "services/risk/domain/milestone_slippage.h"

#include <algorithm>

namespace orewatch::risk {
namespace {

std::optional<double> BehindPlan(const Milestone& milestone, double today) {
  if (!milestone.planned.has_value() || (!milestone.actual.has_value() && *milestone.planned >= today)) {
    return std::nullopt;
  }
  return milestone.actual.value_or(today) - *milestone.planned;
}

std::optional<double> BehindNorm(const Milestone& milestone, std::optional<double> before, double today) {
  if (!milestone.norm_years.has_value() || !before.has_value()) {
    return std::nullopt;
  }
  const double behind = milestone.actual.value_or(today) - *before - milestone.norm_years->value;
  return milestone.actual.has_value() ? behind : std::max(0.0, behind);
}

}  // namespace

std::vector<Slippage> SlippageOf(const std::vector<Milestone>& milestones, double today) {
  std::vector<Slippage> slippage;
  std::optional<double> before;
  for (const Milestone& milestone : milestones) {
    slippage.push_back({milestone.title, BehindPlan(milestone, today), BehindNorm(milestone, before, today),
                        !milestone.actual.has_value()});
    before = milestone.actual;
  }
  return slippage;
}

}  // namespace orewatch::risk
