// Random supply chains for tests and benches.
#pragma once

#include <random>
#include <string>

#include "services/risk/domain/supply_graph_editor.h"

namespace orewatch::risk {

// Facilities of one mineral, some links between any two of them (so with cycles).
class RandomGraph {
 public:
  RandomGraph(uint32_t seed, int nodes, int links);

  // Everything at once.
  GraphChanges Everything();
  // One to three changes: links come, go and move, facilities change or go.
  GraphChanges Edit();
  NodeKey Key(int node) const;

 private:
  int Below(int end) { return std::uniform_int_distribution<int>(0, end - 1)(random_); }
  double Unit() { return std::uniform_real_distribution<double>(0, 1)(random_); }
  std::string LinkName(int link) const;
  NodeFacts Facts();
  LinkFacts Link();

  std::mt19937 random_;
  int nodes_;
  int links_;
};

}  // namespace orewatch::risk
