// The first rows of a page, of more than are held at once.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "common/filter/order_by.h"
#include "orewatch/registry/v1/resources.pb.h"
#include "services/registry/domain/kinds.h"

namespace orewatch::registry {

// Keeps the first rows of all that are offered, at least one, in the order and then by key. The order outlives it.
class OrderedRows {
 public:
  struct Row {
    std::string key;
    v1::Entry entry;
  };

  OrderedRows(Kind kind, const filter::OrderBy& order, size_t max_rows, size_t max_bytes)
      : kind_(kind), order_(order), max_rows_(max_rows), max_bytes_(max_bytes) {}

  // Only rows behind this one count.
  void After(Row row) { after_ = std::move(row); }
  void Offer(Row row);
  // In order. The object is spent.
  std::vector<Row> Take();
  // Some that count were not kept.
  bool more() const { return more_; }

 private:
  bool Before(const Row& a, const Row& b) const;

  const Kind kind_;
  const filter::OrderBy& order_;
  const size_t max_rows_;
  const size_t max_bytes_;
  std::optional<Row> after_;
  // A heap: the last in order is in front.
  std::vector<Row> rows_;
  size_t bytes_ = 0;
  bool more_ = false;
};

}  // namespace orewatch::registry
