// Whether answers about one figure belong to a history of the registry, each wholly to one.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "orewatch/registry/v1/registry.pb.h"
#include "tests/chaos/history.h"

namespace orewatch::testing {

// The concentration of the mining of one mineral in two countries, as an answer showed it.
struct SeenConcentration {
  // Whose answer, and which part of it.
  std::string who;
  type::v1::Revision revision;
  double value = 0;
};

// Knows what the value is at each revision of each history, from the production figures in it alone. Thread-compatible.
class AnswerChecker {
 public:
  // The last set of a history tells its lineage.
  void AddHistory(const History& history);
  // In words; empty: the value is that of the revision in the history of its lineage.
  std::string FaultOf(const SeenConcentration& seen) const;

 private:
  // By lineage and revision.
  std::map<std::string, std::map<int64_t, double>> values_;
};

// Of the answer's parts: that they are of one lineage.
std::string FaultOfLineages(const std::string& who, const std::vector<type::v1::Revision>& parts);

}  // namespace orewatch::testing
