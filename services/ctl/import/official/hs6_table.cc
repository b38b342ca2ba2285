#include "services/ctl/import/official/hs6_table.h"

#include "absl/strings/str_cat.h"
#include "common/status/status.h"
#include "services/ctl/import/columns.h"
#include "services/ctl/import/names.h"
#include "services/ctl/import/official/table.h"
#include "services/ctl/import/official/words.h"

namespace orewatch::ctl {
namespace {

constexpr absl::string_view kColumns[] = {"hs6", "mineral", "product", "stage", "basis", "scope"};

absl::StatusOr<TradedForm> FormOf(const TableRow& row) {
  TradedForm form;
  if (row.cells[1].empty()) {
    return TableError(row.line, "names no mineral");
  }
  form.mineral = row.cells[1];
  form.product = row.cells[2];
  OREWATCH_ASSIGN_OR_RETURN(form.stage, ParseStage(row.line, row.cells[3]));
  OREWATCH_ASSIGN_OR_RETURN(form.basis, ParseBasis(row.line, row.cells[4]));
  form.scope = row.cells[5];
  return form;
}

}  // namespace

absl::Span<const absl::string_view> Hs6Table::Columns() { return kColumns; }

absl::StatusOr<Hs6Table> Hs6Table::Parse(std::istream& stream) {
  OREWATCH_ASSIGN_OR_RETURN(const auto rows, ReadTable(stream, kColumns));
  Hs6Table table;
  for (const TableRow& row : rows) {
    const auto code = Canonical(Cell::kHs6, row.cells[0]);
    if (!code.ok()) {
      return TableError(row.line, code.status().message());
    }
    OREWATCH_ASSIGN_OR_RETURN(TradedForm form, FormOf(row));
    if (!table.forms_.try_emplace(*code, std::move(form)).second) {
      return TableError(row.line, absl::StrCat("the code ", *code, " stands twice"));
    }
  }
  return table;
}

const TradedForm* Hs6Table::Find(absl::string_view code) const {
  const auto found = forms_.find(code);
  return found == forms_.end() ? nullptr : &found->second;
}

}  // namespace orewatch::ctl
