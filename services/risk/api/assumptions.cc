#include "services/risk/api/assumptions.h"

#include <algorithm>
#include <map>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"

namespace orewatch::risk {
namespace {

constexpr char kSplit[] = "Other countries count in the whole and are infinitely split: they add nothing.";
constexpr char kNamedOnly[] = "Other countries are left out: those that are named are taken for the whole.";
constexpr char kUnknownAmounts[] = "Amounts that are withheld or unknown count as nothing";
constexpr char kNotComparable[] = "Output that cannot be compared with trade counts as nothing in sourcing";
constexpr char kAtCapacity[] =
    "Facilities that run now ran in the reference year, at capacity, those of a country together up to its output; a "
    "capacity counts the elements and grades that output counts.";
constexpr char kOwnersSplit[] =
    "Output of unknown owners counts in the whole and is infinitely split: it adds nothing.";
constexpr char kUnusedCapacity[] =
    "Capacities of another basis or product than the output count as nothing: it is of unknown owners";

// What the value takes for granted because of a reason, by the reason's word.
const std::map<std::string, std::string>& Texts() {
  static const auto* const kTexts = new std::map<std::string, std::string>{
      {"BASIS_MISMATCH", kNotComparable},
      {"DOMESTIC_PRODUCTION_UNKNOWN", "The importer's own output is unknown and counts as nothing"},
      {"CONCENTRATION_UNKNOWN", "Concentration that is unknown counts as the middle"},
      {"END_USE_UNKNOWN", "Use of unknown purpose counts as nothing"},
      {"EXPORTS_PARTIAL", "Exports that the dataset does not hold are left out"},
      {"EXPORTS_UNKNOWN", kUnknownAmounts},
      {"FINDING_UNKNOWN", "What nobody has looked into counts as the middle"},
      {"FORMS_ADDED", "Gross masses of several HS codes are added as if they were one product"},
      {"GOVERNANCE_IMPUTED", "Governance is imputed"},
      {"IMPORTS_UNKNOWN", kUnknownAmounts},
      {"IMPORT_RELIANCE_UNKNOWN", "Import reliance is unknown and taken as 1"},
      {"MAIN_FORM_MISSING", "Imports of main traded forms that are missing count as nothing"},
      {"NEWER_DATASET_UNUSED", "Newer figures of less trusted datasets are left out"},
      {"NO_GLOBAL_SUPPLY", "Global supply is unknown: sourcing stands alone"},
      {"NO_SOURCING", "Sourcing is unknown: global supply stands alone"},
      {"OTHER_BASIS_LEFT_OUT", "Imports on other bases are left out"},
      {"OUTPUTS_UNKNOWN", "What it makes is unknown and counts as the middle"},
      {"OWNERS_UNKNOWN", "Owners that are unknown count as the middle"},
      {"OUTPUT_UNKNOWN", kUnknownAmounts},
      {"OWNERS_EXCEED_ONE", "Owners who together hold more than the whole of a facility count as unknown"},
      {"PRODUCT_MISMATCH", kUnusedCapacity},
      {"PLACE_UNKNOWN", "A place that is unknown counts as the middle"},
      {"RECYCLING_REGION", "The recycling rate of another region is taken for the importer's own"},
      {"RECYCLING_UNKNOWN", "Recycling is unknown and gives no relief"},
      {"SCOPE_MISMATCH", kNotComparable},
      {"SHARES_EXCEED_ONE", "Shares that add up to more than 1 are used as given"},
      {"SOURCES_UNKNOWN", "Sources that are unknown count as the middle"},
      {"STOCK_UNKNOWN", "Stocks are unknown and give no relief"},
      {"SUBSTITUTION_REGION", "The substitution index of another region is taken for the importer's own"},
      {"SUBSTITUTION_UNKNOWN", "Substitution is unknown and gives no relief"},
      {"VALUE_ADDED_UNKNOWN", "Use in sectors of unknown value added counts as nothing"},
      {"WITHHELD", kUnknownAmounts},
      {"YEARS_DIFFER", "Production and trade of different years are taken as of one"},
  };
  return *kTexts;
}

// What the method takes for granted, whatever the reasons.
std::vector<std::string> AlwaysOf(const Score& score) {
  if (score.key.method == Method::kHhiOwnership) {
    return {kAtCapacity, kOwnersSplit};
  }
  if (score.key.method == Method::kOrewatchSupplier2026 || score.key.method == Method::kEuEconomicImportance2017) {
    return {};
  }
  const bool named_only = std::binary_search(score.notes.begin(), score.notes.end(), "OTHERS_LEFT_OUT");
  return {named_only ? kNamedOnly : kSplit};
}

// Nothing: the reason's word speaks for itself.
const char* TextOf(const std::string& word, Method method) {
  if (method == Method::kHhiOwnership && word == "BASIS_MISMATCH") {
    return kUnusedCapacity;
  }
  if (method == Method::kHhiOwnership && word == "OWNERS_UNKNOWN") {
    // Said of it always.
    return nullptr;
  }
  const auto text = Texts().find(word);
  return text == Texts().end() ? nullptr : text->second.c_str();
}

}  // namespace

std::vector<std::string> AssumptionsOf(const Score& score) {
  if (!score.estimate.value.has_value() || score.key.method == Method::kCountryGovernance ||
      score.key.method == Method::kStockCover) {
    return {};
  }
  // What each text is said of; several reasons may call for one text.
  std::map<std::string, Reasons> said;
  for (const std::string& reason : score.estimate.reasons) {
    const size_t colon = reason.find(':');
    if (const char* text = TextOf(reason.substr(0, colon), score.key.method)) {
      Reasons& of = said[text];
      if (colon != std::string::npos) {
        AddReason(reason.substr(colon + 1), of);
      }
    }
  }
  std::vector<std::string> assumptions = AlwaysOf(score);
  for (const auto& [text, of] : said) {
    assumptions.push_back(absl::StrCat(text, of.empty() ? "" : ": ", absl::StrJoin(of, ", "), "."));
  }
  return assumptions;
}

}  // namespace orewatch::risk
