// Recycling and substitution: what relieves an importer, read where it was measured nearest to him.
#pragma once

#include <optional>
#include <string>

#include "absl/strings/string_view.h"
#include "services/risk/domain/series_view.h"

namespace orewatch::risk {

struct Relief {
  Indicator indicator;
  // Of the input.
  const char* role;
  // `RECYCLING`, in reasons and notes.
  absl::string_view word;
};
inline constexpr Relief kRecyclingRelief = {Indicator::kRecycling, "recycling", "RECYCLING"};
inline constexpr Relief kSubstitutionRelief = {Indicator::kSubstitution, "substitution", "SUBSTITUTION"};

// The figure, which is added to the score's inputs; nothing if there is none. `importer`: alpha-2 or the id of a bloc.
// Reason WORD_REGION:XX where it was measured in another region, note WORD_YEAR:year of another year.
std::optional<double> ReadRelief(const SeriesView& view, const Relief& relief, const std::string& importer,
                                 Score& score, Reasons& reasons);

}  // namespace orewatch::risk
