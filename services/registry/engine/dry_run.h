// What an import would write if it were not only checked.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <string>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "services/registry/store/store.h"

namespace orewatch::registry {

// Keeps what one portion of a dry run after another would have written, so that each sees those before it, and leaves
// the store as it is. Thread-compatible.
class DryRun {
 public:
  // Beyond so many bytes of statistics further ones are not kept: a repeat of one then looks like the first.
  static constexpr size_t kMaxStatisticBytes = size_t{128} << 20;

  // Runs `write` on the store as the portions before would have left it. What it writes goes nowhere else.
  absl::Status Write(WriteTransaction& store, const std::function<absl::Status(WriteTransaction&)>& write);
  // Of the resources that are kept, without which nothing true could be said of what refers to them.
  size_t resource_bytes() const { return resource_bytes_; }

 private:
  class Portion;
  struct Version {
    int64_t revision = 0;
    absl::Time create_time;
    absl::Time update_time;
    std::string payload;
  };

  void Keep(EntryKey key, Version version);

  std::map<EntryKey, Version> written_;
  int64_t portions_ = 0;
  size_t resource_bytes_ = 0;
  size_t statistic_bytes_ = 0;
};

}  // namespace orewatch::registry
