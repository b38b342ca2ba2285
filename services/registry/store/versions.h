// What engines agree upon about entries and their versions.
#pragma once

#include <algorithm>
#include <cstdint>
#include <limits>
#include <string>

#include "absl/status/status.h"
#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "common/status/status.h"
#include "services/registry/domain/visibility.h"

namespace orewatch::registry {

// to_revision of the last version of what exists.
inline constexpr int64_t kLive = std::numeric_limits<int64_t>::max();

// Above every key that begins with `prefix`: no name holds the last character of Unicode.
inline std::string EndOfPrefix(absl::string_view prefix) { return absl::StrCat(prefix, "\xf4\x8f\xbf\xbf"); }

// Who finds an entry by search, each between two ends of lines: `\nalice\ncarol\n`; empty: everybody. What no caller
// can be called is left out (common/rpc/call_runtime.cc: names are visible ASCII), since it could hold the end of a
// line.
inline std::string ReadersText(const v1::Entry& entry) {
  const auto readers = ReadersOf(entry);
  if (!readers.has_value()) {
    return "";
  }
  std::string text = "\n";
  for (const absl::string_view reader : *readers) {
    if (std::all_of(reader.begin(), reader.end(),
                    [](char c) { return absl::ascii_isgraph(static_cast<unsigned char>(c)); })) {
      absl::StrAppend(&text, reader, "\n");
    }
  }
  return text;
}

inline absl::Status NoSuchRevision(int64_t revision) {
  return MakeError(absl::StatusCode::kNotFound, "NOT_FOUND", absl::StrCat("there is no revision ", revision));
}

inline absl::Status RevisionCompacted(int64_t revision, int64_t earliest) {
  return MakeError(absl::StatusCode::kOutOfRange, "REVISION_COMPACTED",
                   absl::StrCat("revision ", revision, " has been compacted; the earliest to go on from is ", earliest),
                   {{"earliest_revision", absl::StrCat(earliest)}});
}

}  // namespace orewatch::registry
