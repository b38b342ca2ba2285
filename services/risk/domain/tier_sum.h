// One row of exposure: the weighted sum of the suppliers' rows of the tier below.
#pragma once

#include <array>
#include <bit>
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
    own = inputs.own;
    unknown = inputs.unknown;
    Fetch(inputs.edges, below);
    for (size_t i = 0; i < inputs.edges.size(); ++i) {
      const Edge& edge = inputs.edges[i];
      if (edge.weight == 0) {
        continue;
      }
      own += edge.weight * rows_[i].own;
      unknown += edge.weight * rows_[i].unknown;
      Add(edge, rows_[i]);
    }
    if (!inputs.edges.empty()) {
      Take(countries);
    }
  }

 private:
  struct Part {
    double verified = 0;
    double inferred = 0;
  };
  // Flags are looked at eight at a time: first those of groups of countries, then those of the countries of a group.
  static constexpr size_t kGroup = 8;
  static constexpr size_t kGroups = (kCountryCodes + kGroup * kGroup - 1) / (kGroup * kGroup) * kGroup;

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
    touched_groups_[country / kGroup] = 1;
    return parts_[country];
  }
  // Both kinds of links in one form: a mix of 8 and 16 byte stores to the same parts would stall the loads after them.
  void Add(const Edge& edge, const TierView& row) {
    const double verified_weight = edge.verified ? edge.weight : 0;
    const double moved = edge.verified ? 0 : 1;
    for (const CountryShare& share : row.countries) {
      Part& part = At(share.country);
      part.verified += verified_weight * share.verified;
      part.inferred += edge.weight * (moved * share.verified + share.inferred);
    }
  }
  // Calls `visit` for each flag that is set, ascending from `first`, and clears it.
  template <typename Visit>
  static void TakeEight(uint8_t* flags, size_t first, const Visit& visit) {
    static_assert(std::endian::native == std::endian::little, "the first flag is the lowest byte");
    uint64_t set = 0;
    std::memcpy(&set, flags + first, kGroup);
    std::memset(flags + first, 0, kGroup);
    for (; set != 0; set &= set - 1) {
      constexpr int kBitsOfAFlag = 8;
      visit(first + static_cast<size_t>(std::countr_zero(set) / kBitsOfAFlag));
    }
  }
  // Empties the sum into `countries`.
  void Take(std::vector<CountryShare>& countries) {
    for (size_t eight = 0; eight < kGroups; eight += kGroup) {
      TakeEight(touched_groups_.data(), eight, [&](size_t group) {
        TakeEight(touched_.data(), group * kGroup, [&](size_t country) {
          Part& part = parts_[country];
          countries.push_back({part.verified, part.inferred, static_cast<CountryIndex>(country)});
          part = {};
        });
      });
    }
  }

  std::array<Part, kGroups* kGroup> parts_ = {};
  std::array<uint8_t, kGroups* kGroup> touched_ = {};
  std::array<uint8_t, kGroups> touched_groups_ = {};
  std::vector<TierView> rows_;
};

}  // namespace orewatch::risk
