// A stop signal under load: a client with retries and a second replica sees no failed call.
#include <signal.h>

#include <atomic>
#include <deque>
#include <thread>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/strings/match.h"
#include "absl/synchronization/mutex.h"
#include "gmock/gmock.h"
#include "tests/testing/suite_processes.h"

namespace orewatch::testing {
namespace {

// Threads that call without pause until stopped.
class Load {
 public:
  using Body = std::function<absl::Status()>;
  Load(int threads, Body body) : body_(std::move(body)) {
    for (int i = 0; i < threads; ++i) {
      threads_.emplace_back([this] { Run(); });
    }
  }
  ~Load() { Stop(); }

  void Stop() {
    stopped_ = true;
    for (std::thread& thread : threads_) {
      thread.join();
    }
    threads_.clear();
  }
  int64_t calls() const { return calls_; }
  void AwaitMore(int64_t more) {
    const int64_t wanted = calls() + more;
    Eventually("more calls", [&] { return calls() >= wanted; });
  }
  std::vector<std::string> failures() {
    absl::MutexLock lock(&mutex_);
    return failures_;
  }

 private:
  void Run() {
    while (!stopped_) {
      if (const absl::Status status = body_(); !status.ok()) {
        absl::MutexLock lock(&mutex_);
        failures_.push_back(status.ToString());
      }
      ++calls_;
    }
  }

  const Body body_;
  std::atomic<bool> stopped_{false};
  std::atomic<int64_t> calls_{0};
  absl::Mutex mutex_;
  std::vector<std::string> failures_ ABSL_GUARDED_BY(mutex_);
  std::vector<std::thread> threads_;
};

// Both replicas in turn, twice.
void StopEachUnder(Load& load, const std::vector<ServiceProcess*>& replicas) {
  constexpr int64_t kSome = 500;
  constexpr absl::Duration kDrainTimeout = absl::Seconds(20);
  for (int round = 0; round < 2; ++round) {
    for (ServiceProcess* replica : replicas) {
      load.AwaitMore(kSome);
      EXPECT_EQ(replica->Terminate(kDrainTimeout), 0);
      load.AwaitMore(kSome);
      replica->Start();
      replica->AwaitReady();
    }
  }
  load.Stop();
  EXPECT_THAT(load.failures(), ::testing::IsEmpty()) << "of " << load.calls();
}

TEST(DrainTest, ReadersOfTwoReplicasOfRiskSeeNoFailedCall) {
  SeparateServices services;
  const auto second = services.MakeRisk();
  RegistryStub registry(services.registry().channel());
  const int64_t revision =
      ImportAll(registry, {CountryEntry("CN"), MineralEntry("tin"), ProductionEntry("tin", "CN", 5)});
  RiskStub risk(ChannelTo({services.risk().address(), second->address()}));
  Load load(8, [&] {
    risk::v1::GetScoreRequest request;
    *request.mutable_key() = MineHhi("tin");
    request.set_min_revision(revision);
    return Call(risk, &RiskStub::GetScore, request).status();
  });
  StopEachUnder(load, {&services.risk(), second.get()});
}

TEST(DrainTest, CallersOfTwoReplicasOfTheGatewayGetWholeAnswers) {
  SeparateServices services;
  const auto second = services.MakeGateway();
  RegistryStub registry(services.registry().channel());
  ImportAll(registry, {CountryEntry("CN"), MineralEntry("tin"), ProductionEntry("tin", "CN", 5)});
  GatewayStub gateway(ChannelTo({services.gateway().address(), second->address()}));
  Load load(4, [&]() -> absl::Status {
    gateway::v1::GetMineralBriefRequest request;
    request.set_name("minerals/tin");
    const auto brief = Call(gateway, &GatewayStub::GetMineralBrief, request);
    const bool whole = brief.ok() && brief->registry().state() == gateway::v1::SectionStatus::STATE_FRESH &&
                       brief->risk().state() == gateway::v1::SectionStatus::STATE_FRESH &&
                       brief->alerting().state() == gateway::v1::SectionStatus::STATE_FRESH;
    return brief.ok() && !whole ? absl::DataLossError(brief->ShortDebugString()) : brief.status();
  });
  StopEachUnder(load, {&services.gateway(), second.get()});
}

// Calls without a deadline for a revision that never comes, each on a thread of its own.
class EndlessCalls {
 public:
  EndlessCalls(RiskStub& risk, int count) : contexts_(static_cast<size_t>(count)) {
    for (grpc::ClientContext& context : contexts_) {
      threads_.emplace_back([&risk, &context] {
        risk::v1::GetScoreRequest request;
        *request.mutable_key() = MineHhi("tin");
        request.set_min_revision(1'000'000);
        risk::v1::Score score;
        EXPECT_FALSE(risk.GetScore(&context, request, &score).ok());
      });
    }
  }
  ~EndlessCalls() {
    for (std::thread& thread : threads_) {
      thread.join();
    }
  }
  void Cancel() {
    for (grpc::ClientContext& context : contexts_) {
      context.TryCancel();
    }
  }

