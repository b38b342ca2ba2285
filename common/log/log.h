// Structured logs: one JSON object a line on standard error. Who writes one does not wait for it: lines that nobody
// reads in time are dropped and counted.
#pragma once

#include <cstdint>
#include <initializer_list>
#include <string>
#include <utility>
#include <variant>

#include "absl/strings/string_view.h"
#include "absl/types/span.h"

namespace orewatch::log {

enum class Level { kDebug, kInfo, kWarning, kError };

using Value = std::variant<std::string, int64_t, double, bool>;

// A key and a value; strings, integers, floating point and bool. Never pass a secret.
struct Field {
  Field(absl::string_view k, absl::string_view v) : key(k), value(std::string(v)) {}
  Field(absl::string_view k, const std::string& v) : key(k), value(v) {}
  Field(absl::string_view k, const char* v) : key(k), value(std::string(v)) {}
  Field(absl::string_view k, bool v) : key(k), value(v) {}
  Field(absl::string_view k, double v) : key(k), value(v) {}
  Field(absl::string_view k, int64_t v) : key(k), value(v) {}
  Field(absl::string_view k, int v) : key(k), value(int64_t{v}) {}
  std::string key;
  Value value;
};

// Below this nothing is written. Initially kInfo. Thread-safe, as is all of this header.
void SetLevel(Level level);
const char* LevelName();
const char* NameOf(Level level);
// `debug`, `info`, `warning` or `error`; false if it is none of them.
bool ParseLevel(absl::string_view text, Level& level);

// Whether a line of the level would be written.
bool Enabled(Level level);

// Within a trace (common/trace/trace.h) the line carries its `trace_id`.
void Write(Level level, absl::string_view message, absl::Span<const Field> fields);

inline void Debug(absl::string_view message, std::initializer_list<Field> fields = {}) {
  Write(Level::kDebug, message, fields);
}
inline void Info(absl::string_view message, std::initializer_list<Field> fields = {}) {
  Write(Level::kInfo, message, fields);
}
inline void Warning(absl::string_view message, std::initializer_list<Field> fields = {}) {
  Write(Level::kWarning, message, fields);
}
inline void Error(absl::string_view message, std::initializer_list<Field> fields = {}) {
  Write(Level::kError, message, fields);
}

// Lines written per level since the start, also those that were dropped later.
int64_t LinesWritten(Level level);
// Those that nobody read in time.
int64_t LinesDropped();

// Waits until what was written before is out, but for no longer than 2 s: false if nobody reads it. What ends by exit()
// has waited.
bool Flush();
// A line that is no JSON, after all others: for what a process says as it ends. Waits like Flush.
void WriteLast(absl::string_view text);
// Has a process that crashes wait like Flush, for its last lines tell why.
void FlushOnFatalSignals();

}  // namespace orewatch::log
