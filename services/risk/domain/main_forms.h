// The main traded forms of minerals: what an importer's score must have seen to be complete.
#pragma once

#include <set>
#include <string>
#include <vector>

#include "services/risk/domain/facts.h"

namespace orewatch::risk {

struct MainForm {
  // Resource name.
  std::string mineral;
  StageNumber stage = 0;
  // A code, or a heading that stands for any code which begins with it.
  std::string hs;
  bool operator==(const MainForm&) const = default;
};
using MainForms = std::vector<MainForm>;

// Of cobalt, graphite, lithium, nickel and rare earths, as docs/methods/reasons.md lists them.
MainForms DefaultMainForms();

// The main forms of a mineral at a stage that are not among `present` (HS codes of an importer's rows).
std::vector<std::string> MissingForms(const MainForms& forms, const SeriesId& series,
                                      const std::set<std::string>& present);
// The mineral has main forms, so that the codes traded at one stage matter to the others.
bool HasMainForms(const MainForms& forms, const std::string& mineral);

}  // namespace orewatch::risk
