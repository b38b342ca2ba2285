// The facts of one revision, and what decides how they are read.
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "services/risk/domain/composite.h"
#include "services/risk/domain/dataset_order.h"
#include "services/risk/domain/eu_economic_importance.h"
#include "services/risk/domain/facts.h"
#include "services/risk/domain/geopolrisk.h"
#include "services/risk/domain/hhi.h"
#include "services/risk/domain/main_forms.h"
#include "services/risk/domain/partner_parameters.h"
#include "services/risk/domain/reserves.h"
#include "services/risk/domain/score.h"
#include "services/risk/domain/supplier_risk_parameters.h"
#include "services/risk/domain/trade_policy.h"
#include "services/risk/domain/usgs.h"
#include "services/risk/domain/yale.h"

namespace orewatch::risk {

// A length of cover that a state plans with.
struct StockClass {
  double days = 0;
  std::string reference;
  bool operator==(const StockClass&) const = default;
};
struct StockCoverParameters {
  std::string name = "stock-cover";
  std::string edition = "1";
  std::vector<StockClass> classes = {
      {60, "Japan, standard target for rare metals (IEA policy 16639); Republic of Korea, non-ferrous metals"},
      {100, "Republic of Korea, target for rare metals (IEA policy 17940)"},
      {180, "Japan, rare metals of high geopolitical risk (IEA policy 16639)"}};
  bool operator==(const StockCoverParameters&) const = default;
};

struct Parameters {
  // Of this set; scores carry it.
  std::string name = "default";
  // Of what was given for it: two processes with the same compute the same.
  std::string digest = "default";
  // Of production, and of trade.
  DatasetOrder datasets = {"usgs-mcs-*", "iea-*", "eu-crm-*"};
  DatasetOrder trade_datasets = {"cepii-baci-*"};
  // Those that hold the trade between all countries: only of them is a share of exports one of world exports.
  DatasetOrder world_trade_datasets;
  // For whom supply risk is kept current; for others it is computed on request.
  std::vector<std::string> importers = {"blocs/EU", "countries/AU", "countries/JP", "countries/KR", "countries/US"};
  // Taken on 0 to 1 where the World Bank has nothing.
  double imputed_governance = 0.5;
  // Of EU supply risk; its set has the imputed governance too.
  TradeFactors trade_factors;
  EconomicImportanceParameters economic_importance;
  HhiParameters hhi;
  GeoPolRiskParameters geopolrisk;
  UsgsParameters usgs;
  YaleParameters yale;
  StockCoverParameters stock_cover;
  CompositeParameters composite;
  SupplierRiskParameters supplier_risk;
  PartnerParameters partners;
  MainForms main_forms = DefaultMainForms();
  std::map<Method, Thresholds> thresholds = DefaultThresholds();
};

// The facts of one series.
struct Block {
  std::map<ProductionKey, Figure> production;
  std::map<TradeKey, Figure> trade;
};

// A value that copies of its holder share until one of them writes.
template <typename T>
class CopyOnWrite {
 public:
  const T& operator*() const { return *value_; }
  const T* operator->() const { return value_.get(); }
  // A copy of its own, for the holder that is being made.
  T& Write() {
    auto copy = std::make_shared<T>(*value_);
    value_ = copy;
    return *copy;
  }

 private:
  std::shared_ptr<const T> value_ = std::make_shared<const T>();
};

using GovernanceFacts = std::map<GovernanceKey, GovernanceFact>;
// By resource name.
using StockpileFacts = std::map<std::string, StockpileFact>;
using IndicatorFacts = std::map<IndicatorKey, IndicatorFact>;

struct World {
  Parameters parameters;
  // Resource names.
  CopyOnWrite<std::set<std::string>> minerals;
  CopyOnWrite<std::set<std::string>> countries;
  std::map<SeriesId, std::shared_ptr<const Block>> blocks;
  CopyOnWrite<GovernanceFacts> governance;
  CopyOnWrite<IndicatorFacts> indicators;
  CopyOnWrite<ReservesFacts> reserves;
  CopyOnWrite<StockpileFacts> stockpiles;
  CopyOnWrite<TradePolicy> policy;
  ProjectWorld projects;
};

// The latest year's fact of a country; of several datasets the first by name. Null if there is none.
const GovernanceFacts::value_type* LatestGovernance(const GovernanceFacts& facts, const std::string& country);

// The indicator of a subject for that region alone, of the latest year, then by key. Null if there is none.
const IndicatorFacts::value_type* IndicatorOf(const IndicatorFacts& facts, const std::string& subject,
                                              Indicator indicator, const std::string& region);

// Every country's latest risk on 0 to `scale`.
GovernanceScale GovernanceScaleOf(const World& world, double scale);
// Every country's latest political stability as a risk on 0 to 1.
GovernanceScale StabilityScaleOf(const World& world);

// The indicator of a subject that comes nearest to a region: measured there before the world before elsewhere, then the
// latest year, then by key. Null if there is none.
const IndicatorFacts::value_type* NearestIndicator(const IndicatorFacts& facts, const std::string& subject,
                                                   Indicator indicator, const std::string& region);

}  // namespace orewatch::risk
