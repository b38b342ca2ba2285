#include "services/ctl/csv/csv_reader.h"

#include <algorithm>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "services/ctl/csv/utf8.h"
#include "services/ctl/csv/windows1252.h"

namespace orewatch::ctl {

CsvReader::CsvReader(std::istream& stream, const CsvOptions& options) : stream_(stream), options_(options) {
  if (Has(kByteOrderMark.size()) && absl::StartsWith(chunk_, kByteOrderMark)) {
    position_ = kByteOrderMark.size();
  }
}

absl::StatusOr<bool> CsvReader::Next(std::vector<std::string>& fields) {
  fields.clear();
  while (!AtEnd() && AtNewline()) {
    SkipNewline();
  }
  record_line_ = line_;
  if (AtEnd()) {
    return stream_.bad() ? absl::StatusOr<bool>(absl::UnavailableError("the file cannot be read")) : false;
  }
  while (true) {
    if (fields.size() == options_.max_fields) {
      return Fail(absl::StrCat("has more than ", options_.max_fields, " fields"));
    }
    if (absl::Status status = ReadField(fields.emplace_back()); !status.ok()) {
      return status;
    }
    if (AtEnd()) {
      return true;
    }
    if (AtNewline()) {
      SkipNewline();
      return true;
    }
    ++position_;  // The comma.
  }
}

absl::Status CsvReader::ReadField(std::string& field) {
  const bool quoted = !AtEnd() && chunk_[position_] == '"';
  if (absl::Status status = quoted ? ReadQuoted(field) : ReadPlain(field); !status.ok()) {
    return status;
  }
  return CheckField(field);
}

absl::Status CsvReader::ReadPlain(std::string& field) {
  while (!AtEnd()) {
    const size_t stop = std::min(chunk_.find_first_of(",\n\r\"", position_), chunk_.size());
    field.append(chunk_, position_, stop - position_);
    position_ = stop;
    if (absl::Status status = CheckSize(field); !status.ok()) {
      return status;
    }
    if (AtEnd() || chunk_[position_] == ',' || AtNewline()) {
      return absl::OkStatus();
    }
    if (chunk_[position_] == '"') {
      return Fail("has a quote inside a field that is not quoted");
    }
    if (chunk_[position_] == '\r') {
      return Fail("has a carriage return that ends no line");
    }
  }
  return absl::OkStatus();
}

absl::Status CsvReader::ReadQuoted(std::string& field) {
  ++position_;
  while (!AtEnd()) {
    const char c = chunk_[position_++];
    if (c != '"') {
      line_ += c == '\n' ? 1 : 0;
      field.push_back(c);
      if (absl::Status status = CheckSize(field); !status.ok()) {
        return status;
      }
      continue;
    }
    if (!AtEnd() && chunk_[position_] == '"') {
      field.push_back('"');
      ++position_;
      continue;
    }
    return AtEnd() || chunk_[position_] == ',' || AtNewline() ? absl::OkStatus()
                                                              : Fail("has text after a closing quote");
  }
  return Fail("has a quote that is never closed");
}

absl::Status CsvReader::CheckField(std::string& field) {
  if (absl::Status status = CheckSize(field); !status.ok()) {
    return status;
  }
  if (field.find('\0') != std::string::npos) {
    return Fail("has a NUL byte");
  }
  if (IsUtf8(field)) {
    return absl::OkStatus();
  }
  if (options_.encoding == Encoding::kUtf8) {
    return Fail("is not UTF-8");
  }
  const absl::optional<std::string> decoded = Windows1252ToUtf8(field);
  if (!decoded.has_value()) {
    return Fail("is neither UTF-8 nor Windows-1252");
  }
  field = *decoded;
  return absl::OkStatus();
}

absl::Status CsvReader::CheckSize(const std::string& field) {
  return field.size() <= options_.max_field_bytes
             ? absl::OkStatus()
             : Fail(absl::StrCat("has a field of more than ", options_.max_field_bytes, " bytes"));
}

absl::Status CsvReader::Fail(absl::string_view reason) {
  stream_.setstate(std::ios::eofbit);
  position_ = chunk_.size();
  return absl::InvalidArgumentError(absl::StrCat("the record on line ", record_line_, " ", reason));
}

bool CsvReader::Has(size_t bytes) {
  if (chunk_.size() - position_ >= bytes) {
    return true;
  }
  if (!stream_.good()) {
    return false;
  }
  chunk_.erase(0, position_);
  bytes_before_chunk_ += static_cast<int64_t>(position_);
  position_ = 0;
  const size_t kept = chunk_.size();
  chunk_.resize(options_.chunk_bytes);
  stream_.read(chunk_.data() + kept, static_cast<std::streamsize>(chunk_.size() - kept));
  chunk_.resize(kept + static_cast<size_t>(stream_.gcount()));
  return chunk_.size() >= bytes;
}

bool CsvReader::AtNewline() {
  return chunk_[position_] == '\n' || (chunk_[position_] == '\r' && Has(2) && chunk_[position_ + 1] == '\n');
}

void CsvReader::SkipNewline() {
  position_ += chunk_[position_] == '\r' ? 2 : 1;
  ++line_;
}

}  // namespace orewatch::ctl
