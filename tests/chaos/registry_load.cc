#include "tests/chaos/registry_load.h"

#include <array>
#include <iostream>
#include <utility>

#include "absl/strings/str_cat.h"
#include "tests/chaos/feed.h"
#include "tests/chaos/history_checker.h"
#include "tests/testing/service_process.h"

namespace orewatch::testing {

RegistryLoad::RegistryLoad(std::vector<std::string> replicas, std::string secret, uint64_t seed)
    : replicas_(std::move(replicas)), secret_(std::move(secret)), shared_([this] {
        RegistryStub registry(ChannelTo(replicas_));
        return CreateSharedEntries(registry);
      }()) {
  for (int i = 0; i < kWatchers; ++i) {
    watchers_.push_back(std::make_unique<RecordingWatcher>(absl::StrCat("watcher ", i), ++seed, replicas_));
  }
  for (int i = 0; i < kWriters; ++i) {
    writers_.push_back(std::make_unique<RandomWriter>(i, ++seed, replicas_, acknowledged_));
  }
}

void RegistryLoad::AwaitAcknowledged(int64_t more) {
  EXPECT_TRUE(acknowledged_.Await(more, kPatience)) << more << " more writes were not acknowledged in time";
}

void RegistryLoad::StopWriters() {
  std::vector<std::thread> stops;
  for (const auto& writer : writers_) {
    stops.emplace_back([&writer] { writer->Stop(); });
  }
  for (std::thread& stop : stops) {
    stop.join();
  }
}

void RegistryLoad::StopWatchers(int64_t head) {
  const absl::Time give_up = absl::Now() + absl::Minutes(2);
  for (const auto& watcher : watchers_) {
    watcher->AwaitRevision(head, give_up - absl::Now());
    watcher->Stop();
  }
}

std::vector<std::string> RegistryLoad::StopAndCheck(std::vector<std::string> earlier_lineages) {
  StopWriters();
  std::vector<registry::v1::GetHeadResponse> heads;
  std::vector<std::string> faults;
  for (const std::string& replica : replicas_) {
    RegistryStub registry(ChannelTo({replica}));
    const auto head = Call(registry, &RegistryStub::GetHead, registry::v1::GetHeadRequest());
    head.ok() ? heads.push_back(*head) : faults.push_back(head.status().ToString());
  }
  RegistryStub registry(ChannelTo({replicas_.front()}));
  const absl::StatusOr<History> history = ReadHistory(registry);
  if (!history.ok() || !faults.empty()) {
    faults.push_back(history.status().ToString());
    return faults;
  }
  StopWatchers(static_cast<int64_t>(history->size()));
  HistoryChecker checker(*history, secret_, std::move(earlier_lineages));
  for (const auto& head : heads) {
    checker.CheckHead(head);
  }
  std::vector<RecordedWrite> writes = {shared_};
  for (const auto& writer : writers_) {
    writes.insert(writes.end(), writer->writes().begin(), writer->writes().end());
    for (const RecordedRead& read : writer->reads()) {
      checker.CheckRead(read);
    }
  }
  checker.CheckWrites(writes);
  for (const auto& watcher : watchers_) {
    checker.CheckWatch(watcher->record());
  }
  PrintSummary(*history);
  return checker.faults();
}

void RegistryLoad::PrintSummary(const History& history) const {
  std::array<size_t, 3> outcomes{};
  size_t reads = 0;
  for (const auto& writer : writers_) {
    reads += writer->reads().size();
    for (const RecordedWrite& write : writer->writes()) {
      ++outcomes.at(static_cast<size_t>(write.outcome));
    }
  }
  std::cout << history.size() << " revisions; writes: " << outcomes[0] << " acknowledged, " << outcomes[1]
            << " refused, " << outcomes[2] << " unknown; " << reads << " reads checked\n";
}

}  // namespace orewatch::testing
