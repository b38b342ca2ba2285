#include "common/log/log.h"

#include <algorithm>
#include <array>
#include <atomic>
#include <csignal>
#include <cstdlib>
#include <nlohmann/json.hpp>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/time/clock.h"
#include "absl/time/time.h"
#include "common/log/line_writer.h"
#include "common/text/utf8.h"
#include "common/trace/trace.h"

namespace orewatch::log {
namespace {

constexpr std::array<const char*, 4> kNames = {"debug", "info", "warning", "error"};
std::array<std::atomic<int64_t>, 4>& Counters() {
  static std::array<std::atomic<int64_t>, 4> counters{};
  return counters;
}

// What is not below it is written.
std::atomic<Level>& Lowest() {
  static std::atomic<Level> lowest{Level::kInfo};
  return lowest;
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

// What may wait to be written is bounded by lines, so that a line must be.
constexpr size_t kMaxLineBytes = 8192;
// Of one text in it, before what JSON makes of it.
constexpr size_t kMaxTextBytes = 4096;

bool IsPlain(char c) { return c >= ' ' && c < 0x7f && c != '"' && c != '\\'; }

void AppendText(absl::string_view text, std::string& line) {
  if (std::all_of(text.begin(), text.end(), IsPlain)) {
    absl::StrAppend(&line, "\"", text, "\"");
    return;
  }
  // A message may carry bytes that are not UTF-8: replace them rather than throw.
  line += nlohmann::json(std::string(text)).dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
}

void AppendValue(const std::string& value, std::string& line) { AppendText(CutToBytes(value, kMaxTextBytes), line); }
void AppendValue(int64_t value, std::string& line) { absl::StrAppend(&line, value); }
void AppendValue(double value, std::string& line) { line += nlohmann::json(value).dump(); }
void AppendValue(bool value, std::string& line) { line += value ? "true" : "false"; }

// How long the end of a process waits for whoever reads its lines.
constexpr absl::Duration kLastPatience = absl::Seconds(2);

std::string Head(Level level, absl::string_view message) {
  std::string line;
  line.reserve(kUsualLine);
  absl::StrAppend(&line, R"({"ts":")", Timestamp(absl::Now()), R"(","level":")", kNames.at(static_cast<size_t>(level)),
                  R"(","msg":)");
  AppendText(CutToBytes(message, kMaxTextBytes / 6), line);
  return line;
}

void AppendFields(absl::Span<const Field> fields, std::string& line) {
  bool cut = false;
  for (const Field& field : fields) {
    const size_t before = line.size();
    line += ',';
    AppendText(field.key, line);
    line += ':';
    std::visit([&](const auto& value) { AppendValue(value, line); }, field.value);
    if (line.size() > kMaxLineBytes) {
      // Left out whole, so that the line stays JSON.
      line.resize(before);
      cut = true;
    }
  }
  absl::StrAppend(&line, cut ? ",\"cut\":true" : "");
}

std::string DropNote(int64_t count) {
  return absl::StrCat(Head(Level::kWarning, "log lines dropped: nobody read them"), ",\"count\":", count, "}");
}

LineWriter& Writer() {
  static LineWriter& writer = []() -> LineWriter& {
    LineWriter::Options options;
    options.drop_note = DropNote;
    LineWriter& started = LineWriter::Start(std::move(options));
    std::atexit([] { Writer().Flush(kLastPatience); });
    return started;
  }();
  return writer;
}

}  // namespace

void SetLevel(Level level) { Lowest().store(level, std::memory_order_relaxed); }

const char* NameOf(Level level) { return kNames.at(static_cast<size_t>(level)); }

const char* LevelName() { return NameOf(Lowest().load()); }

bool ParseLevel(absl::string_view text, Level& level) {
  for (size_t i = 0; i < kNames.size(); ++i) {
    if (text == kNames.at(i)) {
      level = static_cast<Level>(i);
      return true;
    }
  }
  return false;
}

bool Enabled(Level level) { return level >= Lowest().load(std::memory_order_relaxed); }

void Write(Level level, absl::string_view message, absl::Span<const Field> fields) {
  if (!Enabled(level)) {
    return;
  }
  std::string line = Head(level, message);
  if (const TracePtr& trace = TraceScope::Current(); trace != nullptr) {
    absl::StrAppend(&line, R"(,"trace_id":")", trace->id.view(), "\"");
  }
  AppendFields(fields, line);
  line += '}';
  Counters().at(static_cast<size_t>(level)).fetch_add(1, std::memory_order_relaxed);
  Writer().Post(line);
}

void WriteLast(absl::string_view text) {
  Writer().Post(text);
  Writer().Flush(kLastPatience);
}

bool Flush() { return Writer().Flush(kLastPatience); }

void FlushOnFatalSignals() {
  Writer();
  struct sigaction flush {};
  // What the signal does by itself comes after: abort() goes on, and what is at fault is done once more.
  flush.sa_handler = [](int) { Flush(); };
  flush.sa_flags = static_cast<int>(SA_RESETHAND);
  for (const int signal : {SIGABRT, SIGSEGV, SIGBUS, SIGFPE, SIGILL}) {
    struct sigaction before {};
    // Sanitizers have handlers of their own.
    if (sigaction(signal, nullptr, &before) == 0 && before.sa_handler == SIG_DFL) {
      sigaction(signal, &flush, nullptr);
    }
  }
}

int64_t LinesDropped() { return Writer().dropped(); }

int64_t LinesWritten(Level level) { return Counters().at(static_cast<size_t>(level)).load(); }

}  // namespace orewatch::log
