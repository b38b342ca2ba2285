#include "services/risk/parameter_file.h"

#include <fstream>

#include "common/testing/matchers.h"
#include "gmock/gmock.h"

namespace orewatch::risk {
namespace {

using ::orewatch::testing::BlamesField;
using ::orewatch::testing::IsOk;
using ::orewatch::testing::ParseProto;
using ::testing::HasSubstr;

absl::StatusOr<Parameters> With(const std::string& text) {
  return WithParameters(ParseProto<v1::ServiceParameters>(text), Parameters());
}

TEST(ParameterFileTest, ReplacesWhatItNamesAndNothingElse) {
  const auto parameters = With(
      "hhi { name: 'named' named_only: true } "
      "eu_criticality { name: 'strict' edition: '2' ban: 1.5 } "
      "economic_importance { name: 'stricter' critical_importance: 2.5 } "
      "geopolrisk { name: 'g' imputed_governance: 0.7 } "
      "usgs { name: 'u' likelihood: LIKELIHOOD_LARGER } "
      "yale { name: 'y' concentration_slope: 18 } "
      "stock_cover { name: 's' classes { days: 30 reference: 'us' } } "
      "composite { name: 'c' stocks: 0 sufficient_stock_days: 90 } "
      "supplier_risk { name: 'r' findings: 0.5 } "
      "partners { name: 'p' weights { factor: PARTNER_FACTOR_GOVERNANCE weight: 3 } } "
      "imputed_governance: 0.6 "
      "bands { method: METHOD_OREWATCH_2026 begins: [10, 30, 50, 70] } "
      "main_forms { forms { mineral: 'minerals/tin' stage: STAGE_REFINE hs: '8001' } }");
  ASSERT_THAT(parameters, IsOk());
  const Parameters defaults;
  EXPECT_EQ(parameters->hhi.other_countries, OtherCountries::kLeftOut);
  EXPECT_EQ(parameters->hhi.edition, defaults.hhi.edition);
  EXPECT_EQ(parameters->trade_factors.ban, 1.5);
  EXPECT_EQ(parameters->trade_factors.edition, "2");
  EXPECT_EQ(parameters->trade_factors.quota, defaults.trade_factors.quota);
  EXPECT_EQ(parameters->economic_importance.critical_importance, 2.5);
  EXPECT_EQ(parameters->geopolrisk.imputed_governance, 0.7);
  EXPECT_EQ(parameters->geopolrisk.copper_midpoint, defaults.geopolrisk.copper_midpoint);
  EXPECT_EQ(parameters->usgs.likelihood, Likelihood::kLarger);
  EXPECT_EQ(parameters->yale.concentration_slope, 18);
  ASSERT_EQ(parameters->stock_cover.classes.size(), 1U);
  EXPECT_EQ(parameters->stock_cover.classes[0].reference, "us");
  EXPECT_EQ(parameters->composite.stocks, 0);
  EXPECT_EQ(parameters->composite.concentration, defaults.composite.concentration);
  EXPECT_EQ(parameters->supplier_risk.findings, 0.5);
  EXPECT_EQ(parameters->partners.weights.at(PartnerFactor::kGovernance), 3);
  EXPECT_EQ(parameters->partners.weights.at(PartnerFactor::kOutput), 1);
  EXPECT_EQ(parameters->imputed_governance, 0.6);
  EXPECT_EQ(parameters->thresholds.at(Method::kOrewatch2026), (Thresholds{10, 30, 50, 70}));
  EXPECT_EQ(parameters->thresholds.at(Method::kHhi), defaults.thresholds.at(Method::kHhi));
  EXPECT_EQ(parameters->main_forms.size(), 1U);
}

TEST(ParameterFileTest, ASetWithOtherFiguresNeedsAnotherName) {
  for (const auto& [text, field] : std::vector<std::pair<std::string, std::string>>{
           {"hhi { named_only: true }", "hhi.name"},
           {"eu_criticality { ban: 1.5 }", "eu_criticality.name"},
           {"economic_importance { critical_importance: 2 }", "economic_importance.name"},
           {"geopolrisk { hs6: '260500' }", "geopolrisk.name"},
           {"usgs { name: 'usgs-2020' likelihood: LIKELIHOOD_LARGER }", "usgs.name"},
           {"yale { edition: '2' depletion_linear: 1 }", "yale.name"},
           {"stock_cover { classes { days: 30 } }", "stock_cover.name"},
           {"composite { stocks: 1 }", "composite.name"},
           {"supplier_risk { place: 1 }", "supplier_risk.name"},
           {"partners { weights { factor: PARTNER_FACTOR_OUTPUT weight: 2 } }", "partners.name"},
           {"imputed_governance: 0.6", "eu_criticality.name"}}) {
    EXPECT_THAT(With(text), BlamesField(field)) << text;
  }
  EXPECT_THAT(With("composite { stocks: 0.10 } hhi {} usgs { likelihood: LIKELIHOOD_PRODUCT }"), IsOk());
}

TEST(ParameterFileTest, NamesEachFieldThatCannotBeMeant) {
  for (const auto& [text, field] : std::vector<std::pair<std::string, std::string>>{
           {"eu_criticality { name: 'x' ban: 0 }", "eu_criticality.ban"},
           {"eu_criticality { name: 'x' ban: 0.5 }", "eu_criticality"},
           {"eu_criticality { name: 'x' member: 1 agreement: 1 none: 1 export_tax: 1 licence: 1 quota: 1 ban: 1 }",
            "eu_criticality"},
           {"eu_criticality { name: 'x' quota: nan }", "eu_criticality.quota"},
           {"geopolrisk { name: 'x' imputed_governance: 2 }", "geopolrisk.imputed_governance"},
           {"yale { name: 'x' concentration_slope: -1 }", "yale.concentration_slope"},
           {"stock_cover { name: 'x' classes { days: 60 } classes { days: 30 } }", "stock_cover.classes[1].days"},
           {"stock_cover { name: 'x' classes { days: 0 } }", "stock_cover.classes[0].days"},
           {"composite { name: 'x' stocks: inf }", "composite.stocks"},
           {"composite { name: 'x' concentration: 0 governance: 0 sourcing: 0 stocks: 0 recycling: 0 substitution: 0 }",
            "composite"},
           {"partners { name: 'x' weights { weight: 1 } }", "partners.weights[0].factor"},
           {"imputed_governance: -1", "imputed_governance"},
           {"bands { begins: [1, 2, 3, 4] }", "bands[0].method"},
           {"bands { method: METHOD_HHI begins: [1, 2, 2, 4] }", "bands[0].begins"},
           {"bands { method: METHOD_HHI begins: [1, 2, 3] }", "bands[0].begins"},
           {"bands { method: METHOD_HHI begins: [1, 2, nan, 4] }", "bands[0].begins"},
           {"main_forms { forms { mineral: 'tin' stage: STAGE_MINE hs: '8001' } }", "main_forms.forms[0].mineral"},
           {"main_forms { forms { mineral: 'minerals/tin' stage: STAGE_MINE hs: '80' } }", "main_forms.forms[0].hs"},
           {"supplier_risk { name: '" + std::string(300, 'x') + "' }", "supplier_risk.name"}}) {
    EXPECT_THAT(With(text), BlamesField(field)) << text;
  }
}

TEST(ParameterFileTest, ReadsAFileOrSaysWhereItIsWrong) {
  const std::string path = ::testing::TempDir() + "/parameters.textproto";
  std::ofstream(path) << "composite {\n  name: 'ours'\n  stocks: 0.2\n}\n";
  EXPECT_EQ(WithParameterFile(path, Parameters())->composite.name, "ours");
  std::ofstream(path) << "composite {\n  stock: 0.2\n}\n";
  const auto wrong = WithParameterFile(path, Parameters());
  EXPECT_THAT(wrong, BlamesField("--parameters"));
  EXPECT_THAT(ViolationsOf(wrong.status())[0].second, HasSubstr("line 2"));
  EXPECT_THAT(WithParameterFile(path + ".none", Parameters()), BlamesField("--parameters"));
  EXPECT_THAT(WithParameterFile(::testing::TempDir(), Parameters()), BlamesField("--parameters"));
}

}  // namespace
}  // namespace orewatch::risk
