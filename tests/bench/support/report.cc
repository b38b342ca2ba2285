#include "tests/bench/support/report.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"

namespace orewatch::bench {
namespace {

std::string Number(double value) {
  constexpr double kWhole = 100;
  return value >= kWhole ? absl::StrFormat("%.0f", value) : absl::StrFormat("%.3g", value);
}

std::string TargetOf(const Figure& figure) {
  if (figure.at_least.has_value()) {
    return absl::StrFormat(">= %.2f", *figure.at_least);
  }
  return figure.at_most.has_value() ? absl::StrFormat("<= %.2f", *figure.at_most) : std::string();
}

std::string VerdictOf(const Figure& figure) {
  if (TargetOf(figure).empty()) {
    return "";
  }
  return figure.met() ? "met" : "SHORT";
}

}  // namespace

double MedianOf(std::vector<double> values) {
  std::sort(values.begin(), values.end());
  return values[values.size() / 2];
}

std::string TableOf(const std::vector<Figure>& figures) {
  constexpr char kLayout[] = "%-50s %10s %-11s %-34s %10s %7s %8s %s\n";
  std::string table =
      absl::StrFormat(kLayout, "measured", "value", "", "compared with", "value", "ratio", "target", "");
  for (const Figure& figure : figures) {
    const bool compared = figure.compared();
    absl::StrAppend(&table, absl::StrFormat(kLayout, figure.name, Number(figure.value), figure.unit,
                                            figure.baseline_name, compared ? Number(figure.baseline) : "",
                                            compared ? absl::StrFormat("%.2f", figure.ratio()) : "", TargetOf(figure),
                                            VerdictOf(figure)));
  }
  return table;
}

}  // namespace orewatch::bench
