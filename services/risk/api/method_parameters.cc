#include "services/risk/api/method_parameters.h"

#include <algorithm>
#include <cmath>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"

namespace orewatch::risk {
namespace {

constexpr int kMaxCodes = 100;
constexpr size_t kCodeLength = 6;

OtherCountries TreatmentOf(bool named_only) {
  return named_only ? OtherCountries::kLeftOut : OtherCountries::kInfinitelySplit;
}

}  // namespace

void CheckFigures(const std::string& path, const v1::GeoPolRiskParameters& asked, FieldViolations& violations) {
  if (asked.hs6_size() > kMaxCodes) {
    violations.Add(absl::StrCat(path, ".hs6"), absl::StrCat("must have at most ", kMaxCodes, " codes"));
  }
  for (const std::string& code : asked.hs6()) {
    if (code.size() != kCodeLength || !std::all_of(code.begin(), code.end(), absl::ascii_isdigit)) {
      violations.Add(absl::StrCat(path, ".hs6"), "must have codes of six digits");
      break;
    }
  }
  // Written so that what is no number is refused.
  if (asked.has_imputed_governance() && !(asked.imputed_governance() >= 0 && asked.imputed_governance() <= 1)) {
    violations.Add(absl::StrCat(path, ".imputed_governance"), "must be in [0, 1]");
  }
  if (asked.has_copper_midpoint_usd_per_kg() &&
      !(asked.copper_midpoint_usd_per_kg() > 0 && std::isfinite(asked.copper_midpoint_usd_per_kg()))) {
    violations.Add(absl::StrCat(path, ".copper_midpoint_usd_per_kg"), "must be a number above 0");
  }
}

GeoPolRiskParameters Replaced(const v1::GeoPolRiskParameters& asked, GeoPolRiskParameters own) {
  own.name = asked.name();
  own.edition = asked.edition();
  own.other_countries = TreatmentOf(asked.named_only());
  own.hs6.assign(asked.hs6().begin(), asked.hs6().end());
  std::sort(own.hs6.begin(), own.hs6.end());
  own.hs6.erase(std::unique(own.hs6.begin(), own.hs6.end()), own.hs6.end());
  if (asked.has_imputed_governance()) {
    own.imputed_governance = asked.imputed_governance();
  }
  if (asked.has_copper_midpoint_usd_per_kg()) {
    own.copper_midpoint = asked.copper_midpoint_usd_per_kg();
  }
  return own;
}

HhiParameters Replaced(const v1::HhiParameters& asked) {
  return {asked.name(), asked.edition(), TreatmentOf(asked.named_only())};
}

}  // namespace orewatch::risk
