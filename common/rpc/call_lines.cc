#include "common/rpc/call_lines.h"

#include <vector>

#include "absl/time/clock.h"

namespace orewatch::rpc {
namespace {

void Write(log::Level level, const std::vector<RefusalCounter::Sum>& sums) {
  for (const RefusalCounter::Sum& sum : sums) {
    std::vector<log::Field> fields = {{"count", sum.count},
                                      {"since", absl::FormatTime(absl::RFC3339_full, sum.since, absl::UTCTimeZone())}};
    // Those that were not told apart have nothing in common.
    if (!sum.caller.empty()) {
      fields.insert(fields.end(),
                    {{"code", sum.code}, {"reason", sum.reason}, {"peer", sum.caller}, {"method", sum.method}});
    }
    log::Write(level, "rpc: more like it", fields);
  }
}

}  // namespace

CallLines::CallLines(const RefusalCounter::Options& options)
    : interval_(options.interval), refusals_(options), faults_(options), writer_([this] { WriteUntilClosed(); }) {}

CallLines::~CallLines() {
  sleeper_.Stop();
  writer_.join();
}

bool CallLines::Tell(log::Level level, const RefusalCounter::Sum& call, absl::Time now) {
  absl::MutexLock lock(&mutex_);
  return (level == log::Level::kInfo ? refusals_ : faults_).Tell(call, now);
}

void CallLines::WriteEnded(absl::Time now) {
  absl::MutexLock lock(&mutex_);
  Write(log::Level::kInfo, refusals_.TakeEnded(now));
  Write(log::Level::kWarning, faults_.TakeEnded(now));
}

void CallLines::WriteUntilClosed() {
  while (sleeper_.SleepFor(interval_)) {
    WriteEnded(absl::Now());
  }
  WriteEnded(absl::InfiniteFuture());
}

}  // namespace orewatch::rpc
