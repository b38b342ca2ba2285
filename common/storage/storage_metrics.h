// orewatch_storage_*: the disk that a store lies on, and what could not be written to it.
#pragma once

#include <string>

#include "common/exec/repeater.h"
#include "common/metrics/labelled.h"
#include "prometheus/counter.h"
#include "prometheus/gauge.h"
#include "prometheus/registry.h"

namespace orewatch::storage {

// Why something could not be written.
enum class WriteError { kFull, kIo, kReadOnly, kOther };

// Of a system call. A file or a share of a disk that may not grow is as full as the disk.
WriteError WriteErrorOf(int system_error);

// Thread-safe. Looks at the disk once a second, on a thread of its own: a disk that does not answer keeps nobody
// waiting.
class StorageMetrics {
 public:
  // `store` is the label. `path` is the file of the store; what lies beside it under names that begin with that of the
  // file belongs to the store. The registry outlives it.
  StorageMetrics(prometheus::Registry& registry, const std::string& store, const std::string& path);

  void CountWriteError(WriteError error);
  // At once, on the caller's thread.
  void Look();

 private:
  const std::string path_;
  prometheus::Gauge& free_;
  prometheus::Gauge& capacity_;
  prometheus::Gauge& size_;
  const metrics::Labelled<prometheus::Counter> errors_;
  const Repeater looks_;
};

}  // namespace orewatch::storage
