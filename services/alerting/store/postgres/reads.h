// What the PostgreSQL engine asks, each in the caller's transaction.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "common/storage/postgres.h"
#include "services/alerting/store/alert_store.h"

namespace orewatch::alerting {

absl::StatusOr<Version> FindVersion(storage::Postgres& db);
// The next two need a snapshot that stays the same.
absl::StatusOr<StoredWorld> LoadWorld(storage::Postgres& db);
// MUST_LOAD as in AlertStore.
absl::StatusOr<Advance> FindAdvance(storage::Postgres& db, const Version& from, const Changes& also);
absl::StatusOr<std::optional<AnsweredRequest>> FindAnswer(storage::Postgres& db, const std::string& principal,
                                                          const std::string& request_id, absl::Time since);
absl::StatusOr<std::vector<TimelineEntry>> FindTimeline(storage::Postgres& db, const std::string& alert, int64_t before,
                                                        int64_t limit);
absl::StatusOr<std::vector<TimelineEntry>> FindTransitions(storage::Postgres& db, int64_t after, int64_t limit);

}  // namespace orewatch::alerting
