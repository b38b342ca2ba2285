// Times, durations and dates as text.
#pragma once

#include <cstdint>
#include <string>

#include "absl/strings/string_view.h"
#include "absl/types/optional.h"
#include "common/filter/value.h"

namespace orewatch::filter {

// RFC 3339 with at most nine decimals, in the years 1 to 9999; nothing if the text is no such time.
absl::optional<Instant> ReadTimestamp(absl::string_view text);
// In UTC, with the decimals that it has.
std::string TimestampText(const Instant& instant);

// Seconds with at most nine decimals and the suffix `s`, of up to 10,000 years to either side; nothing if the text is
// no such duration.
absl::optional<Instant> ReadDuration(absl::string_view text);
std::string DurationText(const Instant& instant);

// The first day (DateOrdinal) of 2024, 2024-07 or 2024-07-01; nothing if that is not in the calendar.
absl::optional<int64_t> ReadDate(absl::string_view text);
std::string DateText(int64_t ordinal);

}  // namespace orewatch::filter
