// Alerts by their keys, and whether there are any about a score.
#pragma once

#include <cstdint>
#include <utility>

#include "absl/container/btree_map.h"
#include "absl/container/flat_hash_map.h"
#include "services/alerting/domain/alert.h"

namespace orewatch::alerting {

// A map in the order of the keys, in which those of one rule stand together. An alert may be changed in place, but for
// its key. Thread-compatible.
class AlertTable {
 public:
  using Map = absl::btree_map<AlertKey, Alert>;
  using iterator = Map::iterator;
  using const_iterator = Map::const_iterator;

  // Takes the same time however many alerts there are.
  bool AnyAbout(const ScoreKey& score) const { return about_.contains(score); }

  std::pair<iterator, bool> insert_or_assign(const AlertKey& key, Alert alert) {
    const auto stored = alerts_.insert_or_assign(key, std::move(alert));
    if (stored.second) {
      ++about_[key.score];
    }
    return stored;
  }
  size_t erase(const AlertKey& key) {
    const size_t erased = alerts_.erase(key);
    if (erased > 0) {
      const auto about = about_.find(key.score);
      if (--about->second == 0) {
        about_.erase(about);
      }
    }
    return erased;
  }

  Alert& at(const AlertKey& key) { return alerts_.at(key); }
  const Alert& at(const AlertKey& key) const { return alerts_.at(key); }
  bool contains(const AlertKey& key) const { return alerts_.contains(key); }
  iterator find(const AlertKey& key) { return alerts_.find(key); }
  const_iterator find(const AlertKey& key) const { return alerts_.find(key); }
  iterator lower_bound(const AlertKey& key) { return alerts_.lower_bound(key); }
  const_iterator lower_bound(const AlertKey& key) const { return alerts_.lower_bound(key); }
  iterator begin() { return alerts_.begin(); }
  const_iterator begin() const { return alerts_.begin(); }
  iterator end() { return alerts_.end(); }
  const_iterator end() const { return alerts_.end(); }
  size_t size() const { return alerts_.size(); }
  bool empty() const { return alerts_.empty(); }

  friend bool operator==(const AlertTable& a, const AlertTable& b) { return a.alerts_ == b.alerts_; }

 private:
  Map alerts_;
  // How many there are about each score.
  absl::flat_hash_map<ScoreKey, int64_t> about_;
};

}  // namespace orewatch::alerting
