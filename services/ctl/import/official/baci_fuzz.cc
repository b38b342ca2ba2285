// libFuzzer entry: rows of BACI, whatever they are.
#include <cstddef>
#include <cstdint>
#include <string>

#include "services/ctl/import/fuzz_checks.h"
#include "services/ctl/import/official/baci_reader.h"
#include "services/ctl/import/official/testing.h"

namespace orewatch::ctl {
namespace {

constexpr char kHeader[] = "t,i,j,k,v,q\n";

void Read(const std::string& rows) {
  CheckGiven(ReadOfficial("fuzz.csv", kHeader + rows, {}, [](const Mappings& mappings, StatisticOutput& output) {
    return BaciReader(mappings.hs6, mappings.countries, output);
  }));
}

}  // namespace
}  // namespace orewatch::ctl

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  orewatch::ctl::Read(std::string(data, data + size));
  return 0;
}
