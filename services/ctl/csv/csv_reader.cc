#include "services/ctl/csv/csv_reader.h"

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "services/ctl/csv/utf8.h"

namespace orewatch::ctl {

CsvReader::CsvReader(absl::string_view text, const CsvLimits& limits) : text_(text), limits_(limits) {
  if (absl::StartsWith(text_, kByteOrderMark)) {
    position_ = kByteOrderMark.size();
  }
}

absl::StatusOr<bool> CsvReader::Next(std::vector<std::string>& fields) {
  fields.clear();
  while (!AtEnd() && AtNewline()) {
    SkipNewline();
  }
  if (AtEnd()) {
    return false;
  }
  record_line_ = line_;
  while (true) {
    if (fields.size() == limits_.max_fields) {
      return Fail(absl::StrCat("has more than ", limits_.max_fields, " fields"));
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
  const bool quoted = !AtEnd() && text_[position_] == '"';
  if (absl::Status status = quoted ? ReadQuoted(field) : ReadPlain(field); !status.ok()) {
    return status;
  }
  return CheckField(field);
}

absl::Status CsvReader::ReadPlain(std::string& field) {
  const size_t begin = position_;
  while (!AtEnd() && text_[position_] != ',' && !AtNewline()) {
    if (text_[position_] == '"') {
      return Fail("has a quote inside a field that is not quoted");
    }
    if (text_[position_] == '\r') {
      return Fail("has a carriage return that ends no line");
    }
    ++position_;
  }
  field.assign(text_.data() + begin, position_ - begin);
  return absl::OkStatus();
}

absl::Status CsvReader::ReadQuoted(std::string& field) {
  ++position_;
  while (!AtEnd()) {
    const char c = text_[position_++];
    if (c != '"') {
      line_ += c == '\n' ? 1 : 0;
      field.push_back(c);
      if (field.size() > limits_.max_field_bytes) {
        return CheckField(field);
      }
      continue;
    }
    if (!AtEnd() && text_[position_] == '"') {
      field.push_back('"');
      ++position_;
      continue;
    }
    return AtEnd() || text_[position_] == ',' || AtNewline() ? absl::OkStatus()
                                                             : Fail("has text after a closing quote");
  }
  return Fail("has a quote that is never closed");
}

absl::Status CsvReader::CheckField(const std::string& field) {
  if (field.size() > limits_.max_field_bytes) {
    return Fail(absl::StrCat("has a field of more than ", limits_.max_field_bytes, " bytes"));
  }
  if (field.find('\0') != std::string::npos) {
    return Fail("has a NUL byte");
  }
  return IsUtf8(field) ? absl::OkStatus() : Fail("is not UTF-8");
}

absl::Status CsvReader::Fail(absl::string_view reason) {
  position_ = text_.size();
  return absl::InvalidArgumentError(absl::StrCat("the record on line ", record_line_, " ", reason));
}

bool CsvReader::AtNewline() const {
  return text_[position_] == '\n' ||
         (text_[position_] == '\r' && position_ + 1 < text_.size() && text_[position_ + 1] == '\n');
}

void CsvReader::SkipNewline() {
  position_ += text_[position_] == '\r' ? 2 : 1;
  ++line_;
}

}  // namespace orewatch::ctl
