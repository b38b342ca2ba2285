#include "services/risk/domain/chain_nodes.h"

#include <algorithm>

namespace orewatch::risk {
namespace {

// Number of orewatch.type.v1.STAGE_MINE.
constexpr StageNumber kMine = 1;

// The sum of both; nothing if either is unknown.
std::optional<double> Sum(std::optional<double> a, std::optional<double> b) {
  return a.has_value() && b.has_value() ? std::optional<double>(*a + *b) : std::nullopt;
}

std::optional<bool> EitherEssential(std::optional<bool> a, std::optional<bool> b) {
  if (a == true || b == true) {
    return true;
  }
  return a.has_value() && b.has_value() ? std::optional<bool>(false) : std::nullopt;
}

void Add(const FacilityInput& more, FacilityInput& input) {
  input.use_tonnes_per_day = Sum(input.use_tonnes_per_day, more.use_tonnes_per_day);
  input.stock_tonnes = Sum(input.stock_tonnes, more.stock_tonnes);
  input.essential = EitherEssential(input.essential, more.essential);
  for (const std::string& name : more.qualified) {
    if (std::find(input.qualified.begin(), input.qualified.end(), name) == input.qualified.end()) {
      input.qualified.push_back(name);
    }
  }
}

Need NeedOf(const FacilityInput& input) {
  Need need;
  need.product = input.product;
  if (input.use_tonnes_per_day.has_value()) {
    need.use_tonnes_per_year = *input.use_tonnes_per_day * kDaysPerYear;
  }
  need.grade = input.grade;
  need.qualified = input.qualified;
  need.months_to_qualify = input.months_to_qualify;
  return need;
}

}  // namespace

std::set<std::string> MineralsOf(const FacilityFact& facility) {
  std::set<std::string> minerals;
  for (const FacilityOutput& output : facility.outputs) {
    minerals.insert(output.mineral);
  }
  for (const FacilityInput& input : facility.inputs) {
    minerals.insert(input.mineral);
  }
  return minerals;
}

std::optional<FacilityInput> InputOf(const FacilityFact& facility, const std::string& mineral,
                                     const std::string& product) {
  std::optional<FacilityInput> whole;
  for (const FacilityInput& input : facility.inputs) {
    if (input.mineral != mineral || input.product != product) {
      continue;
    }
    if (whole.has_value()) {
      Add(input, *whole);
    } else {
      whole = input;
    }
  }
  return whole;
}

NodeFacts NodeOf(const FacilityFact& facility, const std::string& mineral) {
  NodeFacts node;
  node.country = CountryIndexOf(facility.country);
  bool mines = false;
  bool makes_more = false;
  for (const FacilityOutput& output : facility.outputs) {
    if (output.mineral != mineral) {
      continue;
    }
    mines = mines || output.stage == kMine;
    makes_more = makes_more || output.stage != kMine;
    if (facility.operating) {
      node.offers.push_back({output.stage, output.product, output.grade, output.spare_tonnes_per_year});
    }
  }
  std::set<std::string> products;
  for (const FacilityInput& input : facility.inputs) {
    if (input.mineral == mineral && products.insert(input.product).second) {
      node.needs.push_back(NeedOf(*InputOf(facility, mineral, input.product)));
    }
  }
  node.own_share = mines && !makes_more && node.needs.empty() ? 1 : 0;
  return node;
}

NodeFacts NodeOf(const SupplierFact& supplier) {
  NodeFacts node;
  node.country = CountryIndexOf(supplier.country);
  node.seat_only = true;
  return node;
}

LinkFacts LinkOf(const ChainLinkFact& link) {
  return {{link.from, link.mineral},
          link.to,
          link.product,
          link.tonnes_per_year,
          link.share,
          link.verified,
          link.confidence};
}

}  // namespace orewatch::risk
