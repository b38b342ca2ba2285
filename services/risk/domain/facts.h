// What risk knows of the registry, as plain columns. A fact's key says which figure it is; the rest is the figure.
#pragma once

#include <map>
#include <optional>
#include <set>
#include <string>
#include <tuple>
#include <vector>

#include "services/risk/domain/governance.h"
#include "services/risk/domain/shares.h"

namespace orewatch::risk {

// Numbers of orewatch.type.v1.Stage and Basis.
using StageNumber = int;
using BasisNumber = int;

// One mineral at one stage; what a change to it reaches is computed as a whole.
struct SeriesId {
  // Resource name.
  std::string mineral;
  StageNumber stage = 0;
  auto operator<=>(const SeriesId&) const = default;
};

struct ProductionKey {
  std::string dataset;
  std::string product;
  BasisNumber basis = 0;
  std::string scope;
  int year = 0;
  // Alpha-2, or ZZ.
  std::string country;
  auto operator<=>(const ProductionKey&) const = default;
};

struct TradeKey {
  std::string dataset;
  std::string product;
  std::string hs6;
  BasisNumber basis = 0;
  std::string scope;
  int year = 0;
  std::string importer;
  std::string exporter;
  auto operator<=>(const TradeKey&) const = default;
};

// A quantity as its source gives it.
struct Figure {
  std::optional<double> amount;
  Measure measure = Measure::kTonnes;
  bool withheld = false;
  bool estimated = false;
  std::string source;
  std::string as_of;
  std::string licence;
  bool operator==(const Figure&) const = default;
};

struct Recycling {
  double rate = 0;
  // Region it was measured for.
  std::string region;
  int year = 0;
  bool operator==(const Recycling&) const = default;
};

struct Membership {
  // Alpha-2.
  std::string country;
  // ISO dates, or prefixes of them; empty `to`: still a member.
  std::string from;
  std::string to;
};

// What one revision, or a snapshot, says. Nothing as a value: the fact is gone.
struct Changes {
  std::map<std::string, bool> minerals;
  std::map<std::string, bool> countries;
  std::map<std::pair<SeriesId, ProductionKey>, std::optional<Figure>> production;
  std::map<std::pair<SeriesId, TradeKey>, std::optional<Figure>> trade;
  // By country code and year.
  std::map<std::pair<std::string, int>, std::optional<GovernanceEstimates>> governance;
  // By mineral and year.
  std::map<std::pair<std::string, int>, std::optional<Recycling>> recycling;
  // By resource name.
  std::map<std::string, std::optional<std::vector<Membership>>> blocs;
};

}  // namespace orewatch::risk
