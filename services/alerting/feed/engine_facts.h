// The engine as the one who keeps facts.
#pragma once

#include <string>

#include "services/alerting/engine/alert_engine.h"
#include "services/alerting/feed/fact_feed.h"

namespace orewatch::alerting {

// Thread-safe; the engine outlives it.
class EngineFacts final : public FactSink {
 public:
  explicit EngineFacts(AlertEngine& engine) : engine_(engine) {}

  absl::Status ApplyFacts(const FactBatch& batch) override { return engine_.ApplyFacts(batch); }
  absl::Status FactsLost() override { return engine_.InputLost(Source::kFacts); }
  FactPosition facts() const override { return engine_.facts_position(); }
  bool Knows(const std::string& resource) const override { return engine_.Knows(resource); }

 private:
  AlertEngine& engine_;
};

}  // namespace orewatch::alerting
