#include "common/app/probes.h"

#include <functional>
#include <memory>
#include <thread>
#include <vector>

#include "absl/synchronization/notification.h"
#include "absl/time/clock.h"
#include "common/rpc/health.h"
#include "common/testing/matchers.h"
#include "common/testing/test_server.h"
#include "gmock/gmock.h"
#include "grpcpp/client_context.h"
#include "orewatch/testing/v1/ledger.grpc.pb.h"

namespace orewatch::app {
namespace {

using ::orewatch::testing::TestServer;
using ::testing::HasSubstr;
using ::testing::MatchesRegex;
namespace v1 = ::orewatch::testing::v1;

using Sink = std::unique_ptr<rpc::StreamSink<v1::LedgerRequest, v1::LedgerResponse>>;

constexpr absl::Duration kPatience = absl::Seconds(30);

bool Eventually(const std::function<bool()>& happened) {
  const absl::Time end = absl::Now() + kPatience;
  while (!happened() && absl::Now() < end) {
    std::this_thread::yield();
  }
  return happened();
}

class ProbesTest : public ::testing::Test {
 protected:
  ProbesTest() : service_(v1::LedgerRequest::descriptor()->file()->FindServiceByName("Ledger")) {
    for (const char* method : {"Get", "Compute", "Comment", "Put"}) {
      service_.Unary<v1::LedgerRequest, v1::LedgerResponse>(
          method, rpc::Runs::kInline, [this](const auto&, const auto&) -> absl::StatusOr<v1::LedgerResponse> {
            released_.WaitForNotification();
            return v1::LedgerResponse();
          });
    }
    service_.ClientStream<v1::LedgerRequest, v1::LedgerResponse>(
        "Load", [](const auto&) -> absl::StatusOr<Sink> { return absl::UnimplementedError("nobody loads here"); });
    server_ = std::make_unique<TestServer>(std::vector<rpc::Service*>{&service_});
    server_->server().health().SetReady(false);
  }
  ~ProbesTest() override {
    if (!released_.HasBeenNotified()) {
      released_.Notify();
    }
  }

  bool Serves() { return server_->server().health().ready(); }

  absl::Notification released_;
  rpc::Service service_;
  std::unique_ptr<TestServer> server_;
  prometheus::Registry registry_;
  DatabaseWatch database_{registry_, [](absl::Duration) { return true; }};
  Probes probes_{database_,
                 {.database_patience = absl::Milliseconds(500),
                  .database_look = absl::Milliseconds(10),
                  .pulse = absl::Milliseconds(100),
                  .pulse_patience = absl::Seconds(3)}};
};

TEST_F(ProbesTest, SayWhatIsMissing) {
  EXPECT_TRUE(probes_.live()) << "nothing serves yet, and nothing is wrong";
  EXPECT_EQ(probes_.WhyNotReady(), "starting");
  EXPECT_THAT(probes_.CallsInFlight(absl::Now()), HasSubstr("\"calls\": 0"));
  probes_.BeginServing(server_->server());
  EXPECT_EQ(probes_.WhyNotReady(), "catching up");
  probes_.SetCaughtUp();
  EXPECT_EQ(probes_.WhyNotReady(), "");
  EXPECT_TRUE(Serves());
  probes_.BeginDrain();
  EXPECT_EQ(probes_.WhyNotReady(), "draining");
  EXPECT_TRUE(probes_.live());
  probes_.EndServing();
  EXPECT_EQ(probes_.WhyNotReady(), "stopped");
  EXPECT_TRUE(probes_.live());
}

TEST_F(ProbesTest, ADatabaseThatIsSilentForTooLongEndsReadinessUntilItAnswers) {
  probes_.BeginServing(server_->server());
  probes_.SetCaughtUp();
  database_.NoteAnswer();
  EXPECT_TRUE(probes_.ready());
  EXPECT_TRUE(Eventually([&] { return !Serves(); })) << "the health service says the same";
  EXPECT_THAT(probes_.WhyNotReady(), MatchesRegex("the database has not answered for [0-9]+ s"));
  EXPECT_TRUE(probes_.live()) << "a neighbour that is away is no reason to restart";
  EXPECT_TRUE(Eventually([&] {
    database_.NoteAnswer();
    return Serves();
  }));
}

TEST_F(ProbesTest, AServerWhoseThreadsAreStuckIsNotLiveUntilTheyAreFree) {
  probes_.BeginServing(server_->server());
  probes_.SetCaughtUp();
  EXPECT_TRUE(probes_.live());
  std::vector<std::thread> callers;
  const auto stub = v1::Ledger::NewStub(server_->tcp_channel());
  constexpr int kMoreThanThreads = 64;
  callers.reserve(kMoreThanThreads);
  for (int i = 0; i < kMoreThanThreads; ++i) {
    callers.emplace_back([&stub] {
      grpc::ClientContext context;
      v1::LedgerResponse response;
      stub->Get(&context, v1::LedgerRequest(), &response);
    });
  }
  EXPECT_TRUE(Eventually([&] { return !probes_.live(); }));
  EXPECT_TRUE(probes_.ready()) << "who is to be restarted is for liveness to say";
  released_.Notify();
  EXPECT_TRUE(Eventually([&] { return probes_.live(); }));
  for (std::thread& caller : callers) {
    caller.join();
  }
}

}  // namespace
}  // namespace orewatch::app
