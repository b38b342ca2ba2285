#include "services/ctl/import/values.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_split.h"
#include "absl/time/civil_time.h"

namespace orewatch::ctl {
namespace {

constexpr int32_t kFirstYear = 1900;
constexpr int32_t kLastYear = 2200;
constexpr size_t kYearDigits = 4;
constexpr size_t kMonthDigits = 2;
constexpr size_t kLongestNumber = 32;
constexpr double kLargestPlain = 1e15;
constexpr double kSmallestPlain = 1e-6;

absl::Status Not(absl::string_view text, absl::string_view what) {
  return absl::InvalidArgumentError(absl::StrCat("\"", text, "\" is not ", what));
}

bool AllDigits(absl::string_view text, size_t length) {
  if (text.size() != length) {
    return false;
  }
  for (const char c : text) {
    if (!absl::ascii_isdigit(static_cast<unsigned char>(c))) {
      return false;
    }
  }
  return true;
}

// Of a number, before its exponent.
bool HasDigitsOtherThanZero(absl::string_view text) {
  return text.substr(0, text.find_first_of("eE")).find_first_of("123456789") != absl::string_view::npos;
}

}  // namespace

absl::StatusOr<double> ParseNumber(absl::string_view text) {
  double value = 0;
  // Hexadecimal digits are none.
  const bool plain = text.find_first_not_of("0123456789.+-eE") == absl::string_view::npos;
  if (!plain || !absl::SimpleAtod(text, &value) || !std::isfinite(value)) {
    return Not(text, "a number (write 1234.5, without units or separators)");
  }
  if (value == 0 && HasDigitsOtherThanZero(text)) {
    return Not(text, "0, and too small to be told from it");
  }
  return value;
}

absl::StatusOr<double> ParseScaled(absl::string_view text, int exponent) {
  const absl::Status no_decimal = Not(text, "a decimal number of at least 0, without units or separators");
  const size_t e = std::min(text.find_first_of("eE"), text.size());
  int32_t own_exponent = 0;
  if (text.substr(0, e).find_first_not_of("0123456789.") != absl::string_view::npos ||
      (e < text.size() && !absl::SimpleAtoi(text.substr(e + 1), &own_exponent))) {
    return no_decimal;
  }
  double value = 0;
  const int64_t whole_exponent = int64_t{own_exponent} + exponent;
  if (!absl::SimpleAtod(absl::StrCat(text.substr(0, e), "e", whole_exponent), &value) || !std::isfinite(value) ||
      (value == 0 && HasDigitsOtherThanZero(text))) {
    return no_decimal;
  }
  return value;
}

absl::StatusOr<int32_t> ParseInteger(absl::string_view text) {
  int32_t value = 0;
  if (!absl::SimpleAtoi(text, &value)) {
    return Not(text, "a whole number");
  }
  return value;
}

absl::StatusOr<int32_t> ParseYear(absl::string_view text) {
  int32_t year = 0;
  if (!absl::SimpleAtoi(text, &year) || year < kFirstYear || year > kLastYear) {
    return Not(text, absl::StrCat("a year from ", kFirstYear, " to ", kLastYear));
  }
  return year;
}

absl::StatusOr<bool> ParseFlag(absl::string_view text) {
  bool value = false;
  if (!absl::SimpleAtob(text, &value)) {
    return Not(text, "true or false");
  }
  return value;
}

absl::StatusOr<type::v1::PartialDate> ParseDate(absl::string_view text) {
  constexpr absl::string_view kWanted = "a date (2024, 2024-07 or 2024-07-01)";
  const std::vector<absl::string_view> parts = absl::StrSplit(text, '-');
  if (parts.size() > 3 || !AllDigits(parts[0], kYearDigits)) {
    return Not(text, kWanted);
  }
  std::array<int32_t, 3> numbers{};
  for (size_t i = 0; i < parts.size(); ++i) {
    if ((i > 0 && !AllDigits(parts[i], kMonthDigits)) || !absl::SimpleAtoi(parts[i], &numbers.at(i)) ||
        numbers.at(i) == 0) {
      return Not(text, kWanted);
    }
  }
  const absl::CivilDay day(numbers[0], std::max(numbers[1], 1), std::max(numbers[2], 1));
  if ((numbers[1] != 0 && day.month() != numbers[1]) || (numbers[2] != 0 && day.day() != numbers[2])) {
    return Not(text, "a day of the calendar");
  }
  type::v1::PartialDate date;
  date.set_year(numbers[0]);
  date.set_month(numbers[1]);
  date.set_day(numbers[2]);
  return date;
}

std::string NumberText(double value) {
  const double magnitude = std::abs(value);
  const bool plain = magnitude == 0 || (magnitude >= kSmallestPlain && magnitude < kLargestPlain);
  std::array<char, kLongestNumber> buffer{};
  const auto written = std::to_chars(buffer.data(), buffer.data() + buffer.size(), value,
                                     plain ? std::chars_format::fixed : std::chars_format::general);
  return std::string(buffer.data(), written.ptr);
}

std::string DateText(const type::v1::PartialDate& date) {
  if (date.month() == 0) {
    return absl::StrFormat("%04d", date.year());
  }
  return date.day() == 0 ? absl::StrFormat("%04d-%02d", date.year(), date.month())
                         : absl::StrFormat("%04d-%02d-%02d", date.year(), date.month(), date.day());
}

}  // namespace orewatch::ctl
