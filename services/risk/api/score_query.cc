#include "services/risk/api/score_query.h"

#include <algorithm>
#include <cmath>
#include <string>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "common/status/status.h"
#include "services/risk/api/method_parameters.h"
#include "services/risk/api/score_message.h"

namespace orewatch::risk {
namespace {

constexpr int kMaxPurchases = 1000;
// As in the registry: what is larger is no tonnage or sum of money, and sums of it would be no numbers.
constexpr double kLargestAmount = 1e15;
constexpr size_t kCountryCodeLength = 2;
constexpr size_t kMaxNameBytes = 256;

bool NeedsImporter(v1::Method method) {
  return method == v1::METHOD_EU_SUPPLY_RISK_2017 || method == v1::METHOD_GEOPOLRISK_2024 ||
         method == v1::METHOD_USGS_2020 || method == v1::METHOD_STOCK_COVER || method == v1::METHOD_OREWATCH_2026 ||
         method == v1::METHOD_EU_ECONOMIC_IMPORTANCE_2017;
}

bool HasStage(v1::Method method) {
  return method != v1::METHOD_COUNTRY_GOVERNANCE && method != v1::METHOD_STOCK_COVER &&
         method != v1::METHOD_OREWATCH_SUPPLIER_2026 && method != v1::METHOD_EU_ECONOMIC_IMPORTANCE_2017;
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
  for (const auto& [field, name] :
       {std::make_pair("subject", &key.subject()), std::make_pair("importer", &key.importer())}) {
    if (name->size() > kMaxNameBytes) {
      violations.Add(absl::StrCat("key.", field), absl::StrCat("must be at most ", kMaxNameBytes, " bytes"));
    }
  }
  if (key.normalization_n() < 0) {
    violations.Add("key.normalization_n", "must not be negative");
  }
}

bool HeedsHhi(v1::Method method) { return method == v1::METHOD_HHI || method == v1::METHOD_HHI_NORMALIZED; }

// `own`: the name of the service's own set for the method.
template <typename Asked>
void CheckName(const std::string& path, const Asked& asked, const std::string& own, const Parameters& service,
               FieldViolations& violations) {
  if (asked.name().empty() || asked.name() == own || asked.name() == service.name) {
    violations.Add(absl::StrCat(path, ".name"), "must be a name that is not the service's own");
  }
  for (const auto& [field, text] :
       {std::make_pair("name", &asked.name()), std::make_pair("edition", &asked.edition())}) {
    if (text->size() > kMaxParameterNameBytes) {
      violations.Add(absl::StrCat(path, ".", field),
                     absl::StrCat("must be at most ", kMaxParameterNameBytes, " bytes"));
    }
  }
}

void CheckParameters(const v1::GeoPolRiskParameters& asked, const Parameters& own, FieldViolations& violations) {
  CheckName("options.geopolrisk", asked, own.geopolrisk.name, own, violations);
  CheckFigures("options.geopolrisk", asked, violations);
}

bool IsAmount(double amount) { return amount >= 0 && amount <= kLargestAmount; }

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
      violations.Add(absl::StrCat(field, ".tonnes"), "must be a number from 0 to 1e15");
    }
    if (!IsAmount(purchase.value_usd())) {
      violations.Add(absl::StrCat(field, ".value_usd"), "must be a number from 0 to 1e15");
    }
  }
}

Variant VariantOf(const v1::ScoreOptions& options, const Parameters& own) {
  Variant variant;
  if (options.has_hhi()) {
    variant.hhi = Replaced(options.hhi());
  }
  if (options.has_geopolrisk()) {
    variant.geopolrisk = Replaced(options.geopolrisk(), own.geopolrisk);
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

void CheckOptions(v1::Method method, const v1::ScoreOptions& options, const Parameters& own,
                  FieldViolations& violations) {
  if (options.has_hhi()) {
    HeedsHhi(method) ? CheckName("options.hhi", options.hhi(), own.hhi.name, own, violations)
                     : violations.Add("options.hhi", "must be unset: the method does not heed it");
  }
  if (method == v1::METHOD_GEOPOLRISK_2024) {
    if (options.has_geopolrisk()) {
      CheckParameters(options.geopolrisk(), own, violations);
    }
    return CheckPurchases(options, violations);
  }
  if (options.has_geopolrisk()) {
    violations.Add("options.geopolrisk", "must be unset: the method does not heed it");
  }
  if (options.purchases_size() > 0) {
    violations.Add("options.purchases", "must be empty: the method does not heed them");
  }
}

}  // namespace

absl::StatusOr<ScoreQuery> QueryOf(const v1::ScoreKey& key, const v1::ScoreOptions& options,
                                   const Parameters& parameters) {
  FieldViolations violations;
  CheckKey(key, options.purchases_size() > 0, violations);
  CheckOptions(key.method(), options, parameters, violations);
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
