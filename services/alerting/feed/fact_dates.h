// Dates of the registry, which may be known to the month or year alone, as instants. Days are days of UTC.
#pragma once

#include <optional>

#include "absl/time/time.h"
#include "orewatch/type/v1/types.pb.h"

namespace orewatch::alerting {

// Each is nothing where there is no date.

// Where the first day begins that it may mean: what begins then may have begun.
std::optional<absl::Time> BeginningOf(const type::v1::PartialDate& date);
// Where the last day ends that it may mean: all of it is past.
std::optional<absl::Time> EndOf(const type::v1::PartialDate& date);
// Where that is over which ended then: where the day begins, else where the month or year ends.
std::optional<absl::Time> OverSince(const type::v1::PartialDate& date);

}  // namespace orewatch::alerting
