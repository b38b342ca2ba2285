// libFuzzer entry: rows of the World Bank's bulk file, whatever they are.
#include <cstddef>
#include <cstdint>
#include <string>

#include "services/ctl/import/fuzz_checks.h"
#include "services/ctl/import/official/testing.h"
#include "services/ctl/import/official/wgi_reader.h"

namespace orewatch::ctl {
namespace {

constexpr char kHeader[] = "code,countryname,year,indicator,estimate\n";

void Read(const std::string& rows) {
  CheckGiven(ReadOfficial("fuzz.csv", kHeader + rows, {}, [](const Mappings& mappings, StatisticOutput& output) {
    return WgiReader(mappings.countries, output);
  }));
}

}  // namespace
}  // namespace orewatch::ctl

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  orewatch::ctl::Read(std::string(data, data + size));
  return 0;
}
