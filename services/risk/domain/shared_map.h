// A map by text that snapshots share: a change copies the bucket that it touches and the way there.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <utility>

namespace orewatch::risk {

// Copies share everything. One writer numbers its edits; what was made under the edit at hand is changed in place, the
// rest is copied first, so that copies taken under an earlier edit stay as they are.
template <typename V>
class SharedMap {
 public:
  size_t size() const { return size_; }
  bool empty() const { return size_ == 0; }

  // Valid while this, or a copy of it, lives unchanged; null: there is none.
  const V* Find(const std::string& key) const {
    const Place place(key);
    if (root_ == nullptr || root_->slots[place.page] == nullptr) {
      return nullptr;
    }
    const auto& bucket = root_->slots[place.page]->slots[place.bucket];
    if (bucket == nullptr) {
      return nullptr;
    }
    const auto found = bucket->entries.find(key);
    return found == bucket->entries.end() ? nullptr : &found->second;
  }

  // The value to change; a default V if there was none.
  V& Write(uint64_t edit, const std::string& key) {
    const auto [place, added] = BucketFor(edit, key).entries.try_emplace(key);
    size_ += added ? 1 : 0;
    return place->second;
  }

  void Erase(uint64_t edit, const std::string& key) {
    if (Find(key) != nullptr) {
      BucketFor(edit, key).entries.erase(key);
      --size_;
    }
  }

  // In no order that means anything.
  template <typename Visit>
  void ForEach(const Visit& visit) const {
    if (root_ == nullptr) {
      return;
    }
    for (const auto& page : root_->slots) {
      for (size_t i = 0; page != nullptr && i < kFanOut; ++i) {
        if (page->slots[i] == nullptr) {
          continue;
        }
        for (const auto& [key, value] : page->slots[i]->entries) {
          visit(key, value);
        }
      }
    }
  }

 private:
  static constexpr size_t kFanOut = 64;
  struct Bucket {
    uint64_t edit = 0;
    std::map<std::string, V> entries;
  };
  template <typename Slot>
  struct Node {
    uint64_t edit = 0;
    std::array<std::shared_ptr<Slot>, kFanOut> slots;
  };
  using Page = Node<Bucket>;
  using Root = Node<Page>;
  struct Place {
    explicit Place(const std::string& key) {
      const size_t hash = std::hash<std::string>()(key);
      page = hash % kFanOut;
      bucket = hash / kFanOut % kFanOut;
    }
    size_t page;
    size_t bucket;
  };

  template <typename T>
  static T& Own(uint64_t edit, std::shared_ptr<T>& shared) {
    if (shared == nullptr || shared->edit != edit) {
      shared = shared == nullptr ? std::make_shared<T>() : std::make_shared<T>(*shared);
      shared->edit = edit;
    }
    return *shared;
  }
  Bucket& BucketFor(uint64_t edit, const std::string& key) {
    const Place place(key);
    return Own(edit, Own(edit, Own(edit, root_).slots[place.page]).slots[place.bucket]);
  }

  std::shared_ptr<Root> root_;
  size_t size_ = 0;
};

}  // namespace orewatch::risk
