// What callers send as their trace never stops a call, and what is handed on is well-formed.
#include <cstdint>
#include <cstdlib>
#include <string>

#include "common/trace/trace.h"

namespace {

void Check(bool holds) {
  if (!holds) {
    std::abort();
  }
}

}  // namespace

// The header, a line end, and the state.
extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string bytes(data, data + size);
  const std::string parent = bytes.substr(0, bytes.find('\n'));
  const std::string state = parent.size() < bytes.size() ? bytes.substr(parent.size() + 1) : "";
  const auto told = orewatch::ParseTrace(parent, state);
  const orewatch::TracePtr ours = orewatch::ContinueTrace(parent, state);
  const auto again = orewatch::ParseTrace(orewatch::Traceparent(*ours), ours->state);
  Check(again.has_value() && again->id == ours->id && again->span == ours->span && again->sampled == ours->sampled &&
        again->state == ours->state);
  if (told.has_value()) {
    Check(ours->id == told->id && ours->parent == told->span && ours->span != told->span);
  } else {
    Check(ours->parent.empty() && ours->state.empty());
  }
  return 0;
}
