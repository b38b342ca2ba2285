// What partners are judged by: what a caller sees of a mineral, a stage and an importer, read once.
#pragma once

#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "services/risk/domain/importer_trade.h"
#include "services/risk/domain/partner_supply.h"
#include "services/risk/domain/partners.h"
#include "services/risk/domain/reserves.h"
#include "services/risk/domain/series_view.h"
#include "services/risk/domain/world_output.h"

namespace orewatch::risk {

// Does not change once it has been read. The world and the query outlive it.
struct PartnerEvidence {
  PartnerEvidence(const World& world_seen, const PartnerQuery& asked);
  PartnerEvidence(const PartnerEvidence&) = delete;
  PartnerEvidence& operator=(const PartnerEvidence&) = delete;

  bool AtTheMine() const;
  // Whether the factor applies at the stage.
  bool Includes(PartnerFactor factor) const { return factor != PartnerFactor::kEndowment || AtTheMine(); }
  // At the end of the year.
  BarriersTo BarriersFrom(const std::string& country, int year) const;
  // What the country could spare by then.
  FreeSupply FreeBy(const std::string& country, int year) const;

  const World& world;
  const PartnerQuery& query;
  SeriesView view;
  const SupplyInSight supply;
  // What the principal may read beyond what is public is in it.
  const TradePolicy policy;
  // From this year to the horizon.
  std::map<int, TradePolicy> at_end_of;
  Shares output;
  // With output: those next to the query's, and its own.
  std::vector<ProductionSeries> stages;
  ReservesSeries reserves;
  Shares reserve_shares;
  ImporterView importer;
  TradedForms forms;
  Shares imports;
  // As of a PartnerRanking.
  std::optional<double> risk;
  std::optional<double> imports_tonnes;
  BasisNumber basis = 0;
  int imports_year = 0;
  Reasons reasons;
};

}  // namespace orewatch::risk
