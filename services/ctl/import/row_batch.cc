#include "services/ctl/import/row_batch.h"

#include <utility>

namespace orewatch::ctl {
namespace {

using registry::v1::ImportRequest;

constexpr int kMaxRows = 500;
// Leaves room below the registry's limit of 1 MiB for the fields beside the rows.
constexpr size_t kMaxBytes = 1'000'000;

}  // namespace

bool RowBatch::Fits(const ImportRequest::Row& row) const {
  return empty() || (message_.rows_size() < kMaxRows && bytes_ + row.ByteSizeLong() <= kMaxBytes);
}

void RowBatch::Add(ImportRequest::Row row) {
  bytes_ += row.ByteSizeLong();
  *message_.add_rows() = std::move(row);
}

ImportRequest RowBatch::Take() {
  ImportRequest taken;
  taken.Swap(&message_);
  bytes_ = 0;
  return taken;
}

}  // namespace orewatch::ctl
