// A registry that callers write to, risk that follows it, and chains to write.
#pragma once

#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/synchronization/notification.h"
#include "common/rpc/call_runtime.h"
#include "common/rpc/grpc_status.h"
#include "common/rpc/speak_for.h"
#include "common/testing/matchers.h"
#include "common/testing/temp_dir.h"
#include "common/testing/test_server.h"
#include "common/time/clock.h"
#include "grpcpp/grpcpp.h"
#include "orewatch/registry/v1/registry.grpc.pb.h"
#include "orewatch/risk/v1/risk.grpc.pb.h"
#include "services/registry/registry_app.h"
#include "services/risk/risk_app.h"

namespace orewatch::risk {

inline rpc::ServerOptions BelievingCallers() {
  rpc::ServerOptions options;
  options.authenticator = rpc::TrustPrincipalHeader();
  return options;
}

// Follows a registry until it goes, and keeps a history.
class Follower {
 public:
  Follower(const std::shared_ptr<grpc::Channel>& registry, const Clock& clock)
      : app_(*RiskApp::Create(WithHistoryIn(folder_.path()), {clock, metrics_})),
        server_({&app_->service()}, BelievingCallers()),
        channel(server_.tcp_channel()),
        stub(v1::Risk::NewStub(channel)) {
    app_->Start(registry, [this] { std::call_once(first_, [this] { loaded_.Notify(); }); });
    loaded_.WaitForNotification();
  }

 private:
  static RiskConfig WithHistoryIn(const std::string& folder) {
    RiskConfig config;
    config.data_dir = folder;
    config.history_poll = absl::Milliseconds(5);
    return config;
  }

  const orewatch::testing::TempDir folder_;
  std::once_flag first_;
  absl::Notification loaded_;
  prometheus::Registry metrics_;
  std::unique_ptr<RiskApp> app_;
  orewatch::testing::TestServer server_;

 public:
  const std::shared_ptr<grpc::Channel> channel;
  const std::unique_ptr<v1::Risk::Stub> stub;
};

// A registry with a risk service.
class Pair {
 public:
  explicit Pair(const Clock& clock) : clock_(clock) {
    registry::RegistryConfig config;
    config.data_dir = folder_.path();
    app_ = *registry::RegistryApp::Create(config, {clock_, metrics_});
    server_ = std::make_unique<orewatch::testing::TestServer>(std::vector<rpc::Service*>{&app_->service()},
                                                              BelievingCallers());
    registry_ = registry::v1::Registry::NewStub(server_->tcp_channel());
    app_->Start();
    AwaitDate();
    risk_ = NewFollower();
  }
  ~Pair() {
    risk_.reset();
    server_.reset();
    app_.reset();
  }
  std::unique_ptr<Follower> NewFollower() { return std::make_unique<Follower>(server_->tcp_channel(), clock_); }

  absl::Status Apply(const registry::v1::ApplyChangesRequest& request, const std::string& principal) {
    grpc::ClientContext context;
    context.AddMetadata(rpc::kPrincipalHeader, principal);
    registry::v1::ApplyChangesResponse response;
    absl::Status status = rpc::FromGrpc(registry_->ApplyChanges(&context, request, &response));
    revision_ = status.ok() ? response.revision().number() : revision_;
    return status;
  }
  // Creates or updates.
  void Put(const std::vector<std::string>& entries, const std::string& principal = "alice") {
    registry::v1::ApplyChangesRequest request;
    for (const std::string& entry : entries) {
      auto& mutation = *request.add_mutations();
      mutation.set_operation(registry::v1::Mutation::OPERATION_UPDATE);
      mutation.set_allow_missing(true);
      *mutation.mutable_entry() = orewatch::testing::ParseProto<registry::v1::Entry>(entry);
    }
    ASSERT_THAT(Apply(request, principal), orewatch::testing::IsOk());
  }

  const Follower& risk() const { return *risk_; }
  std::shared_ptr<grpc::Channel> registry_channel() const { return server_->tcp_channel(); }
  // Of what was written last.
  int64_t revision() const { return revision_; }

  template <typename Request, typename Response>
  absl::StatusOr<Response> Ask(grpc::Status (v1::Risk::Stub::*method)(grpc::ClientContext*, const Request&, Response*),
                               const std::string& text, const std::string& principal = "anonymous") {
    grpc::ClientContext context;
    context.AddMetadata(rpc::kPrincipalHeader, principal);
    context.set_deadline(std::chrono::system_clock::now() + std::chrono::seconds(20));
    auto request = orewatch::testing::ParseProto<Request>(text);
    request.set_min_revision(revision_);
    Response response;
    const absl::Status status = rpc::FromGrpc(((*risk_->stub).*method)(&context, request, &response));
    return status.ok() ? absl::StatusOr<Response>(std::move(response)) : status;
  }

 private:
  // The first revision.
  void AwaitDate() {
    grpc::ClientContext context;
    const auto reader = registry_->Watch(&context, {});
    registry::v1::ChangeSet date;
    EXPECT_TRUE(reader->Read(&date));
    context.TryCancel();
  }

