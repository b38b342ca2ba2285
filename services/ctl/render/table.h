// Tables for people and, as CSV, for programs.
#pragma once

#include <string>
#include <vector>

#include "absl/strings/string_view.h"

namespace orewatch::ctl {

// Rows have as many cells as the header. A blank cell is shown as `-`: unknown, not nothing.
struct Table {
  std::vector<std::string> header;
  std::vector<std::vector<std::string>> rows;
};

// The text with control characters as `\xNN`: what somebody else wrote must not steer the reader's terminal.
std::string Printable(absl::string_view text);

// Columns padded to the widest cell, control characters as of Printable; columns of numbers are aligned right. No lines
// for an empty table but the header.
std::string TableText(Table table);

std::string TableCsv(const Table& table);

}  // namespace orewatch::ctl
