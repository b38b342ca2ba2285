#include "services/risk/domain/calendar.h"

#include <chrono>

#include "absl/strings/numbers.h"

namespace orewatch::risk {
namespace {

constexpr size_t kYearEnd = 4;
constexpr size_t kMonthEnd = 7;
constexpr size_t kDayEnd = 10;

int Number(const std::string& text) {
  int number = 0;
  return absl::SimpleAtoi(text, &number) ? number : 0;
}

std::chrono::sys_days Day(int year, int month, int day) {
  return std::chrono::year(year) / std::chrono::month(static_cast<unsigned>(month)) /
         std::chrono::day(static_cast<unsigned>(day));
}

int MonthOf(const std::string& date) {
  return date.size() >= kMonthEnd ? Number(date.substr(kYearEnd + 1, kMonthEnd - kYearEnd - 1)) : 1;
}

std::chrono::sys_days FirstDayOf(const std::string& date) {
  const int day = date.size() >= kDayEnd ? Number(date.substr(kMonthEnd + 1)) : 1;
  return Day(YearOf(date), MonthOf(date), day);
}

// Of the year that the day is in, up to its beginning.
double Fraction(std::chrono::sys_days day, int year) {
  const auto first = Day(year, 1, 1);
  return static_cast<double>((day - first).count()) / static_cast<double>((Day(year + 1, 1, 1) - first).count());
}

}  // namespace

int YearOf(const std::string& date) { return Number(date.substr(0, kYearEnd)); }

std::optional<double> YearsOf(const std::string& date) {
  if (date.empty()) {
    return std::nullopt;
  }
  constexpr double kMonths = 12;
  const int year = YearOf(date);
  if (date.size() < kMonthEnd) {
    return year + 0.5;
  }
  return date.size() < kDayEnd ? year + (MonthOf(date) - 0.5) / kMonths : year + Fraction(FirstDayOf(date), year);
}

std::optional<int> DaysUntil(const std::string& date, const std::string& today) {
  if (date.empty() || today.empty()) {
    return std::nullopt;
  }
  return static_cast<int>((FirstDayOf(date) - FirstDayOf(today)).count());
}

}  // namespace orewatch::risk
