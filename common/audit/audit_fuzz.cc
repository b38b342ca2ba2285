// libFuzzer entry: any bytes as a log. What is read as a record must be written as it was read; the rest must only end.
#include <unistd.h>

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <fstream>
#include <string>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "common/audit/record.h"
#include "common/audit/verify.h"
#include "common/hash/sha256.h"

namespace {

void Check(bool holds) {
  if (!holds) {
    std::abort();
  }
}

// The bytes as a line whose hash is right, which no fuzzer would find.
std::string Seal(const std::string& bytes) {
  const std::string bare = absl::StrCat("{", bytes, "}");
  return absl::StrCat("{", bytes, ",\"hash\":\"", absl::BytesToHexString(orewatch::Sha256Of(bare)), "\"}");
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string bytes(data, data + size);
  for (const std::string& line : {bytes, Seal(bytes)}) {
    if (auto record = orewatch::audit::ParseLine(line); record.ok()) {
      // The fields may come back in another order, and so under another hash, but not with another meaning.
      orewatch::audit::Record copy = *record;
      const auto again = orewatch::audit::ParseLine(orewatch::audit::SealLine(copy));
      Check(again.ok() && again->sequence == record->sequence && again->previous == record->previous);
    }
  }
  static const std::string* const file = new std::string(absl::StrCat("/tmp/audit_fuzz.", getpid()));
  std::ofstream(*file, std::ios::binary) << bytes << "\n" << Seal(bytes) << "\n" << bytes;
  const auto report = orewatch::audit::Verify({*file}, {});
  Check(report.ok() && report->records >= 2);
  return 0;
}
