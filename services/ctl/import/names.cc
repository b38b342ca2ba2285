#include "services/ctl/import/names.h"

#include <algorithm>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "services/ctl/import/countries.h"

namespace orewatch::ctl {
namespace {

constexpr size_t kHs6Length = 6;
constexpr size_t kLongestCountryCode = 3;

using Text = absl::StatusOr<std::string>;

constexpr absl::string_view kCountries = "countries/";

// A code that stands alone must be a known one, for it may be a slip; a full name is the registry's to judge.
Text CountryCode(absl::string_view text) {
  const bool full_name = absl::ConsumePrefix(&text, kCountries);
  Text known = text == kOtherCountries ? Text(std::string(text)) : CountryAlpha2(text);
  return known.ok() || !full_name ? known : Text(std::string(text));
}

Text Country(absl::string_view text) {
  Text code = text == kOtherCountries ? CountryAlpha2(text) : CountryCode(text);
  return code.ok() ? Text(absl::StrCat(kCountries, *code)) : code.status();
}

std::string ShortCountry(absl::string_view code) {
  const bool known = code == kOtherCountries || !CountryAlpha3(code).empty();
  return known || code.empty() ? std::string(code) : absl::StrCat(kCountries, code);
}

Text Mineral(absl::string_view text) {
  absl::ConsumePrefix(&text, "minerals/");
  if (absl::StrContains(text, '/')) {
    return absl::InvalidArgumentError(absl::StrCat("\"", text, "\" is no mineral"));
  }
  return absl::StrCat("minerals/", text);
}

Text Party(absl::string_view text) {
  if (absl::ConsumePrefix(&text, "bloc:") || absl::ConsumePrefix(&text, "blocs/")) {
    return absl::StrCat("blocs/", absl::AsciiStrToUpper(text));
  }
  absl::ConsumePrefix(&text, "country:");
  return Country(text);
}

Text Participant(absl::string_view text) {
  if (absl::StartsWith(text, "suppliers/")) {
    return std::string(text);
  }
  const auto slashes = std::count(text.begin(), text.end(), '/');
  if (slashes > 1) {
    return absl::InvalidArgumentError(absl::StrCat("\"", text, "\" is neither a supplier nor supplier/facility"));
  }
  const size_t slash = text.find('/');
  return slash == absl::string_view::npos
             ? absl::StrCat("suppliers/", text)
             : absl::StrCat("suppliers/", text.substr(0, slash), "/facilities/", text.substr(slash + 1));
}

Text Holder(absl::string_view text) {
  const bool code = text.size() <= kLongestCountryCode && std::all_of(text.begin(), text.end(), [](char c) {
                      return absl::ascii_isupper(static_cast<unsigned char>(c));
                    });
  const bool place = code || absl::StartsWith(text, "countries/") || absl::StartsWith(text, "country:") ||
                     absl::StartsWith(text, "blocs/") || absl::StartsWith(text, "bloc:");
  return place ? Party(text) : Participant(text);
}

Text Hs6(absl::string_view text) {
  if (text.size() != kHs6Length || !std::all_of(text.begin(), text.end(), [](char c) {
        return absl::ascii_isdigit(static_cast<unsigned char>(c));
      })) {
    return absl::InvalidArgumentError(absl::StrCat("\"", text, "\" is not a code of six digits"));
  }
  return std::string(text);
}

Text Id(absl::string_view text) {
  if (absl::StrContains(text, '/')) {
    return absl::InvalidArgumentError(absl::StrCat("\"", text, "\" holds a slash"));
  }
  return std::string(text);
}

}  // namespace

absl::StatusOr<std::string> Canonical(Cell cell, absl::string_view text) {
  switch (cell) {
    case Cell::kId:
      return Id(text);
    case Cell::kCountry:
      return Country(text);
    case Cell::kCountryCode:
      return CountryCode(text);
    case Cell::kMineral:
      return Mineral(text);
    case Cell::kParty:
      return Party(text);
    case Cell::kParticipant:
      return Participant(text);
    case Cell::kHolder:
      return Holder(text);
    case Cell::kHs6:
      return Hs6(text);
    case Cell::kText:
    case Cell::kMapValue:
    case Cell::kMapRest:
    case Cell::kParticipants:
    case Cell::kGroupText:
    case Cell::kGroupFlag:
      break;
  }
  return std::string(text);
}

std::string Shortened(Cell cell, absl::string_view text) {
  switch (cell) {
    case Cell::kCountry:
    case Cell::kParty:
      return absl::ConsumePrefix(&text, kCountries) ? ShortCountry(text) : std::string(text);
    case Cell::kCountryCode:
      return ShortCountry(text);
    case Cell::kMineral:
      return std::string(absl::StripPrefix(text, "minerals/"));
    default:
      return std::string(text);
  }
}

}  // namespace orewatch::ctl
