// Every score at one revision, and how the next revision follows from it.
#pragma once

#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "services/risk/domain/facts.h"
#include "services/risk/domain/score.h"

namespace orewatch::risk {

struct Parameters {
  // Most trusted first; others follow by name. Datasets are never summed.
  std::vector<std::string> datasets = {"usgs-mcs-2026", "iea-2024", "eu-crm-2023", "eu-crm-2020"};
  // For whom supply risk is kept current.
  std::vector<std::string> importers = {"blocs/EU", "countries/AU", "countries/JP", "countries/KR", "countries/US"};
  // Taken on 0 to 1 where the World Bank has nothing.
  double imputed_governance = 0.5;
};

// The facts of one series. Immutable once a model holds it.
struct Block {
  std::map<ProductionKey, Figure> production;
  std::map<TradeKey, Figure> trade;
};

// Immutable; share it freely. Apply makes the next one, which shares everything that the changes do not touch.
class Model {
 public:
  using Scores = std::map<ScoreKey, std::shared_ptr<const Score>>;

  explicit Model(Parameters parameters) : parameters_(std::move(parameters)) {}

  // The model after the changes. Computes anew only the series, countries and minerals that they reach; a score whose
  // content stays the same keeps its revision of change. Deterministic: the same facts give the same bits, however they
  // came.
  std::shared_ptr<const Model> Apply(const Changes& changes, int64_t revision) const;

  int64_t revision() const { return revision_; }
  const Scores& scores() const { return scores_; }
  // Scores that no longer exist, with the revision that removed them.
  const std::map<ScoreKey, int64_t>& removed() const { return removed_; }
  bool KnowsSubject(const std::string& name) const { return minerals_.count(name) + countries_.count(name) > 0; }
  // Series computed by the Apply that made this model.
  int computed_series() const { return computed_series_; }

 private:
  friend class SeriesScorer;

  // What a change set reaches.
  struct Reached {
    std::set<SeriesId> series;
    std::set<std::string> countries;
  };
  Reached ApplyFacts(const Changes& changes);
  void ApplySubjects(const Changes& changes);
  void ReachCountry(const std::string& country, Reached& reached) const;
  void ScoreSeries(const SeriesId& id);
  void ScoreCountry(const std::string& country);
  void MarkBottleneck(const std::string& mineral);
  void Replace(Score score);
  void Remove(const ScoreKey& key);

  Parameters parameters_;
  int64_t revision_ = 0;
  int computed_series_ = 0;
  std::set<std::string> minerals_;
  std::set<std::string> countries_;
  std::map<SeriesId, std::shared_ptr<const Block>> blocks_;
  std::map<std::string, std::map<int, GovernanceEstimates>> governance_;
  std::map<std::string, std::map<int, Recycling>> recycling_;
  std::map<std::string, std::vector<Membership>> blocs_;
  Scores scores_;
  std::map<ScoreKey, int64_t> removed_;
};

}  // namespace orewatch::risk
