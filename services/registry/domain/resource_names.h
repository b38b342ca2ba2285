// Resource names: the one place where they are parsed and built.
#pragma once

#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "services/registry/domain/kinds.h"

namespace orewatch::registry {

inline constexpr absl::string_view kTodayName = "clock/today";
// Stands for other countries, unsplit, in statistics. Never a resource.
inline constexpr absl::string_view kOtherCountries = "ZZ";

// A parsed name. ToString() gives back what was parsed.
struct ResourceName {
  Kind kind;
  // Last segment.
  std::string id;
  // Last segment of the containing resource; empty for a top-level kind.
  std::string parent_id;

  std::string ToString() const;
  // Name of the containing resource; empty for a top-level kind.
  std::string ParentName() const;
};

// A resource of any kind, or `clock/today`. INVALID_ARGUMENT if it is no resource name.
absl::StatusOr<ResourceName> ParseResourceName(absl::string_view name);
// The same, of one kind. INVALID_ARGUMENT, naming `field`.
absl::StatusOr<ResourceName> ParseNameOf(Kind kind, absl::string_view name, absl::string_view field);

// OK, or INVALID_ARGUMENT naming `field` and saying how an id of the kind is spelled.
absl::Status CheckId(Kind kind, absl::string_view id, absl::string_view field);
// [a-z0-9][a-z0-9-]{0,62}: ids, and products.
bool IsKebab(absl::string_view text);
// Two capitals, other than ZZ.
bool IsCountryCode(absl::string_view text);

// `countries/AU` from `AU`.
std::string CountryName(absl::string_view code);

}  // namespace orewatch::registry
