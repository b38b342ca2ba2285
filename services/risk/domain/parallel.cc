#include "services/risk/domain/parallel.h"

#include <algorithm>
#include <atomic>
#include <thread>
#include <vector>

namespace orewatch::risk {

void ParallelFor(size_t count, int threads, const std::function<void(size_t)>& run) {
  std::atomic<size_t> next{0};
  const auto work = [&] {
    for (size_t i = next++; i < count; i = next++) {
      run(i);
    }
  };
  std::vector<std::thread> others;
  const size_t wanted = std::min(count, static_cast<size_t>(std::max(threads, 1)));
  for (size_t i = 1; i < wanted; ++i) {
    others.emplace_back(work);
  }
  work();
  for (std::thread& other : others) {
    other.join();
  }
}

}  // namespace orewatch::risk
