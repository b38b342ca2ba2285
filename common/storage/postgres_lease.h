// Who may write of several processes: a row that one of them holds for a while.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "common/storage/postgres.h"

namespace orewatch::storage {

// Each works on the one row of `lease(holder text, epoch bigint, expires bigint)`, at first ('', 0, 0). The epoch is a
// new one whenever the holder changes: it fences off whoever had the lease before. expires: microseconds since the
// epoch of Unix.

// Takes the lease for the holder, or keeps it, from `now` until `life` later; nothing while another has it. Without
// `now` the server's clock counts, which is the same for all.
absl::StatusOr<std::optional<int64_t>> TakeLease(Postgres& db, const std::string& holder, absl::Duration life,
                                                 std::optional<absl::Time> now = std::nullopt);
// Nothing happens if the epoch is over.
absl::Status GiveUpLease(Postgres& db, int64_t epoch);
// Locks the row until the transaction ends: nobody takes the lease over meanwhile.
absl::StatusOr<bool> HoldsLease(Postgres& db, int64_t epoch);

}  // namespace orewatch::storage
