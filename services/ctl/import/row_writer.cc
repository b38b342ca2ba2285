#include "services/ctl/import/row_writer.h"

#include <algorithm>

#include "absl/strings/str_split.h"
#include "services/ctl/import/entries.h"
#include "services/ctl/import/fields.h"

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

std::vector<std::string> RowOf(const FileKind& kind, const registry::v1::Entry& entry, int element) {
  const std::vector<std::string> ids = IdsOf(entry);
  size_t next_id = 0;
  std::vector<std::string> row;
  absl::string_view header;
  for (const Column& column : kind.columns) {
    if (column.path.empty()) {
      row.push_back(next_id < ids.size() ? ids[next_id++] : "");
    } else if (column.header != header) {
      row.push_back(FieldText(column, *ResourceOf(entry), element));
    } else if (std::string text = FieldText(column, *ResourceOf(entry), element); !text.empty()) {
      row.back() = std::move(text);
    }
    header = column.header;
  }
  return row;
}

}  // namespace

std::vector<std::string> HeaderOf(const FileKind& kind) {
  std::vector<std::string> header;
  for (const Column& column : kind.columns) {
    if (header.empty() || column.header != header.back()) {
      header.emplace_back(column.header);
    }
  }
  return header;
}

std::vector<std::vector<std::string>> RowsOf(const FileKind& kind, const registry::v1::Entry& entry) {
  int count = 1;
  for (const Column& column : kind.columns) {
    if (!column.path.empty()) {
      count = std::max(count, GroupSize(column, *ResourceOf(entry)));
    }
  }
  std::vector<std::vector<std::string>> rows;
  for (int element = 0; element < count; ++element) {
    rows.push_back(RowOf(kind, entry, element));
  }
  return rows;
}

}  // namespace orewatch::ctl
