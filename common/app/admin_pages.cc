#include "common/app/admin_pages.h"

#include <nlohmann/json.hpp>

#include "common/config/shown_settings.h"
#include "common/metrics/process_collector.h"

namespace orewatch::app {
namespace {

constexpr size_t kCallsShown = 200;
constexpr int kIndent = 2;

// A peer or a principal may hold bytes that are no UTF-8: they are replaced rather than thrown over.
std::string Written(const nlohmann::ordered_json& page) {
  return page.dump(kIndent, ' ', false, nlohmann::json::error_handler_t::replace) + "\n";
}

nlohmann::ordered_json Shown(const rpc::CallInFlight& call, absl::Time now) {
  nlohmann::ordered_json shown = {{"method", call.method},
                                  {"principal", call.principal},
                                  {"trace_id", call.trace_id},
                                  {"peer", call.peer},
                                  {"age_ms", absl::ToInt64Milliseconds(now - call.started)}};
  if (call.deadline != absl::InfiniteFuture()) {
    shown["left_ms"] = absl::ToInt64Milliseconds(call.deadline - now);
  }
  return shown;
}

}  // namespace

std::string ConfigPage(const std::string& binary) {
  nlohmann::ordered_json settings = nlohmann::ordered_json::array();
  for (const config::ShownSetting& setting : config::ShowSettings()) {
    settings.push_back({{"name", setting.name}, {"value", setting.value}, {"from", setting.origin}});
  }
  return Written({{"binary", binary},
                  {"version", metrics::Version()},
                  {"config_hash", config::HashSettings()},
                  {"settings", std::move(settings)}});
}

std::string InFlightPage(const rpc::CallTable& calls, absl::Time now) {
  const auto oldest = [&](bool streams) {
    nlohmann::ordered_json shown = nlohmann::ordered_json::array();
    for (const rpc::CallInFlight& call : calls.Oldest(streams, kCallsShown)) {
      shown.push_back(Shown(call, now));
    }
    return shown;
  };
  // Streams are old by nature, and would hide the calls that hang.
  return Written({{"calls", calls.size(false)},
                  {"oldest", oldest(false)},
                  {"streams", calls.size(true)},
                  {"oldest_streams", oldest(true)}});
}

}  // namespace orewatch::app