  const Clock& clock_;
  const orewatch::testing::TempDir folder_;
  prometheus::Registry metrics_;
  std::unique_ptr<registry::RegistryApp> app_;
  std::unique_ptr<orewatch::testing::TestServer> server_;
  std::unique_ptr<registry::v1::Registry::Stub> registry_;
  std::unique_ptr<Follower> risk_;
  int64_t revision_ = 0;
};

inline constexpr char kSource[] = "provenance { source: 'a test' } ";
inline constexpr char kAlices[] = "visibility { owner: 'alice' } ";
inline constexpr char kBobs[] = "visibility { owner: 'bob' readers: 'carol' } ";

inline std::string Named(const std::string& kind, const std::string& name, const std::string& more) {
  return absl::StrCat(kind, " { name: '", name, "' ", kSource, more, " }");
}

inline std::string LinkText(const std::string& id, const std::string& from, const std::string& to,
                            const std::string& product, const std::string& more) {
  return Named(
      "link", absl::StrCat("links/", id),
      absl::StrCat("from: 'suppliers/", from, "' to: 'suppliers/", to, "' mineral: 'minerals/cobalt' product: '",
                   product, "' verification: VERIFICATION_VERIFIED ", more));
}

inline std::string InputText(const std::string& product, double use, double stock) {
  return absl::StrCat("inputs { mineral: 'minerals/cobalt' product: '", product, "' use_tonnes_per_day: ", use,
                      " stock_tonnes: ", stock, " essential: true } ");
}

inline std::string OutputText(const std::string& stage, const std::string& product, const std::string& more = "") {
  return absl::StrCat("outputs { mineral: 'minerals/cobalt' stage: ", stage, " product: '", product, "' ", more, "} ");
}

// A mine in CD, a refinery in CN that buys three quarters of its ore there, and a maker in KR.
inline std::vector<std::string> PublicChain() {
  std::vector<std::string> entries = {Named("mineral", "minerals/cobalt", "")};
  for (const char* country : {"CD", "CN", "KR", "FI", "AU"}) {
    entries.push_back(Named("country", absl::StrCat("countries/", country), ""));
  }
  for (const char* supplier : {"a", "b", "c"}) {
    entries.push_back(Named("supplier", absl::StrCat("suppliers/", supplier), ""));
  }
  entries.push_back(Named("facility", "suppliers/a/facilities/mine",
                          absl::StrCat("country: 'countries/CD' ", OutputText("STAGE_MINE", "ore"))));
  entries.push_back(Named(
      "facility", "suppliers/b/facilities/refinery",
      absl::StrCat("country: 'countries/CN' ", InputText("ore", 10, 100), OutputText("STAGE_REFINE", "sulphate"))));
  entries.push_back(Named("facility", "suppliers/c/facilities/maker",
                          absl::StrCat("country: 'countries/KR' ", InputText("sulphate", 5, 100))));
  entries.push_back(LinkText("1", "a/facilities/mine", "b/facilities/refinery", "ore", "share: 0.75"));
  entries.push_back(LinkText("2", "b/facilities/refinery", "c/facilities/maker", "sulphate", "share: 0.5"));
  entries.push_back(Named("requirement", "requirements/c",
                          "holder: 'suppliers/c' mineral: 'minerals/cobalt' product: "
                          "'sulphate' year: 2026 quantity { tonnes: 1825 basis: BASIS_GROSS }"));
  return entries;
}

inline constexpr char kMineOfCobalt[] =
    "mineral: 'minerals/cobalt' country: 'countries/AU' stage: STAGE_MINE capacity_tonnes_per_year: 700 basis: "
    "BASIS_GROSS ";

// Two owners hang chains of their own on the public one.
inline std::vector<std::string> AlicesChain() {
  return {
      Named("supplier", "suppliers/alices", kAlices),
      Named("facility", "suppliers/alices/facilities/plant",
            absl::StrCat("country: 'countries/FI' ", InputText("ore", 1, 9), OutputText("STAGE_REFINE", "sulphate"))),
      LinkText("0-alice", "alices/facilities/plant", "c/facilities/maker", "sulphate",
               absl::StrCat("share: 0.2 ", kAlices)),
      LinkText("1-alice", "a/facilities/mine", "alices/facilities/plant", "ore", absl::StrCat("share: 1 ", kAlices)),
      Named("project", "projects/alices", absl::StrCat(kMineOfCobalt, kAlices)),
      Named("requirement", "requirements/alices",
            absl::StrCat("holder: 'suppliers/c' mineral: 'minerals/cobalt' product: 'ore' ", kAlices))};
}
inline std::vector<std::string> BobsChain() {
  return {
      Named("supplier", "suppliers/bobs", kBobs),
      Named("facility", "suppliers/bobs/facilities/plant",
            absl::StrCat("country: 'countries/AU' ", OutputText("STAGE_REFINE", "sulphate"))),
      LinkText("1-bob", "bobs/facilities/plant", "c/facilities/maker", "sulphate", absl::StrCat("share: 0.1 ", kBobs)),
      LinkText("2-bob", "bobs/facilities/plant", "b/facilities/refinery", "ore", absl::StrCat("share: 0.25 ", kBobs)),
      Named("project", "projects/bobs", absl::StrCat(kMineOfCobalt, kBobs)),
      LinkText("3-bob", "c/facilities/maker", "bobs/facilities/plant", "scrap", kBobs)};
}

}  // namespace orewatch::risk
