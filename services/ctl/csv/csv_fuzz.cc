// libFuzzer entry: whatever is read must read the same in chunks of any size, and again after it was written.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <sstream>
#include <string>
#include <vector>

#include "services/ctl/csv/csv_reader.h"
#include "services/ctl/csv/csv_writer.h"

namespace {

using orewatch::ctl::CsvOptions;
using orewatch::ctl::CsvReader;
using orewatch::ctl::Encoding;

void Require(bool holds) {
  if (!holds) {
    std::abort();
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string text(data, data + size);
  CsvOptions options;
  options.encoding = size % 2 == 0 ? Encoding::kUtf8 : Encoding::kUtf8OrWindows1252;
  CsvOptions small = options;
  small.chunk_bytes = 4 + size % 13;
  std::istringstream whole(text);
  std::istringstream chunked(text);
  CsvReader reader(whole, options);
  CsvReader other(chunked, small);
  std::vector<std::string> fields;
  std::vector<std::string> copy;
  while (true) {
    auto more = reader.Next(fields);
    auto same = other.Next(copy);
    Require(more.status() == same.status() && reader.line() == other.line());
    if (!more.ok() || !*more) {
      return 0;
    }
    Require(*same && fields == copy);
    std::istringstream written(orewatch::ctl::CsvRecord(fields));
    CsvReader again(written);
    auto read = again.Next(copy);
    Require(read.ok() && *read && copy == fields);
  }
}
