// How late a project is: against its own plan, and against how long such steps take elsewhere.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "services/risk/domain/base_rates.h"

namespace orewatch::risk {

// Years as numbers: 2024.5 is mid-2024.
struct Milestone {
  std::string title;
  std::optional<double> planned;
  // Nothing: not reached.
  std::optional<double> actual;
  // How long the step from the milestone before to this one takes elsewhere; nothing: nobody has published it.
  std::optional<BaseRate> norm_years;
};

struct Slippage {
  std::string title;
  // Years behind the plan, negative if early; nothing: no plan, or neither reached nor due.
  std::optional<double> behind_plan;
  // Years that the step took, or has taken so far, beyond the norm; nothing: no norm, or no date of the step before. A
  // step not reached is not early.
  std::optional<double> behind_norm;
  // Not reached: it can only grow.
  bool still_growing = false;
};

// In the order given. `today` is a year too.
std::vector<Slippage> SlippageOf(const std::vector<Milestone>& milestones, double today);

}  // namespace orewatch::risk
