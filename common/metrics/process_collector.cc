#include "common/metrics/process_collector.h"

#include <sys/resource.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <sstream>

#include "absl/time/clock.h"
#include "absl/time/time.h"
#include "common/log/log.h"
#include "prometheus/gauge.h"

namespace orewatch::metrics {
namespace {

// Fields of /proc/self/stat after the command name, counted from the state (man 5 proc).
struct ProcessStat {
  double cpu_ticks = 0;
  double threads = 0;
  double start_ticks = 0;
  double virtual_bytes = 0;
  double resident_pages = 0;
};

ProcessStat ReadStat() {
  std::ifstream file("/proc/self/stat");
  std::string text((std::istreambuf_iterator<char>(file)), std::istreambuf_iterator<char>());
  // The command name may hold spaces and parentheses; it ends at the last ')'.
  const size_t end = text.rfind(')');
  if (end == std::string::npos) {
    return {};
  }
  std::istringstream rest(text.substr(end + 1));
  std::vector<std::string> fields((std::istream_iterator<std::string>(rest)), std::istream_iterator<std::string>());
  constexpr size_t kUserTime = 11;
  constexpr size_t kSystemTime = 12;
  constexpr size_t kThreads = 17;
  constexpr size_t kStartTime = 19;
  constexpr size_t kVirtualSize = 20;
  constexpr size_t kResident = 21;
  if (fields.size() <= kResident) {
    return {};
  }
  const auto number = [&](size_t i) { return std::strtod(fields[i].c_str(), nullptr); };
  return {number(kUserTime) + number(kSystemTime), number(kThreads), number(kStartTime), number(kVirtualSize),
          number(kResident)};
}

double BootTime() {
  std::ifstream file("/proc/stat");
  std::string key;
  double value = 0;
  while (file >> key) {
    if (key == "btime" && file >> value) {
      return value;
    }
  }
  return 0;
}

double OpenFiles() {
  std::error_code error;
  const std::filesystem::directory_iterator files("/proc/self/fd", error);
  return error ? 0 : static_cast<double>(std::distance(begin(files), end(files)));
}

double MaxFiles() {
  rlimit limit{};
  getrlimit(RLIMIT_NOFILE, &limit);
  return static_cast<double>(limit.rlim_cur);
}

prometheus::MetricFamily Single(const std::string& name, const std::string& help, prometheus::MetricType type,
                                double value) {
  prometheus::ClientMetric metric;
  if (type == prometheus::MetricType::Counter) {
    metric.counter.value = value;
  } else {
    metric.gauge.value = value;
  }
  return {name, help, type, {metric}};
}

prometheus::MetricFamily LogLines() {
  prometheus::MetricFamily family{
      "orewatch_log_messages_total", "Log lines written.", prometheus::MetricType::Counter, {}};
  const std::pair<log::Level, const char*> levels[] = {{log::Level::kDebug, "debug"},
                                                       {log::Level::kInfo, "info"},
                                                       {log::Level::kWarning, "warning"},
                                                       {log::Level::kError, "error"}};
  for (const auto& [level, name] : levels) {
    prometheus::ClientMetric metric;
    metric.label.push_back({"level", name});
    metric.counter.value = static_cast<double>(log::LinesWritten(level));
    family.metric.push_back(metric);
  }
  return family;
}

}  // namespace

std::vector<prometheus::MetricFamily> ProcessCollector::Collect() const {
  using prometheus::MetricType;
  const ProcessStat stat = ReadStat();
  const auto ticks = static_cast<double>(sysconf(_SC_CLK_TCK));
  const auto page = static_cast<double>(sysconf(_SC_PAGESIZE));
  static const double boot_time = BootTime();
  return {
      Single("orewatch_clock_timestamp_seconds", "The system clock when this was read.", MetricType::Gauge,
             absl::ToDoubleSeconds(absl::Now() - absl::UnixEpoch())),
      Single("process_cpu_seconds_total", "User and system CPU time.", MetricType::Counter, stat.cpu_ticks / ticks),
      Single("process_resident_memory_bytes", "Resident memory.", MetricType::Gauge, stat.resident_pages * page),
      Single("process_virtual_memory_bytes", "Virtual memory.", MetricType::Gauge, stat.virtual_bytes),
      Single("process_open_fds", "Open file descriptors.", MetricType::Gauge, OpenFiles()),
      Single("process_max_fds", "Limit of open file descriptors.", MetricType::Gauge, MaxFiles()),
      Single("process_threads", "Threads.", MetricType::Gauge, stat.threads),
      Single("process_start_time_seconds", "Start, in seconds since the epoch.", MetricType::Gauge,
             boot_time + stat.start_ticks / ticks),
      LogLines(),
      Single("orewatch_log_dropped_total", "Log lines dropped, because nobody read them in time.", MetricType::Counter,
             static_cast<double>(log::LinesDropped())),
  };
}

const char* Version() { return OREWATCH_VERSION; }

void RegisterConfigHash(prometheus::Registry& registry, int64_t hash) {
  prometheus::BuildGauge()
      .Name("orewatch_config_hash")
      .Help("The same on processes that have the same settings, but for those of their own place.")
      .Register(registry)
      .Add({})
      .Set(static_cast<double>(hash));
}

void RegisterBuildInfo(prometheus::Registry& registry, const std::string& grpc_version) {
  prometheus::BuildGauge()
      .Name("orewatch_build_info")
      .Help("What is running; always 1.")
      .Register(registry)
      .Add({{"version", OREWATCH_VERSION},
            {"revision", OREWATCH_REVISION},
            {"compiler", OREWATCH_COMPILER},
            {"grpc_version", grpc_version}})
      .Set(1);
}

}  // namespace orewatch::metrics
