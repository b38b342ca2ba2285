// Whether a project ever produces, and when, given that it does: from published rates alone, and beside it what the
// caller's assumptions make of them.
#pragma once

#include <array>
#include <optional>
#include <string>
#include <vector>

#include "services/risk/domain/base_rates.h"
#include "services/risk/domain/project_pipeline.h"
#include "services/risk/domain/shares.h"

namespace orewatch::risk {

// Numbers of orewatch.registry.v1.Project.Status.
enum class ProjectStatus {
  kUnspecified = 0,
  kExploration = 1,
  kFeasibility = 2,
  kFinancing = 3,
  kConstruction = 4,
  kCommissioning = 5,
  kOperating = 6,
  kSuspended = 7,
  kCancelled = 8,
};
// kExploration to kCommissioning.
inline constexpr size_t kPhases = 5;

struct ProjectFacts {
  // Resource name.
  std::string name;
  std::string country;
  ProjectStatus status = ProjectStatus::kUnspecified;
  // Not a refinery or another plant.
  bool mine = false;
  // Nothing: unknown.
  std::optional<double> capacity_tonnes_per_year;
};

// A named effect that no source gives. Each default is no effect.
struct Effect {
  std::string name;
  // Added to the logarithm of the odds that it ever produces.
  double log_odds = 0;
  // Multiplies every remaining time.
  double duration_factor = 1;
};

struct OutlookAssumptions {
  std::vector<Effect> effects;
  // Chance to pass each phase from exploration on; nothing: no published split, so phases passed earn no credit.
  std::optional<std::array<double, kPhases>> pass_probability;
  double country_failure = 0;
  double ramp_years = 0;
};

// Inclusive; nothing known as a value: `reasons` say why.
struct Chance {
  std::optional<double> value;
  double lower = 0;
  double upper = 1;
};

// Years from now, given that it produces.
struct StartYears {
  double p10 = 0;
  double p50 = 0;
  double p90 = 0;
};

struct OutlookYear {
  int years_from_now = 0;
  double produces_by = 0;
  // Tonnes made until then; nothing: capacity unknown.
  std::optional<double> expected_tonnes;
};

struct OutlookCase {
  Chance ever_produces;
  // Nothing: no run produced, or no rate is known.
  std::optional<StartYears> start;
  std::vector<OutlookYear> years;
};

struct ProjectOutlook {
  // From published rates.
  OutlookCase published;
  // With the assumptions; the same where there are none.
  OutlookCase assumed;
  std::vector<BaseRate> rates;
  // Names of the assumptions that made a difference.
  std::vector<std::string> assumptions;
  // NO_BASE_RATE, STATUS_UNKNOWN: no value. CANCELLED: 0. PHASE_NOT_CREDITED: the rate is of discoveries, and no
  // published one is of projects as far as this. SUSPENDED, DISCOVERY_NOT_ESTABLISHED, SPREAD_FITTED,
  // PHASES_OF_LARGE_MINES.
  Reasons reasons;
};

struct OutlookOptions {
  uint64_t seed = 1;
  uint32_t runs = 10'000;
  int threads = 1;
  int horizon_years = 30;
};

// Chance that it produces within so many years, from published rates: what the runs of an outlook draw, in closed form.
// Nothing: no rate is known, of whether or of when.
std::optional<double> PublishedChanceWithin(const ProjectFacts& project, const BaseRates& rates, double years);

ProjectOutlook OutlookOf(const ProjectFacts& project, const BaseRates& rates, const OutlookAssumptions& assumptions,
                         const OutlookOptions& options);

}  // namespace orewatch::risk
