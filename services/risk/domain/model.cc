#include "services/risk/domain/model.h"

#include <optional>
#include <utility>

#include "absl/strings/str_cat.h"
#include "services/risk/domain/series_scorer.h"

namespace orewatch::risk {
namespace {

void ApplyPresence(const std::map<std::string, bool>& changes, std::set<std::string>& names) {
  for (const auto& [name, present] : changes) {
    if (present) {
      names.insert(name);
    } else {
      names.erase(name);
    }
  }
}

// Sets or erases one figure of a block.
template <typename Key>
void ApplyFigure(const Key& key, const std::optional<Figure>& figure, std::map<Key, Figure>& figures) {
  if (figure.has_value()) {
    figures[key] = *figure;
  } else {
    figures.erase(key);
  }
}

template <typename Value>
void ApplyYear(const std::string& subject, int year, const std::optional<Value>& value,
               std::map<std::string, std::map<int, Value>>& series) {
  if (value.has_value()) {
    series[subject][year] = *value;
    return;
  }
  series[subject].erase(year);
  if (series[subject].empty()) {
    series.erase(subject);
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

}  // namespace

std::shared_ptr<const Model> Model::Apply(const Changes& changes, int64_t revision) const {
  auto next = std::make_shared<Model>(*this);
  next->revision_ = revision;
  next->computed_series_ = 0;
  next->ApplySubjects(changes);
  const Reached reached = next->ApplyFacts(changes);
  std::set<std::string> minerals;
  for (const SeriesId& id : reached.series) {
    next->ScoreSeries(id);
    minerals.insert(id.mineral);
  }
  for (const std::string& country : reached.countries) {
    next->ScoreCountry(country);
  }
  for (const std::string& mineral : minerals) {
    next->MarkBottleneck(mineral);
  }
  return next;
}

void Model::ApplySubjects(const Changes& changes) {
  ApplyPresence(changes.minerals, minerals_);
  ApplyPresence(changes.countries, countries_);
}

Model::Reached Model::ApplyFacts(const Changes& changes) {
  Reached reached;
  std::map<SeriesId, std::shared_ptr<Block>> copies;
  const auto writable = [&](const SeriesId& id) -> Block& {
    auto& copy = copies[id];
    if (copy == nullptr) {
      const auto found = blocks_.find(id);
      copy = found == blocks_.end() ? std::make_shared<Block>() : std::make_shared<Block>(*found->second);
    }
    return *copy;
  };
  for (const auto& [at, figure] : changes.production) {
    ApplyFigure(at.second, figure, writable(at.first).production);
  }
  for (const auto& [at, figure] : changes.trade) {
    ApplyFigure(at.second, figure, writable(at.first).trade);
  }
  for (const auto& [id, copy] : copies) {
    blocks_[id] = copy;
    reached.series.insert(id);
  }
  for (const auto& [at, estimates] : changes.governance) {
    ApplyYear(at.first, at.second, estimates, governance_);
    ReachCountry(at.first, reached);
  }
  for (const auto& [at, recycling] : changes.recycling) {
    ApplyYear(at.first, at.second, recycling, recycling_);
    for (const auto& [id, block] : blocks_) {
      if (id.mineral == at.first) {
        reached.series.insert(id);
      }
    }
  }
  for (const auto& [name, memberships] : changes.blocs) {
    if (memberships.has_value()) {
      blocs_[name] = *memberships;
    } else {
      blocs_.erase(name);
    }
    for (const auto& [id, block] : blocks_) {
      reached.series.insert(id);
    }
  }
  return reached;
}

void Model::ReachCountry(const std::string& country, Reached& reached) const {
  reached.countries.insert(country);
  for (const auto& [id, block] : blocks_) {
    if (Mentions(*block, country)) {
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
  for (Score& score : SeriesScorer(*this, id, *blocks_.at(id)).Compute()) {
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
}

void Model::ScoreCountry(const std::string& country) {
  constexpr double kScale = 10;
  const ScoreKey key{absl::StrCat("countries/", country), 0, "", Method::kCountryGovernance};
  const auto years = governance_.find(country);
  if (years == governance_.end()) {
    return Remove(key);
  }
  Score score;
  score.key = key;
  score.reference_year = years->second.rbegin()->first;
  if (const auto risk = GovernanceRisk(years->second.rbegin()->second)) {
    score.estimate.value = kScale * *risk;
    score.estimate.lower = kScale * *risk;
    score.estimate.upper = kScale * *risk;
  } else {
    AddReason("GOVERNANCE_INCOMPLETE", score.estimate.reasons);
  }
  score.inputs.push_back({"governance",
                          country,
                          MeanEstimate(years->second.rbegin()->second),
                          std::nullopt,
                          score.reference_year,
                          "",
                          0,
                          "",
                          {}});
  score.band = BandOf(key.method, score.estimate);
  Replace(std::move(score));
}

void Model::MarkBottleneck(const std::string& mineral) {
  const Score* worst = nullptr;
  int known = 0;
  const auto begin = scores_.lower_bound({mineral, 0, "", Method::kHhi});
  const auto of_mineral = [&](auto it) { return it != scores_.end() && it->first.subject == mineral; };
  for (auto it = begin; of_mineral(it); ++it) {
    const Score& score = *it->second;
    if (score.key.method == Method::kHhi && score.estimate.value.has_value()) {
      ++known;
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
      marked.changed_revision = revision_;
      it->second = std::make_shared<const Score>(std::move(marked));
    }
  }
}

void Model::Replace(Score score) {
  auto& slot = scores_[score.key];
  removed_.erase(score.key);
  if (slot != nullptr && SameContent(*slot, score)) {
    return;
  }
  score.changed_revision = revision_;
  slot = std::make_shared<const Score>(std::move(score));
}

void Model::Remove(const ScoreKey& key) {
  if (scores_.erase(key) > 0) {
    removed_[key] = revision_;
  }
}

}  // namespace orewatch::risk
