// What a registry might say of chains and figures, all of it at once and then edit by edit.
#pragma once

#include <string>

#include "services/risk/domain/facts.h"
#include "tests/chaos/run.h"

namespace orewatch::testing {

// Facilities in stages, most links from one stage to the next and some from anywhere, so that there are cycles. Some of
// it may only be read by kReader.
class RandomFacts {
 public:
  static constexpr char kReader[] = "alice";
  static constexpr char kMineral[] = "minerals/cobalt";

  RandomFacts(uint64_t seed, int facilities, int links) : random_(seed), facilities_(facilities), links_(links) {}

  risk::Changes Everything();
  // One to three changes: links come, go and move; facilities, suppliers and figures change or go.
  risk::Changes Edit();
  std::string AnyFacility() { return Facility(Below(facilities_)); }

 private:
  int Below(int end) { return static_cast<int>(Between(0, end - 1, random_)); }
  int StageOf(int facility) const { return static_cast<int>(int64_t{facility} * kStages / facilities_); }
  int AnyOfStage(int stage);
  // Of a product, tonnes and dates a few values are enough.
  double Part() { return 0.05 * Below(20); }
  std::string Facility(int number) const;
  std::string AnySupplier() { return Supplier(Below(facilities_)); }
  std::string Supplier(int facility) const;
  std::string Country(int stage);
  risk::Readers Readers();
  risk::FacilityFact FacilityOf(int number);
  risk::ChainLinkFact Link(const std::string& name);
  void AddFigure(risk::Changes& changes);
  void EditOnce(risk::Changes& changes);

  static constexpr int kStages = 5;
  Random random_;
  const int facilities_;
  const int links_;
};

// What holds after the changes, of facts that held before. A fact that is gone leaves nothing behind.
void Merge(const risk::Changes& changes, risk::Changes& facts);

}  // namespace orewatch::testing
