#include "services/risk/parameter_file.h"

#include <algorithm>
#include <cmath>
#include <initializer_list>
#include <set>
#include <utility>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "common/config/text_proto.h"
#include "common/status/status.h"
#include "services/risk/api/method_parameters.h"

namespace orewatch::risk {
namespace {

using google::protobuf::Message;

constexpr size_t kMaxFileBytes = 1 << 20;
constexpr double kMaxWeight = 1000;
constexpr double kMaxDays = 36'500;
constexpr int kMaxClasses = 20;
constexpr int kMaxMainForms = 1000;

// An `optional double` of a message, the member that it sets, and what it can be.
template <typename Set>
struct Number {
  const char* field;
  double Set::*member;
  double above_or_at;
  double at_most;
  // The lower end itself is not allowed.
  bool open = false;
};

// A set under the name of the default is the default.
template <typename Set>
void CheckName(const std::string& path, const Set& set, FieldViolations& violations) {
  const Set defaults;
  Set figures = set;
  figures.name = defaults.name;
  figures.edition = defaults.edition;
  if (set.name.empty() || set.name.size() > kMaxParameterNameBytes) {
    violations.Add(absl::StrCat(path, ".name"), absl::StrCat("must have 1 to ", kMaxParameterNameBytes, " bytes"));
  } else if (set.name == defaults.name && !(figures == defaults)) {
    violations.Add(absl::StrCat(path, ".name"),
                   absl::StrCat("must not be \"", defaults.name, "\" for a set with other figures"));
  }
  if (set.edition.size() > kMaxParameterNameBytes) {
    violations.Add(absl::StrCat(path, ".edition"), absl::StrCat("must be at most ", kMaxParameterNameBytes, " bytes"));
  }
}

template <typename Asked, typename Set>
void TakeName(const Asked& asked, Set& set) {
  set.name = asked.name().empty() ? set.name : asked.name();
  set.edition = asked.edition().empty() ? set.edition : asked.edition();
}

template <typename Set>
void TakeNumbers(const std::string& path, const Message& asked, std::initializer_list<Number<Set>> numbers, Set& set,
                 FieldViolations& violations) {
  for (const Number<Set>& number : numbers) {
    const auto* field = asked.GetDescriptor()->FindFieldByName(number.field);
    if (!asked.GetReflection()->HasField(asked, field)) {
      continue;
    }
    const double value = asked.GetReflection()->GetDouble(asked, field);
    // Written so that what is no number is refused.
    if (!(value >= number.above_or_at && value <= number.at_most) || (number.open && value == number.above_or_at)) {
      violations.Add(absl::StrCat(path, ".", number.field), absl::StrCat("must be ", number.open ? "above " : "from ",
                                                                         number.above_or_at, " to ", number.at_most));
    }
    set.*number.member = value;
  }
}

// Those of which at least one must be above 0.
template <typename Set>
void CheckWeights(const std::string& path, std::initializer_list<double Set::*> weights, const Set& set,
                  FieldViolations& violations) {
  if (std::none_of(weights.begin(), weights.end(), [&](double Set::*weight) { return set.*weight > 0; })) {
    violations.Add(path, "must have a weight above 0");
  }
}

void Take(const v1::HhiParameters& asked, HhiParameters& set, FieldViolations&) {
  const HhiParameters own = set;
  set = Replaced(asked);
  set.name = set.name.empty() ? own.name : set.name;
  set.edition = set.edition.empty() ? own.edition : set.edition;
}

void Take(const v1::GeoPolRiskParameters& asked, GeoPolRiskParameters& set, FieldViolations& violations) {
  CheckFigures("geopolrisk", asked, violations);
  const GeoPolRiskParameters own = set;
  set = Replaced(asked, own);
  set.name = set.name.empty() ? own.name : set.name;
  set.edition = set.edition.empty() ? own.edition : set.edition;
}

void Take(const v1::EuCriticalityParameters& asked, TradeFactors& set, FieldViolations& violations) {
  constexpr double kLargest = 10;
  TakeName(asked, set);
  TakeNumbers<TradeFactors>("eu_criticality", asked,
                            {{"member", &TradeFactors::member, 0, kLargest, true},
                             {"agreement", &TradeFactors::agreement, 0, kLargest, true},
                             {"none", &TradeFactors::none, 0, kLargest, true},
                             {"export_tax", &TradeFactors::export_tax, 0, kLargest, true},
                             {"licence", &TradeFactors::licence, 0, kLargest, true},
                             {"quota", &TradeFactors::quota, 0, kLargest, true},
                             {"ban", &TradeFactors::ban, 0, kLargest, true}},
                            set, violations);
  const double rising[] = {
      std::max(set.member, set.agreement), set.none, set.export_tax, set.licence, set.quota, set.ban};
  if (!std::is_sorted(std::begin(rising), std::end(rising)) || rising[0] >= set.ban) {
    violations.Add("eu_criticality",
                   "must rise from member and agreement by none, export_tax, licence and quota to ban");
  }
}

void Take(const v1::EconomicImportanceParameters& asked, EconomicImportanceParameters& set,
          FieldViolations& violations) {
  using Set = EconomicImportanceParameters;
  TakeName(asked, set);
  TakeNumbers<Set>("economic_importance", asked,
                   {{"critical_supply_risk", &Set::critical_supply_risk, 0, 10},
                    {"critical_importance", &Set::critical_importance, 0, 10}},
                   set, violations);
}

void Take(const v1::UsgsParameters& asked, UsgsParameters& set, FieldViolations& violations) {
  TakeName(asked, set);
  if (!v1::UsgsParameters::Likelihood_IsValid(asked.likelihood())) {
    violations.Add("usgs.likelihood", "must name a likelihood");
  } else if (asked.likelihood() != v1::UsgsParameters::LIKELIHOOD_UNSPECIFIED) {
    const bool larger = asked.likelihood() == v1::UsgsParameters::LIKELIHOOD_LARGER;
    set.likelihood = larger ? Likelihood::kLarger : Likelihood::kProduct;
  }
}

void Take(const v1::YaleParameters& asked, YaleParameters& set, FieldViolations& violations) {
  using Set = YaleParameters;
  TakeName(asked, set);
  TakeNumbers<Set>("yale", asked,
                   {{"depletion_linear", &Set::depletion_linear, 0, 100},
                    {"depletion_quadratic", &Set::depletion_quadratic, 0, 100},
                    {"concentration_slope", &Set::concentration_slope, 0, 1000},
                    {"concentration_intercept", &Set::concentration_intercept, 0, 1000}},
                   set, violations);
}

void Take(const v1::StockCoverParameters& asked, StockCoverParameters& set, FieldViolations& violations) {
  TakeName(asked, set);
  if (asked.classes().empty()) {
    return;
  }
  if (asked.classes_size() > kMaxClasses) {
    return violations.Add("stock_cover.classes", absl::StrCat("must be at most ", kMaxClasses));
  }
  set.classes.clear();
  double last = 0;
  for (int i = 0; i < asked.classes_size(); ++i) {
    const double days = asked.classes(i).days();
    if (!(days > last && days <= kMaxDays)) {
      violations.Add(absl::StrCat("stock_cover.classes[", i, "].days"),
                     absl::StrCat("must be above 0, above those before and at most ", kMaxDays));
    }
    last = days;
    set.classes.push_back({days, asked.classes(i).reference()});
  }
}

void Take(const v1::CompositeParameters& asked, CompositeParameters& set, FieldViolations& violations) {
  using Set = CompositeParameters;
  TakeName(asked, set);
  TakeNumbers<Set>("composite", asked,
                   {{"concentration", &Set::concentration, 0, kMaxWeight},
                    {"governance", &Set::governance, 0, kMaxWeight},
                    {"sourcing", &Set::sourcing, 0, kMaxWeight},
                    {"stocks", &Set::stocks, 0, kMaxWeight},
                    {"recycling", &Set::recycling, 0, kMaxWeight},
                    {"substitution", &Set::substitution, 0, kMaxWeight},
                    {"sufficient_stock_days", &Set::sufficient_stock_days, 0, kMaxDays, true}},
                   set, violations);
  CheckWeights<Set>(
      "composite",
      {&Set::concentration, &Set::governance, &Set::sourcing, &Set::stocks, &Set::recycling, &Set::substitution}, set,
      violations);
}

void Take(const v1::SupplierRiskParameters& asked, SupplierRiskParameters& set, FieldViolations& violations) {
  using Set = SupplierRiskParameters;
  TakeName(asked, set);
  TakeNumbers<Set>("supplier_risk", asked,
                   {{"place", &Set::place, 0, kMaxWeight},
                    {"control", &Set::control, 0, kMaxWeight},
                    {"findings", &Set::findings, 0, kMaxWeight},
                    {"handled", &Set::handled, 0, kMaxWeight},
                    {"sources", &Set::sources, 0, kMaxWeight}},
                   set, violations);
  CheckWeights<Set>("supplier_risk", {&Set::place, &Set::control, &Set::findings, &Set::handled, &Set::sources}, set,
                    violations);
}

void Take(const v1::PartnerParameters& asked, PartnerParameters& set, FieldViolations& violations) {
  TakeName(asked, set);
  for (int i = 0; i < asked.weights_size(); ++i) {
    const v1::PartnerWeight& weight = asked.weights(i);
    const std::string field = absl::StrCat("partners.weights[", i, "]");
    if (weight.factor() == v1::PARTNER_FACTOR_UNSPECIFIED || !v1::PartnerFactor_IsValid(weight.factor())) {
      violations.Add(absl::StrCat(field, ".factor"), "must name a factor");
    }
    if (!(weight.weight() >= 0 && weight.weight() <= kMaxWeight)) {
      violations.Add(absl::StrCat(field, ".weight"), absl::StrCat("must be within 0 and ", kMaxWeight));
    }
    set.weights[static_cast<PartnerFactor>(weight.factor())] = weight.weight();
  }
  // Endowment counts at the mine alone.
  if (std::none_of(set.weights.begin(), set.weights.end(),
                   [](const auto& weight) { return weight.first != PartnerFactor::kEndowment && weight.second > 0; })) {
    violations.Add("partners.weights", "must have one above 0 beside that of endowment");
  }
}

void TakeBands(const v1::ServiceParameters& message, std::map<Method, Thresholds>& thresholds,
               FieldViolations& violations) {
  for (int i = 0; i < message.bands_size(); ++i) {
    const v1::MethodBands& bands = message.bands(i);
    const std::string field = absl::StrCat("bands[", i, "]");
    if (bands.method() == v1::METHOD_UNSPECIFIED || !v1::Method_IsValid(bands.method())) {
      violations.Add(absl::StrCat(field, ".method"), "must name a method");
    }
    Thresholds begins{};
    const bool rising = std::adjacent_find(bands.begins().begin(), bands.begins().end(),
                                           [](double a, double b) { return !(a < b); }) == bands.begins().end();
    if (bands.begins_size() != static_cast<int>(begins.size()) || !rising ||
        !std::all_of(bands.begins().begin(), bands.begins().end(), [](double at) { return std::isfinite(at); })) {
      violations.Add(absl::StrCat(field, ".begins"), absl::StrCat("must be ", begins.size(), " rising numbers"));
      continue;
    }
    std::copy(bands.begins().begin(), bands.begins().end(), begins.begin());
    thresholds[static_cast<Method>(bands.method())] = begins;
  }
}

bool IsHsCode(const std::string& code) {
  constexpr size_t kHeading = 4;
  constexpr size_t kSubheading = 6;
  return (code.size() == kHeading || code.size() == kSubheading) &&
         std::all_of(code.begin(), code.end(), absl::ascii_isdigit);
}

void TakeMainForms(const v1::MainForms& asked, MainForms& forms, FieldViolations& violations) {
  if (asked.forms_size() > kMaxMainForms) {
    return violations.Add("main_forms.forms", absl::StrCat("must be at most ", kMaxMainForms));
  }
  forms.clear();
  for (int i = 0; i < asked.forms_size(); ++i) {
    const v1::MainForm& form = asked.forms(i);
    const std::string field = absl::StrCat("main_forms.forms[", i, "]");
    if (!absl::StartsWith(form.mineral(), "minerals/")) {
      violations.Add(absl::StrCat(field, ".mineral"), "must name a mineral");
    }
    if (form.stage() == type::v1::STAGE_UNSPECIFIED || !type::v1::Stage_IsValid(form.stage())) {
      violations.Add(absl::StrCat(field, ".stage"), "must name a stage");
    }
    if (!IsHsCode(form.hs())) {
      violations.Add(absl::StrCat(field, ".hs"), "must have four or six digits");
    }
    forms.push_back({form.mineral(), form.stage(), form.hs()});
  }
}

void TakeImputedGovernance(const v1::ServiceParameters& message, Parameters& parameters, FieldViolations& violations) {
  if (!message.has_imputed_governance()) {
    return;
  }
  const double risk = message.imputed_governance();
  if (!(risk >= 0 && risk <= 1)) {
    violations.Add("imputed_governance", "must be in [0, 1]");
  }
  parameters.imputed_governance = risk;
  // It is among the figures of that set.
  if (risk != Parameters().imputed_governance && parameters.trade_factors.name == TradeFactors().name) {
    violations.Add("eu_criticality.name",
                   absl::StrCat("must not be \"", TradeFactors().name, "\" for a set with another imputed_governance"));
  }
}

}  // namespace

absl::StatusOr<Parameters> WithParameters(const v1::ServiceParameters& message, Parameters base) {
  FieldViolations violations;
  const auto take = [&](const char* path, bool is_there, const auto& asked, auto& set) {
    if (is_there) {
      Take(asked, set, violations);
      CheckName(path, set, violations);
    }
  };
  take("hhi", message.has_hhi(), message.hhi(), base.hhi);
  take("eu_criticality", message.has_eu_criticality(), message.eu_criticality(), base.trade_factors);
  take("economic_importance", message.has_economic_importance(), message.economic_importance(),
       base.economic_importance);
  take("geopolrisk", message.has_geopolrisk(), message.geopolrisk(), base.geopolrisk);
  take("usgs", message.has_usgs(), message.usgs(), base.usgs);
  take("yale", message.has_yale(), message.yale(), base.yale);
  take("stock_cover", message.has_stock_cover(), message.stock_cover(), base.stock_cover);
  take("composite", message.has_composite(), message.composite(), base.composite);
  take("supplier_risk", message.has_supplier_risk(), message.supplier_risk(), base.supplier_risk);
  take("partners", message.has_partners(), message.partners(), base.partners);
  TakeImputedGovernance(message, base, violations);
  TakeBands(message, base.thresholds, violations);
  if (message.has_main_forms()) {
    TakeMainForms(message.main_forms(), base.main_forms, violations);
  }
  OREWATCH_RETURN_IF_ERROR(violations.ToStatus());
  return base;
}

absl::StatusOr<Parameters> WithParameterFile(const std::string& path, Parameters base) {
  const auto text = config::TextOfFile(path, kMaxFileBytes);
  if (!text.has_value()) {
    return InvalidField("--parameters",
                        absl::StrCat("cannot read ", path, " as a file of at most ", kMaxFileBytes, " bytes"));
  }
  v1::ServiceParameters message;
  if (const auto error = config::ParseTextProto(*text, message)) {
    return InvalidField("--parameters", absl::StrCat(path, ": ", *error));
  }
  return WithParameters(message, std::move(base));
}

}  // namespace orewatch::risk
