#include "common/log/log.h"

#include <spdlog/sinks/stdout_sinks.h>
#include <spdlog/spdlog.h>

#include <array>
#include <atomic>
#include <nlohmann/json.hpp>

#include "absl/time/clock.h"
#include "absl/time/time.h"

namespace orewatch::log {
namespace {

constexpr std::array<const char*, 4> kNames = {"debug", "info", "warning", "error"};
constexpr std::array<spdlog::level::level_enum, 4> kSpdlogLevels = {spdlog::level::debug, spdlog::level::info,
                                                                    spdlog::level::warn, spdlog::level::err};

std::array<std::atomic<int64_t>, 4>& Counters() {
  static std::array<std::atomic<int64_t>, 4> counters{};
  return counters;
}

spdlog::logger& Logger() {
  static const auto logger = [] {
    auto made = spdlog::stderr_logger_mt("orewatch");
    made->set_pattern("%v");
    made->flush_on(spdlog::level::debug);
    return made;
  }();
  return *logger;
}

}  // namespace

void SetLevel(Level level) { Logger().set_level(kSpdlogLevels.at(static_cast<size_t>(level))); }

bool ParseLevel(absl::string_view text, Level& level) {
  for (size_t i = 0; i < kNames.size(); ++i) {
    if (text == kNames.at(i)) {
      level = static_cast<Level>(i);
      return true;
    }
  }
  return false;
}

void Write(Level level, absl::string_view message, std::initializer_list<Field> fields) {
  const auto index = static_cast<size_t>(level);
  if (!Logger().should_log(kSpdlogLevels.at(index))) {
    return;
  }
  nlohmann::ordered_json line;
  line["ts"] = absl::FormatTime(absl::RFC3339_full, absl::Now(), absl::UTCTimeZone());
  line["level"] = kNames.at(index);
  line["msg"] = std::string(message);
  for (const Field& field : fields) {
    std::visit([&](const auto& value) { line[field.key] = value; }, field.value);
  }
  Counters().at(index).fetch_add(1, std::memory_order_relaxed);
  // A message may carry bytes that are not UTF-8: replace them rather than throw.
  const std::string text = line.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
  Logger().log(kSpdlogLevels.at(index), fmt::string_view("{}"), text);
}

int64_t LinesWritten(Level level) { return Counters().at(static_cast<size_t>(level)).load(); }

}  // namespace orewatch::log
