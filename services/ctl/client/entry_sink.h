// Where an export goes.
#pragma once

#include <memory>
#include <ostream>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "orewatch/registry/v1/resources.pb.h"
#include "services/ctl/render/format.h"

namespace orewatch::ctl {

// Takes entries one by one. What it writes is complete, and in place, only after Close. Thread-compatible.
class EntrySink {
 public:
  virtual ~EntrySink() = default;
  // UNAVAILABLE: the disk does not take it.
  virtual absl::Status Add(const registry::v1::Entry& entry) = 0;
  virtual absl::Status Close() = 0;
};

// A folder that is there, or a path that ends as only one of a folder does.
bool IsFolder(const std::string& path);

// A sink that writes to `path`: one file of textproto or JSON that `apply` reads, or a folder of CSV files that
// `import` reads. An empty path or `-` is `out`, which has no place for a folder: INVALID_ARGUMENT with reason USAGE,
// as for a file where a folder is.
absl::StatusOr<std::unique_ptr<EntrySink>> OpenSink(Format format, const std::string& path, std::ostream& out);

}  // namespace orewatch::ctl
