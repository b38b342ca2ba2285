// What the end of a commitment to a project would cost the country that made it.
//
//   days of cover = tonnes a year / (use a year / 365)
#pragma once

#include <optional>
#include <string>

#include "services/risk/domain/project_records.h"

namespace orewatch::risk {

struct LapseCost {
  // Nothing: unknown; the reasons say why.
  std::optional<double> tonnes_per_year;
  std::optional<double> days_of_cover;
  // Resource name of what says how much the country uses; empty: nothing does.
  std::string requirement;
  // OFFTAKE_UNKNOWN, NO_COUNTRY, NO_REQUIREMENT, REQUIREMENT_UNKNOWN, SEVERAL_REQUIREMENTS, BASIS_UNKNOWN,
  // BASIS_MISMATCH, NO_USE: no days. REQUIREMENT_STAGE_UNKNOWN: the use is of the mineral at whatever stage. ENDED: it
  // has lapsed already, or the project is cancelled.
  Reasons reasons;
};

// From the requirements that `principal` may read: of the project's mineral, stage and product, the latest year up to
// that of `today`, else the first after it.
LapseCost CostOfLapse(const ProjectRecord& project, const CommitmentRecord& commitment,
                      const RequirementRecords& requirements, const std::string& principal, const std::string& today);

}  // namespace orewatch::risk
