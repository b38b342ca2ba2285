#include "tests/oracle/reference.h"

#include <cstdlib>
#include <sstream>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "gtest/gtest.h"
#include "services/ctl/csv/csv_reader.h"
#include "services/ctl/import/loader.h"

namespace orewatch::testing {
namespace {

std::vector<ReferenceRow> ReadCsv(const std::string& path) {
  const absl::StatusOr<std::string> file = ctl::ReadFile(path);
  EXPECT_TRUE(file.ok()) << file.status();
  return ReadCsvText(file.value_or(""));
}

}  // namespace

std::vector<ReferenceRow> ReadCsvText(const std::string& text) {
  std::istringstream stream(text);
  ctl::CsvOptions options;
  options.encoding = ctl::Encoding::kUtf8OrWindows1252;
  ctl::CsvReader csv(stream, options);
  std::vector<std::string> header;
  std::vector<std::string> cells;
  std::vector<ReferenceRow> rows;
  while (csv.Next(cells).value_or(false)) {
    if (header.empty()) {
      header = cells;
      continue;
    }
    ReferenceRow& row = rows.emplace_back();
    for (size_t i = 0; i < header.size(); ++i) {
      row[header[i]] = i < cells.size() ? cells[i] : "";
    }
  }
  return rows;
}

std::string ReferenceDir() {
  const char* dir = std::getenv("OREWATCH_ORACLE_DIR");
  return dir != nullptr ? dir : "../shared/data";
}

std::vector<ReferenceRow> ReadReference(const std::string& file) {
  return ReadCsv(absl::StrCat(ReferenceDir(), "/", file));
}

double NumberOf(const std::string& cell) {
  double number = 0;
  EXPECT_TRUE(absl::SimpleAtod(cell, &number)) << cell;
  return number;
}

std::map<std::string, std::string> Alpha2ByAlpha3() {
  std::map<std::string, std::string> codes;
  for (const ReferenceRow& row : ReadCsv("data/countries.csv")) {
    codes[row.at("iso3")] = row.at("country");
  }
  return codes;
}

}  // namespace orewatch::testing
