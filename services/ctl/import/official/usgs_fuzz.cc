// libFuzzer entry: rows of the USGS data release, whatever they are.
#include <cstddef>
#include <cstdint>
#include <string>

#include "services/ctl/import/fuzz_checks.h"
#include "services/ctl/import/official/testing.h"
#include "services/ctl/import/official/usgs_reader.h"

namespace orewatch::ctl {
namespace {

constexpr char kHeader[] =
    "MCS chapter,Section,Commodity,Country,Statistics,Statistics_detail,Unit,Year,Value,Notes,Is critical mineral "
    "2025,Other notes\n";

void Read(const std::string& rows) {
  CheckGiven(ReadOfficial("fuzz.csv", kHeader + rows, {}, [](const Mappings& mappings, StatisticOutput& output) {
    return UsgsReader(mappings.usgs, mappings.countries, output);
  }));
}

}  // namespace
}  // namespace orewatch::ctl

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  orewatch::ctl::Read(std::string(data, data + size));
  return 0;
}
