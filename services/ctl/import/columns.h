// What the columns of each kind of file mean: one table, read in both directions by RowReader and RowWriter.
#pragma once

#include <cstddef>
#include <vector>

#include "absl/strings/string_view.h"
#include "absl/types/span.h"

namespace orewatch::ctl {

// How the text of a cell becomes the text of a field. Numbers, flags, enumerations and dates follow from the field.
enum class Cell {
  kText,
  // One segment of the resource name.
  kId,
  // A country as resource name, `countries/AU` from `AU` or `AUS`.
  kCountry,
  // A country as alpha-2, or ZZ.
  kCountryCode,
  // `minerals/cobalt` from `cobalt`.
  kMineral,
  // `blocs/EU` from `bloc:EU` or `blocs/EU`, else a country.
  kParty,
  // A supplier from `x`, a facility from `x/y`, or a full resource name.
  kParticipant,
  // A country, bloc, supplier or facility.
  kHolder,
  // Six digits.
  kHs6,
  // Value of a map whose key is the header.
  kMapValue,
  // The rest of that map, each item as `key=value`.
  kMapRest,
  // Companies, each by supplier name (`suppliers/x`) or as the source writes it.
  kParticipants,
  // Text that fills a field of a group only where other cells of the row began the group.
  kGroupText,
  // A flag of a group that begins the group only by being true: `state_owned` = false names no owner.
  kGroupFlag,
};

// Whether a file or a row can do without.
enum class Need { kOptional, kColumn, kCell };

// One column. `path` is dotted from the resource; a repeated message on it is a group, which takes one element a row.
// Empty for ids. A header may stand twice and then fills both paths; it is written from the first.
struct Column {
  absl::string_view header;
  absl::string_view path;
  Cell cell = Cell::kText;
  Need need = Need::kOptional;
  // Used where the cell is blank, in a group only where the row began it.
  absl::string_view fallback = {};
  // Means nothing in a file that has this column.
  absl::string_view unless = {};
};

// One kind of file, named `<name>.csv`.
struct FileKind {
  absl::string_view name;
  // Member of registry.v1.Entry that a row becomes.
  absl::string_view entry_field;
  // For statistics, the member of `series`; else empty.
  absl::string_view series;
  // Collection of each id column in turn; empty: a statistic.
  std::vector<absl::string_view> collections;
  absl::Span<const Column> columns;
};

// All kinds in the order in which they must be sent, so that references resolve.
absl::Span<const FileKind> FileKinds();

// The kind of a file name: `trade.csv` and `trade-2025.csv` are both trade. Null: none.
const FileKind* FileKindOf(absl::string_view file_name);

}  // namespace orewatch::ctl
