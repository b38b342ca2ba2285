// What no caller should send, to every method of every service: always an error of the documented code that says what
// is wrong with what, never a crash, and never more memory than before.
#include <map>
#include <random>
#include <string>
#include <vector>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "common/testing/matchers.h"
#include "gmock/gmock.h"
#include "tests/testing/generic_call.h"
#include "tests/testing/suite_processes.h"

namespace orewatch::testing {
namespace {

using ::google::protobuf::FieldDescriptor;
using ::google::protobuf::MethodDescriptor;
using ::testing::AnyOf;

// One suite for all tests: that it has survived is part of what is tested.
class BadInputTest : public ::testing::Test {
 protected:
  static void SetUpTestSuite() {
    suite_ = new EmbeddedSuite;
    ImportAll(suite_->registry,
              {CountryEntry("JP"), MineralEntry("tin"), MineralEntry("zinc"), ProductionEntry("tin", "JP", 5),
               "supplier { name: 'suppliers/acme' provenance { source: 's' } }"});
  }
  static void TearDownTestSuite() {
    EXPECT_EQ(suite_->process().Terminate(), 0);
    delete suite_;
    suite_ = nullptr;
  }

  static std::vector<const MethodDescriptor*> Methods() {
    std::vector<const MethodDescriptor*> methods;
    for (const auto* file :
         {registry::v1::GetHeadRequest::descriptor()->file(), risk::v1::GetScoreRequest::descriptor()->file(),
          alerting::v1::GetRuleRequest::descriptor()->file(), gateway::v1::GetOverviewRequest::descriptor()->file()}) {
      for (int i = 0; i < file->service(0)->method_count(); ++i) {
        methods.push_back(file->service(0)->method(i));
      }
    }
    return methods;
  }

  static const MethodDescriptor& Method(const std::string& name) {
    for (const MethodDescriptor* method : Methods()) {
      if (method->name() == name) {
        return *method;
      }
    }
    ADD_FAILURE() << "no method " << name;
    return *Methods().front();
  }

  static absl::Status Send(const MethodDescriptor& method, const std::string& bytes) {
    // A stream that takes the request goes on until its deadline.
    const bool goes_on = method.server_streaming();
    return CallWithBytes(suite_->process().channel(), method, bytes, goes_on ? absl::Milliseconds(300) : kCallTimeout);
  }
  static absl::Status Send(const std::string& method, const std::string& text) {
    return Send(Method(method), RequestBytes(Method(method), text));
  }

  static double MemoryBytes() {
    const std::string page = suite_->process().AdminPage("/metrics").value_or("");
    for (const absl::string_view line : absl::StrSplit(page, '\n')) {
      const std::pair<absl::string_view, absl::string_view> parts = absl::StrSplit(line, absl::MaxSplits(' ', 1));
      double value = 0;
      if (parts.first == "process_resident_memory_bytes" && absl::SimpleAtod(parts.second, &value)) {
        return value;
      }
    }
    ADD_FAILURE() << "no metric of memory";
    return 0;
  }

