// libFuzzer entry: whatever is read must read the same again after it was written.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <vector>

#include "services/ctl/csv/csv_reader.h"
#include "services/ctl/csv/csv_writer.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string text(data, data + size);
  orewatch::ctl::CsvReader reader(text);
  std::vector<std::string> fields;
  while (true) {
    auto more = reader.Next(fields);
    if (!more.ok() || !*more) {
      return 0;
    }
    const std::string written = orewatch::ctl::CsvRecord(fields);
    orewatch::ctl::CsvReader again(written);
    std::vector<std::string> copy;
    auto read = again.Next(copy);
    if (!read.ok() || !*read || copy != fields) {
      std::abort();
    }
  }
}
