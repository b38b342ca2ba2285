// One line of an audit log.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "absl/types/optional.h"

namespace orewatch::audit {

// What a record tells of.
inline constexpr char kStart[] = "start";        // The process began to write.
inline constexpr char kChange[] = "change";      // A method that may change something ran.
inline constexpr char kRefusal[] = "refusal";    // A call was refused before its method ran, or by it.
inline constexpr char kRefusals[] = "refusals";  // `count` further ones like it since `since`, not told one by one.
inline constexpr char kTorn[] = "torn";          // A last line of `count` bytes, which a death had cut, was removed.
inline constexpr char kLost[] = "lost";          // `count` records could not be written, and are missing.

// A line longer than this is no record.
inline constexpr size_t kMaxLineBytes = size_t{64} * 1024;

// What stands for a hash before the first record.
std::string NoHash();

struct Record {
  // From 1, without a gap.
  int64_t sequence = 0;
  absl::Time time = absl::UnixEpoch();
  // Which process writes, and which of its logs it is: a new log has a new, random `chain`.
  std::string process;
  std::string chain;
  std::string kind;
  std::string principal;
  std::string role;
  std::string credential;
  std::string through;
  std::string peer;
  std::string method;
  std::vector<std::string> resources;
  int64_t resource_count = 0;
  std::string request_id;
  std::string trace_id;
  // As gRPC names it (`OK`, `PermissionDenied`).
  std::string code;
  std::string reason;
  // Only if it differs from `code`.
  std::string told;
  absl::Duration duration;
  absl::optional<int64_t> revision;
  int64_t count = 0;
  absl::Time since = absl::UnixEpoch();
  // SHA-256 in hexadecimal: of the record before, and of this line without its last field.
  std::string previous;
  std::string hash;
};

// Fills in the hash and returns the line, without its end. Bytes that are no UTF-8 are replaced.
std::string SealLine(Record& record);

// DATA_LOSS that says what is wrong, if the line is no record or its hash is not that of its bytes.
absl::StatusOr<Record> ParseLine(absl::string_view line);

// The hash that a line ends with, whatever its bytes are; empty: it ends otherwise.
std::string HashOfLine(absl::string_view line);

// RFC 3339 in UTC.
std::string TimeText(absl::Time time);

}  // namespace orewatch::audit
