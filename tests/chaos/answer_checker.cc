#include "tests/chaos/answer_checker.h"

#include <cmath>

#include "absl/strings/str_cat.h"

namespace orewatch::testing {
namespace {

// Herfindahl and Hirschman: the sum of the squares of the shares in percent.
double ConcentrationOf(const std::map<std::string, double>& tonnes) {
  constexpr double kPercent = 100;
  double total = 0;
  for (const auto& [country, of_country] : tonnes) {
    total += of_country;
  }
  double sum = 0;
  for (const auto& [country, of_country] : tonnes) {
    sum += std::pow(of_country / total * kPercent, 2);
  }
  return sum;
}

}  // namespace

void AnswerChecker::AddHistory(const History& history) {
  auto& values = values_[history.back().revision().lineage()];
  std::map<std::string, double> tonnes;
  for (const auto& set : history) {
    for (const auto& change : set.changes()) {
      if (change.after().statistic().has_production()) {
        tonnes[change.after().statistic().production().country()] = change.after().statistic().quantity().tonnes();
      }
    }
    values[set.revision().number()] = ConcentrationOf(tonnes);
  }
}

std::string AnswerChecker::FaultOf(const SeenConcentration& seen) const {
  const auto history = values_.find(seen.revision.lineage());
  if (history == values_.end()) {
    return absl::StrCat(seen.who, " is of lineage '", seen.revision.lineage(), "', which nobody had");
  }
  const auto value = history->second.find(seen.revision.number());
  if (value == history->second.end()) {
    return absl::StrCat(seen.who, " is of revision ", seen.revision.number(), ", which its lineage does not have");
  }
  constexpr double kTolerance = 1e-6;
  if (std::abs(value->second - seen.value) > kTolerance) {
    return absl::StrCat(seen.who, " shows ", seen.value, " at revision ", seen.revision.number(), " of ",
                        seen.revision.lineage(), ", where it is ", value->second);
  }
  return "";
}

std::string FaultOfLineages(const std::string& who, const std::vector<type::v1::Revision>& parts) {
  for (const auto& part : parts) {
    if (part.lineage() != parts.front().lineage()) {
      return absl::StrCat(who, " mixes revision ", parts.front().number(), " of ", parts.front().lineage(), " with ",
                          part.number(), " of ", part.lineage());
    }
  }
  return "";
}

}  // namespace orewatch::testing
