// The gateway, assembled.
#pragma once

#include <cstddef>

#include "common/app/environment.h"
#include "common/rpc/service.h"
#include "common/time/steady.h"
#include "services/gateway/api/answer_memory.h"
#include "services/gateway/api/gateway_service.h"
#include "services/gateway/client/positions.h"
#include "services/gateway/client/stack.h"
#include "services/gateway/feed/feed.h"

namespace orewatch::gateway {

struct GatewayConfig {
  GatewayDefaults defaults;
  StackOptions stack;
  // Of each of the two caches: what neighbours said, and whole answers.
  size_t cache_bytes = size_t{64} << 20U;
};

class GatewayApp {
 public:
  GatewayApp(const GatewayConfig& config, const app::Environment& environment);
  // What callers no longer wait for may still be under way.
  ~GatewayApp();
  rpc::Service& service() { return service_.service(); }
  // Neighbours need not be there yet.
  void Start(const Channels& neighbours);
  // Ends the streams to the neighbours. Idempotent.
  void Stop() { positions_.Stop(); }

 private:
  // Whose answers are fresh for a moment alone: see AnswerMemory.
  static StackOptions OfAlerting(StackOptions options);

  // All that the gateway measures is how long ago something was, and how long it may take.
  SteadyClock clock_;
  Positions positions_;
  TransportTimers timers_;
  CacheMetrics parts_metrics_;
  CacheMetrics answers_metrics_;
  ReplyCache parts_;
  AnswerMemory answers_;
  Stack registry_;
  Stack risk_;
  Stack alerting_;
  Neighbours neighbours_;
  Feed feed_;
  GatewayService service_;
};

}  // namespace orewatch::gateway
