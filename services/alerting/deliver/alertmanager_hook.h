// What Alertmanager's webhook tells us: who was told of what.
#pragma once

#include <string>

#include "common/time/clock.h"
#include "services/alerting/deliver/delivery_metrics.h"
#include "services/alerting/store/delivery_store.h"

namespace orewatch::alerting {

// Thread-safe. All outlive it.
class AlertmanagerHook {
 public:
  struct Dependencies {
    DeliveryStore& store;
    const Clock& clock;
    DeliveryMetrics& metrics;
  };
  // `secret_file` holds what Alertmanager sends as its bearer token; read anew for each call.
  AlertmanagerHook(std::string secret_file, const Dependencies& dependencies)
      : secret_file_(std::move(secret_file)), deps_(dependencies) {}

  // The HTTP status to answer with. Alertmanager repeats what got 5xx.
  int Handle(const std::string& authorization, const std::string& body);

 private:
  bool IsAuthorized(const std::string& authorization) const;
  int Count(const char* result, int status);

  const std::string secret_file_;
  const Dependencies deps_;
};

}  // namespace orewatch::alerting
