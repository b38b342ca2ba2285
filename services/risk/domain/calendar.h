// Dates of the registry as numbers: ISO texts with the precision known (2024, 2024-07 or 2024-07-01).
#pragma once

#include <optional>
#include <string>

namespace orewatch::risk {

// As a year with its fraction: a year or month counts as its middle. Nothing for an empty text.
std::optional<double> YearsOf(const std::string& date);

// Days from a day to the first that `date` may mean; nothing if either is empty.
std::optional<int> DaysUntil(const std::string& date, const std::string& today);

// 0 for an empty text.
int YearOf(const std::string& date);

}  // namespace orewatch::risk
