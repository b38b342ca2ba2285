#include "services/risk/domain/score_record.h"

#include "absl/strings/str_cat.h"

namespace orewatch::risk {

const char* EditionOf(Method method) {
  switch (method) {
    case Method::kHhi:
      return "hhi";
    case Method::kHhiGovernance:
      return "hhi_governance";
    case Method::kEuSupplyRisk2017:
      return "eu_criticality_2017";
    case Method::kCountryGovernance:
      return "wgi_mean6";
    case Method::kHhiNormalized:
      return "hhi_normalized";
    case Method::kHhiGovernanceExports:
      return "hhi_governance_exports";
    case Method::kGeoPolRisk2024:
      return "geopolrisk_2024";
    case Method::kUsgs2020:
      return "usgs_2020";
    case Method::kYale2015:
      return "yale_2015";
    case Method::kStockCover:
      return "stock_cover";
    case Method::kOrewatch2026:
      return "orewatch_2026";
    case Method::kHhiOwnership:
      return "hhi_ownership";
    case Method::kOrewatchSupplier2026:
      return "orewatch_supplier_2026";
  }
  return "";
}

ScoreRecord RecordOf(const Score& score, const Parameters& parameters) {
  ScoreRecord record;
  record.score = score;
  record.score.hs6.clear();
  record.score.components.clear();
  record.score.parameters = {};
  for (Input& input : record.score.inputs) {
    input.figure.provenance = {};
  }
  record.edition = EditionOf(score.key.method);
  record.parameter_set = parameters.name;
  if (!score.parameters.name.empty()) {
    record.method_parameters = absl::StrCat(score.parameters.name, " ", score.parameters.edition);
  }
  return record;
}

ScoreRecord RemovalOf(const ScoreKey& key) {
  ScoreRecord record;
  record.score.key = key;
  record.removed = true;
  return record;
}

bool SameRecord(const ScoreRecord& a, const ScoreRecord& b) {
  return a.removed == b.removed && SameContent(a.score, b.score) && a.score.band == b.score.band &&
         a.edition == b.edition && a.parameter_set == b.parameter_set && a.method_parameters == b.method_parameters;
}

ChangeCause CauseOf(const ScoreRecord& before, const ScoreRecord& after) {
  if (before.removed || after.removed) {
    return ChangeCause::kReal;
  }
  const bool same_method = before.edition == after.edition && before.parameter_set == after.parameter_set &&
                           before.method_parameters == after.method_parameters;
  return same_method ? CauseOf(before.score, after.score) : ChangeCause::kMethod;
}

}  // namespace orewatch::risk
