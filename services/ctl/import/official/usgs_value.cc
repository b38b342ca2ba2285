#include "services/ctl/import/official/usgs_value.h"

#include <algorithm>
#include <cmath>
#include <utility>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "services/ctl/import/values.h"

namespace orewatch::ctl {
namespace {

constexpr absl::string_view kZero = "—";
constexpr absl::string_view kWithheld = "W";
// Not available, not applicable, and too small to show or shown elsewhere.
constexpr absl::string_view kNoFigure[] = {"NA", "XX", "s"};
constexpr absl::string_view kRangeDashes[] = {"–", "-"};
constexpr absl::string_view kNoBreakSpace = "\xC2\xA0";
constexpr size_t kGroup = 3;
constexpr double kHalf = 0.5;

absl::Status NoValue(absl::string_view text) {
  return absl::InvalidArgumentError(
      absl::StrCat("\"", text, "\" is neither a number, a range or bound, nor one of —, W, NA, XX, s"));
}

absl::string_view Stripped(absl::string_view text) {
  absl::string_view before;
  while (before.size() != text.size()) {
    before = text;
    text = absl::StripAsciiWhitespace(text);
    absl::ConsumePrefix(&text, kNoBreakSpace);
    absl::ConsumeSuffix(&text, kNoBreakSpace);
  }
  return text;
}

// The digits without separators, which must part groups of three.
absl::optional<std::string> WithoutSeparators(absl::string_view text) {
  const absl::string_view whole = text.substr(0, text.find('.'));
  const std::vector<absl::string_view> groups = absl::StrSplit(whole, ',');
  for (size_t i = 0; i < groups.size() && groups.size() > 1; ++i) {
    const bool fits = i == 0 ? !groups[i].empty() && groups[i].size() <= kGroup : groups[i].size() == kGroup;
    if (!fits) {
      return absl::nullopt;
    }
  }
  return absl::StrCat(absl::StrJoin(groups, ""), text.substr(whole.size()));
}

// The power of ten of the last digit that says something: 2 for 1500, -1 for 0.5, 0 for 0.
int LastDigit(absl::string_view digits) {
  const size_t point = digits.find('.');
  if (point != absl::string_view::npos) {
    return -static_cast<int>(digits.size() - point - 1);
  }
  const size_t last = digits.find_last_not_of('0');
  return last == absl::string_view::npos ? 0 : static_cast<int>(digits.size() - last - 1);
}

absl::optional<UsgsValue> ParseAmount(absl::string_view text, int exponent) {
  const absl::optional<std::string> digits = WithoutSeparators(text);
  if (!digits.has_value()) {
    return absl::nullopt;
  }
  const absl::StatusOr<double> amount = ParseScaled(*digits, exponent);
  if (!amount.ok()) {
    return absl::nullopt;
  }
  UsgsValue value;
  value.amount = *amount;
  value.rounding = kHalf * std::pow(10.0, LastDigit(*digits) + exponent);
  return value;
}

absl::optional<UsgsValue> ParseRange(absl::string_view text, int exponent) {
  for (const absl::string_view dash : kRangeDashes) {
    const size_t at = text.find(dash);
    if (at == absl::string_view::npos) {
      continue;
    }
    const auto low = ParseAmount(Stripped(text.substr(0, at)), exponent);
    const auto high = ParseAmount(Stripped(text.substr(at + dash.size())), exponent);
    if (low.has_value() && high.has_value() && *low->amount <= *high->amount) {
      UsgsValue value;
      value.amount = (*low->amount + *high->amount) * kHalf;
      value.rounding = (*high->amount - *low->amount) * kHalf;
      value.midpoint = true;
      value.mark = std::string(text);
      return value;
    }
  }
  return absl::nullopt;
}

bool IsBound(absl::string_view text) {
  return (absl::ConsumePrefix(&text, ">") || absl::ConsumePrefix(&text, "<")) && ParseAmount(Stripped(text), 0);
}

}  // namespace

absl::StatusOr<UsgsValue> ParseUsgsValue(absl::string_view text, int exponent) {
  text = Stripped(text);
  UsgsValue value;
  if (text == kZero) {
    value.amount = 0;
    return value;
  }
  const bool no_figure = std::find(std::begin(kNoFigure), std::end(kNoFigure), text) != std::end(kNoFigure);
  if (text == kWithheld || no_figure || IsBound(text)) {
    value.withheld = text == kWithheld;
    value.mark = std::string(text);
    return value;
  }
  if (auto amount = ParseAmount(text, exponent); amount.has_value()) {
    return *std::move(amount);
  }
  if (auto range = ParseRange(text, exponent); range.has_value()) {
    return *std::move(range);
  }
  return NoValue(text);
}

absl::optional<int> MassExponent(absl::string_view unit) {
  // `dry` says which mass is meant, and the scope of the series repeats it.
  constexpr std::pair<absl::string_view, int> kUnits[] = {{"metric tons", 0},
                                                          {"thousand metric tons", 3},
                                                          {"thousand metric dry tons", 3},
                                                          {"million metric tons", 6},
                                                          {"kilograms", -3}};
  for (const auto& [name, exponent] : kUnits) {
    if (absl::EqualsIgnoreCase(Stripped(unit), name)) {
      return exponent;
    }
  }
  return absl::nullopt;
}

}  // namespace orewatch::ctl
