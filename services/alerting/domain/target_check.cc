#include "services/alerting/domain/target_check.h"

#include <algorithm>
#include <initializer_list>
#include <string>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"

namespace orewatch::alerting {
namespace {

constexpr size_t kMaxNameBytes = 256;

void Add(absl::string_view field, absl::string_view description, std::vector<Violation>& violations) {
  violations.push_back({absl::StrCat("target.", field), std::string(description)});
}

// A name of another collection would match nothing, in silence.
void CheckName(absl::string_view field, absl::string_view name, std::initializer_list<absl::string_view> collections,
               std::vector<Violation>& violations) {
  if (name.size() > kMaxNameBytes) {
    Add(field, absl::StrCat("must be at most ", kMaxNameBytes, " bytes"), violations);
  }
  const bool known = std::any_of(collections.begin(), collections.end(), [&](absl::string_view collection) {
    return absl::StartsWith(name, collection) && name.size() > collection.size();
  });
  if (!name.empty() && !known) {
    Add(field, absl::StrCat("must be empty or begin with ", absl::StrJoin(collections, " or ")), violations);
  }
}

bool IsComputedOnRequestOnly(int method) {
  return method == kHhiNormalized || method == kHhiGovernanceExports || method == kHhiOwnership ||
         method == kOrewatchSupplier2026 || method == kEuEconomicImportance2017;
}

bool HasImporter(int method) {
  return method == kEuSupplyRisk2017 || method == kGeoPolRisk2024 || method == kUsgs2020 || method == kStockCover ||
         method == kOrewatch2026 || method == kEuEconomicImportance2017;
}

}  // namespace

void CheckTarget(const ScoreKey& target, std::vector<Violation>& violations) {
  CheckName("subject", target.subject, {"minerals/", "countries/"}, violations);
  CheckName("importer", target.importer, {"countries/", "blocs/"}, violations);
  if (target.method == 0) {
    Add("method", "is required, here or in the filter as `method = ...`", violations);
    return;
  }
  if (IsComputedOnRequestOnly(target.method)) {
    Add("method", "is computed on request only, so that no rule can follow it", violations);
  }
  if (!HasImporter(target.method) && !target.importer.empty()) {
    Add("importer", "must be empty: the method's scores have no importer", violations);
  }
  const bool of_country = target.method == kCountryGovernance;
  if ((of_country || target.method == kStockCover) && target.stage != 0) {
    Add("stage", "must be unset: the method's scores have no stage", violations);
  }
  const absl::string_view collection = of_country ? "countries/" : "minerals/";
  if (!target.subject.empty() && !absl::StartsWith(target.subject, collection)) {
    Add("subject", absl::StrCat("must begin with ", collection, " for this method"), violations);
  }
}

}  // namespace orewatch::alerting
