// For how many days after the loss of a facility a product is still made, from the stocks on the way (Simchi-Levi et
// al. 2014; 2015, Interfaces 45:375-390), in closed form: no capacity is shared, and nothing is ordered elsewhere but
// from a qualified alternate that can take over the whole flow.
//
//   TTS(lost, product) = least sum over the paths between them of the stocks on the path, each in days of its use
//   lost units = demand * max(0, duration - TTS)
//
// A receiver's other suppliers of the same input are given no credit: TTS is the earliest day, not the likeliest.
#pragma once

#include <cstddef>
#include <optional>
#include <vector>

#include "services/risk/domain/shares.h"

namespace orewatch::risk {

// Stock over use; nothing if either is unknown or nothing is used.
std::optional<double> CoverDays(std::optional<double> stock_tonnes, std::optional<double> use_tonnes_per_day);

// One input of one facility, from one supplier.
struct StockLink {
  size_t from = 0;
  size_t to = 0;
  // Of the receiver's stock of the input; nothing: unknown.
  std::optional<double> cover_days;
  // The receiver stops without it; nothing: unknown.
  std::optional<bool> essential;
  std::optional<double> flow_tonnes_per_day;
  // Of each facility that is qualified to take over; nothing: unknown.
  std::vector<std::optional<double>> alternates_spare_tonnes_per_day;
};

struct StockNode {
  // Of finished goods, in days of output; those that nobody reports are taken as none.
  double cover_days = 0;
};

struct StockChain {
  std::vector<StockNode> nodes;
  std::vector<StockLink> links;
};

struct Days {
  // The earliest day on which it may end; nothing: never.
  std::optional<double> lower;
  // The latest; nothing: perhaps never.
  std::optional<double> upper;
  // STOCK_UNKNOWN, ESSENTIAL_UNKNOWN, ALTERNATE_UNKNOWN, FLOW_UNKNOWN on the earliest path; NO_REQUIREMENT.
  Reasons reasons;
  // Neither bound leaves a choice.
  bool known() const { return lower == upper; }
  bool never() const { return !lower.has_value(); }
};

// From the loss of `lost` to the first day without output at `product`.
Days TimeToSurvive(const StockChain& chain, size_t lost, size_t product);

struct LostUnits {
  double lower = 0;
  // Nothing: no requirement is known.
  std::optional<double> upper;
  Reasons reasons;
  bool known() const { return upper.has_value() && lower == *upper; }
};

// What an outage of `outage_days` costs.
LostUnits LostDuring(const Days& time_to_survive, std::optional<double> demand_per_day, double outage_days);

}  // namespace orewatch::risk
