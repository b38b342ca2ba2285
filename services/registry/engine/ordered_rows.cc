#include "services/registry/engine/ordered_rows.h"

#include <algorithm>
#include <compare>

namespace orewatch::registry {

bool OrderedRows::Before(const Row& a, const Row& b) const {
  const auto order = order_.Compare(MessageIn(kind_, a.entry), MessageIn(kind_, b.entry));
  return std::is_eq(order) ? a.key < b.key : std::is_lt(order);
}

void OrderedRows::Offer(Row row) {
  if (after_.has_value() && !Before(*after_, row)) {
    return;
  }
  const auto before = [this](const Row& a, const Row& b) { return Before(a, b); };
  bytes_ += row.entry.ByteSizeLong();
  rows_.push_back(std::move(row));
  std::push_heap(rows_.begin(), rows_.end(), before);
  while (rows_.size() > max_rows_ || (bytes_ > max_bytes_ && rows_.size() > 1)) {
    std::pop_heap(rows_.begin(), rows_.end(), before);
    bytes_ -= rows_.back().entry.ByteSizeLong();
    rows_.pop_back();
    more_ = true;
  }
}

std::vector<OrderedRows::Row> OrderedRows::Take() {
  std::sort_heap(rows_.begin(), rows_.end(), [this](const Row& a, const Row& b) { return Before(a, b); });
  return std::move(rows_);
}

}  // namespace orewatch::registry
