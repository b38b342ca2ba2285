#include "services/registry/domain/resource_names.h"

#include <algorithm>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "common/status/status.h"

namespace orewatch::registry {
namespace {

constexpr size_t kMaxIdLength = 63;

bool IsLowerOrDigit(char c) { return absl::ascii_islower(static_cast<unsigned char>(c)) || (c >= '0' && c <= '9'); }

bool IsCapitals(absl::string_view text) {
  return !text.empty() && text.size() <= kMaxIdLength && std::all_of(text.begin(), text.end(), [](char c) {
    return absl::ascii_isupper(static_cast<unsigned char>(c)) || (c >= '0' && c <= '9');
  });
}

bool Follows(IdRule rule, absl::string_view id) {
  switch (rule) {
    case IdRule::kKebab:
      return IsKebab(id);
    case IdRule::kCountryCode:
      return IsCountryCode(id);
    case IdRule::kCapitals:
      return IsCapitals(id);
  }
  return false;
}

absl::string_view Spelling(IdRule rule) {
  switch (rule) {
    case IdRule::kKebab:
      return "1 to 63 of a-z, 0-9 and -, beginning with a letter or digit";
    case IdRule::kCountryCode:
      return "an ISO 3166-1 alpha-2 code in capitals, other than ZZ";
    case IdRule::kCapitals:
      return "1 to 63 of A-Z and 0-9";
  }
  return "";
}

// What the names of a kind look like, e.g. `suppliers/{id}/facilities/{id}`.
std::string Pattern(const KindInfo& info) {
  const std::string own = absl::StrCat(info.collection, "/{id}");
  return info.parent ? absl::StrCat(Pattern(InfoOf(*info.parent)), "/", own) : own;
}

bool Matches(const KindInfo& info, const std::vector<absl::string_view>& segments) {
  if (!info.parent) {
    return segments.size() == 2 && segments[0] == info.collection && Follows(info.id_rule, segments[1]);
  }
  const KindInfo& parent = InfoOf(*info.parent);
  return segments.size() == 4 && segments[0] == parent.collection && Follows(parent.id_rule, segments[1]) &&
         segments[2] == info.collection && Follows(info.id_rule, segments[3]);
}

}  // namespace

std::string ResourceName::ToString() const {
  const std::string own = absl::StrCat(InfoOf(kind).collection, "/", id);
  const std::string parent = ParentName();
  return parent.empty() ? own : absl::StrCat(parent, "/", own);
}

std::string ResourceName::ParentName() const {
  const KindInfo& info = InfoOf(kind);
  return info.parent ? absl::StrCat(InfoOf(*info.parent).collection, "/", parent_id) : std::string();
}

absl::StatusOr<ResourceName> ParseResourceName(absl::string_view name) {
  if (name == kTodayName) {
    return ResourceName{Kind::kToday, "today", ""};
  }
  const std::vector<absl::string_view> segments = absl::StrSplit(name, '/');
  for (const KindInfo& info : ResourceKinds()) {
    if (Matches(info, segments)) {
      return ResourceName{info.kind, std::string(segments.back()), std::string(info.parent ? segments[1] : "")};
    }
  }
  return InvalidField("name", "is not the name of a resource");
}

absl::StatusOr<ResourceName> ParseNameOf(Kind kind, absl::string_view name, absl::string_view field) {
  auto parsed = ParseResourceName(name);
  if (!parsed.ok() || parsed->kind != kind) {
    return InvalidField(field, absl::StrCat("must be a name of the form ", Pattern(InfoOf(kind))));
  }
  return parsed;
}

absl::Status CheckId(Kind kind, absl::string_view id, absl::string_view field) {
  const IdRule rule = InfoOf(kind).id_rule;
  return Follows(rule, id) ? absl::OkStatus() : InvalidField(field, absl::StrCat("must be ", Spelling(rule)));
}

bool IsKebab(absl::string_view text) {
  return !text.empty() && text.size() <= kMaxIdLength && IsLowerOrDigit(text.front()) &&
         std::all_of(text.begin(), text.end(), [](char c) { return IsLowerOrDigit(c) || c == '-'; });
}

bool IsCountryCode(absl::string_view text) {
  return text.size() == 2 && text != kOtherCountries && std::all_of(text.begin(), text.end(), [](char c) {
           return absl::ascii_isupper(static_cast<unsigned char>(c));
         });
}

std::string CountryName(absl::string_view code) { return absl::StrCat("countries/", code); }

}  // namespace orewatch::registry
