// Calls of a test to the services of a suite: one line each, with a deadline.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/clock.h"
#include "absl/time/time.h"
#include "common/rpc/grpc_status.h"
#include "google/protobuf/text_format.h"
#include "grpcpp/grpcpp.h"
#include "gtest/gtest.h"
#include "orewatch/alerting/v1/alerting.grpc.pb.h"
#include "orewatch/gateway/v1/gateway.grpc.pb.h"
#include "orewatch/registry/v1/registry.grpc.pb.h"
#include "orewatch/risk/v1/risk.grpc.pb.h"

namespace orewatch::testing {

using RegistryStub = registry::v1::Registry::Stub;
using RiskStub = risk::v1::Risk::Stub;
using AlertingStub = alerting::v1::Alerting::Stub;
using GatewayStub = gateway::v1::Gateway::Stub;

inline constexpr absl::Duration kCallTimeout = absl::Seconds(20);

inline void LimitCall(grpc::ClientContext& context, absl::Duration timeout = kCallTimeout) {
  context.set_deadline(absl::ToChronoTime(absl::Now() + timeout));
}

// Call(stub, &RiskStub::GetScore, request).
template <typename Stub, typename Request, typename Response>
absl::StatusOr<Response> Call(Stub& stub, grpc::Status (Stub::*method)(grpc::ClientContext*, const Request&, Response*),
                              const Request& request) {
  grpc::ClientContext context;
  LimitCall(context);
  Response response;
  const absl::Status status = rpc::FromGrpc((stub.*method)(&context, request, &response));
  return status.ok() ? absl::StatusOr<Response>(std::move(response)) : status;
}

// Every item of a list: `items` takes those of a page.
template <typename Stub, typename Request, typename Response, typename Items>
void ListAll(Stub& stub, grpc::Status (Stub::*method)(grpc::ClientContext*, const Request&, Response*), Request request,
             const Items& items) {
  constexpr int kPageSize = 1000;
  request.set_page_size(kPageSize);
  do {
    const auto response = Call(stub, method, request);
    ASSERT_TRUE(response.ok()) << response.status();
    items(*response);
    request.set_page_token(response->next_page_token());
  } while (!request.page_token().empty());
}

// Rows of one import, as text-format entries.
absl::StatusOr<registry::v1::ImportResponse> Import(RegistryStub& registry, const std::vector<std::string>& entries);
absl::StatusOr<registry::v1::ImportResponse> Import(RegistryStub& registry,
                                                    const std::vector<registry::v1::Entry>& entries);
// As Import, and every row must be taken; returns the revision.
int64_t ImportAll(RegistryStub& registry, const std::vector<std::string>& entries);

// Text-format entries of what most tests need.
std::string CountryEntry(const std::string& alpha2);
std::string MineralEntry(const std::string& id);
// Tonnes contained, mined, of 2024.
std::string ProductionEntry(const std::string& mineral, const std::string& alpha2, double tonnes);

risk::v1::ScoreKey MineHhi(const std::string& mineral);

}  // namespace orewatch::testing
