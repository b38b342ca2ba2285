// The request that a piece of work is part of, as W3C trace context (level 1) tells it from service to service.
#pragma once

#include <memory>
#include <string>
#include <utility>

#include "absl/strings/string_view.h"
#include "absl/types/optional.h"

namespace orewatch {

inline constexpr char kTraceparentHeader[] = "traceparent";
inline constexpr char kTracestateHeader[] = "tracestate";

struct Trace {
  // 32 lower-case hexadecimal digits, not all of them 0: the same in all that the request leads to.
  std::string id;
  // 16 of them: the work at hand.
  std::string span;
  // The span of who asked for it; empty: the trace began here.
  std::string parent;
  // "01": whoever asked keeps what it sees. What other bits mean is not known to us, and not handed on.
  std::string flags = "00";
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
