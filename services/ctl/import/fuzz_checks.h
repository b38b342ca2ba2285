// What must hold of everything that a file gives, whatever it holds.
#pragma once

#include <cmath>
#include <cstdlib>

#include "services/ctl/csv/utf8.h"
#include "services/ctl/import/collecting_sink.h"

namespace orewatch::ctl {

inline void Require(bool holds) {
  if (!holds) {
    std::abort();
  }
}

// Rows name their place, amounts are numbers of at least nothing, and what is reported can be shown.
inline void CheckGiven(const CollectingSink& sink) {
  for (const auto& row : sink.rows) {
    Require(row.line() > 0);
    const auto& quantity = row.entry().statistic().quantity();
    Require(!quantity.has_tonnes() || (std::isfinite(quantity.tonnes()) && quantity.tonnes() >= 0));
  }
  for (const auto* findings : {&sink.rejected, &sink.left_out}) {
    for (const Finding& finding : *findings) {
      Require(!finding.reason.empty() && IsUtf8(finding.field) && IsUtf8(finding.reason));
    }
  }
}

}  // namespace orewatch::ctl
