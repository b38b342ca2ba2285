#include "services/alerting/feed/fact_dates.h"

#include <algorithm>

#include "absl/time/civil_time.h"

namespace orewatch::alerting {
namespace {

absl::Time Midnight(absl::CivilDay day) { return absl::FromCivil(day, absl::UTCTimeZone()); }

}  // namespace

std::optional<absl::Time> BeginningOf(const type::v1::PartialDate& date) {
  if (date.year() < 1) {
    return std::nullopt;
  }
  return Midnight(absl::CivilDay(date.year(), std::max(date.month(), 1), std::max(date.day(), 1)));
}

std::optional<absl::Time> EndOf(const type::v1::PartialDate& date) {
  if (date.year() < 1) {
    return std::nullopt;
  }
  if (date.month() < 1) {
    return Midnight(absl::CivilDay(absl::CivilYear(date.year()) + 1));
  }
  if (date.day() < 1) {
    return Midnight(absl::CivilDay(absl::CivilMonth(date.year(), date.month()) + 1));
  }
  return Midnight(absl::CivilDay(date.year(), date.month(), date.day()) + 1);
}

std::optional<absl::Time> OverSince(const type::v1::PartialDate& date) {
  return date.day() < 1 ? EndOf(date) : BeginningOf(date);
}

}  // namespace orewatch::alerting
