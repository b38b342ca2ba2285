// Who holds which part of a whole, and which part nobody can name.
#pragma once

#include <optional>
#include <string>
#include <vector>

namespace orewatch::risk {

// Stands for other countries whose split is unknown.
inline constexpr char kOtherCountries[] = "ZZ";

// What a row counts, for the reasons.
enum class Flow { kOutput, kImports, kExports };

// One country's row of a series. Without an amount it is unknown, which is not zero.
struct Part {
  std::string country;
  // Tonnes, or a fraction of the world in [0, 1]; the series says which.
  std::optional<double> amount;
  // The source has the figure and withholds it.
  bool withheld = false;
  Flow flow = Flow::kOutput;
};

enum class Measure { kTonnes, kShares };

// What a computation needs but did not have, in machine-readable words such as WITHHELD:US. Sorted, without repeats.
using Reasons = std::vector<std::string>;
void AddReason(std::string reason, Reasons& reasons);

// A country's fraction of the whole.
struct Share {
  std::string country;
  double value = 0;
};

// Fractions of the known whole. Where amounts are unknown the whole is larger by an unknown amount, unless `capped`.
struct Shares {
  // By country name; ZZ is not among them.
  std::vector<Share> named;
  // Fraction of other countries, split unknown.
  double other = 0;
  // Countries that take part with an unknown amount.
  std::vector<std::string> unknown;
  // The unknown amounts lie within `other`: the source gives fractions of the world, so the whole is known.
  bool capped = false;
  Reasons reasons;
  // Nothing is known: no fractions can be given.
  bool empty() const { return named.empty(); }
};

// Parts of one country are added up. Sums run in the order of country names, whatever the order of the parts.
// Reasons: WITHHELD:XX and OUTPUT_UNKNOWN:XX, IMPORTS_UNKNOWN:XX or EXPORTS_UNKNOWN:XX for rows without an amount,
// SHARES_EXCEED_ONE where given fractions add up to more than 1 by more than rounding (nothing is renormalised away).
Shares SharesOf(Measure measure, const std::vector<Part>& parts);

}  // namespace orewatch::risk
