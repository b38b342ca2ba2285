// The files of one audit log: the one that is written, and before it those that have become too large.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "absl/functional/function_ref.h"
#include "absl/status/status.h"
#include "absl/strings/string_view.h"

namespace orewatch::audit {

// What a full file is renamed to; names sort as their records follow one another.
std::string ArchiveName(const std::string& path, int64_t first_sequence);

// Those that are there, oldest first; `path` itself is the last, if it is there.
std::vector<std::string> FilesOf(const std::string& path);

struct Line {
  // Without its end. Cut if it is longer than a record can be.
  absl::string_view text;
  // From 1.
  int64_t number;
  // Where it begins in the file, and where the next one does.
  int64_t begin;
  int64_t end;
  // False: the file ended before the line did.
  bool whole;
};

// NOT_FOUND or UNAVAILABLE if the file cannot be read.
absl::Status ForEachLine(const std::string& file, absl::FunctionRef<void(const Line& line)> take);

}  // namespace orewatch::audit
