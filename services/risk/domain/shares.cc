#include "services/risk/domain/shares.h"

#include <algorithm>
#include <map>
#include <tuple>
#include <utility>

#include "absl/strings/str_cat.h"

namespace orewatch::risk {
namespace {

// Published percentages are rounded, so that a full list may add up to a little more than 1.
constexpr double kRoundingSlack = 0.005;

const char* UnknownOf(Flow flow) {
  switch (flow) {
    case Flow::kOutput:
      return "OUTPUT_UNKNOWN:";
    case Flow::kImports:
      return "IMPORTS_UNKNOWN:";
    case Flow::kExports:
      return "EXPORTS_UNKNOWN:";
  }
  return "";
}

struct Totals {
  std::map<std::string, double> named;
  double other = 0;
};

Totals AddUp(const std::vector<Part>& parts, Shares& shares) {
  Totals totals;
  // A sum of the same numbers in another order may differ in its last bit.
  std::vector<Part> ordered = parts;
  std::sort(ordered.begin(), ordered.end(),
            [](const Part& a, const Part& b) { return std::tie(a.country, a.amount) < std::tie(b.country, b.amount); });
  for (const Part& part : ordered) {
    if (!part.amount.has_value()) {
      shares.unknown.push_back(part.country);
      AddReason(absl::StrCat(part.withheld ? "WITHHELD:" : UnknownOf(part.flow), part.country), shares.reasons);
    } else if (part.country == kOtherCountries) {
      totals.other += *part.amount;
    } else {
      totals.named[part.country] += *part.amount;
    }
  }
  return totals;
}

}  // namespace

void AddReason(std::string reason, Reasons& reasons) {
  const auto at = std::lower_bound(reasons.begin(), reasons.end(), reason);
  if (at == reasons.end() || *at != reason) {
    reasons.insert(at, std::move(reason));
  }
}

Shares SharesOf(Measure measure, const std::vector<Part>& parts) {
  Shares shares;
  const Totals totals = AddUp(parts, shares);
  double sum = totals.other;
  for (const auto& [country, amount] : totals.named) {
    sum += amount;
  }
  double whole = sum;
  double other = totals.other;
  if (measure == Measure::kShares) {
    shares.capped = true;
    whole = 1;
    other = std::max(0.0, 1 - (sum - totals.other));
    if (sum > 1 + kRoundingSlack) {
      AddReason("SHARES_EXCEED_ONE", shares.reasons);
    }
  }
  if (whole <= 0) {
    return shares;
  }
  for (const auto& [country, amount] : totals.named) {
    shares.named.push_back({country, amount / whole});
  }
  shares.other = other / whole;
  return shares;
}

}  // namespace orewatch::risk
