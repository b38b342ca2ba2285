#include "services/risk/domain/main_forms.h"

#include "gmock/gmock.h"

namespace orewatch::risk {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

constexpr StageNumber kRefine = 3;

TEST(MissingFormsTest, NamesCodesAndHeadingsThatAreNotThere) {
  const MainForms forms = DefaultMainForms();
  EXPECT_THAT(MissingForms(forms, {"minerals/lithium", kRefine}, {"283691"}), ElementsAre("282520"));
  EXPECT_THAT(MissingForms(forms, {"minerals/cobalt", kRefine}, {"282200"}), ElementsAre("810520"));
  EXPECT_THAT(MissingForms(forms, {"minerals/nickel", kRefine}, {"750110", "750210"}), IsEmpty());
  EXPECT_THAT(MissingForms(forms, {"minerals/tin", kRefine}, {}), IsEmpty());
}

TEST(MissingFormsTest, TakesWhateverTableItIsGiven) {
  const MainForms forms = {{"minerals/tin", kRefine, "800110"}};
  EXPECT_THAT(MissingForms(forms, {"minerals/tin", kRefine}, {}), ElementsAre("800110"));
  EXPECT_TRUE(HasMainForms(forms, "minerals/tin"));
  EXPECT_FALSE(HasMainForms(forms, "minerals/lithium"));
}

}  // namespace
}  // namespace orewatch::risk
