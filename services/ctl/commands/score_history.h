// `score history` and `score years`.
#pragma once

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "orewatch/risk/v1/risk.pb.h"
#include "services/ctl/cli/session.h"

namespace orewatch::ctl {

// Of the subject that is the second word.
absl::Status RunScoreHistory(const Session& session);
absl::Status RunScoreYears(const Session& session);

// What a score has been; with a limit at most as many records.
absl::StatusOr<risk::v1::ListScoreHistoryResponse> HistoryOf(const Session& session, const risk::v1::ScoreKey& key);
absl::StatusOr<risk::v1::ListScoreYearsResponse> YearsOf(const Session& session, const risk::v1::ScoreKey& key);

}  // namespace orewatch::ctl
