#include "common/rpc/call_table.h"

#include <algorithm>
#include <utility>

#include "absl/hash/hash.h"

namespace orewatch::rpc {

CallTable::Place::Place(CallTable& table, CallInFlight call) : table_(table), call_(std::move(call)) {
  Shard& shard = table_.ShardOf(this);
  absl::MutexLock lock(&shard.mutex);
  shard.places.insert(this);
}

CallTable::Place::~Place() {
  Shard& shard = table_.ShardOf(this);
  absl::MutexLock lock(&shard.mutex);
  shard.places.erase(this);
}

void CallTable::Place::SetPrincipal(const std::string& principal) {
  absl::MutexLock lock(&table_.ShardOf(this).mutex);
  call_.principal = principal;
}

CallTable::Shard& CallTable::ShardOf(const Place* place) { return shards_.at(absl::HashOf(place) % shards_.size()); }

std::vector<CallInFlight> CallTable::Oldest(bool streams, size_t count) const {
  std::vector<CallInFlight> calls;
  for (const Shard& shard : shards_) {
    absl::MutexLock lock(&shard.mutex);
    for (const Place* place : shard.places) {
      if (place->call_.stream == streams) {
        calls.push_back(place->call_);
      }
    }
  }
  std::sort(calls.begin(), calls.end(),
            [](const CallInFlight& a, const CallInFlight& b) { return a.started < b.started; });
  calls.resize(std::min(calls.size(), count));
  return calls;
}

int64_t CallTable::size(bool streams) const {
  int64_t size = 0;
  for (const Shard& shard : shards_) {
    absl::MutexLock lock(&shard.mutex);
    size += std::count_if(shard.places.begin(), shard.places.end(),
                          [&](const Place* place) { return place->call_.stream == streams; });
  }
  return size;
}

}  // namespace orewatch::rpc
