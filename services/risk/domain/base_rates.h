// What is published about how projects end and how long they take. No rate without its source.
#pragma once

#include <string>

namespace orewatch::risk {

struct BaseRate {
  double value = 0;
  std::string metric;
  // What was counted.
  std::string population;
  std::string source;
  std::string source_url;
};

// Of mines. Nothing here says anything about refineries.
struct BaseRates {
  BaseRate becomes_mine;
  BaseRate becomes_mine_high;
  BaseRate years_to_production;
  BaseRate years_to_production_least;
  BaseRate years_to_production_most;
  // How the years of a mine divide.
  BaseRate years_to_production_large;
  BaseRate years_of_studies_large;
  BaseRate years_to_construction_large;
};

BaseRates DefaultBaseRates();

}  // namespace orewatch::risk
