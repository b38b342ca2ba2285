// Which score is meant, and which scores there are.
#pragma once

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "orewatch/risk/v1/risk.pb.h"
#include "services/ctl/client/client.h"

namespace orewatch::ctl {

// Every score that is kept and matches.
absl::StatusOr<risk::v1::ListScoresResponse> AllScores(const Client& client, const risk::v1::ScoreKey& filter);

// Whether the subject is a supplier or facility.
bool IsOfSuppliers(const risk::v1::ScoreKey& key);

// Fills in what the user left out: the method that a supplier or country has; of a mineral the index of concentration,
// at the stage where it is worst. NOT_FOUND (NO_BOTTLENECK).
absl::Status CompleteKey(const Client& client, risk::v1::ScoreKey& key);

}  // namespace orewatch::ctl
