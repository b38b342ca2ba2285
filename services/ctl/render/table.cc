#include "services/ctl/render/table.h"

#include <algorithm>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "services/ctl/csv/csv_writer.h"

namespace orewatch::ctl {
namespace {

constexpr absl::string_view kGap = "  ";
constexpr absl::string_view kBlank = "-";

// Characters, not bytes: every byte but the continuations of UTF-8.
size_t Width(absl::string_view text) {
  return static_cast<size_t>(
      std::count_if(text.begin(), text.end(), [](char c) { return (static_cast<unsigned char>(c) & 0xC0U) != 0x80U; }));
}

absl::string_view Shown(absl::string_view cell) { return cell.empty() ? kBlank : cell; }

// A number, perhaps with what follows it: `5766 [5766, 5784]` and `97.8%` are numbers too.
bool IsNumeric(absl::string_view cell) {
  double unused = 0;
  absl::string_view first = cell.substr(0, cell.find(' '));
  if (!first.empty() && first.back() == '%') {
    first.remove_suffix(1);
  }
  return absl::SimpleAtod(first, &unused);
}

bool IsNumericColumn(const Table& table, size_t column) {
  bool any = false;
  for (const auto& row : table.rows) {
    if (!row[column].empty() && !IsNumeric(row[column])) {
      return false;
    }
    any = any || !row[column].empty();
  }
  return any;
}

std::string Line(const std::vector<std::string>& cells, const std::vector<size_t>& widths,
                 const std::vector<bool>& aligned_right) {
  std::string line;
  for (size_t i = 0; i < cells.size(); ++i) {
    const absl::string_view cell = Shown(cells[i]);
    const std::string padding(widths[i] - Width(cell), ' ');
    absl::StrAppend(&line, i == 0 ? "" : kGap, aligned_right[i] ? padding : "", cell, aligned_right[i] ? "" : padding);
  }
  absl::StripTrailingAsciiWhitespace(&line);
  return line + "\n";
}

absl::string_view FirstWord(absl::string_view cell) { return cell.substr(0, cell.find(' ')); }

// Lines up the numbers of a column in which more may follow them, so that `5766 [5766, 5784]` stands below ` 960`.
void AlignFirstWords(size_t column, Table& table) {
  size_t width = 0;
  for (const auto& row : table.rows) {
    width = std::max(width, Width(FirstWord(Shown(row[column]))));
  }
  for (auto& row : table.rows) {
    const std::string cell(Shown(row[column]));
    row[column] = absl::StrCat(std::string(width - Width(FirstWord(cell)), ' '), cell);
  }
}

// C0 and DEL are one byte; C1 is U+0080 to U+009F, two bytes of UTF-8.
size_t ControlLength(absl::string_view text) {
  const auto first = static_cast<unsigned char>(text[0]);
  if (first < 0x20U || first == 0x7fU) {
    return 1;
  }
  const bool c1 = first == 0xc2U && text.size() > 1 && static_cast<unsigned char>(text[1]) < 0xa0U;
  return c1 ? 2 : 0;
}

bool HasSpace(const Table& table, size_t column) {
  return std::any_of(table.rows.begin(), table.rows.end(),
                     [&](const auto& row) { return absl::StrContains(row[column], ' '); });
}

}  // namespace

std::string Printable(absl::string_view text) {
  std::string printable;
  while (!text.empty()) {
    const size_t escaped = ControlLength(text);
    for (size_t i = 0; i < escaped; ++i) {
      absl::StrAppend(&printable, "\\x", absl::Hex(static_cast<unsigned char>(text[i]), absl::kZeroPad2));
    }
    if (escaped == 0) {
      printable += text[0];
    }
    text.remove_prefix(std::max<size_t>(escaped, 1));
  }
  return printable;
}

std::string TableText(Table table) {
  for (auto& row : table.rows) {
    for (std::string& cell : row) {
      cell = Printable(cell);
    }
  }
  std::vector<size_t> widths;
  std::vector<bool> aligned_right;
  for (size_t i = 0; i < table.header.size(); ++i) {
    const bool numeric = IsNumericColumn(table, i);
    const bool followed = numeric && HasSpace(table, i);
    if (followed) {
      AlignFirstWords(i, table);
    }
    size_t width = Width(table.header[i]);
    for (const auto& row : table.rows) {
      width = std::max(width, Width(Shown(row[i])));
    }
    widths.push_back(width);
    aligned_right.push_back(numeric && !followed);
  }
  std::string text = Line(table.header, widths, aligned_right);
  for (const auto& row : table.rows) {
    text += Line(row, widths, aligned_right);
  }
  return text;
}

std::string TableCsv(const Table& table) {
  std::string text = CsvRecord(table.header);
  for (const auto& row : table.rows) {
    text += CsvRecord(row);
  }
  return text;
}

}  // namespace orewatch::ctl
