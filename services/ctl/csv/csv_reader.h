// Reads comma-separated values after RFC 4180: quotes, quoted newlines, CRLF or LF, and a leading byte order mark.
// Written here because the packaged parsers keep no line numbers, without which a report of bad rows is of no use.
#pragma once

#include <cstddef>
#include <cstdint>
#include <istream>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace orewatch::ctl {

enum class Encoding {
  kUtf8,
  // A field that is not UTF-8 is taken for Windows-1252 and given as UTF-8.
  kUtf8OrWindows1252,
};

// How a file is written, and what it may ask of our memory.
struct CsvOptions {
  Encoding encoding = Encoding::kUtf8;
  size_t max_field_bytes = size_t{64} << 10;
  size_t max_fields = 256;
  // Read from the stream at a time, at least 4.
  size_t chunk_bytes = size_t{256} << 10;
};

// A cursor over the records of a stream, which it reads in chunks: the memory that it takes depends on the options and
// not on the stream. Thread-compatible; the stream must outlive it.
class CsvReader {
 public:
  explicit CsvReader(std::istream& stream, const CsvOptions& options = {});

  // Reads the next record that is not an empty line; false at the end. INVALID_ARGUMENT names the line: a quote that is
  // not closed or stands inside a field, text after a closing quote, a stray carriage return, a NUL, a field in another
  // encoding, or a limit exceeded. UNAVAILABLE: the stream cannot be read. After an error the reader is at its end.
  absl::StatusOr<bool> Next(std::vector<std::string>& fields);

  // 1-based line on which the last record began.
  int64_t line() const { return record_line_; }
  // Bytes of the stream that have been taken into records.
  int64_t bytes() const { return bytes_before_chunk_ + static_cast<int64_t>(position_); }

 private:
  absl::Status ReadField(std::string& field);
  absl::Status ReadPlain(std::string& field);
  absl::Status ReadQuoted(std::string& field);
  absl::Status CheckField(std::string& field);
  absl::Status CheckSize(const std::string& field);
  absl::Status Fail(absl::string_view reason);
  // Whether the stream has that many bytes more; then they are in the chunk.
  bool Has(size_t bytes);
  bool AtEnd() { return !Has(1); }
  bool AtNewline();
  void SkipNewline();

  std::istream& stream_;
  const CsvOptions options_;
  // The stream from `bytes_before_chunk_` on; what lies before `position_` has been read.
  std::string chunk_;
  int64_t bytes_before_chunk_ = 0;
  size_t position_ = 0;
  int64_t line_ = 1;
  int64_t record_line_ = 0;
};

}  // namespace orewatch::ctl
