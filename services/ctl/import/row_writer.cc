#include "services/ctl/import/row_writer.h"

#include <algorithm>

#include "absl/container/flat_hash_set.h"
#include "absl/strings/match.h"
#include "absl/strings/str_split.h"
#include "services/ctl/import/entries.h"
#include "services/ctl/import/fields.h"
#include "services/ctl/import/names.h"
#include "services/ctl/import/quotes.h"

namespace orewatch::ctl {
namespace {

using ::google::protobuf::Message;

// Every second segment of a name is an id.
std::vector<std::string> IdsOf(const registry::v1::Entry& entry) {
  const std::vector<std::string> segments = absl::StrSplit(NameOf(entry), '/');
  std::vector<std::string> ids;
  for (size_t i = 1; i < segments.size(); i += 2) {
    ids.push_back(segments[i]);
  }
  return ids;
}

// What is taken over from what contains it is not the entry's own, and is taken over again where it is read.
bool IsInherited(const Column& column, const Message& resource) {
  if (!absl::StartsWith(column.path, "visibility.")) {
    return false;
  }
  const auto* field = resource.GetDescriptor()->FindFieldByName("visibility");
  type::v1::Visibility visibility;
  visibility.CopyFrom(resource.GetReflection()->GetMessage(resource, field));
  return visibility.inherited();
}

bool IsFalse(const Column& column, absl::string_view text) {
  return column.cell == Cell::kGroupFlag && text == "false";
}

// Whether the text of an empty field must say so, since a reader would reject a blank cell or read something else.
bool SaysEmpty(const Column& column, const Message& resource, int element) {
  return column.need == Need::kCell || (!column.fallback.empty() && HasParent(column, resource, element));
}

// The messages on the path of a column, from the outermost.
std::vector<absl::string_view> HoldersOf(const Column& column) {
  std::vector<absl::string_view> holders;
  for (size_t dot = column.path.find('.'); dot != absl::string_view::npos; dot = column.path.find('.', dot + 1)) {
    holders.push_back(column.path.substr(0, dot));
  }
  return holders;
}

// A message that is there, and of which no cell tells, is told of by its first cell.
void TellOfEmptyMessages(const std::vector<Column>& columns, const Message& resource, int element,
                         std::vector<std::string>& row) {
  absl::flat_hash_set<absl::string_view> told;
  for (size_t i = 0; i < columns.size(); ++i) {
    if (!row[i].empty() && !IsFalse(columns[i], row[i])) {
      const auto holders = HoldersOf(columns[i]);
      told.insert(holders.begin(), holders.end());
    }
  }
  for (size_t i = 0; i < columns.size(); ++i) {
    const auto holders = HoldersOf(columns[i]);
    const bool needed = !holders.empty() && !told.contains(holders.back()) && !IsInherited(columns[i], resource);
    if (needed && HasParent(columns[i], resource, element)) {
      row[i] = std::string(kEmptyText);
      told.insert(holders.begin(), holders.end());
    }
  }
}

// The columns that are written: one a header.
std::vector<Column> WrittenColumns(const FileKind& kind) {
  std::vector<Column> columns;
  for (const Column& column : kind.columns) {
    if (column.unless.empty()) {
      columns.push_back(column);
    }
  }
  return columns;
}

std::vector<std::string> RowOf(const std::vector<Column>& columns, const registry::v1::Entry& entry, int element) {
  const std::vector<std::string> ids = IdsOf(entry);
  const Message& resource = *ResourceOf(entry);
  size_t next_id = 0;
  std::vector<std::string> row;
  for (const Column& column : columns) {
    if (column.path.empty()) {
      row.push_back(next_id < ids.size() ? Shortened(column.cell, ids[next_id++]) : "");
      continue;
    }
    std::string text = IsInherited(column, resource) ? "" : FieldText(column, resource, element);
    row.push_back(text.empty() && SaysEmpty(column, resource, element) ? std::string(kEmptyText) : std::move(text));
  }
  TellOfEmptyMessages(columns, resource, element, row);
  return row;
}

}  // namespace

std::vector<std::string> HeaderOf(const FileKind& kind) {
  std::vector<std::string> header;
  for (const Column& column : WrittenColumns(kind)) {
    header.emplace_back(column.header);
  }
  return header;
}

std::vector<std::vector<std::string>> RowsOf(const FileKind& kind, const registry::v1::Entry& entry) {
  const std::vector<Column> columns = WrittenColumns(kind);
  int count = 1;
  for (const Column& column : columns) {
    if (!column.path.empty()) {
      count = std::max(count, GroupSize(column, *ResourceOf(entry)));
    }
  }
  std::vector<std::vector<std::string>> rows;
  rows.reserve(static_cast<size_t>(count));
  for (int element = 0; element < count; ++element) {
    rows.push_back(RowOf(columns, entry, element));
  }
  return rows;
}

}  // namespace orewatch::ctl
