// Peers that mean harm: whatever they send, memory stays within what is stated here and others are served.
#include <sys/resource.h>

#include <algorithm>
#include <iostream>
#include <thread>
#include <vector>

#include "absl/strings/numbers.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "absl/synchronization/notification.h"
#include "absl/time/clock.h"
#include "common/testing/certificates.h"
#include "common/testing/temp_dir.h"
#include "tests/testing/clients.h"
#include "tests/testing/raw_connection.h"
#include "tests/testing/service_process.h"

namespace orewatch::testing {
namespace {

constexpr int64_t kMebibyte = int64_t{1024} * 1024;
// The slowest call of somebody else meanwhile, on a machine that also runs the attack.
constexpr absl::Duration kServedWithin = absl::Seconds(5);
// rpc::TransportLimits, and as much again for a machine that is busy.
constexpr absl::Duration kHandshakePatience = absl::Seconds(20);
// As rpc::TransportLimits has it.
constexpr int64_t kBuffered = 256 * kMebibyte;
constexpr char kMethod[] = "/orewatch.registry.v1.Registry/GetHead";

int PortOf(const ServiceProcess& process) {
  const std::string address = process.address();
  int port = 0;
  EXPECT_TRUE(absl::SimpleAtoi(address.substr(address.rfind(':') + 1), &port));
  return port;
}

// Somebody who calls again and again, on a connection of his own.
class HealthyCaller {
 public:
  explicit HealthyCaller(const std::shared_ptr<grpc::Channel>& channel)
      : stub_(channel), thread_([this] { CallUntilStopped(); }) {}
  ~HealthyCaller() { Stop(); }

  void Stop() {
    if (!stop_.HasBeenNotified()) {
      stop_.Notify();
      thread_.join();
    }
  }
  // After Stop.
  absl::Duration slowest() const { return slowest_; }
  int failed() const { return failed_; }
  int served() const { return served_; }

 private:
  void CallUntilStopped() {
    constexpr absl::Duration kPause = absl::Milliseconds(2);
    while (!stop_.WaitForNotificationWithTimeout(kPause)) {
      grpc::ClientContext context;
      LimitCall(context, kPatience);
      registry::v1::GetHeadResponse head;
      const absl::Time start = absl::Now();
      const grpc::Status status = stub_.GetHead(&context, {}, &head);
      slowest_ = std::max(slowest_, absl::Now() - start);
      if (status.error_code() == grpc::StatusCode::RESOURCE_EXHAUSTED) {
        // Told to come again in a moment, which is what is to be done while there are too many.
        continue;
      }
      EXPECT_TRUE(status.ok()) << status.error_message();
      ++(status.ok() ? served_ : failed_);
    }
  }

  RegistryStub stub_;
  absl::Notification stop_;
  absl::Duration slowest_;
  int failed_ = 0;
  int served_ = 0;
  std::thread thread_;
};

class AbuseTest : public ::testing::Test {
 protected:
  AbuseTest() : registry_("orewatch-registry", dir_ / "log", {absl::StrCat("--data_dir=", dir_ / "data")}) {}
  void SetUp() override {
    rlimit limit{};
    getrlimit(RLIMIT_NOFILE, &limit);
    limit.rlim_cur = limit.rlim_max;
    setrlimit(RLIMIT_NOFILE, &limit);
    healthy_ = std::make_unique<HealthyCaller>(registry_.channel());
    baseline_ = Memory();
  }
  // Whatever was done to it, it serves on, and has served meanwhile.
  void TearDown() override {
    healthy_->Stop();
    EXPECT_EQ(healthy_->failed(), 0);
    EXPECT_GT(healthy_->served(), 0);
    EXPECT_LT(healthy_->slowest(), kServedWithin);
    RecordProperty("slowest_call_ms", static_cast<int>(absl::ToInt64Milliseconds(healthy_->slowest())));
    RecordProperty("memory_grew_mib", static_cast<int>((most_ - baseline_) / kMebibyte));
    std::cout << "slowest call of others " << healthy_->slowest() << ", memory grew by "
              << (most_ - baseline_) / kMebibyte << " MiB\n";
  }

  double Metric(const std::string& name) {
    const std::string page = registry_.AdminPage("/metrics").value_or("");
    for (absl::string_view line : absl::StrSplit(page, '\n')) {
      double value = 0;
      if (absl::ConsumePrefix(&line, absl::StrCat(name, " ")) && absl::SimpleAtod(line, &value)) {
        return value;
      }
    }
    ADD_FAILURE() << "no " << name;
    return 0;
  }
  int64_t Memory() {
    const auto bytes = static_cast<int64_t>(Metric("process_resident_memory_bytes"));
    most_ = std::max(most_, bytes);
    return bytes;
  }
  void ExpectGrowthBelow(int64_t bytes) { EXPECT_LT(Memory() - baseline_, bytes); }
  RawConnection Connect() const { return RawConnection(PortOf(registry_)); }
  RawConnection Greeted() const {
    RawConnection connection = Connect();
    EXPECT_TRUE(connection.Send(http2::Greeting()));
    return connection;
  }

