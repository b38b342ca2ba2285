#include "services/risk/domain/partner_evidence.h"

#include "absl/strings/str_cat.h"
#include "services/risk/domain/calendar.h"

namespace orewatch::risk {
namespace {

// Number of orewatch.type.v1.STAGE_MINE.
constexpr StageNumber kMine = 1;

// What the principal may read beyond what is public.
TradePolicy PolicyInSight(const World& world, const PartnerQuery& query) {
  TradePolicy policy = *world.policy;
  for (const auto& [name, record] : *world.projects.agreements) {
    if (record.binding && record.readers.Include(query.principal)) {
      policy.agreements[name] = record.agreement;
    }
  }
  return policy;
}

TradePolicy PolicyAtEndOf(int year, TradePolicy policy) {
  policy.today = absl::StrCat(year, "-12-31");
  return policy;
}

void ReadOutput(PartnerEvidence& seen) {
  seen.stages = NeighbouringOutput(seen.world, seen.query.series);
  seen.view.production = OutputOf(seen.world, seen.query.series, seen.query.product);
  if (seen.view.production.empty()) {
    return AddReason("NO_OUTPUT", seen.reasons);
  }
  seen.output =
      SharesOf(seen.view.production.measure, seen.view.production.PartsIn(seen.view.production.latest_year()));
  seen.stages.push_back(seen.view.production);
}

void ReadReserves(PartnerEvidence& seen) {
  if (!seen.Includes(PartnerFactor::kEndowment)) {
    return;
  }
  seen.reserves = ChooseReserves(*seen.world.reserves, seen.query.series.mineral, seen.view.production.key,
                                 seen.world.parameters.datasets);
  if (seen.reserves.empty()) {
    return AddReason("NO_RESERVES", seen.reasons);
  }
  std::vector<Part> parts;
  for (const auto& [key, figure] : seen.reserves) {
    parts.push_back({key->country, figure->amount, figure->withheld});
  }
  seen.reserve_shares = SharesOf(Measure::kTonnes, parts);
}

std::set<std::string> HsCodesOfProduct(const PartnerEvidence& seen) {
  std::set<std::string> codes;
  if (const auto found = seen.world.blocks.find(seen.query.series); found != seen.world.blocks.end()) {
    for (const auto& [key, figure] : found->second->trade) {
      if (key.product == seen.query.product) {
        codes.insert(key.hs6);
      }
    }
  }
  return codes;
}

void AddImports(const ImporterTrade& trade, PartnerEvidence& seen) {
  std::vector<Part> parts;
  double tonnes = 0;
  for (const auto& [key, figure] : trade.rows()) {
    if (!trade.IsImport(*key)) {
      continue;
    }
    seen.forms.hs6.insert(key->hs6);
    seen.forms.products.insert(key->product);
    parts.push_back({key->exporter, figure->amount, figure->withheld, Flow::kImports});
    tonnes += figure->amount.value_or(0);
  }
  seen.imports = SharesOf(Measure::kTonnes, parts);
  if (seen.imports.empty() || tonnes <= 0) {
    seen.imports = {};
    return;
  }
  seen.imports_tonnes = tonnes;
  seen.basis = trade.series().basis;
  seen.imports_year = trade.year();
  trade.FlagForms(seen.forms.hs6, seen.reasons);
  for (const std::string& reason : seen.imports.reasons) {
    AddReason(reason, seen.reasons);
  }
}

std::set<std::string> ProductsOfStage(const PartnerEvidence& seen) {
  if (!seen.query.product.empty()) {
    return {seen.query.product};
  }
  std::set<std::string> products = seen.supply.products();
  if (const auto found = seen.world.blocks.find(seen.query.series); found != seen.world.blocks.end()) {
    for (const auto& [key, figure] : found->second->trade) {
      products.insert(key.product);
    }
    for (const auto& [key, figure] : found->second->production) {
      products.insert(key.product);
    }
  }
  return products;
}

void ReadImports(PartnerEvidence& seen) {
  seen.forms.series = seen.query.series;
  seen.importer = ViewOf(seen.query.importer, seen.policy, YearOf(seen.policy.today));
  const std::set<std::string> codes = seen.query.product.empty() ? std::set<std::string>() : HsCodesOfProduct(seen);
  if (seen.query.product.empty() || !codes.empty()) {
    AddImports(ImporterTrade(seen.view, seen.query.importer, IntraBloc::kLeftOut, codes), seen);
  }
  if (seen.forms.products.empty()) {
    seen.forms.products = ProductsOfStage(seen);
  }
  if (!seen.imports_tonnes.has_value()) {
    return AddReason("NO_TRADE", seen.reasons);
  }
  const Estimate risk =
      WeightedHerfindahl(seen.imports, GovernanceWeight(seen.view.governance), seen.view.governance.worst());
  seen.risk = risk.value;
}

}  // namespace

PartnerEvidence::PartnerEvidence(const World& world_seen, const PartnerQuery& asked)
    : world(world_seen),
      query(asked),
      view(world, query.series),
      supply(world, query),
      policy(PolicyInSight(world, query)) {
  for (int year = YearOf(policy.today); year <= query.horizon_year; ++year) {
    at_end_of[year] = PolicyAtEndOf(year, policy);
  }
  ReadOutput(*this);
  ReadReserves(*this);
  ReadImports(*this);
}

bool PartnerEvidence::AtTheMine() const { return query.series.stage == kMine; }

BarriersTo PartnerEvidence::BarriersFrom(const std::string& country, int year) const {
  return [this, country, &then = at_end_of.at(year)](const std::string& product) {
    TradedForms traded = forms;
    if (!product.empty()) {
      traded.products = {product};
    }
    Barriers barriers{BanOn(country, importer, traded, then), {}};
    const Relation relation = RelationOf(country, importer, traded, then, world.parameters.trade_factors);
    if (relation.kind == TradeRelation::kQuota || relation.kind == TradeRelation::kLicence) {
      barriers.limit = relation.because;
    }
    return barriers;
  };
}

FreeSupply PartnerEvidence::FreeBy(const std::string& country, int year) const {
  return supply.FreeBy(country, year, {basis, forms.products}, BarriersFrom(country, year));
}

}  // namespace orewatch::risk
