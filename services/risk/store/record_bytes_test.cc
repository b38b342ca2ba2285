#include "services/risk/store/record_bytes.h"

#include <random>

#include "common/testing/matchers.h"
#include "gmock/gmock.h"
#include "services/risk/store/sample_records.h"

namespace orewatch::risk {
namespace {

using ::orewatch::testing::HasError;
using ::orewatch::testing::IsOk;

// What stands in columns beside the bytes.
ScoreRecord Beside(const ScoreRecord& record) {
  ScoreRecord beside;
  beside.score.key = record.score.key;
  beside.edition = record.edition;
  beside.parameter_set = record.parameter_set;
  return beside;
}

TEST(RecordBytesTest, ARecordComesBackAsItWas) {
  for (ScoreRecord record : {SampleRecord(SampleKey("minerals/tin"), 4000), RemovalOf(SampleKey("minerals/tin"))}) {
    record.score.reference_year = -3;
    ScoreRecord read = Beside(record);
    ASSERT_THAT(ReadBytes(BytesOf(record), read), IsOk());
    EXPECT_TRUE(SameRecord(read, record));
    EXPECT_EQ(read.score.change_cause, record.score.change_cause);
  }
}

TEST(RecordBytesTest, WritesATextThatComesAgainOnce) {
  ScoreRecord record = SampleRecord(SampleKey("minerals/tin"), 4000);
  const size_t size = BytesOf(record).size();
  record.score.inputs.push_back(record.score.inputs.front());
  constexpr size_t kInputBytes = 50;
  EXPECT_LT(BytesOf(record).size(), size + kInputBytes);
}

TEST(RecordBytesTest, DamageIsSaidAndNeverBelieved) {
  const std::string bytes = BytesOf(SampleRecord(SampleKey("minerals/tin"), 4000));
  for (size_t size = 0; size < bytes.size(); ++size) {
    ScoreRecord record;
    EXPECT_THAT(ReadBytes(bytes.substr(0, size), record), HasError(absl::StatusCode::kDataLoss, "STORAGE_CORRUPT"));
  }
  ScoreRecord record;
  EXPECT_THAT(ReadBytes(bytes + "x", record), HasError(absl::StatusCode::kDataLoss, "STORAGE_CORRUPT"));
  EXPECT_THAT(ReadBytes("\x02" + bytes.substr(1), record), HasError(absl::StatusCode::kDataLoss, "STORAGE_CORRUPT"));
}

TEST(RecordBytesTest, AnyBytesAreReadWithoutHarm) {
  std::mt19937 random(1);
  const std::string good = BytesOf(SampleRecord(SampleKey("minerals/tin"), 4000));
  for (int i = 0; i < 20'000; ++i) {
    std::string bytes = good;
    bytes[1 + random() % (bytes.size() - 1)] = static_cast<char>(random());
    bytes[1 + random() % (bytes.size() - 1)] = static_cast<char>(random());
    ScoreRecord record;
    static_cast<void>(ReadBytes(bytes, record));
  }
}

}  // namespace
}  // namespace orewatch::risk
