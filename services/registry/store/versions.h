// What engines agree upon about versions of entries.
#pragma once

#include <cstdint>
#include <limits>

namespace orewatch::registry {

// to_revision of a live version.
inline constexpr int64_t kLive = std::numeric_limits<int64_t>::max();

}  // namespace orewatch::registry
