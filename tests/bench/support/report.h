// The figures of one run, as a table.
#pragma once

#include <optional>
#include <string>
#include <vector>

namespace orewatch::bench {

struct Figure {
  std::string name;
  std::string unit;
  double value = 0;
  // What the value is compared with, and what it is; empty: it stands alone.
  std::string baseline_name = "";
  double baseline = 0;
  // Of value over baseline.
  std::optional<double> at_least = std::nullopt;
  std::optional<double> at_most = std::nullopt;

  bool compared() const { return !baseline_name.empty(); }
  double ratio() const { return value / baseline; }
  bool met() const { return ratio() >= at_least.value_or(0) && (!at_most.has_value() || ratio() <= *at_most); }
};

// Middle value; of an even number the upper one.
double MedianOf(std::vector<double> values);

std::string TableOf(const std::vector<Figure>& figures);

}  // namespace orewatch::bench
