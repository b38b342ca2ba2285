// The scores of one mineral at one stage.
#pragma once

#include <map>
#include <set>
#include <string>
#include <vector>

#include "services/risk/domain/model.h"

namespace orewatch::risk {

// Lives for one computation.
class SeriesScorer {
 public:
  SeriesScorer(const Model& model, const SeriesId& id, const Block& block);

  // HHI, governance-weighted HHI and supply risk for each configured importer.
  std::vector<Score> Compute() const;

 private:
  // The one series of production that is scored: most trusted dataset, then latest year, then largest total.
  struct Production {
    ProductionKey key;
    std::vector<std::pair<std::string, const Figure*>> rows;
    bool empty() const { return rows.empty(); }
  };
  // Trade into an importer, as parts by country of origin.
  struct Sourcing {
    std::vector<Part> parts;
    std::set<std::string> hs6;
    std::vector<Input> inputs;
    double imports = 0;
    double exports = 0;
    bool complete = true;
    bool same_basis = true;
    int year = 0;
  };

  Production ChooseProduction() const;
  Score Begin(Method method, const std::string& importer) const;
  Score Concentration() const;
  Score GovernanceConcentration() const;
  Score SupplyRisk(const std::string& importer) const;
  Sourcing SourcingOf(const std::set<std::string>& members) const;
  std::set<std::string> MembersOf(const std::string& importer) const;
  void AddProductionInputs(const Shares& shares, const WeightOf& weight_of, double scale, Score& score) const;
  std::vector<Part> ProductionParts() const;
  void Finish(Score& score) const;

  const Model& model_;
  const SeriesId& id_;
  const Block& block_;
  GovernanceScale governance_;
  GovernanceScale governance_of_ten_;
  Production production_;
  Shares shares_;
};

}  // namespace orewatch::risk
