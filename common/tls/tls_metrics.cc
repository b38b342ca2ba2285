#include "common/tls/tls_metrics.h"

namespace orewatch::tls {
namespace {

prometheus::Gauge* MakeGauge(prometheus::Registry& registry, const char* name, const char* help,
                             const std::string& usage) {
  return &prometheus::BuildGauge().Name(name).Help(help).Register(registry).Add({{"usage", usage}});
}

}  // namespace

TlsMetrics::TlsMetrics(prometheus::Registry& registry, const std::string& usage)
    : certificate_not_after_(MakeGauge(registry, "orewatch_tls_certificate_not_after_timestamp_seconds",
                                       "When the certificate that is shown expires, in Unix time.", usage)),
      ca_not_after_(MakeGauge(registry, "orewatch_tls_ca_not_after_timestamp_seconds",
                              "When the last authority that is believed expires, in Unix time.", usage)),
      last_reload_successful_(MakeGauge(registry, "orewatch_tls_last_reload_successful",
                                        "1 if what lies in the files is what is used.", usage)),
      reloads_(&prometheus::BuildCounter()
                    .Name("orewatch_tls_reloads_total")
                    .Help("Times that other certificates were taken from the files.")
                    .Register(registry)
                    .Add({{"usage", usage}})) {
  // Nothing lies anywhere yet.
  last_reload_successful_->Set(1);
}

}  // namespace orewatch::tls
