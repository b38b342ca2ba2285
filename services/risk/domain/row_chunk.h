// A few rows of one tier in one piece of memory: what lies far apart is fetched slowly.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>

#include "services/risk/domain/exposure.h"

namespace orewatch::risk {

// Immutable.
class RowChunk {
 public:
  static constexpr size_t kRows = 8;
  using Views = std::array<TierView, kRows>;

  // Copies what the views point to.
  static std::shared_ptr<const RowChunk> Make(const Views& rows);

  // Valid while this lives.
  TierView Row(size_t i) const {
    const Head& head = heads_[i];
    return {{shares() + head.begin, head.size}, head.own, head.unknown};
  }
  size_t bytes() const { return sizeof(RowChunk) + (heads_.back().begin + heads_.back().size) * sizeof(CountryShare); }

 private:
  struct Head {
    double own = 0;
    double unknown = 0;
    // Of its shares.
    uint32_t begin = 0;
    uint32_t size = 0;
  };

  explicit RowChunk(const Views& rows);
  // They lie behind this, in the same piece.
  const CountryShare* shares() const { return reinterpret_cast<const CountryShare*>(this + 1); }

  std::array<Head, kRows> heads_;
};

}  // namespace orewatch::risk
