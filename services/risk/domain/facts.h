// What one change of the registry says of everything that risk knows.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "services/risk/domain/chain_facts.h"
#include "services/risk/domain/fact_types.h"
#include "services/risk/domain/project_records.h"

namespace orewatch::risk {

// What one revision, or a snapshot, says. Nothing as a value: the fact is gone.
struct Changes {
  std::map<std::string, bool> minerals;
  std::map<std::string, bool> countries;
  std::map<std::pair<SeriesId, ProductionKey>, std::optional<Figure>> production;
  std::map<std::pair<SeriesId, TradeKey>, std::optional<Figure>> trade;
  std::map<GovernanceKey, std::optional<GovernanceFact>> governance;
  std::map<IndicatorKey, std::optional<IndicatorFact>> indicators;
  std::map<ReservesKey, std::optional<Figure>> reserves;
  // By resource name.
  std::map<std::string, std::optional<std::vector<Membership>>> blocs;
  std::map<std::string, std::optional<Restriction>> restrictions;
  std::map<std::string, std::optional<TradeAgreement>> agreements;
  std::map<std::string, std::optional<StockpileFact>> stockpiles;
  ChainChanges chain;
  ProjectChanges projects;
  // The UTC date that has begun, as an ISO text.
  std::optional<std::string> today;
};

}  // namespace orewatch::risk
