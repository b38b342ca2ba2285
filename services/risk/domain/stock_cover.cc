#include "services/risk/domain/stock_cover.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"

namespace orewatch::risk {
namespace {

constexpr double kDaysPerYear = 365;

using Held = std::vector<const StockpileFacts::value_type*>;

Held HeldOf(const StockpileFacts& facts, const std::string& mineral, const std::string& country) {
  Held held;
  for (const auto& entry : facts) {
    const StockpileFact& fact = entry.second;
    if (fact.country == country && fact.held_days.has_value() && fact.minerals.count(mineral) > 0) {
      held.push_back(&entry);
    }
  }
  return held;
}

ParameterSet EchoOf(const StockCoverParameters& parameters) {
  ParameterSet echo{parameters.name, parameters.edition, {}};
  for (const StockClass& stock_class : parameters.classes) {
    echo.parameters.push_back({"class_days", stock_class.days, "", stock_class.reference});
  }
  return echo;
}

std::string UnitOf(const StockpileFact& fact) {
  return fact.denominator.empty() ? "days" : absl::StrCat("days of ", fact.denominator);
}

Estimate CoverOf(const Held& held, const StockpileFact& latest) {
  Estimate cover{*latest.held_days, *latest.held_days, 0, {}};
  for (const auto* entry : held) {
    cover.lower = std::min(cover.lower, *entry->second.held_days);
    *cover.upper += *entry->second.held_days;
  }
  if (held.size() > 1) {
    AddReason("SEVERAL_STOCKPILES", cover.reasons);
  }
  if (latest.denominator.empty()) {
    AddReason("DENOMINATOR_UNKNOWN", cover.reasons);
  }
  return cover;
}

void AddComponents(const StockpileFact& latest, const StockCoverParameters& parameters, Score& score) {
  score.components.push_back({"cover", UnitOf(latest), score.estimate});
  std::vector<double> classes;
  for (const StockClass& stock_class : parameters.classes) {
    Estimate part = score.estimate;
    Scale(1 / stock_class.days, part);
    score.components.push_back({absl::StrCat("of_", stock_class.days, "_days"), "fraction", part});
    classes.push_back(stock_class.days);
  }
  Estimate reached;
  reached.lower = ClassOf(score.estimate.lower, classes);
  reached.upper = ClassOf(*score.estimate.upper, classes);
  // Only what both bounds reach is certain.
  if (reached.lower == *reached.upper) {
    reached.value = reached.lower;
  }
  score.components.push_back({"class", "days", reached});
  if (latest.target_days.has_value()) {
    score.components.push_back(
        {"target", UnitOf(latest), {*latest.target_days, *latest.target_days, *latest.target_days, {}}});
  }
}

}  // namespace

std::optional<double> DaysOfCover(double stock_tonnes, double annual_use_tonnes) {
  return annual_use_tonnes > 0 ? std::optional<double>(stock_tonnes / (annual_use_tonnes / kDaysPerYear))
                               : std::nullopt;
}

double ClassOf(double days, const std::vector<double>& classes) {
  double reached = 0;
  for (const double needed : classes) {
    if (days >= needed) {
      reached = std::max(reached, needed);
    }
  }
  return reached;
}

Score StockCover(const World& world, const std::string& mineral, const std::string& country) {
  Score score;
  score.key = {mineral, 0, country, Method::kStockCover};
  score.parameters = EchoOf(world.parameters.stock_cover);
  const Held held = HeldOf(*world.stockpiles, mineral, std::string(absl::StripPrefix(country, "countries/")));
  if (held.empty()) {
    AddReason("NO_STOCKPILE", score.estimate.reasons);
    return score;
  }
  const auto* latest = *std::max_element(held.begin(), held.end(), [](const auto* a, const auto* b) {
    return a->second.provenance.as_of < b->second.provenance.as_of;
  });
  score.estimate = CoverOf(held, latest->second);
  score.reference_year = latest->second.year();
  AddComponents(latest->second, world.parameters.stock_cover, score);
  for (const auto* entry : held) {
    Input input;
    input.role = entry->first;
    input.country = entry->second.country;
    input.value = entry->second.held_days;
    input.year = entry->second.year();
    input.figure.provenance = entry->second.provenance;
    score.inputs.push_back(std::move(input));
  }
  return score;
}

}  // namespace orewatch::risk
