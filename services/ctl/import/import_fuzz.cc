// libFuzzer entry: a file of one of our own kinds, which the first byte chooses; or a table for official files.
#include <cstddef>
#include <cstdint>
#include <sstream>
#include <string>

#include "services/ctl/csv/csv_reader.h"
#include "services/ctl/import/columns.h"
#include "services/ctl/import/fuzz_checks.h"
#include "services/ctl/import/official/mappings.h"
#include "services/ctl/import/row_reader.h"

namespace orewatch::ctl {
namespace {

void ReadRows(const FileKind& kind, const std::string& text) {
  CollectingSink sink;
  FileOutput output("fuzz.csv", sink);
  RowReader reader(kind, output);
  std::istringstream stream(text);
  CsvReader csv(stream);
  std::vector<std::string> fields;
  auto more = csv.Next(fields);
  if (more.ok() && *more && reader.ReadHeader(csv.line(), fields)) {
    for (more = csv.Next(fields); more.ok() && *more; more = csv.Next(fields)) {
      Require(reader.ReadRecord(csv.line(), fields).ok());
    }
  }
  Require(reader.Finish().ok());
  for (const auto& row : sink.rows) {
    Require(row.line() > 0);
  }
}

void ReadTables(const std::string& text) {
  std::istringstream countries(text);
  std::istringstream hs6(text);
  std::istringstream usgs(text);
  (void)CountryCodes::Parse(countries);
  (void)Hs6Table::Parse(hs6);
  (void)UsgsSeriesTable::Parse(usgs);
}

}  // namespace
}  // namespace orewatch::ctl

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  if (size == 0) {
    return 0;
  }
  const auto kinds = orewatch::ctl::FileKinds();
  const size_t choice = data[0] % (kinds.size() + 1);
  const std::string text(data + 1, data + size);
  if (choice == kinds.size()) {
    orewatch::ctl::ReadTables(text);
  } else {
    orewatch::ctl::ReadRows(kinds[choice], text);
  }
  return 0;
}
