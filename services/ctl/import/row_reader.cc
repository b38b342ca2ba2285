#include "services/ctl/import/row_reader.h"

#include <algorithm>
#include <sstream>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "services/ctl/csv/csv_reader.h"
#include "services/ctl/import/entries.h"
#include "services/ctl/import/fields.h"
#include "services/ctl/import/merge.h"
#include "services/ctl/import/names.h"
#include "services/ctl/import/values.h"

namespace orewatch::ctl {
namespace {

using ::google::protobuf::Message;
using registry::v1::Entry;

bool IsId(const Column& column) { return column.path.empty(); }

// Whether a cell alone is no reason to add an element to its group.
bool BeginsNoGroup(const Column& column, absl::string_view text) {
  if (column.cell == Cell::kGroupText) {
    return true;
  }
  const absl::StatusOr<bool> flag = column.cell == Cell::kGroupFlag ? ParseFlag(text) : true;
  return flag.ok() && !*flag;
}

// Baskets name other minerals, so they come after them.
void SortByReference(ReadResult& result) {
  std::stable_partition(result.rows.begin(), result.rows.end(),
                        [](const auto& row) { return row.entry().mineral().members().empty(); });
}

}  // namespace

ReadResult ReadRows(const FileKind& kind, absl::string_view file, absl::string_view text) {
  RowReader rows(kind, file);
  std::istringstream stream{std::string(text)};
  CsvReader csv(stream);
  std::vector<std::string> fields;
  bool header = true;
  while (true) {
    const absl::StatusOr<bool> more = csv.Next(fields);
    if (!more.ok()) {
      rows.Reject(csv.line(), "", more.status().message());
      break;
    }
    if (!*more) {
      if (header) {
        rows.Reject(0, "", "the file is empty; its first line must name the columns");
      }
      break;
    }
    if (header && !rows.ReadHeader(csv.line(), fields)) {
      break;
    }
    if (!header) {
      rows.ReadRow(csv.line(), fields);
    }
    header = false;
  }
  return std::move(rows).Finish();
}

bool RowReader::ReadHeader(int64_t line, const std::vector<std::string>& fields) {
  header_size_ = fields.size();
  for (size_t i = 0; i < fields.size(); ++i) {
    const std::string header(absl::StripAsciiWhitespace(fields[i]));
    if (!Known(header)) {
      Reject(line, header, absl::StrCat("unknown column of ", kind_.name, ".csv"));
    } else if (!position_of_header_.emplace(header, i).second) {
      Reject(line, header, "the column stands twice");
    }
  }
  for (const Column& column : kind_.columns) {
    if (column.need != Need::kOptional && !position_of_header_.contains(column.header)) {
      Reject(line, column.header, "the column is missing");
    }
  }
  return result_.rejections.empty();
}

bool RowReader::Known(absl::string_view header) const {
  return std::any_of(kind_.columns.begin(), kind_.columns.end(),
                     [&](const Column& column) { return column.header == header; });
}

void RowReader::ReadRow(int64_t line, const std::vector<std::string>& fields) {
  if (fields.size() != header_size_) {
    Reject(line, "", absl::StrCat("the row has ", fields.size(), " fields, the header ", header_size_));
    return;
  }
  const std::string name = ReadName(line, fields);
  if (name.empty() && !kind_.collections.empty()) {
    return;
  }
  Entry entry;
  if (!FillResource(line, fields, MutableResource(kind_, entry))) {
    bad_names_.insert(name);
    return;
  }
  Keep(line, name, std::move(entry));
}

std::string RowReader::ReadName(int64_t line, const std::vector<std::string>& fields) {
  std::string name;
  size_t segment = 0;
  for (const Column& column : kind_.columns) {
    if (!IsId(column)) {
      continue;
    }
    const absl::string_view text = CellOf(column, fields);
    if (text.empty()) {
      Reject(line, column.header, "must not be blank");
      return "";
    }
    const absl::StatusOr<std::string> id = Canonical(column.cell, text);
    if (!id.ok()) {
      Reject(line, column.header, id.status().message());
      return "";
    }
    absl::StrAppend(&name, name.empty() ? "" : "/", kind_.collections[segment++], "/", *id);
  }
  return name;
}

bool RowReader::FillResource(int64_t line, const std::vector<std::string>& fields, Message& resource) {
  bool good = true;
  for (const Column& column : kind_.columns) {
    const absl::string_view text = CellOf(column, fields);
    if (IsId(column) || BeginsNoGroup(column, text)) {
      continue;
    }
    if (!text.empty()) {
      good = FillCell(line, column, text, resource) && good;
    } else if (column.need == Need::kCell) {
      Reject(line, column.header, "must not be blank");
      good = false;
    }
  }
  return FillDefaults(line, fields, resource) && good;
}

bool RowReader::FillCell(int64_t line, const Column& column, absl::string_view text, Message& resource) {
  const absl::Status status = SetField(column, text, resource);
  if (!status.ok()) {
    Reject(line, column.header, status.message());
  }
  return status.ok();
}

bool RowReader::FillDefaults(int64_t line, const std::vector<std::string>& fields, Message& resource) {
  bool good = true;
  for (const Column& column : kind_.columns) {
    if (IsId(column) || GroupSize(column, resource) == 0) {
      continue;
    }
    const absl::string_view text = CellOf(column, fields);
    if (!text.empty() && BeginsNoGroup(column, text)) {
      good = FillCell(line, column, text, resource) && good;
    } else if (text.empty() && !column.fallback.empty()) {
      good = FillCell(line, column, column.fallback, resource) && good;
    }
  }
  return good;
}

void RowReader::Keep(int64_t line, const std::string& name, Entry entry) {
  const auto [known, is_new] = row_of_name_.try_emplace(name, result_.rows.size());
  if (is_new || name.empty()) {
    auto& row = result_.rows.emplace_back();
    row.set_file(file_);
    row.set_line(line);
    *row.mutable_entry() = std::move(entry);
    SetName(kind_, name, *row.mutable_entry());
    return;
  }
  auto& row = result_.rows[known->second];
  Message& first = MutableResource(kind_, *row.mutable_entry());
  SetName(kind_, name, entry);
  for (const std::string& field : MergeResource(MutableResource(kind_, entry), first)) {
    Reject(line, field, absl::StrCat("differs from line ", row.line(), ", which has the same name"));
    bad_names_.insert(name);
  }
}

absl::string_view RowReader::CellOf(const Column& column, const std::vector<std::string>& fields) const {
  const auto found = position_of_header_.find(column.header);
  return found == position_of_header_.end() ? absl::string_view() : absl::StripAsciiWhitespace(fields[found->second]);
}

void RowReader::Reject(int64_t line, absl::string_view field, absl::string_view reason) {
  auto& rejection = result_.rejections.emplace_back();
  rejection.set_file(file_);
  rejection.set_line(line);
  rejection.set_field(std::string(field));
  rejection.set_reason(std::string(reason));
}

ReadResult RowReader::Finish() && {
  if (!kind_.collections.empty()) {
    const auto bad = [&](const auto& row) { return bad_names_.contains(NameOf(row.entry())); };
    result_.rows.erase(std::remove_if(result_.rows.begin(), result_.rows.end(), bad), result_.rows.end());
  }
  if (kind_.entry_field == "mineral") {
    SortByReference(result_);
  }
  return std::move(result_);
}

}  // namespace orewatch::ctl
