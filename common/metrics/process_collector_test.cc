#include "common/metrics/process_collector.h"

#include <cstdio>
#include <map>
#include <vector>

#include "gmock/gmock.h"

namespace orewatch::metrics {
namespace {

std::map<std::string, double> Collected() {
  std::map<std::string, double> values;
  for (const auto& family : ProcessCollector().Collect()) {
    for (const auto& metric : family.metric) {
      values[family.name] += family.type == prometheus::MetricType::Counter ? metric.counter.value : metric.gauge.value;
    }
  }
  return values;
}

TEST(ProcessCollectorTest, ReadsThisProcess) {
  const auto values = Collected();
  for (const char* family : {"process_resident_memory_bytes", "process_open_fds", "process_max_fds",
                             "process_start_time_seconds", "process_threads"}) {
    ASSERT_TRUE(values.contains(family)) << family;
    EXPECT_GT(values.at(family), 0) << family;
  }
  EXPECT_TRUE(values.contains("process_cpu_seconds_total"));
}

TEST(ProcessCollectorTest, FollowsMemoryAndFiles) {
  const auto before = Collected();
  std::vector<char> memory(64 << 20, 'x');
  FILE* file = std::fopen("/dev/null", "r");
  const auto during = Collected();
  std::fclose(file);
  EXPECT_GT(during.at("process_resident_memory_bytes"), before.at("process_resident_memory_bytes") + (32 << 20));
  EXPECT_EQ(during.at("process_open_fds"), before.at("process_open_fds") + 1);
}

}  // namespace
}  // namespace orewatch::metrics
