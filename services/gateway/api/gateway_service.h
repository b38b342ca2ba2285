// orewatch.gateway.v1.Gateway over the neighbours.
#pragma once

#include <functional>
#include <map>
#include <optional>
#include <string>

#include "absl/status/statusor.h"
#include "common/metrics/labelled.h"
#include "common/rpc/service.h"
#include "common/time/clock.h"
#include "google/protobuf/message.h"
#include "orewatch/gateway/v1/gateway.pb.h"
#include "prometheus/counter.h"
#include "prometheus/registry.h"
#include "services/gateway/api/answer_memory.h"
#include "services/gateway/api/fan_out.h"
#include "services/gateway/api/requests.h"
#include "services/gateway/client/neighbours.h"
#include "services/gateway/client/positions.h"
#include "services/gateway/feed/feed.h"

namespace orewatch::gateway {

struct GatewayDefaults {
  // Used where a request names none.
  OverviewDefaults overview = {"US_2025", "blocs/EU"};
  // For callers without a deadline.
  absl::Duration timeout = absl::Seconds(5);
  // How long an answer may take, whatever its caller's deadline is.
  absl::Duration longest = absl::Seconds(30);
};

// Fans out at once and answers when the last part is there, or a little before the caller's deadline with what came.
// What it said before it says again, from memory and on the transport's thread, while no neighbour has moved on.
// Thread-safe; outlived by its arguments.
class GatewayService {
 public:
  struct Dependencies {
    Neighbours& neighbours;
    const Positions& positions;
    // Whole answers, encoded.
    AnswerMemory& answers;
    const Feed& feed;
    const Clock& clock;
    prometheus::Registry& metrics;
  };
  GatewayService(const GatewayDefaults& defaults, const Dependencies& dependencies);
  rpc::Service& service() { return service_; }

 private:
  template <typename Request, typename Response>
  using Ask = std::function<void(const Request&, const Terms&, Whole<Response>)>;
  // A method whose answers are remembered.
  template <typename Request, typename Response>
  void BindAnswer(const std::string& method, Ask<Request, Response> ask);
  void BindBriefs();
  void BindSearch();
  void BindFeed();
  void BindCaller();

  Terms TermsOf(const rpc::CallContext& context, int64_t min_revision) const;
  // Whether the caller gives less time than is promised.
  bool IsImpatient(const rpc::CallContext& context) const;
  void Count(const google::protobuf::Message& answer, bool impatient);

  const GatewayDefaults defaults_;
  const Dependencies dependencies_;
  prometheus::Counter& answered_;
  // By section.
  const std::map<std::string, metrics::Labelled<prometheus::Counter>> partial_;
  const metrics::Labelled<prometheus::Counter> stale_;
  rpc::Service service_;
};

}  // namespace orewatch::gateway
