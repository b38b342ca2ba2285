// Rows on their way into one message.
#pragma once

#include <cstddef>

#include "orewatch/registry/v1/registry.pb.h"

namespace orewatch::ctl {

// Bounded in rows and bytes as the registry asks of a message. Thread-compatible.
class RowBatch {
 public:
  // An empty batch takes any row.
  bool Fits(const registry::v1::ImportRequest::Row& row) const;
  void Add(registry::v1::ImportRequest::Row row);
  bool empty() const { return message_.rows_size() == 0; }
  // A message with the rows, after which the batch is empty.
  registry::v1::ImportRequest Take();

 private:
  registry::v1::ImportRequest message_;
  size_t bytes_ = 0;
};

}  // namespace orewatch::ctl
