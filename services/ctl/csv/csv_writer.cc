#include "services/ctl/csv/csv_writer.h"

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_replace.h"
#include "services/ctl/csv/utf8.h"

namespace orewatch::ctl {
namespace {

std::string Quoted(const std::string& field) {
  // A byte order mark that is content would be taken for one that is not at the beginning of a file.
  if (field.find_first_of("\",\r\n") == std::string::npos && !absl::StartsWith(field, kByteOrderMark)) {
    return field;
  }
  return absl::StrCat("\"", absl::StrReplaceAll(field, {{"\"", "\"\""}}), "\"");
}

}  // namespace

std::string CsvRecord(const std::vector<std::string>& fields) {
  // A lone empty field would otherwise be an empty line, which readers skip.
  if (fields.size() == 1 && fields.front().empty()) {
    return "\"\"\n";
  }
  return absl::StrCat(
      absl::StrJoin(fields, ",", [](std::string* out, const std::string& field) { out->append(Quoted(field)); }), "\n");
}

}  // namespace orewatch::ctl
