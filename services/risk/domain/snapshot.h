// A model, and where in the registry's history it stands.
#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "absl/time/time.h"
#include "services/risk/domain/model.h"

namespace orewatch::risk {

// A revision of the registry, and the digest of its history up to there.
struct HistoryPosition {
  std::string lineage;
  int64_t revision = 0;
  std::string digest;
  bool operator==(const HistoryPosition&) const = default;
};

struct Chain;

// A model and the history that it belongs to.
struct Snapshot {
  std::string lineage;
  // Of the registry's history up to the model's revision.
  std::string digest;
  std::shared_ptr<const Model> model;
  // Of the model's revision.
  std::shared_ptr<const Chain> chain;
  // When the registry committed the model's revision.
  absl::Time commit_time;
  HistoryPosition position() const { return {lineage, model->revision(), digest}; }
};

}  // namespace orewatch::risk
