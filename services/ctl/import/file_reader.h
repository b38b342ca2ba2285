// From the records of one file to what it holds.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/status.h"

namespace orewatch::ctl {

// One format of files, and one file of it. Gives to a FileOutput what the file holds, as soon as it can. Each error is
// one of the output; what is wrong with the file is reported there. Thread-compatible.
class FileReader {
 public:
  virtual ~FileReader() = default;
  // The first record. False: it is unusable, which has been reported, and nothing else may be called but Finish.
  virtual bool ReadHeader(int64_t line, const std::vector<std::string>& fields) = 0;
  virtual absl::Status ReadRecord(int64_t line, const std::vector<std::string>& fields) = 0;
  // Nothing follows: what waited for other records is given.
  virtual absl::Status Finish() = 0;
};

}  // namespace orewatch::ctl
