// Rows of the reference data, where it is there.
#pragma once

#include <map>
#include <string>
#include <vector>

namespace orewatch::testing {

// $OREWATCH_ORACLE_DIR, or the folder beside the repository.
std::string ReferenceDir();

using ReferenceRow = std::map<std::string, std::string>;
// By header. Fails the test if the file cannot be read.
std::vector<ReferenceRow> ReadReference(const std::string& file);
std::vector<ReferenceRow> ReadCsvText(const std::string& text);
double NumberOf(const std::string& cell);

// Alpha-2 codes by alpha-3, from data/countries.csv.
std::map<std::string, std::string> Alpha2ByAlpha3();

}  // namespace orewatch::testing