 private:
  std::deque<grpc::ClientContext> contexts_;
  std::vector<std::thread> threads_;
};

TEST(DrainTest, CallsThatWaitForARevisionGiveTheirPlacesBackAndDoNotHoldUpTheEnd) {
  SeparateServices services;
  RegistryStub registry(services.registry().channel());
  ImportAll(registry, {CountryEntry("CN"), MineralEntry("tin"), ProductionEntry("tin", "CN", 5)});
  // A registry that answers nobody: the risk service can neither go on nor learn whether the revision exists.
  services.registry().process().Signal(SIGSTOP);
  RiskStub risk(services.risk().channel());
  const auto await_in_flight = [&](int count) {
    const std::string line = absl::StrCat("\norewatch_grpc_in_flight ", count, "\n");
    Eventually(line, [&] { return absl::StrContains(services.risk().AdminPage("/metrics").value_or(""), line); });
  };
  constexpr int kCalls = 4;
  {
    EndlessCalls cancelled(risk, kCalls);
    await_in_flight(kCalls);
    cancelled.Cancel();
    await_in_flight(0);
  }
  {
    const EndlessCalls open(risk, kCalls);
    await_in_flight(kCalls);
    EXPECT_EQ(services.risk().Terminate(absl::Seconds(15)), 0);
    // Also where it has not ended, so that the calls do.
    services.risk().Kill();
  }
  services.registry().process().Signal(SIGCONT);
}

TEST(DrainTest, WritesInFlightAreAnsweredBeforeTheRegistryEnds) {
  SeparateServices services;
  RegistryStub registry(services.registry().channel());
  std::atomic<int> next{0};
  absl::Mutex mutex;
  std::vector<std::string> acknowledged;
  Load load(8, [&] {
    registry::v1::CreateMineralRequest request;
    request.set_mineral_id(absl::StrCat("m", next++));
    request.set_request_id(request.mineral_id());
    request.mutable_mineral()->mutable_provenance()->set_source("a test");
    const auto created = Call(registry, &RegistryStub::CreateMineral, request);
    if (created.ok()) {
      absl::MutexLock lock(&mutex);
      acknowledged.push_back(created->name());
    }
    // While nobody listens a call is refused; whether it was done before is what its request id is for.
    return absl::IsUnavailable(created.status()) ? absl::OkStatus() : created.status();
  });
  load.AwaitMore(200);
  EXPECT_EQ(services.registry().Terminate(), 0);
  services.registry().Start();
  services.registry().AwaitReady();
  load.Stop();
  EXPECT_THAT(load.failures(), ::testing::IsEmpty());
  EXPECT_GT(acknowledged.size(), 0u);
  for (const std::string& name : acknowledged) {
    registry::v1::GetMineralRequest request;
    request.set_name(name);
    EXPECT_TRUE(Call(registry, &RegistryStub::GetMineral, request).ok()) << name;
  }
}

}  // namespace
}  // namespace orewatch::testing
