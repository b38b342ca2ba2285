// Chunks by number, as snapshots share them: a change copies the pages of pointers that it touches, and the list of
// pages, and never a pointer for every chunk.
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <memory>
#include <unordered_map>
#include <utility>
#include <vector>

namespace orewatch::risk {

// Immutable; copies share every page.
template <typename Chunk>
class ChunkTable {
  static constexpr size_t kPage = 64;
  using Page = std::array<std::shared_ptr<const Chunk>, kPage>;

 public:
  // Makes the next table. Not thread-safe; the table that it began with stays as it is.
  class Writer {
   public:
    explicit Writer(const ChunkTable& table) : table_(table) {}

    // Grows only; what is new is null.
    void Resize(size_t size) {
      table_.size_ = std::max(table_.size_, size);
      while (table_.pages_.size() * kPage < table_.size_) {
        table_.pages_.push_back(std::make_shared<const Page>());
      }
    }
    const ChunkTable& table() const { return table_; }
    void Put(size_t i, std::shared_ptr<const Chunk> chunk) {
      Page*& own = owned_[i / kPage];
      if (own == nullptr) {
        auto page = std::make_shared<Page>(*table_.pages_[i / kPage]);
        own = page.get();
        table_.pages_[i / kPage] = std::move(page);
      }
      (*own)[i % kPage] = std::move(chunk);
    }
    ChunkTable Finish() && { return std::move(table_); }

   private:
    ChunkTable table_;
    std::unordered_map<size_t, Page*> owned_;
  };

  size_t size() const { return size_; }
  // Below the size. Null: none was put.
  const Chunk* operator[](size_t i) const { return (*pages_[i / kPage])[i % kPage].get(); }

 private:
  std::vector<std::shared_ptr<const Page>> pages_;
  size_t size_ = 0;
};

}  // namespace orewatch::risk
