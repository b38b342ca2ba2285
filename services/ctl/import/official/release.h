// For tests of whole files of publishers, which are not part of this tree.
#pragma once

#include <cstdlib>
#include <string>

#include "gtest/gtest.h"
#include "services/ctl/import/collecting_sink.h"
#include "services/ctl/import/loader.h"

namespace orewatch::ctl {

// Where they are, if anywhere.
inline std::string OracleDir() {
  const char* given = std::getenv("OREWATCH_ORACLE_DIR");
  return given == nullptr ? "../shared/data" : given;
}

inline CollectingSink LoadFile(const std::string& path) {
  CollectingSink sink;
  const auto files = FindFiles({path});
  EXPECT_TRUE(files.ok()) << files.status();
  if (files.ok()) {
    const absl::Status status = LoadFiles(*files, {}, sink);
    EXPECT_TRUE(status.ok()) << status;
  }
  return sink;
}

}  // namespace orewatch::ctl
