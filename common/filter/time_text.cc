#include "common/filter/time_text.h"

#include <algorithm>
#include <cmath>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "absl/time/civil_time.h"
#include "absl/time/time.h"

namespace orewatch::filter {
namespace {

constexpr size_t kNanoDigits = 9;
// What a Timestamp and a Duration may hold.
constexpr int64_t kFirstSecond = -62'135'596'800;
constexpr int64_t kLastSecond = 253'402'300'799;
constexpr int64_t kLongestSeconds = 315'576'000'000;

bool AllDigits(absl::string_view text) {
  return !text.empty() && std::all_of(text.begin(), text.end(), [](unsigned char c) { return absl::ascii_isdigit(c); });
}

// Each `d` of the shape is a digit, any other character itself in either case.
bool HasShape(absl::string_view text, absl::string_view shape) {
  return text.size() == shape.size() &&
         std::equal(text.begin(), text.end(), shape.begin(), [](unsigned char c, char wanted) {
           return wanted == 'd' ? absl::ascii_isdigit(c) : absl::ascii_toupper(c) == wanted;
         });
}

// The part of an RFC 3339 time behind its seconds: decimals and an offset.
bool IsDecimalsAndOffset(absl::string_view text) {
  constexpr size_t kOffsetSize = 6;
  if (!absl::ConsumeSuffix(&text, "Z") && !absl::ConsumeSuffix(&text, "z")) {
    const size_t begin = text.size() - std::min(text.size(), kOffsetSize);
    if (!HasShape(text.substr(begin), "+dd:dd") && !HasShape(text.substr(begin), "-dd:dd")) {
      return false;
    }
    text.remove_suffix(kOffsetSize);
  }
  return text.empty() || (absl::ConsumePrefix(&text, ".") && AllDigits(text) && text.size() <= kNanoDigits);
}

}  // namespace

absl::optional<Instant> ReadTimestamp(absl::string_view text) {
  // absl alone would read more, such as `infinite-past` or a year of five digits.
  constexpr absl::string_view kShape = "dddd-dd-ddTdd:dd:dd";
  absl::Time time;
  if (!HasShape(text.substr(0, kShape.size()), kShape) || !IsDecimalsAndOffset(text.substr(kShape.size())) ||
      !absl::ParseTime(absl::RFC3339_full, text, &time, nullptr)) {
    return absl::nullopt;
  }
  const int64_t seconds = absl::ToUnixSeconds(time);
  if (seconds < kFirstSecond || seconds > kLastSecond) {
    return absl::nullopt;
  }
  const absl::Duration rest = time - absl::FromUnixSeconds(seconds);
  return Instant{seconds, static_cast<int32_t>(absl::ToInt64Nanoseconds(rest))};
}

std::string TimestampText(const Instant& instant) {
  const absl::Time time = absl::FromUnixSeconds(instant.seconds) + absl::Nanoseconds(instant.nanos);
  return absl::FormatTime("%E4Y-%m-%d%ET%H:%M:%E*SZ", time, absl::UTCTimeZone());
}

absl::optional<Instant> ReadDuration(absl::string_view text) {
  const bool negative = absl::ConsumePrefix(&text, "-");
  if (!absl::ConsumeSuffix(&text, "s")) {
    return absl::nullopt;
  }
  const std::vector<absl::string_view> parts = absl::StrSplit(text, absl::MaxSplits('.', 1));
  std::string decimals(parts.size() > 1 ? parts[1] : "0");
  Instant instant;
  if (!AllDigits(parts[0]) || !absl::SimpleAtoi(parts[0], &instant.seconds) || instant.seconds > kLongestSeconds ||
      !AllDigits(decimals) || decimals.size() > kNanoDigits) {
    return absl::nullopt;
  }
  decimals.resize(kNanoDigits, '0');
  if (!absl::SimpleAtoi(decimals, &instant.nanos)) {
    return absl::nullopt;
  }
  return negative ? Instant{-instant.seconds, -instant.nanos} : instant;
}

std::string DurationText(const Instant& instant) {
  const bool negative = instant.seconds < 0 || instant.nanos < 0;
  std::string text = absl::StrCat(negative ? "-" : "", std::abs(instant.seconds));
  if (instant.nanos != 0) {
    absl::StrAppendFormat(&text, ".%09d", std::abs(instant.nanos));
    text.erase(text.find_last_not_of('0') + 1);
  }
  return absl::StrCat(text, "s");
}

absl::optional<int64_t> ReadDate(absl::string_view text) {
  std::string whole(text);
  if (HasShape(text, "dddd")) {
    whole += "-01-01";
  } else if (HasShape(text, "dddd-dd")) {
    whole += "-01";
  }
  absl::CivilDay day;
  if (!HasShape(whole, "dddd-dd-dd") || !absl::ParseCivilTime(whole, &day) || day.year() < 1) {
    return absl::nullopt;
  }
  return DateOrdinal(static_cast<int>(day.year()), day.month(), day.day());
}

std::string DateText(int64_t ordinal) {
  constexpr int64_t kBase = 100;
  return absl::StrFormat("%04d-%02d-%02d", ordinal / kBase / kBase, ordinal / kBase % kBase, ordinal % kBase);
}

}  // namespace orewatch::filter
