// Writers and watchers of one registry, and the verdict on what they were told.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "tests/chaos/random_writer.h"
#include "tests/chaos/recording_watcher.h"

namespace orewatch::testing {

// Thread-compatible.
class RegistryLoad {
 public:
  // Begins at once, with a registry in which nothing has been written but by the registry itself. `secret`: see
  // HistoryChecker.
  RegistryLoad(std::vector<std::string> replicas, std::string secret, uint64_t seed);

  // Waits until `more` further writes have been acknowledged; a failure if that takes too long.
  void AwaitAcknowledged(int64_t more);
  // Ends the load, goes through all records and returns each fault. All replicas must serve. `earlier_lineages`: see
  // HistoryChecker.
  std::vector<std::string> StopAndCheck(std::vector<std::string> earlier_lineages = {});

 private:
  static constexpr int kWriters = 16;
  static constexpr int kWatchers = 8;

  void StopWriters();
  // Waits until each has seen the revision.
  void StopWatchers(int64_t head);
  void PrintSummary(const History& history) const;

  const std::vector<std::string> replicas_;
  const std::string secret_;
  const RecordedWrite shared_;
  AcknowledgedWrites acknowledged_;
  std::vector<std::unique_ptr<RandomWriter>> writers_;
  std::vector<std::unique_ptr<RecordingWatcher>> watchers_;
};

}  // namespace orewatch::testing
