// A column that snapshots share: a change copies the chunks it touches and nothing else.
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <memory>
#include <unordered_map>
#include <utility>

#include "services/risk/domain/chunk_table.h"

namespace orewatch::risk {

// Immutable; copies share every chunk.
template <typename T, size_t kChunkSize = 32>
class ChunkedColumn {
 public:
  using Chunk = std::array<T, kChunkSize>;

  // Makes the next column. Not thread-safe; the column that it began with stays as it is.
  class Writer {
   public:
    explicit Writer(const ChunkedColumn& column) : chunks_(column.chunks_), size_(column.size_) {}

    // Grows only; what is new is a default T.
    void Resize(size_t size) {
      size_ = std::max(size_, size);
      for (size_t i = chunks_.table().size(); i * kChunkSize < size_; ++i) {
        chunks_.Resize(i + 1);
        Put(i, std::make_shared<Chunk>());
      }
    }
    const T& operator[](size_t i) const { return (*chunks_.table()[i / kChunkSize])[i % kChunkSize]; }
    T& Write(size_t i) {
      const auto own = owned_.find(i / kChunkSize);
      Chunk& chunk = own != owned_.end()
                         ? *own->second
                         : Put(i / kChunkSize, std::make_shared<Chunk>(*chunks_.table()[i / kChunkSize]));
      return chunk[i % kChunkSize];
    }
    ChunkedColumn Finish() && { return {std::move(chunks_).Finish(), size_}; }

   private:
    Chunk& Put(size_t i, std::shared_ptr<Chunk> chunk) {
      Chunk& own = *chunk;
      owned_[i] = &own;
      chunks_.Put(i, std::move(chunk));
      return own;
    }

    typename ChunkTable<Chunk>::Writer chunks_;
    size_t size_;
    std::unordered_map<size_t, Chunk*> owned_;
  };

  ChunkedColumn() = default;
  size_t size() const { return size_; }
  const T& operator[](size_t i) const { return (*chunks_[i / kChunkSize])[i % kChunkSize]; }
  // How many chunks are not those of `other`.
  size_t ChunksApartFrom(const ChunkedColumn& other) const {
    size_t apart = 0;
    for (size_t i = 0; i < chunks_.size(); ++i) {
      apart += i >= other.chunks_.size() || chunks_[i] != other.chunks_[i] ? 1 : 0;
    }
    return apart;
  }

 private:
  ChunkedColumn(ChunkTable<Chunk> chunks, size_t size) : chunks_(std::move(chunks)), size_(size) {}

  ChunkTable<Chunk> chunks_;
  size_t size_ = 0;
};

}  // namespace orewatch::risk
