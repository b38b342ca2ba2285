// One row of exposure: the weighted sum of the suppliers' rows of the tier below.
#pragma once

#include <array>
#include <bit>
#include <cstdint>
#include <vector>

#include "services/risk/domain/exposure.h"

namespace orewatch::risk {

// A country's share of itself: tier 0.
TierView TierZero(CountryIndex country);

// Sums rows one after the other; a row's countries are added in the order in which its links come.
class TierSum {
 public:
  // `below` gives the TierView of a supplier. Appends to `countries`.
  template <typename Below>
  void Sum(const InputRow& inputs, const Below& below, std::vector<CountryShare>& countries, double& own,
           double& unknown) {
    own = inputs.own;
    unknown = inputs.unknown;
    for (const Edge& edge : inputs.edges) {
      if (edge.weight == 0) {
        continue;
      }
      const TierView row = below(edge.from);
      own += edge.weight * row.own;
      unknown += edge.weight * row.unknown;
      edge.verified ? AddVerified(edge.weight, row) : AddInferred(edge.weight, row);
    }
    Take(countries);
  }

 private:
  struct Part {
    double verified = 0;
    double inferred = 0;
  };

  Part& At(CountryIndex country) {
    touched_[country / 64] |= uint64_t{1} << (country % 64);
    return parts_[country];
  }
  void AddVerified(double weight, const TierView& row) {
    for (const CountryShare& share : row.countries) {
      Part& part = At(share.country);
      part.verified += weight * share.verified;
      part.inferred += weight * share.inferred;
    }
  }
  void AddInferred(double weight, const TierView& row) {
    for (const CountryShare& share : row.countries) {
      At(share.country).inferred += weight * (share.verified + share.inferred);
    }
  }
  // Empties the sum into `countries`.
  void Take(std::vector<CountryShare>& countries) {
    for (size_t word = 0; word < touched_.size(); ++word) {
      for (uint64_t bits = touched_[word]; bits != 0; bits &= bits - 1) {
        const auto country = static_cast<CountryIndex>(word * 64 + static_cast<size_t>(std::countr_zero(bits)));
        Part& part = parts_[country];
        countries.push_back({part.verified, part.inferred, country});
        part = {};
      }
      touched_[word] = 0;
    }
  }

  std::array<Part, kCountryCodes> parts_ = {};
  std::array<uint64_t, kCountryCodes / 64 + 1> touched_ = {};
};

}  // namespace orewatch::risk
