// Whether an audit log is what was written.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/types/optional.h"
#include "common/audit/anchor_store.h"
#include "common/audit/log_files.h"
#include "common/audit/record.h"

namespace orewatch::audit {

// Something about a log, and where.
struct Finding {
  std::string file;
  // 0: of the file as a whole.
  int64_t line = 0;
  std::string what;
};

struct Report {
  int64_t records = 0;
  int64_t files = 0;
  // Anchors that records were compared with.
  int64_t anchors = 0;
  // Each says that something was changed, removed, added or moved.
  std::vector<Finding> broken;
  // What is worth a look, and is no sign of that.
  std::vector<Finding> notes;
};

// Findings beyond are counted by the last.
inline constexpr size_t kMaxFindings = 100;

struct VerifyOptions {
  // Absent: nobody knows any.
  absl::optional<std::vector<Anchor>> anchors = {};
  // Whose logs these should be, one and all; empty: of any.
  std::vector<std::string> processes = {};
  // The logs may begin after this record; else they must begin with the first.
  int64_t after = 0;
};

// Follows the chains of the logs at `paths` (those of one log after the other, each with its older files), and compares
// them with the anchors of the processes that wrote them. A log says itself whose it is: therefore one that meets no
// anchor, where there are any to be met, is broken. NOT_FOUND if a path has no file, UNAVAILABLE if one cannot be read.
absl::StatusOr<Report> Verify(const std::vector<std::string>& paths, const VerifyOptions& options);

// The records of the logs with the lines that they are in, in the order of their files; lines that cannot be read are
// passed over and counted.
absl::StatusOr<int64_t> ForEachRecord(const std::vector<std::string>& paths,
                                      absl::FunctionRef<void(const Record& record, absl::string_view line)> take);

}  // namespace orewatch::audit
