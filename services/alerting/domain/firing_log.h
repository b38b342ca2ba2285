// What a timeline comes to: when each alert fired, for how long, and whether anybody was told.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <vector>

#include "absl/time/time.h"
#include "services/alerting/domain/timeline.h"

namespace orewatch::alerting {

// From a time on, up to another that is no longer part of it.
struct Period {
  absl::Time start;
  absl::Time end;
};

// An alert from when it fires until it resolves.
struct Firing {
  AlertKey key;
  absl::Time fire_time;
  // Unset: it fires at the end.
  std::optional<absl::Time> resolve_time = std::nullopt;
  Severity worst = Severity::kUnspecified;
  // When it fired; unset: the score had none.
  std::optional<double> value = std::nullopt;
  Reason reason = Reason::kNone;
  // kNone while it fires.
  Reason resolve_reason = Reason::kNone;
  // Somebody was told that it fires, of it alone or along with others.
  bool told = false;

  friend bool operator==(const Firing&, const Firing&) = default;
};

struct Firings {
  // That began in the period.
  int64_t fired = 0;
  // Of them, those of which somebody was told.
  int64_t told = 0;
  // That began before the period and reached into it.
  int64_t standing = 0;
  // Within the period, whatever they told.
  int64_t notifications = 0;
  // Of all together, within the period.
  absl::Duration duration = absl::ZeroDuration();
  // The newest first.
  std::vector<Firing> newest;
};

// Thread-compatible.
class FiringLog {
 public:
  // Keeps so many of the newest.
  FiringLog(const Period& period, size_t most) : period_(period), most_(most) {}

  // In the order of their sequence.
  void Note(const TimelineEntry& entry);
  // Call once, last.
  Firings Finish();

 private:
  bool InPeriod(absl::Time time) const { return period_.start <= time && time < period_.end; }
  void Close(const Firing& firing);
  void KeepNewest();

  const Period period_;
  const size_t most_;
  std::map<AlertKey, Firing> open_;
  Firings firings_;
};

}  // namespace orewatch::alerting
