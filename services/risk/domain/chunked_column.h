// A column that snapshots share: a change copies the chunks it touches and nothing else.
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <memory>
#include <unordered_map>
#include <utility>
#include <vector>

namespace orewatch::risk {

// Immutable; copies share every chunk.
template <typename T, size_t kChunkSize = 32>
class ChunkedColumn {
 public:
  using Chunk = std::array<T, kChunkSize>;

  // Makes the next column. Not thread-safe; the column that it began with stays as it is.
  class Writer {
   public:
    explicit Writer(const ChunkedColumn& column) : column_(column) {}

    // Grows only; what is new is a default T.
    void Resize(size_t size) {
      column_.size_ = std::max(column_.size_, size);
      while (column_.chunks_.size() * kChunkSize < column_.size_) {
        auto chunk = std::make_shared<Chunk>();
        owned_[column_.chunks_.size()] = chunk.get();
        column_.chunks_.push_back(std::move(chunk));
      }
    }
    const T& operator[](size_t i) const { return column_[i]; }
    T& Write(size_t i) {
      Chunk*& own = owned_[i / kChunkSize];
      if (own == nullptr) {
        auto chunk = std::make_shared<Chunk>(*column_.chunks_[i / kChunkSize]);
        own = chunk.get();
        column_.chunks_[i / kChunkSize] = std::move(chunk);
      }
      return (*own)[i % kChunkSize];
    }
    ChunkedColumn Finish() && { return std::move(column_); }

   private:
    ChunkedColumn column_;
    std::unordered_map<size_t, Chunk*> owned_;
  };

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
  std::vector<std::shared_ptr<const Chunk>> chunks_;
  size_t size_ = 0;
};

}  // namespace orewatch::risk
