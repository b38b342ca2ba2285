// What is counted of certificates.
#pragma once

#include <string>

#include "prometheus/counter.h"
#include "prometheus/gauge.h"
#include "prometheus/registry.h"

namespace orewatch::tls {

// Of the material for one use: `server` or `upstream`. Those of one use are the same series. The registry outlives it.
class TlsMetrics {
 public:
  TlsMetrics(prometheus::Registry& registry, const std::string& usage);

  // Unix time; 0: there is none.
  prometheus::Gauge& certificate_not_after() { return *certificate_not_after_; }
  prometheus::Gauge& ca_not_after() { return *ca_not_after_; }
  // 1, or 0 while what lies in the files is not what is served.
  prometheus::Gauge& last_reload_successful() { return *last_reload_successful_; }
  prometheus::Counter& reloads() { return *reloads_; }

 private:
  prometheus::Gauge* certificate_not_after_;
  prometheus::Gauge* ca_not_after_;
  prometheus::Gauge* last_reload_successful_;
  prometheus::Counter* reloads_;
};

}  // namespace orewatch::tls
