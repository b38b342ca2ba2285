// The paths behind a node's exposure.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "services/risk/domain/patience.h"
#include "services/risk/domain/supply_graph.h"

namespace orewatch::risk {

// Links from the node up, the first to the node itself.
struct SupplyPath {
  // Resource names of the links.
  std::vector<std::string> links;
  NodeIndex source = kNoNode;
  // Nothing: unknown, since one of its links says neither share nor tonnes of a use that is known.
  std::optional<double> share;
  // Every link is, and the place of the source is known.
  bool verified = true;
  // Product of the inferred links' confidences; nothing if one is not stated, or only the source's seat is known.
  std::optional<double> confidence = 1.0;
};

struct PathQuery {
  // Only paths that end in it; kUnknownCountry: any country.
  CountryIndex country = kUnknownCountry;
  int tier = 1;
  size_t max_paths = 20;
  // Links looked at before the search gives up.
  size_t max_steps = 100'000;
  Patience patience = nullptr;
  // Only those that come after it; of a path is looked at its share and its links.
  std::optional<SupplyPath> after = std::nullopt;
};

struct SupplyPaths {
  // The largest shares first, the unknown last; of equals the first by links' names.
  std::vector<SupplyPath> paths;
  // There are more paths, or the search gave up: then larger ones may be missing.
  bool more = false;
  bool gave_up = false;
};

// The evidence behind one figure of exposure, and what of unknown share may stand beside it. Gives up when nobody waits
// any more.
SupplyPaths PathsOf(const SupplyGraph& graph, NodeIndex node, const PathQuery& query);

}  // namespace orewatch::risk
