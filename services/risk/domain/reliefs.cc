#include "services/risk/domain/reliefs.h"

#include "absl/strings/str_cat.h"

namespace orewatch::risk {

std::optional<double> ReadRelief(const SeriesView& view, const Relief& relief, const std::string& importer,
                                 Score& score, Reasons& reasons) {
  const auto* fact = NearestIndicator(*view.world.indicators, view.id.mineral, relief.indicator, importer);
  if (fact == nullptr) {
    return std::nullopt;
  }
  if (!fact->first.region.empty() && fact->first.region != importer) {
    AddReason(absl::StrCat(relief.word, "_REGION:", fact->first.region), reasons);
  }
  score.inputs.push_back(IndicatorInput(relief.role, *fact));
  NoteYear(absl::StrCat(relief.word, "_YEAR:"), fact->first.year, score);
  return fact->second.value;
}

}  // namespace orewatch::risk
