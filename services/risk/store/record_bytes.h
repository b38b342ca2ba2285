// Records as bytes, the same in every engine.
#pragma once

#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "services/risk/domain/score_record.h"

namespace orewatch::risk {

// All but the key, the edition, the parameter set and the revision, which stand beside it in columns. Texts that come
// again are written once.
std::string BytesOf(const ScoreRecord& record);

// Adds to a record what its bytes hold. DATA_LOSS if BytesOf has not made them, or only a newer release can read them.
absl::Status ReadBytes(absl::string_view bytes, ScoreRecord& record);

}  // namespace orewatch::risk
