// What orewatchctl holds of a file while it imports it. Apart from other tests, whose memory its child would inherit.
#include <fstream>

#include "common/testing/temp_dir.h"
#include "gmock/gmock.h"
#include "tests/testing/registry_files.h"

namespace orewatch::testing {
namespace {

// A file of flows as CEPII's BACI has them: one in ten of a code that is a mineral's.
void WriteFlows(const std::string& path, size_t rows) {
  constexpr int kCountries[] = {36, 76, 124, 152, 156, 180, 276, 360, 392, 410, 604, 643, 710, 842};
  constexpr size_t kCountryCount = std::size(kCountries);
  constexpr size_t kMineralEvery = 10;
  constexpr const char* kMinerals[] = {"260300", "283691", "810520", "250410", "260400"};
  std::ofstream file(path);
  file << "t,i,j,k,v,q\n";
  for (size_t i = 0; i < rows; ++i) {
    const size_t flow = i / kMineralEvery;
    const size_t pair = flow % (kCountryCount * kCountryCount);
    const size_t series = flow / (kCountryCount * kCountryCount);
    const bool mineral = i % kMineralEvery == 0 && pair / kCountryCount != pair % kCountryCount;
    file << 1990 + series / std::size(kMinerals) << ',' << kCountries[pair / kCountryCount] << ','
         << kCountries[pair % kCountryCount] << ',' << (mineral ? kMinerals[series % std::size(kMinerals)] : "870323")
         << ',' << i << ".125," << (i % 3 == 0 ? "NA" : std::to_string(i)) << '\n';
  }
}

TEST(ImportMemoryTest, DoesNotGrowWithTheFile) {
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
  GTEST_SKIP() << "sanitizers keep what was freed";
#endif
  constexpr size_t kSmall = 20'000;
  constexpr size_t kTimes = 16;
  constexpr int64_t kSlack = int64_t{16} << 20;
  const TempDir dir;
  WriteFlows(dir / "BACI_HS17_Y2024_small.csv", kSmall);
  WriteFlows(dir / "BACI_HS17_Y2024_large.csv", kSmall * kTimes);
  LoneRegistry registry;
  const Finished small = registry.Ctl({"import", dir / "BACI_HS17_Y2024_small.csv"});
  const Finished large = registry.Ctl({"import", dir / "BACI_HS17_Y2024_large.csv"});
  EXPECT_EQ(small.code, 0) << small.output;
  EXPECT_EQ(large.code, 0) << large.output;
  EXPECT_THAT(large.output, ::testing::Not(::testing::HasSubstr("created 0,")));
  EXPECT_LE(large.peak_memory_bytes, small.peak_memory_bytes + kSlack);
  RecordProperty("peak_of_small", std::to_string(small.peak_memory_bytes));
  RecordProperty("peak_of_large", std::to_string(large.peak_memory_bytes));
}

}  // namespace
}  // namespace orewatch::testing
