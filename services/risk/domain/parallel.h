// Runs independent pieces of one computation on several threads.
#pragma once

#include <cstddef>
#include <functional>

namespace orewatch::risk {

// Calls `run` once for each of 0 to `count` - 1, on at most `threads` threads, this one among them; returns when all
// are done. Which thread runs what is left to chance: a piece must write nothing that another reads.
void ParallelFor(size_t count, int threads, const std::function<void(size_t)>& run);

}  // namespace orewatch::risk
