#include "services/ctl/import/row_reader.h"

#include <algorithm>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "common/status/status.h"
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

bool IsStatistic(const FileKind& kind) { return kind.collections.empty(); }

}  // namespace

bool RowReader::ReadHeader(int64_t line, const std::vector<std::string>& fields) {
  header_ = Header(fields);
  bool good = true;
  const auto reject = [&](absl::string_view column, absl::string_view reason) {
    output_.Reject(line, column, reason);
    good = false;
  };
  absl::flat_hash_set<absl::string_view> seen;
  for (const std::string& field : fields) {
    const absl::string_view name = absl::StripAsciiWhitespace(field);
    if (!Known(name)) {
      reject(name, absl::StrCat("unknown column of ", kind_.name, ".csv"));
    } else if (!seen.insert(name).second) {
      reject(name, "the column stands twice");
    }
  }
  for (const Column& column : kind_.columns) {
    if (column.need != Need::kOptional && !header_.Has(column.header)) {
      reject(column.header, "the column is missing");
    }
  }
  return good;
}

bool RowReader::Known(absl::string_view header) const {
  return std::any_of(kind_.columns.begin(), kind_.columns.end(),
                     [&](const Column& column) { return column.header == header; });
}

bool RowReader::Fills(const Column& column) const {
  return !IsId(column) && (column.unless.empty() || !header_.Has(column.unless));
}

absl::Status RowReader::ReadRecord(int64_t line, const std::vector<std::string>& fields) {
  absl::string_view blamed;
  const absl::StatusOr<std::string> name = ReadName(fields, blamed);
  if (fields.size() != header_.size()) {
    output_.Reject(line, "", absl::StrCat("the row has ", fields.size(), " fields, the header ", header_.size()));
    // Its cells may have shifted, the name's too.
    NoteUnknown(line);
    return absl::OkStatus();
  }
  if (!name.ok()) {
    output_.Reject(line, blamed, name.status().message());
    if (header_.Cell(fields, blamed).empty()) {
      NoteUnknown(line);
    }
    return absl::OkStatus();
  }
  Entry entry;
  if (!FillResource(line, fields, MutableResource(kind_, entry))) {
    bad_names_.insert(*name);
    return absl::OkStatus();
  }
  if (IsStatistic(kind_)) {
    return output_.Add(line, std::move(entry));
  }
  Keep(line, *name, std::move(entry));
  return absl::OkStatus();
}

absl::StatusOr<std::string> RowReader::ReadName(const std::vector<std::string>& fields,
                                                absl::string_view& blamed) const {
  std::string name;
  size_t segment = 0;
  for (const Column& column : kind_.columns) {
    if (!IsId(column)) {
      continue;
    }
    blamed = column.header;
    const absl::string_view text = header_.Cell(fields, column.header);
    if (text.empty()) {
      return absl::InvalidArgumentError("must not be blank");
    }
    OREWATCH_ASSIGN_OR_RETURN(const std::string id, Canonical(column.cell, text));
    absl::StrAppend(&name, name.empty() ? "" : "/", kind_.collections[segment++], "/", id);
  }
  return name;
}

bool RowReader::FillResource(int64_t line, const std::vector<std::string>& fields, Message& resource) {
  bool good = true;
  for (const Column& column : kind_.columns) {
    const absl::string_view text = header_.Cell(fields, column.header);
    if (!Fills(column) || BeginsNoGroup(column, text)) {
      continue;
    }
    if (!text.empty()) {
      good = FillCell(line, column, text, resource) && good;
    } else if (column.need == Need::kCell) {
      output_.Reject(line, column.header, "must not be blank");
      good = false;
    }
  }
  return FillDefaults(line, fields, resource) && good;
}

bool RowReader::FillCell(int64_t line, const Column& column, absl::string_view text, Message& resource) {
  const absl::Status status = SetField(column, text, resource);
  if (!status.ok()) {
    output_.Reject(line, column.header, status.message());
  }
  return status.ok();
}

bool RowReader::FillDefaults(int64_t line, const std::vector<std::string>& fields, Message& resource) {
  bool good = true;
  for (const Column& column : kind_.columns) {
    if (!Fills(column) || GroupSize(column, resource) == 0) {
      continue;
    }
    const absl::string_view text = header_.Cell(fields, column.header);
    if (!text.empty() && BeginsNoGroup(column, text)) {
      good = FillCell(line, column, text, resource) && good;
    } else if (text.empty() && !column.fallback.empty()) {
      good = FillCell(line, column, column.fallback, resource) && good;
    }
  }
  return good;
}

void RowReader::Keep(int64_t line, const std::string& name, Entry entry) {
  SetName(kind_, name, entry);
  const auto [known, is_new] = position_of_name_.try_emplace(name, held_.size());
  if (is_new) {
    held_.push_back({line, std::move(entry)});
    return;
  }
  Held& first = held_[known->second];
  for (const std::string& field : MergeResource(MutableResource(kind_, entry), MutableResource(kind_, first.entry))) {
    output_.Reject(line, field, absl::StrCat("differs from line ", first.line, ", which has the same name"));
    bad_names_.insert(name);
  }
}

void RowReader::NoteUnknown(int64_t line) { unknown_line_ = unknown_line_ == 0 ? line : unknown_line_; }

absl::Status RowReader::Finish() {
  for (Held& held : held_) {
    if (unknown_line_ != 0) {
      output_.Reject(held.line, "",
                     absl::StrCat("line ", unknown_line_, " may be of the same resource; mend it first"));
    } else if (!bad_names_.contains(NameOf(held.entry))) {
      OREWATCH_RETURN_IF_ERROR(output_.Add(held.line, std::move(held.entry)));
    }
  }
  held_.clear();
  return absl::OkStatus();
}

}  // namespace orewatch::ctl
