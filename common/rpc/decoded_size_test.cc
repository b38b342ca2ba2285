#include "common/rpc/decoded_size.h"

#include <functional>
#include <string>
#include <utility>
#include <vector>

#include "gmock/gmock.h"
#include "google/protobuf/io/coded_stream.h"
#include "google/protobuf/io/zero_copy_stream_impl_lite.h"
#include "orewatch/testing/v1/echo.pb.h"
#include "orewatch/testing/v1/ledger.pb.h"

namespace orewatch::rpc {
namespace {

using ::testing::AllOf;
using ::testing::Ge;
using ::testing::Le;
namespace v1 = ::orewatch::testing::v1;

size_t DecodedSizeOf(const std::string& bytes, const google::protobuf::Descriptor& type) {
  google::protobuf::io::ArrayInputStream in(bytes.data(), static_cast<int>(bytes.size()));
  return DecodedSize(in, type);
}

constexpr int kMany = 5000;

v1::LedgerRequest Of(const std::function<void(v1::LedgerRequest&)>& add) {
  v1::LedgerRequest request;
  for (int i = 0; i < kMany; ++i) {
    add(request);
  }
  return request;
}

TEST(DecodedSizeTest, IsAboutWhatTheMessageTakes) {
  const std::vector<std::pair<const char*, v1::LedgerRequest>> messages = {
      {"short texts", Of([](auto& request) { request.add_names("x"); })},
      {"long texts", Of([](auto& request) { request.add_names(std::string(200, 'x')); })},
      {"empty messages", Of([](auto& request) { request.add_changes(); })},
      {"messages of texts", Of([](auto& request) { request.add_changes()->set_name(std::string(40, 'x')); })},
      {"messages of messages", Of([](auto& request) { request.add_changes()->mutable_entry()->add_changes(); })}};
  for (const auto& [name, message] : messages) {
    v1::LedgerRequest decoded;
    decoded.ParseFromString(message.SerializeAsString());
    const size_t taken = decoded.SpaceUsedLong();
    EXPECT_THAT(DecodedSizeOf(message.SerializeAsString(), *message.descriptor()),
                AllOf(Ge(taken * 9 / 10), Le(2 * taken)))
        << name;
  }
}

TEST(DecodedSizeTest, CountsWhatIsUnknown) {
  const std::string names = Of([](auto& request) { request.add_names("x"); }).SerializeAsString();
  v1::SumResponse decoded;
  ASSERT_TRUE(decoded.ParseFromString(names));
  EXPECT_GE(DecodedSizeOf(names, *v1::SumResponse::descriptor()), decoded.SpaceUsedLong() / 2);
}

TEST(DecodedSizeTest, EndsWhereNothingMoreCanBeRead) {
  EXPECT_GT(DecodedSizeOf("\x0a\xff\xff", *v1::SayRequest::descriptor()), 0U);
  // Deeper than the parser goes: each level an `entry` that holds the next.
  std::string nested;
  for (int i = 0; i < kMany; ++i) {
    std::string outer;
    {
      google::protobuf::io::StringOutputStream stream(&outer);
      google::protobuf::io::CodedOutputStream out(&stream);
      out.WriteTag(0x22);
      out.WriteVarint32(static_cast<uint32_t>(nested.size()));
      out.WriteString(nested);
    }
    nested = std::move(outer);
  }
  EXPECT_LT(DecodedSizeOf(nested, *v1::LedgerRequest::descriptor()), 100 * 1000U);
}

}  // namespace
}  // namespace orewatch::rpc
