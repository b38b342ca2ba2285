// From paths to rows in the order in which they must be sent, and from rows to messages.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "services/ctl/import/row_reader.h"

namespace orewatch::ctl {

// Reads files, and the .csv files of folders. A file whose name says no kind is rejected as a whole. NOT_FOUND: no such
// path; UNAVAILABLE: it cannot be read; RESOURCE_EXHAUSTED: a file is too large to hold.
absl::StatusOr<ReadResult> LoadPaths(const std::vector<std::string>& paths);

// The whole file; `-` reads the standard input. Errors as LoadPaths.
absl::StatusOr<std::string> ReadFile(const std::string& path);

// End of the batch that begins at `begin`: bounded in rows and bytes as the registry asks, and never empty.
size_t BatchEnd(const std::vector<registry::v1::ImportRequest::Row>& rows, size_t begin);

}  // namespace orewatch::ctl
