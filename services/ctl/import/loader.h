// From paths to what is sent, in the order in which it must be sent.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "services/ctl/import/format.h"
#include "services/ctl/import/known_names.h"
#include "services/ctl/import/sink.h"

namespace orewatch::ctl {

struct InputFile {
  std::string path;
  Recognised recognised;
  Header header;
  int64_t bytes = 0;
};

// The files, and the .csv files of folders, in the order in which they must be read. NOT_FOUND: no such path;
// UNAVAILABLE: it cannot be read.
absl::StatusOr<std::vector<InputFile>> FindFiles(const std::vector<std::string>& paths);

// A file is a publisher's, so that what it speaks of may be missing in the registry.
bool IsOfficial(const InputFile& file);

// Reads the files record by record into the sink. Memory is bounded, whatever the size of a file. A table by which
// official files are read takes the place of the built-in one. `known` holds the minerals and countries that the
// registry has. A file of no known format is rejected as a whole. Errors of the sink, and: UNAVAILABLE: a file cannot
// be read; RESOURCE_EXHAUSTED: what must be held of a file is too large; INVALID_ARGUMENT: a table is malformed.
absl::Status LoadFiles(const std::vector<InputFile>& files, KnownNames known, ImportSink& sink);

// The whole file; `-` reads the standard input. NOT_FOUND, UNAVAILABLE or RESOURCE_EXHAUSTED: it is too large to hold.
absl::StatusOr<std::string> ReadFile(const std::string& path);

}  // namespace orewatch::ctl
