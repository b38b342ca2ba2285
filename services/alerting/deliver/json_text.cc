#include "services/alerting/deliver/json_text.h"

#include <algorithm>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"

namespace orewatch::alerting {
namespace {

constexpr int kMaxDepth = 64;

}  // namespace

bool IsUtf8(absl::string_view text) {
  if (std::all_of(text.begin(), text.end(), absl::ascii_isascii)) {
    return true;
  }
  try {
    const auto ignored = nlohmann::json(std::string(text)).dump();
    return true;
  } catch (const nlohmann::json::type_error&) {
    return false;
  }
}

std::string JsonTime(absl::Time time) { return absl::FormatTime("%Y-%m-%d%ET%H:%M:%E9SZ", time, absl::UTCTimeZone()); }

void AppendJson(absl::string_view text, std::string& out) {
  const auto plain = [](char c) { return absl::ascii_isprint(static_cast<unsigned char>(c)) && c != '"' && c != '\\'; };
  if (std::all_of(text.begin(), text.end(), plain)) {
    absl::StrAppend(&out, "\"", text, "\"");
  } else {
    out += Dump(std::string(text));
  }
}

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
