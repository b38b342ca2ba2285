#include "services/alerting/deliver/json_text.h"

namespace orewatch::alerting {
namespace {

constexpr int kMaxDepth = 64;

}  // namespace

bool IsUtf8(absl::string_view text) {
  try {
    const auto ignored = nlohmann::json(std::string(text)).dump();
    return true;
  } catch (const nlohmann::json::type_error&) {
    return false;
  }
}

std::string JsonTime(absl::Time time) { return absl::FormatTime("%Y-%m-%d%ET%H:%M:%E9SZ", time, absl::UTCTimeZone()); }

std::string Dump(const nlohmann::json& value) {
  return value.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
}

nlohmann::json ParseJson(absl::string_view text) {
  bool too_deep = false;
  const auto watch_depth = [&](int depth, nlohmann::json::parse_event_t, nlohmann::json&) {
    too_deep = too_deep || depth > kMaxDepth;
    return !too_deep;
  };
  auto parsed = nlohmann::json::parse(text.begin(), text.end(), watch_depth, /*allow_exceptions=*/false);
  return too_deep ? nlohmann::json(nlohmann::json::value_t::discarded) : parsed;
}

}  // namespace orewatch::alerting
