#include "services/risk/api/score_query.h"

#include <algorithm>
#include <cmath>
#include <string>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "common/status/status.h"
#include "services/risk/api/score_message.h"

namespace orewatch::risk {
namespace {

constexpr int kMaxPurchases = 1000;
constexpr int kMaxCodes = 100;
constexpr size_t kMaxNameBytes = 256;
constexpr size_t kCodeLength = 6;
constexpr size_t kCountryCodeLength = 2;

bool NeedsImporter(v1::Method method) {
  return method == v1::METHOD_EU_SUPPLY_RISK_2017 || method == v1::METHOD_GEOPOLRISK_2024 ||
         method == v1::METHOD_USGS_2020 || method == v1::METHOD_STOCK_COVER || method == v1::METHOD_OREWATCH_2026;
}

bool HasStage(v1::Method method) {
  return method != v1::METHOD_COUNTRY_GOVERNANCE && method != v1::METHOD_STOCK_COVER &&
         method != v1::METHOD_OREWATCH_SUPPLIER_2026;
}

void CheckKey(const v1::ScoreKey& key, bool of_purchases, FieldViolations& violations) {
  if (key.method() == v1::METHOD_UNSPECIFIED || !v1::Method_IsValid(key.method())) {
    violations.Add("key.method", "must name a method");
  }
  if (HasStage(key.method()) && (key.stage() == type::v1::STAGE_UNSPECIFIED || !type::v1::Stage_IsValid(key.stage()))) {
    violations.Add("key.stage", "must name a stage");
  }
  if (NeedsImporter(key.method()) && key.importer().empty() && !of_purchases) {
    violations.Add("key.importer", "must name a country or bloc");
  }
  if (of_purchases && !key.importer().empty()) {
    violations.Add("key.importer", "must be empty for a company's own purchases");
  }
  if (key.normalization_n() < 0) {
    violations.Add("key.normalization_n", "must not be negative");
  }
}

void CheckParameters(const v1::GeoPolRiskParameters& asked, const Parameters& own, FieldViolations& violations) {
  if (asked.name().empty() || asked.name() == own.geopolrisk.name || asked.name() == own.name) {
    violations.Add("options.geopolrisk.name", "must be a name that is not the service's own");
  }
  for (const auto& [field, text] :
       {std::make_pair("name", &asked.name()), std::make_pair("edition", &asked.edition())}) {
    if (text->size() > kMaxNameBytes) {
      violations.Add(absl::StrCat("options.geopolrisk.", field),
                     absl::StrCat("must be at most ", kMaxNameBytes, " bytes"));
    }
  }
  if (asked.hs6_size() > kMaxCodes) {
    violations.Add("options.geopolrisk.hs6", absl::StrCat("must have at most ", kMaxCodes, " codes"));
  }
  for (const std::string& code : asked.hs6()) {
    if (code.size() != kCodeLength || !std::all_of(code.begin(), code.end(), absl::ascii_isdigit)) {
      violations.Add("options.geopolrisk.hs6", "must have codes of six digits");
      break;
    }
  }
  // Written so that what is no number is refused.
  if (asked.has_imputed_governance() && !(asked.imputed_governance() >= 0 && asked.imputed_governance() <= 1)) {
    violations.Add("options.geopolrisk.imputed_governance", "must be in [0, 1]");
  }
  if (asked.has_copper_midpoint_usd_per_kg() &&
      !(asked.copper_midpoint_usd_per_kg() > 0 && std::isfinite(asked.copper_midpoint_usd_per_kg()))) {
    violations.Add("options.geopolrisk.copper_midpoint_usd_per_kg", "must be a number above 0");
  }
}

bool IsAmount(double amount) { return std::isfinite(amount) && amount >= 0; }

void CheckPurchases(const v1::ScoreOptions& options, FieldViolations& violations) {
  if (options.purchases_size() > kMaxPurchases) {
    violations.Add("options.purchases", absl::StrCat("must be at most ", kMaxPurchases));
    return;
  }
  for (int i = 0; i < options.purchases_size(); ++i) {
    const v1::Purchase& purchase = options.purchases(i);
    const std::string field = absl::StrCat("options.purchases[", i, "]");
    const std::string& country = purchase.country();
    if (country.size() != kCountryCodeLength || !std::all_of(country.begin(), country.end(), absl::ascii_isupper)) {
      violations.Add(absl::StrCat(field, ".country"), "must be an alpha-2 code, or ZZ");
    }
    if (!IsAmount(purchase.tonnes())) {
      violations.Add(absl::StrCat(field, ".tonnes"), "must be a number of at least 0");
    }
    if (!IsAmount(purchase.value_usd())) {
      violations.Add(absl::StrCat(field, ".value_usd"), "must be a number of at least 0");
    }
  }
}

GeoPolRiskParameters ParametersOf(const v1::GeoPolRiskParameters& asked, const GeoPolRiskParameters& own) {
  GeoPolRiskParameters parameters = own;
  parameters.name = asked.name();
  parameters.edition = asked.edition();
  parameters.other_countries = asked.named_only() ? OtherCountries::kLeftOut : OtherCountries::kInfinitelySplit;
  parameters.hs6.assign(asked.hs6().begin(), asked.hs6().end());
  std::sort(parameters.hs6.begin(), parameters.hs6.end());
  parameters.hs6.erase(std::unique(parameters.hs6.begin(), parameters.hs6.end()), parameters.hs6.end());
  if (asked.has_imputed_governance()) {
    parameters.imputed_governance = asked.imputed_governance();
  }
  if (asked.has_copper_midpoint_usd_per_kg()) {
    parameters.copper_midpoint = asked.copper_midpoint_usd_per_kg();
  }
  return parameters;
}

Variant VariantOf(const v1::ScoreOptions& options, const Parameters& own) {
  Variant variant;
  if (options.has_geopolrisk()) {
    variant.geopolrisk = ParametersOf(options.geopolrisk(), own.geopolrisk);
  }
  if (options.purchases_size() > 0) {
    variant.purchases.emplace();
    for (const v1::Purchase& purchase : options.purchases()) {
      variant.purchases->push_back(
          {purchase.country(), purchase.tonnes(),
           purchase.has_value_usd() ? std::optional<double>(purchase.value_usd()) : std::nullopt});
    }
  }
  return variant;
}

}  // namespace

absl::StatusOr<ScoreQuery> QueryOf(const v1::ScoreKey& key, const v1::ScoreOptions& options,
                                   const Parameters& parameters) {
  FieldViolations violations;
  const bool of_purchases = options.purchases_size() > 0;
  CheckKey(key, of_purchases, violations);
  if (key.method() != v1::METHOD_GEOPOLRISK_2024) {
    if (options.has_geopolrisk()) {
      violations.Add("options.geopolrisk", "must be unset: the method does not heed it");
    }
    if (of_purchases) {
      violations.Add("options.purchases", "must be empty: the method does not heed them");
    }
  } else {
    if (options.has_geopolrisk()) {
      CheckParameters(options.geopolrisk(), parameters, violations);
    }
    CheckPurchases(options, violations);
  }
  OREWATCH_RETURN_IF_ERROR(violations.ToStatus());
  ScoreQuery query{KeyOf(key), VariantOf(options, parameters)};
  if (!HasStage(key.method())) {
    query.key.stage = 0;
  }
  if (!NeedsImporter(key.method())) {
    query.key.importer.clear();
  }
  if (key.method() != v1::METHOD_HHI_NORMALIZED) {
    query.key.normalization_n = 0;
  }
  return query;
}

}  // namespace orewatch::risk
