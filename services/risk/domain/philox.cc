#include "services/risk/domain/philox.h"

#include <cmath>

namespace orewatch::risk {
namespace {

constexpr int kRounds = 10;
constexpr uint32_t kMultipliers[] = {0xD2511F53, 0xCD9E8D57};
constexpr uint32_t kWeyl[] = {0x9E3779B9, 0xBB67AE85};

uint32_t High(uint64_t product) { return static_cast<uint32_t>(product >> 32); }
uint32_t Low(uint64_t product) { return static_cast<uint32_t>(product); }

// The middle of one of 2^52 equal parts: neither 0 nor 1.
double UnitOf(uint32_t high, uint32_t low) {
  const uint64_t bits = ((uint64_t{high} << 32) | low) >> 12;
  return (static_cast<double>(bits) + 0.5) * 0x1p-52;
}

}  // namespace

PhiloxCounter Philox4x32(PhiloxCounter counter, PhiloxKey key) {
  for (int round = 0; round < kRounds; ++round) {
    const uint64_t a = uint64_t{kMultipliers[0]} * counter[0];
    const uint64_t b = uint64_t{kMultipliers[1]} * counter[2];
    counter = {High(b) ^ counter[1] ^ key[0], Low(b), High(a) ^ counter[3] ^ key[1], Low(a)};
    key[0] += kWeyl[0];
    key[1] += kWeyl[1];
  }
  return counter;
}

uint64_t StreamOf(const std::string& name) {
  constexpr uint64_t kOffset = 0xCBF29CE484222325;
  constexpr uint64_t kPrime = 0x100000001B3;
  uint64_t hash = kOffset;
  for (const char c : name) {
    hash = (hash ^ static_cast<unsigned char>(c)) * kPrime;
  }
  return hash;
}

std::array<double, 2> AddressedRandom::Uniforms(const Draw& draw) const {
  const PhiloxCounter bits = Philox4x32(
      {draw.run, draw.index, static_cast<uint32_t>(draw.stream), static_cast<uint32_t>(draw.stream >> 32)}, key_);
  return {UnitOf(bits[0], bits[1]), UnitOf(bits[2], bits[3])};
}

double AddressedRandom::Normal(const Draw& draw) const {
  constexpr double kTwoPi = 6.283185307179586;
  const auto [radius, angle] = Uniforms(draw);
  return std::sqrt(-2 * std::log(radius)) * std::cos(kTwoPi * angle);
}

}  // namespace orewatch::risk
