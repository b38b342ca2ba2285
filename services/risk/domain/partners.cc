#include "services/risk/domain/partners.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "services/risk/domain/calendar.h"
#include "services/risk/domain/diversification.h"
#include "services/risk/domain/importer_trade.h"
#include "services/risk/domain/partner_order.h"
#include "services/risk/domain/partner_supply.h"
#include "services/risk/domain/reserves.h"
#include "services/risk/domain/series_view.h"
#include "services/risk/domain/world_output.h"

namespace orewatch::risk {
namespace {

// Number of orewatch.type.v1.STAGE_MINE.
constexpr StageNumber kMine = 1;

// Until something is known.
PartnerFactorFinding Unknown(PartnerFactor factor, const char* unit, int year) {
  PartnerFactorFinding finding;
  finding.factor = factor;
  finding.unit = unit;
  finding.year = year;
  return finding;
}

void Cite(const Provenance& provenance, PartnerFactorFinding& finding) {
  if (std::find(finding.provenances.begin(), finding.provenances.end(), provenance) == finding.provenances.end()) {
    finding.provenances.push_back(provenance);
  }
}

// Who is not named where nobody else can be has none.
void TakeShare(const Shares& shares, const std::string& country, PartnerFactorFinding& finding) {
  finding.scaled = PartOf(shares, country);
  finding.value = ShareOf(shares, country);
  if (std::string reason = InexactBecause(shares, country); !reason.empty()) {
    AddReason(std::move(reason), finding.reasons);
  } else if (!finding.value.has_value()) {
    finding.value = 0;
  }
}

class PartnerRanker {
 public:
  PartnerRanker(const World& world, const PartnerQuery& query)
      : world_(world), query_(query), view_(world, query.series), supply_(world, query), policy_(PolicyInSight()) {}
  PartnerRanking Run();

 private:
  // What is taken for those among the sources whom nobody knows. The more of either, the more a move is worth.
  struct Unknowns {
    double governance = 0;
    double concentration_of_unnamed = 0;
  };

  TradePolicy PolicyInSight() const;
  void ReadOutput();
  void ReadReserves();
  void ReadImports();
  void AddImports(const ImporterTrade& trade);
  std::set<std::string> HsCodesOfProduct() const;
  std::set<std::string> ProductsOfStage() const;
  std::set<std::string> Candidates() const;
  void DropExcluded(std::set<std::string>& countries) const;

  Partner Describe(const std::string& country) const;
  PartnerFactorFinding Endowment(const std::string& country) const;
  PartnerFactorFinding Output(const std::string& country) const;
  PartnerFactorFinding Governance(const std::string& country) const;
  PartnerFactorFinding Expertise(const std::string& country) const;
  PartnerFactorFinding Agreements(const std::string& country) const;
  PartnerFactorFinding FreeTonnes(const FreeSupply& supply) const;
  PartnerFactorFinding RiskFall(const std::string& country, const FreeSupply& supply) const;
  std::vector<PartnerYearFinding> Years(const std::string& country) const;
  // Bounds of the fall with tonnes that are known.
  ScaledFactor Fall(const std::string& country, double free_tonnes, double fall) const;
  std::vector<std::string> OtherActs(const std::string& country, const std::string& deciding) const;
  // At the end of the year.
  BarriersTo BarriersFrom(const std::string& country, int year) const;
  TradePolicy PolicyAtEndOf(int year) const;
  TonnesAlike Alike() const { return {ranking_.basis, forms_.products}; }
  // Nothing: no trade, or nothing free is known.
  std::optional<Move> MoveTo(const std::string& country, std::optional<double> free_tonnes,
                             const Unknowns& unknowns) const;
  // What the value takes.
  Unknowns Usual() const { return {view_.governance.imputed(), 0}; }
  bool Includes(PartnerFactor factor) const {
    return factor != PartnerFactor::kEndowment || query_.series.stage == kMine;
  }

