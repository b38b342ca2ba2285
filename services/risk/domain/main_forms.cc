#include "services/risk/domain/main_forms.h"

#include <algorithm>

#include "absl/strings/match.h"

namespace orewatch::risk {
namespace {

// Numbers of orewatch.type.v1.Stage.
constexpr StageNumber kMine = 1;
constexpr StageNumber kRefine = 3;

}  // namespace

MainForms DefaultMainForms() {
  return {
      {"minerals/cobalt", kRefine, "2822"},        {"minerals/cobalt", kRefine, "810520"},
      {"minerals/graphite", kMine, "250410"},      {"minerals/lithium", kRefine, "282520"},
      {"minerals/lithium", kRefine, "283691"},     {"minerals/nickel", kRefine, "750110"},
      {"minerals/rare-earths", kRefine, "280530"}, {"minerals/rare-earths", kRefine, "2846"},
  };
}

std::vector<std::string> MissingForms(const MainForms& forms, const SeriesId& series,
                                      const std::set<std::string>& present) {
  std::vector<std::string> missing;
  for (const MainForm& form : forms) {
    const auto matches = [&](const std::string& code) { return absl::StartsWith(code, form.hs); };
    if (series.mineral == form.mineral && series.stage == form.stage &&
        std::none_of(present.begin(), present.end(), matches)) {
      missing.push_back(form.hs);
    }
  }
  return missing;
}

bool HasMainForms(const MainForms& forms, const std::string& mineral) {
  return std::any_of(forms.begin(), forms.end(), [&](const MainForm& form) { return mineral == form.mineral; });
}

}  // namespace orewatch::risk
