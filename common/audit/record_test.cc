#include "common/audit/record.h"

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "common/hash/sha256.h"
#include "common/testing/matchers.h"
#include "gmock/gmock.h"

namespace orewatch::audit {
namespace {

using ::orewatch::testing::HasError;
using ::orewatch::testing::IsOk;
using ::testing::EndsWith;
using ::testing::HasSubstr;
using ::testing::Not;

Record FullRecord() {
  Record record;
  record.sequence = 7;
  record.time = absl::FromUnixMicros(1'700'000'000'123'456);
  record.process = "orewatch-registry@host";
  record.chain = "00ff";
  record.kind = kChange;
  record.principal = "olga";
  record.role = "ROLE_OPERATOR";
  record.credential = "token";
  record.through = "orewatch-gateway";
  record.peer = "ipv4:10.0.0.1:1234";
  record.method = "orewatch.registry.v1.Registry/ApplyChanges";
  record.resources = {"minerals/cobalt", "countries/\"AU\"\n"};
  record.resource_count = 250'000;
  record.request_id = "r-1";
  record.trace_id = "0af7651916cd43dd8448eb211c80319c";
  record.code = "OK";
  record.reason = "NONE";
  record.told = "Cancelled";
  record.duration = absl::Microseconds(1500);
  record.revision = 0;
  record.count = 3;
  record.since = absl::FromUnixMicros(1'700'000'000'000'001);
  record.previous = NoHash();
  return record;
}

TEST(RecordTest, ComesBackAsItWasWritten) {
  Record record = FullRecord();
  const std::string line = SealLine(record);
  EXPECT_THAT(line, Not(HasSubstr("\n")));
  const auto read = ParseLine(line);
  ASSERT_THAT(read, IsOk());
  EXPECT_EQ(read->sequence, record.sequence);
  EXPECT_EQ(read->time, record.time);
  EXPECT_EQ(read->since, record.since);
  EXPECT_EQ(read->duration, record.duration);
  EXPECT_EQ(read->resources, record.resources);
  EXPECT_EQ(read->revision, record.revision);
  EXPECT_EQ(read->trace_id, record.trace_id);
  EXPECT_EQ(read->hash, record.hash);
  Record again = *read;
  EXPECT_EQ(SealLine(again), line) << "nothing was lost";
}

TEST(RecordTest, TheHashIsThatOfTheLineWithoutIt) {
  Record record = FullRecord();
  const std::string line = SealLine(record);
  const std::string field = absl::StrCat(",\"hash\":\"", record.hash, "\"");
  ASSERT_THAT(line, EndsWith(absl::StrCat(field, "}")));
  EXPECT_EQ(record.hash, HashOfLine(line));
  Sha256 hash;
  hash.Add(absl::StrReplaceAll(line, {{field, ""}}));
  EXPECT_EQ(absl::BytesToHexString(hash.Finish()), record.hash);
}

TEST(RecordTest, BytesThatAreNoTextDoNotBreakALine) {
  Record record = FullRecord();
  record.principal = std::string("\xff\xfe\0x", 4);
  const std::string line = SealLine(record);
  EXPECT_THAT(ParseLine(line), IsOk());
}

TEST(RecordTest, EveryFlippedBitShows) {
  Record record = FullRecord();
  const std::string line = SealLine(record);
  for (size_t i = 0; i < line.size(); ++i) {
    for (const int bit : {1, 0x20}) {
      std::string flipped = line;
      flipped[i] = static_cast<char>(flipped[i] ^ bit);
      EXPECT_THAT(ParseLine(flipped), HasError(absl::StatusCode::kDataLoss, "AUDIT_RECORD_DAMAGED")) << i;
    }
  }
}

// What has the right hash and is no record all the same.
TEST(RecordTest, OtherJsonIsNoRecord) {
  Record record = FullRecord();
  const std::string sealed = SealLine(record);
  const std::string field = absl::StrCat(",\"hash\":\"", record.hash, "\"");
  const std::string bare = absl::StrReplaceAll(sealed, {{field, ""}});
  const std::vector<std::pair<std::string, std::string>> wrong = {{"\"seq\":7", "\"seq\":0"},
                                                                  {"\"seq\":7", "\"seq\":\"7\""},
                                                                  {"\"kind\":\"change\"", "\"kind\":\"\""},
                                                                  {"\"kind\":\"change\"", "\"kind\":1"},
                                                                  {"\"prev\":\"0", "\"prev\":\"g"},
                                                                  {"\"count\":3", "\"count\":3.5"},
                                                                  {"[\"minerals", "[1,\"minerals"},
                                                                  {"\"time\":\"2", "\"time\":\"x"}};
  for (const auto& [from, to] : wrong) {
    std::string line = absl::StrReplaceAll(bare, {{from, to}});
    ASSERT_NE(line, bare) << from;
    const std::string hash = absl::BytesToHexString(Sha256Of(line));
    line.pop_back();
    absl::StrAppend(&line, ",\"hash\":\"", hash, "\"}");
    EXPECT_THAT(ParseLine(line), HasError(absl::StatusCode::kDataLoss, "AUDIT_RECORD_DAMAGED")) << line;
  }
  EXPECT_THAT(ParseLine(""), HasError(absl::StatusCode::kDataLoss, "AUDIT_RECORD_DAMAGED"));
  EXPECT_THAT(ParseLine(std::string(kMaxLineBytes + 1, 'x')),
              HasError(absl::StatusCode::kDataLoss, "AUDIT_RECORD_DAMAGED"));
}

}  // namespace
}  // namespace orewatch::audit