  const TempDir dir_;
  ServiceProcess registry_;
  std::unique_ptr<HealthyCaller> healthy_;
  int64_t baseline_ = 0;
  int64_t most_ = 0;
};

TEST_F(AbuseTest, TenThousandIdleConnectionsCostABoundedAmountEach) {
  rlimit limit{};
  getrlimit(RLIMIT_NOFILE, &limit);
  constexpr size_t kWanted = 10'000;
  constexpr size_t kOtherFiles = 500;
  if (limit.rlim_cur < kWanted + kOtherFiles) {
    GTEST_SKIP() << "skipped: this user may open only " << limit.rlim_cur << " files";
  }
  std::vector<RawConnection> idle;
  idle.reserve(kWanted);
  while (idle.size() < kWanted) {
    idle.push_back(Greeted());
    ASSERT_TRUE(idle.back().connected());
  }
  // Each has been answered, so all of them are there at once.
  for (RawConnection& connection : idle) {
    ASSERT_FALSE(connection.ReadUntil(http2::Frame(http2::kSettings, 1, 0, ""), kPatience).empty());
  }
  Eventually("the count of connections",
             [&] { return Metric("orewatch_grpc_connections") >= static_cast<double>(kWanted); });
  constexpr int64_t kBytesEach = int64_t{64} * 1024;
  ExpectGrowthBelow(static_cast<int64_t>(kWanted) * kBytesEach);
  // There is room for somebody new.
  grpc::ClientContext context;
  LimitCall(context, kServedWithin);
  registry::v1::GetHeadResponse head;
  EXPECT_TRUE(RegistryStub(ChannelTo({registry_.address()})).GetHead(&context, {}, &head).ok());
}

TEST_F(AbuseTest, WhoDoesNotFinishTheGreetingIsSentAway) {
  std::vector<RawConnection> slow;
  constexpr int kMany = 500;
  const std::string greeting = http2::Greeting();
  for (int i = 0; i < kMany; ++i) {
    slow.push_back(Connect());
    ASSERT_TRUE(slow.back().Send(greeting.substr(0, static_cast<size_t>(i) % greeting.size())));
  }
  for (RawConnection& connection : slow) {
    EXPECT_TRUE(connection.EndsWithin(kHandshakePatience));
  }
  ExpectGrowthBelow(64 * kMebibyte);
}

TEST_F(AbuseTest, HalfSentFramesHoldNobodyUp) {
  std::vector<RawConnection> slow;
  constexpr int kMany = 300;
  constexpr uint32_t kCalls = 50;
  for (int i = 0; i < kMany; ++i) {
    slow.push_back(Greeted());
    std::string calls;
    for (uint32_t call = 0; call < kCalls; ++call) {
      const std::string headers =
          http2::Frame(http2::kHeaders, http2::kEndHeaders, 2 * call + 1, http2::CallHeaders(kMethod));
      // A message of a mebibyte, of which ten bytes come.
      const std::string body =
          http2::Frame(http2::kData, 0, 2 * call + 1, absl::StrCat(std::string("\0\0\x10\0\0", 5), "0123456789"));
      absl::StrAppend(&calls, headers, body);
    }
    ASSERT_TRUE(slow.back().Send(calls));
    // And of one frame half of what it says.
    ASSERT_TRUE(slow.back().Send(http2::Frame(http2::kHeaders, 0, 2 * kCalls + 1, "12345678").substr(0, 12)));
  }
  constexpr int64_t kBytesPerCall = int64_t{32} * 1024;
  ExpectGrowthBelow(int64_t{kMany} * kCalls * kBytesPerCall);
}

TEST_F(AbuseTest, OversizeBodiesAreRefused) {
  std::vector<std::thread> senders;
  constexpr int kSenders = 8;
  senders.reserve(kSenders);
  for (int i = 0; i < kSenders; ++i) {
    senders.emplace_back([&] {
      RegistryStub stub(ChannelTo({registry_.address()}));
      registry::v1::GetHeadRequest request;
      request.set_after_digest(std::string(64 * kMebibyte, 'x'));
      for (int call = 0; call < 3; ++call) {
        grpc::ClientContext context;
        LimitCall(context, kPatience);
        registry::v1::GetHeadResponse response;
        const grpc::StatusCode code = stub.GetHead(&context, request, &response).error_code();
        // While all together are too much for the server, it cuts off who has sent most.
        EXPECT_TRUE(code == grpc::StatusCode::RESOURCE_EXHAUSTED || code == grpc::StatusCode::UNAVAILABLE) << code;
      }
    });
  }
  for (std::thread& sender : senders) {
    sender.join();
  }
  // What comes between two looks comes on top.
  ExpectGrowthBelow(2 * kBuffered);
}

// A header of 4 kB that is remembered, and then meant by one byte each time (RFC 7541, 7.3).
TEST_F(AbuseTest, HeadersThatUnpackToMegabytesAreNotUnpacked) {
  const std::string bomb(http2::kMaxFrame - 5000, http2::kRemembered);
  const std::string block =
      absl::StrCat(http2::CallHeaders(kMethod), http2::RememberedHeader("bomb", std::string(4000, 'x')), bomb);
  std::vector<RawConnection> held;
  for (int i = 0; i < 50; ++i) {
    held.push_back(Greeted());
    for (uint32_t stream = 1; stream < 40; stream += 2) {
      if (!held.back().Send(http2::Frame(http2::kHeaders, http2::kEndHeaders, stream, block))) {
        break;
      }
    }
  }
  // 50 connections with 20 calls of 45 MB each would be 45 GB.
  ExpectGrowthBelow(256 * kMebibyte);
}

// gRPC 1.51 keeps them, whatever their size: the listener cuts the connection off.
TEST_F(AbuseTest, HeadersWithoutEndEndTheConnection) {
  RawConnection connection = Greeted();
  ASSERT_TRUE(connection.Send(http2::Frame(http2::kHeaders, 0, 1, http2::CallHeaders(kMethod))));
  const std::string more = http2::Frame(http2::kContinuation, 0, 1, http2::Header("filler", std::string(16000, 'x')));
  constexpr int64_t kMost = 4096 * kMebibyte;
  int64_t sent = 0;
  while (sent < kMost && connection.Send(more) && connection.Discard()) {
    sent += static_cast<int64_t>(more.size());
  }
  EXPECT_LT(sent, kMost) << "the connection was not cut off";
  EXPECT_GE(Metric("orewatch_grpc_connections_cut_total"), 1);
  // What comes between two looks comes on top.
  ExpectGrowthBelow(4 * kBuffered);
}

// CVE-2023-44487.
TEST_F(AbuseTest, CallsThatAreResetAtOnceKeepNobodyWaiting) {
  std::vector<std::thread> attackers;
  constexpr int kAttackers = 4;
  constexpr uint32_t kResets = 20'000;
  attackers.reserve(kAttackers);
  const std::string headers = http2::CallHeaders(kMethod);
  for (int i = 0; i < kAttackers; ++i) {
    attackers.emplace_back([&] {
      RawConnection connection = Greeted();
      for (uint32_t reset = 0; reset < kResets; ++reset) {
        const uint32_t stream = 2 * reset + 1;
        const std::string call = http2::Frame(http2::kHeaders, http2::kEndHeaders | http2::kEndStream, stream, headers);
        if (!connection.Send(absl::StrCat(call, http2::ResetStream(stream))) || !connection.Discard()) {
          break;
        }
      }
    });
  }
  for (std::thread& attacker : attackers) {
    attacker.join();
  }
  ExpectGrowthBelow(kBuffered);
}

// CVE-2019-9512 and 9515: each asks for an answer, and nobody reads the answers.
TEST_F(AbuseTest, AnswersThatNobodyReadsAreNotCollected) {
  RawConnection pings = Greeted();
  RawConnection settings = Greeted();
  const std::string ping = http2::Frame(http2::kPing, 0, 0, "12345678");
  const std::string setting = http2::Frame(http2::kSettings, 0, 0, "");
  constexpr int kMany = 500'000;
  for (int i = 0; i < kMany && pings.Send(ping); ++i) {
  }
  for (int i = 0; i < kMany && settings.Send(setting); ++i) {
  }
  ExpectGrowthBelow(128 * kMebibyte);
}

// Of TLS: as with the greeting of HTTP/2.
TEST(TlsAbuseTest, WhoDoesNotFinishTheHandshakeIsSentAway) {
  const TempDir dir;
  const TestAuthority authority;
  const KeyPair pair = authority.Issue();
  ReplaceFile(dir / "crt", pair.certificate);
  ReplaceFile(dir / "key", pair.key);
  ServiceProcess registry("orewatch-registry", dir / "log",
                          {absl::StrCat("--data_dir=", dir / "data"), absl::StrCat("--tls_certificate=", dir / "crt"),
                           absl::StrCat("--tls_key=", dir / "key")});
  std::vector<RawConnection> slow;
  constexpr int kMany = 500;
  for (int i = 0; i < kMany; ++i) {
    slow.emplace_back(PortOf(registry));
    // A record of 512 bytes with a ClientHello, of which a part comes.
    const std::string hello = absl::StrCat(std::string("\x16\x03\x01\x02\0\x01\0\x01\xfc", 9), std::string(200, 'x'));
    ASSERT_TRUE(slow.back().Send(hello.substr(0, static_cast<size_t>(i) % hello.size())));
  }
  for (RawConnection& connection : slow) {
    EXPECT_TRUE(connection.EndsWithin(kHandshakePatience));
  }
}

}  // namespace
}  // namespace orewatch::testing
