// Every score at one revision, and how the next revision follows from it.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "services/risk/domain/geopolrisk_scorer.h"
#include "services/risk/domain/score.h"
#include "services/risk/domain/world.h"

namespace orewatch::risk {

// What a caller asks for in place of what the model's parameters say, of the methods that heed it.
struct Variant {
  std::optional<HhiParameters> hhi;
  std::optional<GeoPolRiskParameters> geopolrisk;
  // A company's own suppliers in place of an importer's trade.
  std::optional<std::vector<Purchase>> purchases;
  bool empty() const { return !hhi.has_value() && !geopolrisk.has_value() && !purchases.has_value(); }
};

// Immutable; share it freely. Apply makes the next one, which shares everything that the changes do not touch.
class Model {
 public:
  using Scores = std::map<ScoreKey, std::shared_ptr<const Score>>;

  explicit Model(Parameters parameters);

  // The model after the changes. Computes anew only the series, countries and minerals that they reach; a score whose
  // content stays the same keeps its revision of change. Deterministic: the same facts give the same bits, however they
  // came.
  std::shared_ptr<const Model> Apply(const Changes& changes, int64_t revision) const;

  int64_t revision() const { return revision_; }
  // The first revision that was applied, as a whole: which scores changed or went before it is not known. 0: none was.
  int64_t first_revision() const { return first_revision_.value_or(0); }
  const Parameters& parameters() const { return world_.parameters; }
  const World& world() const { return world_; }
  // What is kept current.
  const Scores& scores() const { return scores_; }
  // Scores that no longer exist, with the revision that removed them.
  const std::map<ScoreKey, int64_t>& removed() const { return removed_; }
  // Scores that the Apply that made this model changed or removed.
  const std::set<ScoreKey>& touched() const { return touched_; }
  bool KnowsSubject(const std::string& name) const;
  // A country or bloc.
  bool KnowsImporter(const std::string& name) const;

  // Any score that a method defines, but for kHhiOwnership and kOrewatchSupplier2026, which need the chains: from
  // what is kept, else computed now. Without data it is unset and says why; never null. Of one that is not kept the
  // revision of change is the model's.
  std::shared_ptr<const Score> Find(const ScoreKey& key) const;
  // Computed now, unless the variant is empty.
  std::shared_ptr<const Score> Find(const ScoreKey& key, const Variant& variant) const;

  // A score of this model that it does not keep, with what depends on the model rather than on the method.
  std::shared_ptr<const Score> Finished(Score score) const;

  // The score of each year from the one to the other of which the data suffice for a value, computed now, the oldest
  // first. At most kMaxYears, the newest. Not for stocks.
  static constexpr size_t kMaxYears = 100;
  std::vector<std::shared_ptr<const Score>> FindByYear(const ScoreKey& key, int first, int last) const;

  // The scores of a subject, computed from the facts alone: what is kept is the same, unless a change has reached less
  // than it should.
  Scores Recomputed(const std::string& subject) const;
  // The subjects with scores in turn: the next by name, after the last the first. Empty: there is none.
  std::string SubjectAfter(const std::string& subject) const;

  // Series computed by the Apply that made this model.
  int computed_series() const { return computed_series_; }

 private:
  // What a change set reaches.
  struct Reached {
    std::set<SeriesId> series;
    std::set<std::string> countries;
    // Minerals that stockpiles hold.
    std::set<std::string> stocked;
  };
  Reached ApplyFacts(const Changes& changes);
  void ApplyFigures(const Changes& changes, Reached& reached);
  void ApplyGovernance(const Changes& changes, Reached& reached);
  void ApplyIndicators(const Changes& changes, Reached& reached);
  void ApplyReserves(const Changes& changes, Reached& reached);
  void ApplyStockpiles(const Changes& changes, Reached& reached);
  void ApplyPolicy(const Changes& changes, Reached& reached);
  void ApplySubjects(const Changes& changes);
  void ReachSubject(const std::string& name, Reached& reached) const;
  void ReachMineral(const std::string& mineral, Reached& reached) const;
  void ReachCountry(const std::string& country, Reached& reached) const;
  void ReachTraded(const std::string& mineral, StageNumber stage, Reached& reached) const;
  void ScoreSeries(const SeriesId& id);
  void ScoreStocks(const std::string& mineral);
  void ScoreCountry(const std::string& country);
  void MarkBottlenecks(const std::string& mineral);
  Score Compute(const ScoreKey& key, const Variant& variant) const;
  std::shared_ptr<const Score> ComputeNow(const ScoreKey& key, const Variant& variant) const;
  void Replace(Score score);
  void Remove(const ScoreKey& key);

  World world_;
  int64_t revision_ = 0;
  std::optional<int64_t> first_revision_;
  int computed_series_ = 0;
  Scores scores_;
  std::map<ScoreKey, int64_t> removed_;
  std::set<ScoreKey> touched_;
};

}  // namespace orewatch::risk
