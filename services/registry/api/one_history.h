// Answers that belong to one history of the registry.
#pragma once

#include <string>

namespace orewatch::registry {

// Answers again where the registry's lineage has changed meanwhile: what was read and the lineage that labels it must
// be of one history. `History` has a lineage().
template <typename History, typename Answer>
auto OfOneHistory(const History& history, const Answer& answer) {
  for (;;) {
    // NOLINTNEXTLINE(performance-unnecessary-copy-initialization): what it refers to may change.
    const std::string lineage = history.lineage();
    auto given = answer();
    if (history.lineage() == lineage) {
      return given;
    }
  }
}

}  // namespace orewatch::registry