  static EmbeddedSuite* suite_;
};

EmbeddedSuite* BadInputTest::suite_ = nullptr;

// The one field that a message begins with, of a wire type, as bytes.
std::string Tag(int number, int wire_type) { return {static_cast<char>((number << 3) | wire_type)}; }

std::string LengthDelimited(int number, const std::string& bytes) {
  std::string length;
  for (size_t rest = bytes.size(); rest > 0 || length.empty(); rest >>= 7) {
    length.push_back(static_cast<char>((rest & 0x7f) | (rest > 0x7f ? 0x80 : 0)));
  }
  return Tag(number, 2) + length + bytes;
}

const FieldDescriptor* FirstString(const google::protobuf::Descriptor& type) {
  for (int i = 0; i < type.field_count(); ++i) {
    if (type.field(i)->type() == FieldDescriptor::TYPE_STRING && type.field(i)->number() < 16) {
      return type.field(i);
    }
  }
  return nullptr;
}

TEST_F(BadInputTest, WhatIsNoMessageIsTheCallersFault) {
  constexpr int kDeep = 10'000;
  std::string nested;
  for (int i = 0; i < kDeep; ++i) {
    nested += Tag(15, 3);
  }
  for (const MethodDescriptor* method : Methods()) {
    const auto malformed = HasError(absl::StatusCode::kInvalidArgument, "MALFORMED_REQUEST");
    EXPECT_THAT(Send(*method, "\xff\xff\xff\xff"), malformed) << method->full_name();
    EXPECT_THAT(Send(*method, nested), malformed) << method->full_name();
    EXPECT_THAT(Send(*method, Tag(1, 2) + "\x7f"), malformed) << "cut off: " << method->full_name();
    if (const auto* text = FirstString(*method->input_type()); text != nullptr) {
      EXPECT_THAT(Send(*method, LengthDelimited(text->number(), "\xc3\x28")), malformed)
          << "not UTF-8: " << method->full_name();
    }
  }
}

TEST_F(BadInputTest, WhatIsTooLargeIsRefusedWhole) {
  constexpr size_t kTooLarge = 5 << 20;
  const std::string bytes = LengthDelimited(15, std::string(kTooLarge, 'x'));
  for (const MethodDescriptor* method : Methods()) {
    EXPECT_THAT(Send(*method, bytes), HasCode(absl::StatusCode::kResourceExhausted)) << method->full_name();
  }
}

// Requests that are nearly right.
TEST_F(BadInputTest, DamagedRequestsAreNeverAnInternalError) {
  constexpr int kEach = 60;
  std::mt19937 random(7);  // NOLINT(cert-msc32-c,cert-msc51-cpp): the same bytes on every run.
  std::map<absl::StatusCode, int> codes;
  for (const MethodDescriptor* method : Methods()) {
    for (int i = 0; i < (method->server_streaming() ? 3 : kEach); ++i) {
      std::string bytes = LengthDelimited(1, LengthDelimited(1, "minerals/tin") + Tag(3, 0) + "\x05") +
                          LengthDelimited(2, "minerals/tin") + Tag(3, 0) + "\x01" + Tag(4, 0) + "\x02";
      for (int edits = 0; edits < 1 + i % 4; ++edits) {
        bytes[random() % bytes.size()] = static_cast<char>(random());
      }
      const absl::Status status = Send(*method, bytes);
      ++codes[status.code()];
      EXPECT_THAT(status.code(),
                  AnyOf(absl::StatusCode::kOk, absl::StatusCode::kInvalidArgument, absl::StatusCode::kNotFound,
                        absl::StatusCode::kAlreadyExists, absl::StatusCode::kFailedPrecondition,
                        absl::StatusCode::kOutOfRange, absl::StatusCode::kAborted, absl::StatusCode::kDeadlineExceeded))
          << method->full_name() << " " << status;
    }
  }
  // Some pass the parser: else nothing but the parser would be tested.
  EXPECT_GT(codes[absl::StatusCode::kInvalidArgument], 0);
  EXPECT_GT(codes[absl::StatusCode::kNotFound] + codes[absl::StatusCode::kOk], 0);
}

TEST_F(BadInputTest, EachFieldIsBlamedByItsName) {
  const std::string long_text(20'000, 'a');
  const std::string parens(5'000, '(');
  const std::string terms = absl::StrJoin(std::vector<std::string>(2'000, "name = 'minerals/tin'"), " AND ");
  struct Case {
    std::string method;
    std::string request;
    std::string field;
  };
  const std::vector<Case> cases = {
      {"GetMineral", "", "name"},
      {"GetMineral", "name: 'minerals/'", "name"},
      {"GetMineral", "name: 'minerals/TIN'", "name"},
      {"GetMineral", "name: 'suppliers/acme'", "name"},
      {"GetMineral", "name: 'minerals/tin/parts/one'", "name"},
      {"GetMineral", absl::StrCat("name: 'minerals/", long_text, "'"), "name"},
      {"GetMineral", "name: 'minerals/tin' view: 77", "view"},
      {"GetMineral", "name: 'minerals/tin' min_revision: -1", "min_revision"},
      {"ListMinerals", "page_size: -1", "page_size"},
      {"ListMinerals", "page_token: 'junk'", "page_token"},
      {"ListMinerals", absl::StrCat("page_token: '", long_text, "'"), "page_token"},
      {"ListMinerals", absl::StrCat("filter: '", parens, "'"), "filter"},
      {"ListMinerals", absl::StrCat("filter: \"", terms, "\""), "filter"},
      {"ListMinerals", absl::StrCat("filter: '", long_text, "'"), "filter"},
      {"ListMinerals", "filter: 'kind = 5 AND'", "filter"},
      {"ListMinerals", "order_by: 'colour'", "order_by"},
      {"ListMinerals", absl::StrCat("order_by: '", long_text, "'"), "order_by"},
      {"ListFacilities", "parent: 'suppliers/ACME'", "parent"},
      {"ListStatistics", "", "kind"},
      {"ListStatistics", "kind: 99", "kind"},
      {"CreateMineral", "mineral_id: 'UP' mineral { provenance { source: 's' } }", "mineral_id"},
      {"CreateMineral", "mineral_id: 'new' mineral { kind: 99 provenance { source: 's' } }", "mineral.kind"},
      {"CreateMineral", "mineral_id: 'new' mineral { }", "mineral.provenance.source"},
      {"CreateMineral", "mineral_id: 'new'", "mineral.provenance.source"},
      {"CreateFacility",
       "parent: 'suppliers/acme' facility_id: 'f' facility { provenance { source: 's' } latitude: nan }",
       "facility.latitude"},
      {"CreateFacility", "parent: 'nobody' facility_id: 'f' facility { provenance { source: 's' } }", "parent"},
      {"CreateMineral",
       absl::StrCat("mineral_id: 'new' request_id: '", long_text, "' mineral { provenance { source: 's' } }"),
       "request_id"},
      {"UpdateMineral", "mineral { name: 'minerals/tin' } update_mask { paths: 'colour' }", "update_mask"},
      {"UpdateMineral", "mineral { name: 'minerals/tin' } update_mask { paths: 'metadata.etag' }", "update_mask"},
      {"UpdateMineral", "mineral { name: 'tin' provenance { source: 's' } }", "mineral.name"},
      {"UpdateMineral", "", "mineral.name"},
      {"DeleteMineral", "name: 'tin'", "name"},
      {"UndeleteMineral", "name: 'tin'", "name"},
      {"ApplyChanges", "", "mutations"},
      {"ApplyChanges", "mutations { }", "mutations[0].operation"},
      {"ApplyChanges", "mutations { operation: OPERATION_DELETE }", "mutations[0].name"},
      {"ApplyChanges", "mutations { operation: OPERATION_CREATE }", "mutations[0].entry"},
      {"BatchGet", "", "names"},
      {"BatchGet", absl::StrJoin(std::vector<std::string>(1001, "names: 'minerals/tin'"), " "), "names"},
      {"BatchGet", "names: 'minerals/tin' names: 'tin'", "names[1]"},
      {"GetStatistic", "", "statistic"},
      {"DeleteStatistic", "", "statistic"},
      {"Search", "", "query"},
      {"Search", absl::StrCat("query: '", long_text, "'"), "query"},
      {"Search", "query: 'tin' kinds: 'colours'", "kinds[0]"},
      {"ListChanges", "name: 'tin'", "name"},
      {"Compact", "", "revision"},
      {"Watch", "kinds: 'colours'", "kinds[0]"},
      {"Watch", "names: 'tin'", "names[0]"},
      {"Watch", "follower: 'A b'", "follower"},
      {"GetScore", "", "key.method"},
      {"ListScores", "page_size: -1", "page_size"},
      {"ListScores", "page_token: 'junk'", "page_token"},
      {"ExplainScore", "", "key.stage"},
      {"GetRule", "name: 'junk'", "name"},
      {"ListRules", "page_token: 'junk'", "page_token"},
      {"CreateRule", "rule_id: 'UP' rule { }", "rule_id"},
      {"DeleteRule", "name: 'junk'", "name"},
      {"GetAlert", "name: 'junk'", "name"},
      {"ListAlerts", "page_token: 'junk'", "page_token"},
      {"GetMineralBrief", "name: 'junk'", "name"},
      {"GetOverview", "critical_list: 'none'", "critical_list"},
  };
  for (const Case& bad : cases) {
    EXPECT_THAT(Send(bad.method, bad.request), BlamesField(bad.field))
        << bad.method << " " << bad.request.substr(0, 100);
  }
}

TEST_F(BadInputTest, EachConflictHasItsCodeAndReason) {
  const std::string tin = "mineral_id: 'tin' mineral { provenance { source: 's' } }";
  ASSERT_THAT(Send("CreateMineral", "mineral_id: 'one' request_id: 'r1' mineral { provenance { source: 's' } }"),
              IsOk());
  struct Case {
    std::string method;
    std::string request;
    absl::StatusCode code;
    std::string reason;
  };
  using Code = absl::StatusCode;
  const std::string above = absl::StrCat(int64_t{1} << 60);
  const std::vector<Case> cases = {
      {"GetMineral", "name: 'minerals/none'", Code::kNotFound, "NOT_FOUND"},
      {"GetMineral", absl::StrCat("name: 'minerals/tin' min_revision: ", above), Code::kOutOfRange,
       "REVISION_ABOVE_HEAD"},
      {"ListMinerals", absl::StrCat("min_revision: ", above), Code::kOutOfRange, "REVISION_ABOVE_HEAD"},
      {"GetScore", absl::StrCat("min_revision: ", above, " key { subject: 'minerals/tin' }"), Code::kOutOfRange,
       "REVISION_ABOVE_HEAD"},
      {"CreateMineral", tin, Code::kAlreadyExists, "ALREADY_EXISTS"},
      {"CreateMineral", "mineral_id: 'two' request_id: 'r1' mineral { provenance { source: 's' } }",
       Code::kInvalidArgument, "INVALID_FIELD"},
      {"CreateLink", "link_id: 'l' link { from: 'suppliers/none' provenance { source: 's' } }",
       Code::kFailedPrecondition, "REFERENCE_NOT_FOUND"},
      {"UpdateMineral",
       "mineral { name: 'minerals/tin' metadata { etag: 'stale' } } update_mask { paths: 'display_name' }",
       Code::kAborted, "ETAG_MISMATCH"},
      {"DeleteMineral", "name: 'minerals/tin' etag: 'stale'", Code::kAborted, "ETAG_MISMATCH"},
      {"DeleteMineral", "name: 'minerals/tin'", Code::kFailedPrecondition, "STILL_REFERENCED"},
      {"UndeleteMineral", "name: 'minerals/tin'", Code::kAlreadyExists, "ALREADY_EXISTS"},
      {"Compact", "revision: 1", Code::kFailedPrecondition, "STILL_NEEDED"},
      {"Watch", absl::StrCat("after { number: ", above, " }"), Code::kOutOfRange, "REVISION_ABOVE_HEAD"},
      {"Watch", "after { number: 1 lineage: 'another' }", Code::kFailedPrecondition, "LINEAGE_CHANGED"},
      {"Watch", "after { number: 1 } after_digest: 'another'", Code::kFailedPrecondition, "LINEAGE_CHANGED"},
  };
  for (const Case& bad : cases) {
    EXPECT_THAT(Send(bad.method, bad.request), HasError(bad.code, bad.reason)) << bad.method << " " << bad.request;
  }
}

TEST_F(BadInputTest, APageTokenServesItsQueryAlone) {
  const auto page = Call(suite_->registry, &RegistryStub::ListMinerals,
                         ParseProto<registry::v1::ListMineralsRequest>("page_size: 1"));
  ASSERT_THAT(page, IsOk());
  const std::string token = page->next_page_token();
  ASSERT_FALSE(token.empty());
  const auto with = [](const std::string& text) { return absl::StrCat("page_size: 1 page_token: '", text, "'"); };
  EXPECT_THAT(Send("ListMinerals", with(token)), IsOk());
  EXPECT_THAT(Send("ListSuppliers", with(token)), BlamesField("page_token"));
  EXPECT_THAT(Send("ListRules", with(token)), BlamesField("page_token"));
  EXPECT_THAT(Send("ListMinerals", with(token) + " filter: 'kind = element'"), BlamesField("page_token"));
  for (size_t i = 0; i < token.size(); ++i) {
    std::string forged = token;
    forged[i] = forged[i] == 'A' ? 'B' : 'A';
    EXPECT_THAT(Send("ListMinerals", with(forged)), BlamesField("page_token")) << i;
    EXPECT_THAT(Send("ListMinerals", with(token.substr(0, i + 1 == token.size() ? i : i + 1))),
                BlamesField("page_token"));
  }
}

TEST_F(BadInputTest, LeavesMemoryAsItWas) {
  constexpr int kRounds = 400;
  constexpr double kGrowth = 48e6;
  const std::string bomb =
      RequestBytes(Method("ListMinerals"), absl::StrCat("filter: '", std::string(900'000, '('), "'"));
  const auto round = [&] {
    Send(Method("ListMinerals"), bomb).IgnoreError();
    Send(Method("CreateMineral"), LengthDelimited(1, std::string(900'000, '\xff'))).IgnoreError();
    Send(Method("Search"), LengthDelimited(1, std::string(900'000, 'a'))).IgnoreError();
  };
  for (int i = 0; i < kRounds / 4; ++i) {
    round();
  }
  const double before = MemoryBytes();
  for (int i = 0; i < kRounds; ++i) {
    round();
  }
  EXPECT_LT(MemoryBytes() - before, kGrowth);
  EXPECT_THAT(Send("GetMineral", "name: 'minerals/tin'"), IsOk());
}

}  // namespace
}  // namespace orewatch::testing
