// History as messages.
#pragma once

#include <cstdint>
#include <vector>

#include "orewatch/risk/v1/history.pb.h"
#include "services/risk/domain/snapshot.h"
#include "services/risk/store/score_history.h"

namespace orewatch::risk {

v1::ScoreRecord MessageOf(const KeptRecord& kept, const Snapshot& snapshot);

// What a score has been, the oldest first: what it was at `since`, if that is known, and what it became after it.
struct RecordedScore {
  int64_t since = 0;
  // The first record is what it was at `since`.
  bool from_since = false;
  std::vector<KeptRecord> records;
};

v1::ScoreChanges ChangesOf(const RecordedScore& recorded, const Snapshot& snapshot);

}  // namespace orewatch::risk
