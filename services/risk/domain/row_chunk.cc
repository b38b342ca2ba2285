#include "services/risk/domain/row_chunk.h"

#include <new>

namespace orewatch::risk {

std::shared_ptr<const RowChunk> RowChunk::Make(const Views& rows) {
  size_t count = 0;
  for (const TierView& row : rows) {
    count += row.countries.size();
  }
  void* const memory = ::operator new(sizeof(RowChunk) + count * sizeof(CountryShare));
  return {new (memory) RowChunk(rows), [memory](const RowChunk*) { ::operator delete(memory); }};
}

RowChunk::RowChunk(const Views& rows) {
  auto* end = reinterpret_cast<CountryShare*>(this + 1);
  uint32_t begin = 0;
  for (size_t i = 0; i < kRows; ++i) {
    const auto size = static_cast<uint32_t>(rows[i].countries.size());
    heads_[i] = {rows[i].own, rows[i].unknown, begin, size};
    end = std::uninitialized_copy(rows[i].countries.begin(), rows[i].countries.end(), end);
    begin += size;
  }
}

}  // namespace orewatch::risk
