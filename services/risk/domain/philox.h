// Random numbers by their address instead of their turn: the same for any order and any number of threads.
// Philox 4x32-10 of Salmon, Moraes, Dror and Shaw 2011 (Parallel random numbers: as easy as 1, 2, 3; SC'11).
#pragma once

#include <array>
#include <cstdint>
#include <string>

namespace orewatch::risk {

using PhiloxCounter = std::array<uint32_t, 4>;
using PhiloxKey = std::array<uint32_t, 2>;
PhiloxCounter Philox4x32(PhiloxCounter counter, PhiloxKey key);

// What a draw is for.
struct Draw {
  // Of StreamOf.
  uint64_t stream = 0;
  uint32_t run = 0;
  uint32_t index = 0;
};

// One stream a name, whatever else is drawn.
uint64_t StreamOf(const std::string& name);

class AddressedRandom {
 public:
  explicit AddressedRandom(uint64_t seed) : key_{static_cast<uint32_t>(seed), static_cast<uint32_t>(seed >> 32)} {}
  // Two numbers of 52 bits, above 0 and below 1.
  std::array<double, 2> Uniforms(const Draw& draw) const;
  // Standard normal.
  double Normal(const Draw& draw) const;

 private:
  PhiloxKey key_;
};

}  // namespace orewatch::risk
