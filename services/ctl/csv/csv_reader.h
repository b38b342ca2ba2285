// Reads comma-separated values after RFC 4180: quotes, quoted newlines, CRLF or LF, and a leading byte order mark.
// Written here because the packaged parsers keep no line numbers, without which a report of bad rows is of no use.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace orewatch::ctl {

// What a file may ask of our memory.
struct CsvLimits {
  size_t max_field_bytes = size_t{64} << 10;
  size_t max_fields = 256;
};

// A cursor over the records of a text. Thread-compatible; the text must outlive it.
class CsvReader {
 public:
  explicit CsvReader(absl::string_view text, const CsvLimits& limits = {});

  // Reads the next record that is not an empty line; false at the end. INVALID_ARGUMENT names the line: a quote that is
  // not closed or stands inside a field, text after a closing quote, a stray carriage return, a NUL, a field that is
  // not UTF-8, or a limit exceeded. After an error the reader is at its end.
  absl::StatusOr<bool> Next(std::vector<std::string>& fields);

  // 1-based line on which the last record began.
  int64_t line() const { return record_line_; }

 private:
  absl::Status ReadField(std::string& field);
  absl::Status ReadPlain(std::string& field);
  absl::Status ReadQuoted(std::string& field);
  absl::Status CheckField(const std::string& field);
  absl::Status Fail(absl::string_view reason);
  bool AtEnd() const { return position_ >= text_.size(); }
  bool AtNewline() const;
  void SkipNewline();

  absl::string_view text_;
  CsvLimits limits_;
  size_t position_ = 0;
  int64_t line_ = 1;
  int64_t record_line_ = 0;
};

}  // namespace orewatch::ctl