  const World& world_;
  const PartnerQuery& query_;
  SeriesView view_;
  const SupplyInSight supply_;
  const TradePolicy policy_;
  // From this year to the horizon.
  std::map<int, TradePolicy> at_end_of_;
  Shares output_;
  // With output: those next to the query's, and its own.
  std::vector<ProductionSeries> stages_;
  ReservesSeries reserves_;
  Shares reserve_shares_;
  ImporterView importer_;
  TradedForms forms_;
  Shares imports_;
  PartnerRanking ranking_;
};

// What the principal may read beyond what is public.
TradePolicy PartnerRanker::PolicyInSight() const {
  TradePolicy policy = *world_.policy;
  for (const auto& [name, record] : *world_.projects.agreements) {
    if (record.binding && record.readers.Include(query_.principal)) {
      policy.agreements[name] = record.agreement;
    }
  }
  return policy;
}

void PartnerRanker::ReadOutput() {
  stages_ = NeighbouringOutput(world_, query_.series);
  view_.production = OutputOf(world_, query_.series, query_.product);
  if (view_.production.empty()) {
    return AddReason("NO_OUTPUT", ranking_.reasons);
  }
  output_ = SharesOf(view_.production.measure, view_.production.PartsIn(view_.production.latest_year()));
  stages_.push_back(view_.production);
}

void PartnerRanker::ReadReserves() {
  if (!Includes(PartnerFactor::kEndowment)) {
    return;
  }
  reserves_ = ChooseReserves(*world_.reserves, query_.series.mineral, view_.production.key, world_.parameters.datasets);
  if (reserves_.empty()) {
    return AddReason("NO_RESERVES", ranking_.reasons);
  }
  std::vector<Part> parts;
  for (const auto& [key, figure] : reserves_) {
    parts.push_back({key->country, figure->amount, figure->withheld});
  }
  reserve_shares_ = SharesOf(Measure::kTonnes, parts);
}

std::set<std::string> PartnerRanker::HsCodesOfProduct() const {
  std::set<std::string> codes;
  if (const auto found = world_.blocks.find(query_.series); found != world_.blocks.end()) {
    for (const auto& [key, figure] : found->second->trade) {
      if (key.product == query_.product) {
        codes.insert(key.hs6);
      }
    }
  }
  return codes;
}

void PartnerRanker::AddImports(const ImporterTrade& trade) {
  std::vector<Part> parts;
  double tonnes = 0;
  for (const auto& [key, figure] : trade.rows()) {
    if (!trade.IsImport(*key)) {
      continue;
    }
    forms_.hs6.insert(key->hs6);
    forms_.products.insert(key->product);
    parts.push_back({key->exporter, figure->amount, figure->withheld, Flow::kImports});
    tonnes += figure->amount.value_or(0);
  }
  imports_ = SharesOf(Measure::kTonnes, parts);
  if (imports_.empty() || tonnes <= 0) {
    imports_ = {};
    return;
  }
  ranking_.imports_tonnes = tonnes;
  ranking_.basis = trade.series().basis;
  ranking_.imports_year = trade.year();
  trade.FlagForms(forms_.hs6, ranking_.reasons);
  for (const std::string& reason : imports_.reasons) {
    AddReason(reason, ranking_.reasons);
  }
}

void PartnerRanker::ReadImports() {
  forms_.series = query_.series;
  importer_ = ViewOf(query_.importer, policy_, YearOf(policy_.today));
  const std::set<std::string> codes = query_.product.empty() ? std::set<std::string>() : HsCodesOfProduct();
  if (query_.product.empty() || !codes.empty()) {
    AddImports(ImporterTrade(view_, query_.importer, IntraBloc::kLeftOut, codes));
  }
  if (forms_.products.empty()) {
    forms_.products = ProductsOfStage();
  }
  if (!ranking_.imports_tonnes.has_value()) {
    return AddReason("NO_TRADE", ranking_.reasons);
  }
  const Estimate risk = WeightedHerfindahl(imports_, GovernanceWeight(view_.governance), view_.governance.worst());
  ranking_.risk = risk.value;
}

std::set<std::string> PartnerRanker::ProductsOfStage() const {
  if (!query_.product.empty()) {
    return {query_.product};
  }
  std::set<std::string> products = supply_.products();
  if (const auto found = world_.blocks.find(query_.series); found != world_.blocks.end()) {
    for (const auto& [key, figure] : found->second->trade) {
      products.insert(key.product);
    }
    for (const auto& [key, figure] : found->second->production) {
      products.insert(key.product);
    }
  }
  return products;
}

TradePolicy PartnerRanker::PolicyAtEndOf(int year) const {
  TradePolicy policy = policy_;
  policy.today = absl::StrCat(year, "-12-31");
  return policy;
}

BarriersTo PartnerRanker::BarriersFrom(const std::string& country, int year) const {
  return [this, country, &policy = at_end_of_.at(year)](const std::string& product) {
    TradedForms forms = forms_;
    if (!product.empty()) {
      forms.products = {product};
    }
    Barriers barriers{BanOn(country, importer_, forms, policy), {}};
    const Relation relation = RelationOf(country, importer_, forms, policy, world_.parameters.trade_factors);
    if (relation.kind == TradeRelation::kQuota || relation.kind == TradeRelation::kLicence) {
      barriers.limit = relation.because;
    }
    return barriers;
  };
}

std::set<std::string> PartnerRanker::Candidates() const {
  std::set<std::string> countries = supply_.countries();
  const auto add = [&](const Shares& shares) {
    for (const Share& share : shares.named) {
      if (share.value > 0) {
        countries.insert(share.country);
      }
    }
    countries.insert(shares.unknown.begin(), shares.unknown.end());
  };
  add(reserve_shares_);
  add(output_);
  // Who digs may come to refine; who refines has no ore for it.
  for (const ProductionSeries& output : query_.series.stage == kMine ? std::vector<ProductionSeries>() : stages_) {
    add(SharesOf(output.measure, output.PartsIn(output.latest_year())));
  }
  DropExcluded(countries);
  return countries;
}

void PartnerRanker::DropExcluded(std::set<std::string>& countries) const {
  std::set<std::string> excluded = importer_.members;
  for (const std::string& name : query_.exclusions) {
    const ImporterView view = ViewOf(name, policy_, YearOf(policy_.today));
    excluded.insert(view.members.begin(), view.members.end());
  }
  for (auto it = countries.begin(); it != countries.end();) {
    const bool known = world_.countries->count(absl::StrCat("countries/", *it)) > 0;
    it = !known || excluded.count(*it) > 0 ? countries.erase(it) : std::next(it);
  }
}

PartnerFactorFinding PartnerRanker::Endowment(const std::string& country) const {
  PartnerFactorFinding finding = Unknown(PartnerFactor::kEndowment, "share of the world's reserves", 0);
  if (reserves_.empty()) {
    AddReason("NO_RESERVES", finding.reasons);
    return finding;
  }
  finding.year = reserves_.front().first->year;
  TakeShare(reserve_shares_, country, finding);
  for (const auto& [key, figure] : reserves_) {
    if (key->country == country) {
      Cite(figure->provenance, finding);
    }
  }
  return finding;
}

PartnerFactorFinding PartnerRanker::Output(const std::string& country) const {
  PartnerFactorFinding finding = Unknown(PartnerFactor::kOutput, "share of the world's output", 0);
  if (view_.production.empty()) {
    AddReason("NO_OUTPUT", finding.reasons);
    return finding;
  }
  finding.year = view_.production.latest_year();
  TakeShare(output_, country, finding);
  for (const auto& [name, figure] : view_.production.In(finding.year)) {
    if (name == country) {
      Cite(figure->provenance, finding);
    }
  }
  return finding;
}

PartnerFactorFinding PartnerRanker::Governance(const std::string& country) const {
  PartnerFactorFinding finding = Unknown(PartnerFactor::kGovernance, "mean of six estimates, -2.5 to 2.5", 0);
  const auto* fact = LatestGovernance(*world_.governance, country);
  const auto mean = fact == nullptr ? std::nullopt : MeanEstimate(fact->second.estimates);
  if (!mean.has_value()) {
    AddReason("GOVERNANCE_UNKNOWN", finding.reasons);
    return finding;
  }
  const double scaled = 1 - *GovernanceRisk(fact->second.estimates);
  finding.value = mean;
  finding.year = fact->first.year;
  finding.scaled = {scaled, scaled, scaled, {}};
  Cite(fact->second.provenance, finding);
  return finding;
}

PartnerFactorFinding PartnerRanker::Expertise(const std::string& country) const {
  PartnerFactorFinding finding = Unknown(PartnerFactor::kExpertise, "mean share of the world's output", 0);
  if (stages_.empty()) {
    AddReason("NO_OUTPUT", finding.reasons);
    return finding;
  }
  finding.scaled = {0, 0, 0, {}};
  for (const ProductionSeries& output : stages_) {
    const double part = 1.0 / static_cast<double>(stages_.size() * output.years.size());
    for (const auto& [year, rows] : output.years) {
      const ScaledFactor share = PartOf(SharesOf(output.measure, output.PartsIn(year)), country);
      finding.scaled.value += part * share.value;
      finding.scaled.lower += part * share.lower;
      finding.scaled.upper += part * share.upper;
      for (const double open : share.of_open_wholes) {
        finding.scaled.of_open_wholes.push_back(part * open);
      }
      finding.year = std::max(finding.year, year);
      for (const auto& [name, figure] : rows) {
        if (name == country) {
          Cite(figure->provenance, finding);
        }
      }
    }
  }
  finding.scaled.upper = std::min(finding.scaled.upper, 1.0);
  finding.value = finding.scaled.value;
  if (finding.scaled.lower < finding.scaled.upper) {
    AddReason("OUTPUT_KNOWN_IN_PART", finding.reasons);
  }
  return finding;
}

PartnerFactorFinding PartnerRanker::Agreements(const std::string& country) const {
  PartnerFactorFinding finding = Unknown(PartnerFactor::kAgreements, "trade factor t", YearOf(policy_.today));
  const TradeFactors& factors = world_.parameters.trade_factors;
  const Relation relation = RelationOf(country, importer_, forms_, policy_, factors);
  const double t = factors.Of(relation.kind);
  const double best = std::min(factors.member, factors.agreement);
  const double scaled = std::clamp((factors.worst() - t) / (factors.worst() - best), 0.0, 1.0);
  finding.value = t;
  finding.scaled = {scaled, scaled, scaled, {}};
  for (const std::string& name : OnOtherProducts(country, importer_, forms_, policy_)) {
    AddReason(absl::StrCat("OTHER_PRODUCT:", name), finding.reasons);
  }
  if (!relation.because.empty()) {
    finding.resources.push_back(relation.because);
    Cite(ProvenanceOf(policy_, relation.because), finding);
  }
  return finding;
}

PartnerFactorFinding PartnerRanker::FreeTonnes(const FreeSupply& supply) const {
  PartnerFactorFinding finding = Unknown(PartnerFactor::kFreeTonnes, "t/year", query_.horizon_year);
  finding.value = supply.total();
  finding.provenances = supply.provenances;
  finding.resources = supply.resources;
  finding.reasons = supply.reasons;
  for (const std::string& barrier : supply.barriers) {
    AddReason(barrier, finding.reasons);
  }
  finding.ranked = {0, 0, 0, {}};
  if (!finding.value.has_value()) {
    AddReason("NO_HEADROOM_DATA", finding.reasons);
  } else if (!ranking_.imports_tonnes.has_value()) {
    AddReason("NO_TRADE", finding.reasons);
  } else {
    const double scaled = std::min(1.0, *finding.value / *ranking_.imports_tonnes);
    finding.on_scale = true;
    const double least = supply.limited ? 0 : scaled;
    finding.ranked = {scaled, least, scaled, {}};
    // What is left out, or not known, may be any amount.
    finding.scaled = {scaled, least, supply.reasons.empty() ? scaled : 1, {}};
  }
  return finding;
}

std::optional<Move> PartnerRanker::MoveTo(const std::string& country, std::optional<double> free_tonnes,
                                          const Unknowns& unknowns) const {
  if (!free_tonnes.has_value() || !ranking_.imports_tonnes.has_value()) {
    return std::nullopt;
  }
  SupplyMix mix;
  mix.concentration_of_others = unknowns.concentration_of_unnamed;
  for (const Share& share : imports_.named) {
    if (share.country != country) {
      mix.concentration_of_others +=
          view_.governance.Find(share.country).value_or(unknowns.governance) * share.value * share.value;
    }
  }
  mix.candidate_share = ShareOf(imports_, country).value_or(0);
  mix.candidate_risk = view_.governance.Find(country).value_or(view_.governance.imputed());
  return BestMove(mix, *free_tonnes / *ranking_.imports_tonnes);
}

ScaledFactor PartnerRanker::Fall(const std::string& country, double free_tonnes, double fall) const {
  if (!view_.governance.Find(country).has_value() || !imports_.unknown.empty()) {
    // Whatever else there is, H after is at least (1 - m)^2 of what it was, and m at most what is free of what is
    // known.
    const double rest = *ranking_.imports_tonnes * (1 - ShareOf(imports_, country).value_or(0));
    const double kept = free_tonnes < rest ? 1 - free_tonnes / rest : 0;
    return {fall, 0, std::max(fall, 1 - kept * kept), {}};
  }
  // Others could all be one country of the worst governance.
  const Unknowns most = {view_.governance.worst(), view_.governance.worst() * imports_.other * imports_.other};
  const double lower = MoveTo(country, free_tonnes, {0, 0})->fall;
  const double upper = MoveTo(country, free_tonnes, most)->fall;
  return {fall, std::min(lower, fall), std::max(upper, fall), {}};
}

PartnerFactorFinding PartnerRanker::RiskFall(const std::string& country, const FreeSupply& supply) const {
  PartnerFactorFinding finding =
      Unknown(PartnerFactor::kRiskFall, "fall of hhi_governance of the imports", query_.horizon_year);
  finding.ranked = {0, 0, 0, {}};
  const std::optional<double> tonnes = supply.total();
  const std::optional<Move> move = MoveTo(country, tonnes, Usual());
  if (!move.has_value()) {
    AddReason(ranking_.imports_tonnes.has_value() ? "NO_HEADROOM_DATA" : "NO_TRADE", finding.reasons);
    return finding;
  }
  finding.value = move->fall;
  finding.on_scale = true;
  finding.provenances = supply.provenances;
  finding.resources = supply.resources;
  finding.reasons = supply.reasons;
  for (const std::string& barrier : supply.barriers) {
    AddReason(barrier, finding.reasons);
  }
  if (!view_.governance.Find(country).has_value()) {
    AddReason("GOVERNANCE_IMPUTED", finding.reasons);
  }
  for (const std::string& reason : imports_.reasons) {
    AddReason(reason, finding.reasons);
  }
  finding.ranked = Fall(country, *tonnes, move->fall);
  if (supply.limited) {
    finding.ranked.lower = 0;
  }
  finding.scaled = finding.ranked;
  if (!supply.reasons.empty()) {
    finding.scaled.upper = 1;
  }
  return finding;
}

std::vector<PartnerYearFinding> PartnerRanker::Years(const std::string& country) const {
  std::vector<PartnerYearFinding> years;
  for (int year = YearOf(policy_.today); year <= query_.horizon_year; ++year) {
    const FreeSupply supply = supply_.FreeBy(country, year, Alike(), BarriersFrom(country, year));
    PartnerYearFinding finding{year, supply.total(), supply.uncommitted_tonnes, supply.risked_project_tonnes, {}, {}};
    if (const auto move = MoveTo(country, supply.total(), Usual())) {
      finding.moved_share = move->share;
      finding.risk_fall = move->fall;
    }
    years.push_back(finding);
  }
  return years;
}

std::vector<std::string> PartnerRanker::OtherActs(const std::string& country, const std::string& deciding) const {
  std::vector<std::string> names = InForceBetween(country, importer_, forms_, policy_);
  for (std::string& name : InForceBetween(country, importer_, forms_, at_end_of_.at(query_.horizon_year))) {
    if (std::find(names.begin(), names.end(), name) == names.end()) {
      names.push_back(std::move(name));
    }
  }
  for (const auto& [name, record] : *world_.projects.agreements) {
    if (!record.binding && record.readers.Include(query_.principal) && !Ended(record.agreement, policy_.today) &&
        IsBetween(record.agreement, country, importer_, query_.series.mineral, policy_)) {
      names.push_back(name);
    }
  }
  names.erase(std::remove(names.begin(), names.end(), deciding), names.end());
  return names;
}

Partner PartnerRanker::Describe(const std::string& country) const {
  Partner partner;
  partner.ranked.country = country;
  const FreeSupply supply =
      supply_.FreeBy(country, query_.horizon_year, Alike(), BarriersFrom(country, query_.horizon_year));
  const PartnerFactorFinding agreements = Agreements(country);
  if (Includes(PartnerFactor::kEndowment)) {
    partner.factors.push_back(Endowment(country));
  }
  partner.factors.insert(partner.factors.end(), {Output(country), Governance(country), Expertise(country), agreements});
  for (PartnerFactorFinding& finding : partner.factors) {
    finding.ranked = finding.scaled;
    finding.on_scale = finding.value.has_value();
  }
  partner.factors.push_back(FreeTonnes(supply));
  partner.factors.push_back(RiskFall(country, supply));
  partner.years = Years(country);
  partner.other_resources = OtherActs(country, agreements.resources.empty() ? "" : agreements.resources.front());
  return partner;
}

PartnerRanking PartnerRanker::Run() {
  for (int year = YearOf(policy_.today); year <= query_.horizon_year; ++year) {
    at_end_of_[year] = PolicyAtEndOf(year);
  }
  ReadOutput();
  ReadReserves();
  ReadImports();
  std::vector<double> weights;
  for (const auto& [factor, weight] : query_.weights) {
    if (Includes(factor)) {
      ranking_.weights[factor] = weight;
      weights.push_back(weight);
    }
  }
  std::vector<Partner> partners;
  for (const std::string& country : Candidates()) {
    partners.push_back(Describe(country));
  }
  ranking_.not_ranked_on = DropWhatIsKnownOfNobody(partners);
  ranking_.partners = InOrder(std::move(partners), weights);
  return std::move(ranking_);
}

}  // namespace

PartnerRanking RankPartners(const World& world, const PartnerQuery& query) { return PartnerRanker(world, query).Run(); }

}  // namespace orewatch::risk
