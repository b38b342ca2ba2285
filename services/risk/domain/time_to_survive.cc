#include "services/risk/domain/time_to_survive.h"

#include <algorithm>
#include <functional>
#include <limits>
#include <queue>
#include <utility>

namespace orewatch::risk {
namespace {

constexpr double kNever = std::numeric_limits<double>::infinity();

// How long a link still delivers what its receiver needs once nothing comes, at the earliest and at the latest.
struct LinkDays {
  double lower = 0;
  double upper = 0;
};

// Whether a qualified alternate takes over the flow; nothing: unknown.
std::optional<bool> TakenOver(const StockLink& link) {
  bool unknown = false;
  for (const std::optional<double>& spare : link.alternates_spare_tonnes_per_day) {
    if (!spare.has_value() || !link.flow_tonnes_per_day.has_value()) {
      unknown = true;
    } else if (*spare >= *link.flow_tonnes_per_day) {
      return true;
    }
  }
  return unknown ? std::nullopt : std::optional<bool>(false);
}

LinkDays DaysOf(const StockLink& link) {
  const std::optional<bool> taken_over = TakenOver(link);
  if (link.essential == false || taken_over == true) {
    return {kNever, kNever};
  }
  const bool certain = link.essential == true && taken_over == false && link.cover_days.has_value();
  LinkDays days{kNever, kNever};
  days.lower = link.cover_days.value_or(0.0);
  if (certain) {
    days.upper = *link.cover_days;
  }
  return days;
}

// The link before each node on its earliest path.
struct Earliest {
  std::vector<double> days;
  std::vector<const StockLink*> by;
};

template <typename DaysOfLink>
Earliest EarliestFrom(const StockChain& chain, size_t lost, const DaysOfLink& days_of) {
  std::vector<std::vector<const StockLink*>> out(chain.nodes.size());
  for (const StockLink& link : chain.links) {
    out[link.from].push_back(&link);
  }
  Earliest earliest{std::vector<double>(chain.nodes.size(), kNever),
                    std::vector<const StockLink*>(chain.nodes.size(), nullptr)};
  using Entry = std::pair<double, size_t>;
  std::priority_queue<Entry, std::vector<Entry>, std::greater<>> queue;
  earliest.days[lost] = chain.nodes[lost].cover_days;
  queue.emplace(earliest.days[lost], lost);
  while (!queue.empty()) {
    const auto [days, node] = queue.top();
    queue.pop();
    if (days > earliest.days[node]) {
      continue;
    }
    for (const StockLink* link : out[node]) {
      const double then = days + days_of(*link) + chain.nodes[link->to].cover_days;
      if (then < earliest.days[link->to]) {
        earliest.days[link->to] = then;
        earliest.by[link->to] = link;
        queue.emplace(then, link->to);
      }
    }
  }
  return earliest;
}

std::optional<double> UnlessNever(double days) { return days == kNever ? std::nullopt : std::optional<double>(days); }

void AddReasonsOf(const StockLink& link, Reasons& reasons) {
  if (!link.cover_days.has_value()) {
    AddReason("STOCK_UNKNOWN", reasons);
  }
  if (!link.essential.has_value()) {
    AddReason("ESSENTIAL_UNKNOWN", reasons);
  }
  if (!TakenOver(link).has_value()) {
    AddReason(link.flow_tonnes_per_day.has_value() ? "ALTERNATE_UNKNOWN" : "FLOW_UNKNOWN", reasons);
  }
}

}  // namespace

std::optional<double> CoverDays(std::optional<double> stock_tonnes, std::optional<double> use_tonnes_per_day) {
  if (!stock_tonnes.has_value() || !use_tonnes_per_day.has_value() || *use_tonnes_per_day <= 0) {
    return std::nullopt;
  }
  return *stock_tonnes / *use_tonnes_per_day;
}

Days TimeToSurvive(const StockChain& chain, size_t lost, size_t product) {
  const Earliest lower = EarliestFrom(chain, lost, [](const StockLink& link) { return DaysOf(link).lower; });
  const Earliest upper = EarliestFrom(chain, lost, [](const StockLink& link) { return DaysOf(link).upper; });
  Days days{UnlessNever(lower.days[product]), UnlessNever(upper.days[product]), {}};
  for (size_t node = product; !days.known() && lower.by[node] != nullptr; node = lower.by[node]->from) {
    AddReasonsOf(*lower.by[node], days.reasons);
  }
  return days;
}

LostUnits LostDuring(const Days& time_to_survive, std::optional<double> demand_per_day, double outage_days) {
  LostUnits lost{0, std::nullopt, time_to_survive.reasons};
  if (!demand_per_day.has_value()) {
    AddReason("NO_REQUIREMENT", lost.reasons);
    return lost;
  }
  const auto after = [&](std::optional<double> days) {
    return days.has_value() ? *demand_per_day * std::max(0.0, outage_days - *days) : 0;
  };
  lost.lower = after(time_to_survive.upper);
  lost.upper = after(time_to_survive.lower);
  return lost;
}

}  // namespace orewatch::risk
