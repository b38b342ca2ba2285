// What a caller asks for, checked.
#pragma once

#include "absl/status/statusor.h"
#include "orewatch/risk/v1/risk.pb.h"
#include "services/risk/domain/model.h"

namespace orewatch::risk {

struct ScoreQuery {
  // Without what its method does not look at.
  ScoreKey key;
  Variant variant;
};

// INVALID_ARGUMENT naming each field that cannot be meant: a missing method, stage or importer; options that the method
// does not heed; parameters out of range or under the name of the service's own; purchases beside an importer.
absl::StatusOr<ScoreQuery> QueryOf(const v1::ScoreKey& key, const v1::ScoreOptions& options,
                                   const Parameters& parameters);

}  // namespace orewatch::risk
