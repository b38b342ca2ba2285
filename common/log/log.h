// Structured logs: one JSON object a line on standard error.
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

// Lines written per level since the start, in the order of Level.
int64_t LinesWritten(Level level);

}  // namespace orewatch::log
