#include "common/log/log.h"

#include <spdlog/sinks/stdout_sinks.h>
#include <spdlog/spdlog.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <nlohmann/json.hpp>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/time/clock.h"
#include "absl/time/time.h"
#include "common/trace/trace.h"

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

constexpr size_t kUsualLine = 320;

// RFC 3339 with as many digits of the second as there are. Lines come in crowds: the second is written once for all of
// a thread's.
std::string Timestamp(absl::Time time) {
  thread_local int64_t written_second = 0;
  thread_local std::string second_text;
  const int64_t second = absl::ToUnixSeconds(time);
  if (second != written_second || second_text.empty()) {
    written_second = second;
    second_text = absl::FormatTime("%Y-%m-%d%ET%H:%M:%S", absl::FromUnixSeconds(second), absl::UTCTimeZone());
  }
  const absl::Duration rest = time - absl::FromUnixSeconds(second);
  std::string fraction = absl::StrFormat(".%09d", absl::ToInt64Nanoseconds(rest));
  fraction.resize(fraction.find_last_not_of('0') + 1);
  return absl::StrCat(second_text, fraction == "." ? "" : fraction, "+00:00");
}

bool IsPlain(char c) { return c >= ' ' && c < 0x7f && c != '"' && c != '\\'; }

void AppendText(absl::string_view text, std::string& line) {
  if (std::all_of(text.begin(), text.end(), IsPlain)) {
    absl::StrAppend(&line, "\"", text, "\"");
    return;
  }
  // A message may carry bytes that are not UTF-8: replace them rather than throw.
  line += nlohmann::json(std::string(text)).dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
}

void AppendValue(const std::string& value, std::string& line) { AppendText(value, line); }
void AppendValue(int64_t value, std::string& line) { absl::StrAppend(&line, value); }
void AppendValue(double value, std::string& line) { line += nlohmann::json(value).dump(); }
void AppendValue(bool value, std::string& line) { line += value ? "true" : "false"; }

}  // namespace

void SetLevel(Level level) { Logger().set_level(kSpdlogLevels.at(static_cast<size_t>(level))); }

const char* LevelName() {
  const auto* const level = std::find(kSpdlogLevels.begin(), kSpdlogLevels.end(), Logger().level());
  return kNames.at(static_cast<size_t>(level - kSpdlogLevels.begin()));
}

bool ParseLevel(absl::string_view text, Level& level) {
  for (size_t i = 0; i < kNames.size(); ++i) {
    if (text == kNames.at(i)) {
      level = static_cast<Level>(i);
      return true;
    }
  }
  return false;
}

bool Enabled(Level level) { return Logger().should_log(kSpdlogLevels.at(static_cast<size_t>(level))); }

void Write(Level level, absl::string_view message, absl::Span<const Field> fields) {
  if (!Enabled(level)) {
    return;
  }
  const auto index = static_cast<size_t>(level);
  std::string line;
  line.reserve(kUsualLine);
  absl::StrAppend(&line, R"({"ts":")", Timestamp(absl::Now()), R"(","level":")", kNames.at(index), R"(","msg":)");
  AppendText(message, line);
  if (const TracePtr& trace = TraceScope::Current(); trace != nullptr) {
    absl::StrAppend(&line, R"(,"trace_id":")", trace->id, "\"");
  }
  for (const Field& field : fields) {
    line += ',';
    AppendText(field.key, line);
    line += ':';
    std::visit([&](const auto& value) { AppendValue(value, line); }, field.value);
  }
  line += '}';
  Counters().at(index).fetch_add(1, std::memory_order_relaxed);
  Logger().log(kSpdlogLevels.at(index), fmt::string_view("{}"), line);
}

int64_t LinesWritten(Level level) { return Counters().at(static_cast<size_t>(level)).load(); }

}  // namespace orewatch::log
