// One row of exposure: the weighted sum of the suppliers' rows of the tier below.
#pragma once

#include <array>
#include <cstdint>
#include <cstring>
#include <vector>

#include "services/risk/domain/exposure.h"

namespace orewatch::risk {

// A node's own country: tier 0. Inferred where it is that of its seat.
TierView TierZero(const NodeFacts& facts);

// Sums rows one after the other; a row's countries are added in the order in which its links come.
class TierSum {
 public:
  // `below` gives the TierView of a supplier. Appends to `countries`.
  template <typename Below>
  void Sum(const InputRow& inputs, const Below& below, std::vector<CountryShare>& countries, double& own,
           double& unknown) {
    Fetch(inputs.edges, below);
    own = inputs.own;
    unknown = inputs.unknown;
    for (size_t i = 0; i < inputs.edges.size(); ++i) {
      const Edge& edge = inputs.edges[i];
      if (edge.weight == 0) {
        continue;
      }
      own += edge.weight * rows_[i].own;
      unknown += edge.weight * rows_[i].unknown;
      edge.verified ? AddVerified(edge.weight, rows_[i]) : AddInferred(edge.weight, rows_[i]);
    }
    Take(countries);
  }

 private:
  struct Part {
    double verified = 0;
    double inferred = 0;
  };
  // Countries whose flags are looked at together.
  static constexpr size_t kGroup = 8;
  static constexpr size_t kGroups = (kCountryCodes + kGroup - 1) / kGroup;

  // The suppliers' rows lie far apart: all are asked for before the first is added.
  template <typename Below>
  void Fetch(const std::vector<Edge>& edges, const Below& below) {
    rows_.resize(edges.size());
    for (size_t i = 0; i < edges.size(); ++i) {
      rows_[i] = below(edges[i].from);
      const char* data = reinterpret_cast<const char*>(rows_[i].countries.data());
      const size_t bytes = rows_[i].countries.size_bytes();
      for (size_t at = 0; at < bytes; at += 64) {
        __builtin_prefetch(data + at);
      }
    }
  }
  Part& At(CountryIndex country) {
    touched_[country] = 1;
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
    for (size_t group = 0; group < kGroups; ++group) {
      uint64_t flags;
      std::memcpy(&flags, &touched_[group * kGroup], sizeof(flags));
      if (flags == 0) {
        continue;
      }
      for (size_t country = group * kGroup; country < (group + 1) * kGroup; ++country) {
        if (touched_[country] != 0) {
          countries.push_back({parts_[country].verified, parts_[country].inferred, static_cast<CountryIndex>(country)});
          parts_[country] = {};
        }
      }
      std::memset(&touched_[group * kGroup], 0, kGroup);
    }
  }

  std::array<Part, kGroups* kGroup> parts_ = {};
  std::array<uint8_t, kGroups* kGroup> touched_ = {};
  std::vector<TierView> rows_;
};

}  // namespace orewatch::risk
