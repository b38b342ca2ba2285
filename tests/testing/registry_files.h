// A registry on its own, and files on their way into it and out of it through orewatchctl.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "common/testing/temp_dir.h"
#include "tests/testing/clients.h"
#include "tests/testing/service_process.h"

namespace orewatch::testing {

// Empty at first, but for the day, which its first revision notes.
class LoneRegistry {
 public:
  LoneRegistry() : stub(process_.channel()) {
    Eventually("the first day", [&] { return Head() > 0; });
  }

  Finished Ctl(std::vector<std::string> words);
  // Every row must be taken or left out for a reason; what was printed.
  std::string ImportFiles(const std::vector<std::string>& paths);
  int64_t Head();
  std::vector<registry::v1::Statistic> Statistics(registry::v1::StatisticKind kind);

 private:
  TempDir dir_;
  ServiceProcess process_{"orewatch-registry", dir_ / "log", {absl::StrCat("--data_dir=", dir_.path())}};

 public:
  RegistryStub stub;
};

// What Export gives, which is of one revision and whole. The fields that the registry sets are blank in `entries`.
struct Snapshot {
  int64_t revision = 0;
  std::vector<registry::v1::Entry> entries;
};
Snapshot SnapshotOf(RegistryStub& registry);

void ExpectSameEntries(const Snapshot& before, const Snapshot& after);

// Exports the registry as CSV, imports that into a fresh registry and exports it again: the files must be equal byte by
// byte, and the entries field by field. Returns how many entries there are.
size_t ExpectRoundTrip(LoneRegistry& registry);

}  // namespace orewatch::testing
