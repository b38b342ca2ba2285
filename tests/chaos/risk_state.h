// What risk keeps of one revision, and where two differ.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "services/risk/domain/chain_editor.h"
#include "services/risk/domain/facts.h"
#include "services/risk/domain/model.h"

namespace orewatch::testing {

// Keeps scores and chains as risk's feed does.
class RiskState {
 public:
  explicit RiskState(int threads) : editor_(threads) {}

  // The first time everything, then what changes.
  void Apply(const risk::Changes& changes, int64_t revision);

  const std::shared_ptr<const risk::Model>& model() const { return model_; }
  const std::shared_ptr<const risk::Chain>& chain() const { return chain_; }

 private:
  risk::ChainEditor editor_;
  std::shared_ptr<const risk::Model> model_ = std::make_shared<const risk::Model>(risk::Parameters());
  std::shared_ptr<const risk::Chain> chain_;
};

// The first difference between what is kept and what was computed as a whole, in words; empty: there is none, to the
// bit. What is kept may know nodes that no fact speaks of any more, if nothing hangs on them.
std::string DifferenceOf(const RiskState& kept, const RiskState& computed);

// The same of what one principal may read of some facilities.
std::string DifferenceFor(const std::string& principal, const std::vector<risk::NodeKey>& nodes, const RiskState& kept,
                          const RiskState& computed);

}  // namespace orewatch::testing
