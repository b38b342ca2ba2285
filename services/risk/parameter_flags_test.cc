#include "services/risk/parameter_flags.h"

#include "common/testing/matchers.h"
#include "gtest/gtest.h"

namespace orewatch::risk {
namespace {

using ::orewatch::testing::BlamesField;
using ::orewatch::testing::IsOk;

TEST(CheckParametersTest, TakesTheDefaults) {
  EXPECT_THAT(CheckParameters({}), IsOk());
  EXPECT_EQ(ParametersFromFlags()->datasets, Parameters().datasets);
}

TEST(CheckParametersTest, BlamesAnImporterThatIsNoCountryOrBloc) {
  for (const char* name : {"XX", "", "countries/jp", "countries/JPN", "blocs/", "blocs/EU/x", "minerals/cobalt"}) {
    Parameters parameters;
    parameters.importers = {"countries/JP", name};
    EXPECT_THAT(CheckParameters(parameters), BlamesField("--importers")) << name;
  }
}

TEST(CheckParametersTest, BlamesADatasetThatCannotBeMeant) {
  for (const char* entry : {"", "*", "usgs-*-2026", "mine"}) {
    Parameters parameters;
    parameters.name = "own";
    parameters.trade_datasets = {"mine", entry};
    EXPECT_THAT(CheckParameters(parameters), BlamesField("--trade_datasets")) << entry;
  }
}

TEST(CheckParametersTest, WantsANameOfItsOwnForASetThatReadsOtherDatasets) {
  Parameters parameters;
  parameters.datasets = {"mine", "usgs-mcs-*"};
  EXPECT_THAT(CheckParameters(parameters), BlamesField("--parameter_set"));
  parameters.name = "own";
  EXPECT_THAT(CheckParameters(parameters), IsOk());
  parameters.name = "";
  EXPECT_THAT(CheckParameters(parameters), BlamesField("--parameter_set"));
}

TEST(CheckParametersTest, WantsANameOfItsOwnForASetWithOtherFigures) {
  Parameters bands;
  bands.thresholds[Method::kHhi] = {1, 2, 3, 4};
  Parameters forms;
  forms.main_forms.clear();
  Parameters governance;
  governance.imputed_governance = 1;
  for (Parameters* parameters : {&bands, &forms, &governance}) {
    EXPECT_THAT(CheckParameters(*parameters), BlamesField("--parameter_set"));
    parameters->name = "own";
    EXPECT_THAT(CheckParameters(*parameters), IsOk());
  }
}

}  // namespace
}  // namespace orewatch::risk
