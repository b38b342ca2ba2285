#include "services/risk/domain/model.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "services/risk/domain/composite_scorer.h"
#include "services/risk/domain/country_scorer.h"
#include "services/risk/domain/series_scorer.h"
#include "services/risk/domain/stock_cover.h"
#include "services/risk/domain/supply_risk_scorer.h"
#include "services/risk/domain/usgs_scorer.h"
#include "services/risk/domain/yale_scorer.h"
#include "services/risk/domain/year_series.h"

namespace orewatch::risk {
namespace {

void ApplyPresence(const std::map<std::string, bool>& changes, CopyOnWrite<std::set<std::string>>& names) {
  if (changes.empty()) {
    return;
  }
  std::set<std::string>& written = names.Write();
  for (const auto& [name, present] : changes) {
    if (present) {
      written.insert(name);
    } else {
      written.erase(name);
    }
  }
}

// Sets or erases one fact.
template <typename Key, typename Fact>
void ApplyFact(const Key& key, const std::optional<Fact>& fact, std::map<Key, Fact>& facts) {
  if (fact.has_value()) {
    facts[key] = *fact;
  } else {
    facts.erase(key);
  }
}

bool Mentions(const Block& block, const std::string& country) {
  for (const auto& [key, figure] : block.production) {
    if (key.country == country) {
      return true;
    }
  }
  for (const auto& [key, figure] : block.trade) {
    if (key.exporter == country) {
      return true;
    }
  }
  return false;
}

// Sets or erases facts that hold from a day to a day, and calls `reach` with each that was in force and changed, or has
// come into force or gone out of it. Anything else changes no score.
template <typename Fact, typename Reach>
void ApplyDated(const std::map<std::string, std::optional<Fact>>& changed, const std::string& yesterday,
                const std::string& today, std::map<std::string, Fact>& facts, const Reach& reach) {
  const auto reach_if_in_force = [&](const std::string& name, const std::string& day) {
    if (const auto found = facts.find(name); found != facts.end() && InForce(found->second, day)) {
      reach(found->second);
    }
  };
  for (const auto& [name, fact] : changed) {
    reach_if_in_force(name, yesterday);
    ApplyFact(name, fact, facts);
    reach_if_in_force(name, today);
  }
  for (const auto& [name, fact] : facts) {
    if (InForce(fact, yesterday) != InForce(fact, today)) {
      reach(fact);
    }
  }
}

}  // namespace

Model::Model(Parameters parameters) { world_.parameters = std::move(parameters); }

std::shared_ptr<const Model> Model::Apply(const Changes& changes, int64_t revision) const {
  auto next = std::make_shared<Model>(*this);
  next->revision_ = revision;
  next->first_revision_ = first_revision_.value_or(revision);
  next->computed_series_ = 0;
  next->touched_.clear();
  next->ApplySubjects(changes);
  const Reached reached = next->ApplyFacts(changes);
  std::set<std::string> minerals;
  for (const SeriesId& id : reached.series) {
    next->ScoreSeries(id);
    minerals.insert(id.mineral);
  }
  for (const std::string& mineral : reached.stocked) {
    next->ScoreStocks(mineral);
    minerals.insert(mineral);
  }
  for (const std::string& country : reached.countries) {
    next->ScoreCountry(country);
  }
  for (const std::string& mineral : minerals) {
    next->MarkBottleneck(mineral);
  }
  return next;
}

bool Model::KnowsSubject(const std::string& name) const {
  return world_.minerals->count(name) + world_.countries->count(name) > 0;
}

bool Model::KnowsImporter(const std::string& name) const {
  return world_.policy->blocs.count(name) + world_.countries->count(name) > 0;
}

void Model::ApplySubjects(const Changes& changes) {
  ApplyPresence(changes.minerals, world_.minerals);
  ApplyPresence(changes.countries, world_.countries);
  world_.projects.Apply(changes.projects);
}

Model::Reached Model::ApplyFacts(const Changes& changes) {
  Reached reached;
  ApplyFigures(changes, reached);
  ApplyGovernance(changes, reached);
  ApplyIndicators(changes, reached);
  ApplyReserves(changes, reached);
  ApplyStockpiles(changes, reached);
  ApplyPolicy(changes, reached);
  return reached;
}

void Model::ApplyFigures(const Changes& changes, Reached& reached) {
  std::map<SeriesId, std::shared_ptr<Block>> copies;
  const auto writable = [&](const SeriesId& id) -> Block& {
    auto& copy = copies[id];
    if (copy == nullptr) {
      const auto found = world_.blocks.find(id);
      copy = found == world_.blocks.end() ? std::make_shared<Block>() : std::make_shared<Block>(*found->second);
    }
    return *copy;
  };
  for (const auto& [at, figure] : changes.production) {
    ApplyFact(at.second, figure, writable(at.first).production);
  }
  std::set<std::string> forms_changed;
  for (const auto& [at, figure] : changes.trade) {
    ApplyFact(at.second, figure, writable(at.first).trade);
    if (HasMainForms(world_.parameters.main_forms, at.first.mineral)) {
      forms_changed.insert(at.first.mineral);
    }
  }
  for (const auto& [id, copy] : copies) {
    world_.blocks[id] = copy;
    reached.series.insert(id);
  }
  for (const std::string& mineral : forms_changed) {
    ReachMineral(mineral, reached);
  }
}

void Model::ApplyGovernance(const Changes& changes, Reached& reached) {
  if (changes.governance.empty()) {
    return;
  }
  GovernanceFacts& facts = world_.governance.Write();
  for (const auto& [key, fact] : changes.governance) {
    ApplyFact(key, fact, facts);
    ReachCountry(key.country, reached);
  }
}

void Model::ApplyIndicators(const Changes& changes, Reached& reached) {
  if (changes.indicators.empty()) {
    return;
  }
  IndicatorFacts& facts = world_.indicators.Write();
  for (const auto& [key, fact] : changes.indicators) {
    ApplyFact(key, fact, facts);
    ReachSubject(key.subject, reached);
  }
}

void Model::ApplyReserves(const Changes& changes, Reached& reached) {
  if (changes.reserves.empty()) {
    return;
  }
  ReservesFacts& facts = world_.reserves.Write();
  for (const auto& [key, fact] : changes.reserves) {
    ApplyFact(key, fact, facts);
    ReachMineral(key.mineral, reached);
  }
}

void Model::ApplyStockpiles(const Changes& changes, Reached& reached) {
  if (changes.stockpiles.empty()) {
    return;
  }
  StockpileFacts& facts = world_.stockpiles.Write();
  for (const auto& [name, fact] : changes.stockpiles) {
    if (const auto before = facts.find(name); before != facts.end()) {
      reached.stocked.insert(before->second.minerals.begin(), before->second.minerals.end());
    }
    if (fact.has_value()) {
      reached.stocked.insert(fact->minerals.begin(), fact->minerals.end());
    }
    ApplyFact(name, fact, facts);
  }
  for (const std::string& mineral : reached.stocked) {
    ReachMineral(mineral, reached);
  }
}

void Model::ApplyPolicy(const Changes& changes, Reached& reached) {
  if (changes.blocs.empty() && changes.restrictions.empty() && changes.agreements.empty() &&
      !changes.today.has_value()) {
    return;
  }
  const CopyOnWrite<TradePolicy> before = world_.policy;
  TradePolicy& after = world_.policy.Write();
  after.today = changes.today.value_or(after.today);
  for (const auto& [name, memberships] : changes.blocs) {
    ApplyFact(name, memberships, after.blocs);
    ReachTraded("", 0, reached);
  }
  for (const auto& [name, memberships] : after.blocs) {
    // Agreements of a bloc are those of its members of the day.
    if (MembersOn(after, name, before->today) != MembersOn(after, name, after.today)) {
      ReachTraded("", 0, reached);
    }
  }
  ApplyDated(changes.restrictions, before->today, after.today, after.restrictions,
             [&](const Restriction& restriction) { ReachTraded(restriction.mineral, restriction.stage, reached); });
  ApplyDated(changes.agreements, before->today, after.today, after.agreements, [&](const TradeAgreement& agreement) {
    if (agreement.minerals.empty()) {
      ReachTraded("", 0, reached);
    }
    for (const std::string& mineral : agreement.minerals) {
      ReachTraded(mineral, 0, reached);
    }
  });
}

void Model::ReachSubject(const std::string& name, Reached& reached) const {
  constexpr char kCountries[] = "countries/";
  if (absl::StartsWith(name, kCountries)) {
    return ReachCountry(std::string(absl::StripPrefix(name, kCountries)), reached);
  }
  ReachMineral(name, reached);
}

void Model::ReachMineral(const std::string& mineral, Reached& reached) const {
  for (auto it = world_.blocks.lower_bound({mineral, 0}); it != world_.blocks.end() && it->first.mineral == mineral;
       ++it) {
    reached.series.insert(it->first);
  }
}

void Model::ReachCountry(const std::string& country, Reached& reached) const {
  reached.countries.insert(country);
  for (const auto& [id, block] : world_.blocks) {
    if (Mentions(*block, country)) {
      reached.series.insert(id);
    }
  }
}

// The series with trade of a mineral (empty: all) at a stage (0: all): what needs an importer is computed of no other.
void Model::ReachTraded(const std::string& mineral, StageNumber stage, Reached& reached) const {
  for (const auto& [id, block] : world_.blocks) {
    if (!block->trade.empty() && (mineral.empty() || id.mineral == mineral) && (stage == 0 || id.stage == stage)) {
      reached.series.insert(id);
    }
  }
}

void Model::ScoreSeries(const SeriesId& id) {
  ++computed_series_;
  std::set<ScoreKey> gone;
  for (auto it = scores_.lower_bound({id.mineral, id.stage, "", Method::kHhi});
       it != scores_.end() && it->first.subject == id.mineral && it->first.stage == id.stage; ++it) {
    gone.insert(it->first);
  }
  const SeriesView view(world_, id);
  for (Score& score : SeriesScorer(view).Compute()) {
    gone.erase(score.key);
    // Marked afterwards, for the mineral as a whole.
    if (const auto before = scores_.find(score.key); before != scores_.end()) {
      score.bottleneck = before->second->bottleneck;
      score.known_stages = before->second->known_stages;
    }
    Replace(std::move(score));
  }
  for (const ScoreKey& key : gone) {
    Remove(key);
  }
  const Block& block = *world_.blocks.at(id);
  if (block.production.empty() && block.trade.empty()) {
    world_.blocks.erase(id);
  }
}

void Model::ScoreStocks(const std::string& mineral) {
  for (const std::string& importer : world_.parameters.importers) {
    Score score = StockCover(world_, mineral, importer);
    if (!score.estimate.value.has_value()) {
      Remove(score.key);
      continue;
    }
    // Marked afterwards, for the mineral as a whole.
    if (const auto before = scores_.find(score.key); before != scores_.end()) {
      score.known_stages = before->second->known_stages;
    }
    Replace(std::move(score));
  }
}

void Model::ScoreCountry(const std::string& country) {
  Score score = CountryGovernance(world_, country);
  if (score.inputs.empty()) {
    return Remove(score.key);
  }
  Replace(std::move(score));
}

void Model::MarkBottleneck(const std::string& mineral) {
  const Score* worst = nullptr;
  int known = 0;
  ChangeCause cause = ChangeCause::kReal;
  const auto begin = scores_.lower_bound({mineral, 0, "", Method::kHhi});
  const auto of_mineral = [&](auto it) { return it != scores_.end() && it->first.subject == mineral; };
  for (auto it = begin; of_mineral(it); ++it) {
    const Score& score = *it->second;
    if (score.key.method == Method::kHhi && score.estimate.value.has_value()) {
      ++known;
      // A stage that moved has moved the marks of the others.
      cause = score.changed_revision == revision_ ? score.change_cause : cause;
      // Of equals the first stage.
      if (worst == nullptr || *score.estimate.value > *worst->estimate.value) {
        worst = &score;
      }
    }
  }
  const StageNumber worst_stage = worst == nullptr ? 0 : worst->key.stage;
  for (auto it = begin; of_mineral(it); ++it) {
    Score marked = *it->second;
    marked.bottleneck = marked.key.method == Method::kHhi && known > 0 && marked.key.stage == worst_stage;
    marked.known_stages = known;
    if (!SameContent(marked, *it->second)) {
      marked.change_cause = marked.changed_revision == revision_ ? marked.change_cause : cause;
      marked.changed_revision = revision_;
      touched_.insert(it->first);
      it->second = std::make_shared<const Score>(std::move(marked));
    }
  }
}

Score Model::Compute(const ScoreKey& key, const Variant& variant) const {
  const SeriesView view(world_, {key.subject, key.stage});
  switch (key.method) {
    case Method::kHhi:
      return SeriesScorer(view).Concentration();
    case Method::kHhiGovernance:
      return SeriesScorer(view).GovernanceConcentration();
    case Method::kHhiNormalized:
      return SeriesScorer(view).NormalizedConcentration(key.normalization_n);
    case Method::kHhiGovernanceExports:
      return SeriesScorer(view).GovernanceOfExports();
    case Method::kEuSupplyRisk2017:
      return SupplyRisk(view, key.importer);
    case Method::kGeoPolRisk2024: {
      const GeoPolRiskParameters parameters = variant.geopolrisk.value_or(world_.parameters.geopolrisk);
      return variant.purchases.has_value() ? GeoPolRiskOfPurchases(view, *variant.purchases, parameters)
                                           : GeoPolRisk(view, key.importer, parameters);
    }
    case Method::kUsgs2020:
      return UsgsSupplyRisk(view, key.importer, world_.parameters.usgs);
    case Method::kYale2015:
      return YaleSupplyRisk(view, world_.parameters.yale);
    case Method::kStockCover:
      return StockCover(world_, key.subject, key.importer);
    case Method::kOrewatch2026:
      return CompositeSupplyRisk(view, key.importer, GeoPolRisk(view, key.importer, world_.parameters.geopolrisk),
                                 world_.parameters.composite);
    case Method::kCountryGovernance:
      return CountryGovernance(world_, key.subject.substr(key.subject.find('/') + 1));
    case Method::kHhiOwnership:
    case Method::kOrewatchSupplier2026:
      // Of chains, which a model does not know.
      break;
  }
  return {};
}

std::shared_ptr<const Score> Model::Find(const ScoreKey& key) const {
  if (const auto found = scores_.find(key); found != scores_.end()) {
    return found->second;
  }
  return ComputeNow(key, {});
}

std::shared_ptr<const Score> Model::Find(const ScoreKey& key, const Variant& variant) const {
  return variant.empty() ? Find(key) : ComputeNow(key, variant);
}

std::shared_ptr<const Score> Model::ComputeNow(const ScoreKey& key, const Variant& variant) const {
  Score score = Compute(key, variant);
  score.key = key;
  return Finished(std::move(score));
}

std::shared_ptr<const Score> Model::Finished(Score score) const {
  score.changed_revision = revision_;
  for (auto it = scores_.lower_bound({score.key.subject, 0, "", Method::kHhi});
       it != scores_.end() && it->first.subject == score.key.subject; ++it) {
    score.known_stages = it->second->known_stages;
  }
  return std::make_shared<const Score>(std::move(score));
}

std::vector<std::shared_ptr<const Score>> Model::FindByYear(const ScoreKey& key, int first, int last) const {
  std::vector<int> years = YearsOf(world_, key);
  const auto outside = [&](int year) { return year < first || year > last; };
  years.erase(std::remove_if(years.begin(), years.end(), outside), years.end());
  std::vector<std::shared_ptr<const Score>> scores;
  for (size_t i = years.size() - std::min(years.size(), kMaxYears); i < years.size(); ++i) {
    Model then(world_.parameters);
    then.world_ = AsOfYear(world_, key, years[i]);
    then.revision_ = revision_;
    auto score = then.ComputeNow(key, {});
    // Else it is that of an earlier year.
    if (score->reference_year == years[i] && score->estimate.value.has_value()) {
      scores.push_back(std::move(score));
    }
  }
  return scores;
}

Model::Scores Model::Recomputed(const std::string& subject) const {
  Model fresh(world_.parameters);
  fresh.world_ = world_;
  fresh.revision_ = revision_;
  for (auto it = world_.blocks.lower_bound({subject, 0}); it != world_.blocks.end() && it->first.mineral == subject;
       ++it) {
    fresh.ScoreSeries(it->first);
  }
  fresh.ScoreStocks(subject);
  if (absl::string_view country = subject; absl::ConsumePrefix(&country, "countries/")) {
    fresh.ScoreCountry(std::string(country));
  }
  fresh.MarkBottleneck(subject);
  return std::move(fresh.scores_);
}

std::string Model::SubjectAfter(const std::string& subject) const {
  // Sorts after every key of the subject, and before those of any other.
  auto next = scores_.lower_bound({subject + '\0', 0, "", Method::kHhi});
  next = next == scores_.end() ? scores_.begin() : next;
  return next == scores_.end() ? "" : next->first.subject;
}

void Model::Replace(Score score) {
  auto& slot = scores_[score.key];
  removed_.erase(score.key);
  if (slot != nullptr && SameContent(*slot, score)) {
    return;
  }
  score.changed_revision = revision_;
  touched_.insert(score.key);
  if (slot != nullptr) {
    score.change_cause = CauseOf(*slot, score);
  } else if (revision_ != first_revision()) {
    score.change_cause = ChangeCause::kReal;
  }
  slot = std::make_shared<const Score>(std::move(score));
}

void Model::Remove(const ScoreKey& key) {
  if (scores_.erase(key) > 0) {
    removed_[key] = revision_;
    touched_.insert(key);
  }
}

}  // namespace orewatch::risk
