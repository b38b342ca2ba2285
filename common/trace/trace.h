// The request that a piece of work is part of, as W3C trace context (level 1) tells it from service to service.
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <memory>
#include <ostream>
#include <string>
#include <utility>

#include "absl/strings/string_view.h"
#include "absl/types/optional.h"

namespace orewatch {

inline constexpr char kTraceparentHeader[] = "traceparent";
inline constexpr char kTracestateHeader[] = "tracestate";

// So many hexadecimal digits, or none. In place: each call has some of them.
template <size_t kDigits>
class HexDigits {
 public:
  HexDigits() = default;
  // Of kDigits digits.
  explicit HexDigits(absl::string_view digits) : size_(kDigits) {
    std::copy_n(digits.begin(), kDigits, digits_.begin());
  }

  bool empty() const { return size_ == 0; }
  absl::string_view view() const { return {digits_.data(), size_}; }
  explicit operator std::string() const { return std::string(view()); }
  friend bool operator==(const HexDigits& one, const HexDigits& other) { return one.view() == other.view(); }
  friend bool operator==(const HexDigits& digits, absl::string_view text) { return digits.view() == text; }
  friend std::ostream& operator<<(std::ostream& out, const HexDigits& digits) { return out << digits.view(); }

 private:
  std::array<char, kDigits> digits_ = {};
  size_t size_ = 0;
};

inline constexpr size_t kTraceIdDigits = 32;
inline constexpr size_t kSpanDigits = 16;

struct Trace {
  // Lower-case, not all of them 0: the same in all that the request leads to.
  HexDigits<kTraceIdDigits> id;
  // The work at hand.
  HexDigits<kSpanDigits> span;
  // The span of who asked for it; empty: the trace began here.
  HexDigits<kSpanDigits> parent;
  // Whoever asked keeps what it sees. What other bits of the flags mean is not known to us, and not handed on.
  bool sampled = false;
  // What others want to be handed on; empty: nothing.
  std::string state;
};

using TracePtr = std::shared_ptr<const Trace>;

// What the headers say, with the span of their sender; nothing if `traceparent` is malformed. A malformed or too long
// `tracestate` is left out.
absl::optional<Trace> ParseTrace(absl::string_view traceparent, absl::string_view tracestate);

// A new trace.
TracePtr BeginTrace();
// A new span of the trace that the headers tell of; of a new one if they are malformed.
TracePtr ContinueTrace(absl::string_view traceparent, absl::string_view tracestate);

// The header that makes whoever gets it a child of the span.
std::string Traceparent(const Trace& trace);

// While it lives, what this thread does is part of the trace (of none, if null); scopes may be nested. Log lines and
// calls of others carry it.
class TraceScope {
 public:
  explicit TraceScope(TracePtr trace) : outer_(std::exchange(current_, std::move(trace))) {}
  ~TraceScope() { current_ = std::move(outer_); }
  TraceScope(const TraceScope&) = delete;
  TraceScope& operator=(const TraceScope&) = delete;

  // Null outside of any.
  static const TracePtr& Current() { return current_; }

 private:
  static inline thread_local TracePtr current_;
  TracePtr outer_;
};

}  // namespace orewatch
