#include "common/auth/json.h"

#include <set>
#include <utility>
#include <vector>

namespace orewatch::auth {

using nlohmann::json;

std::optional<json> ParseJsonObject(absl::string_view text) {
  constexpr int kMaxDepth = 8;
  bool sound = true;
  // Of each object that is open.
  std::vector<std::set<std::string>> names;
  const auto watch = [&](int depth, json::parse_event_t event, json& parsed) {
    sound = sound && depth <= kMaxDepth;
    if (event == json::parse_event_t::object_start) {
      names.emplace_back();
    } else if (event == json::parse_event_t::object_end) {
      names.pop_back();
    } else if (event == json::parse_event_t::key) {
      sound = names.back().insert(parsed.get_ref<const std::string&>()).second && sound;
    }
    return true;
  };
  json object = json::parse(text.begin(), text.end(), watch, /*allow_exceptions=*/false);
  return sound && object.is_object() ? std::make_optional(std::move(object)) : std::nullopt;
}

std::optional<std::string> StringIn(const json& object, const char* name) {
  const auto found = object.find(name);
  return found != object.end() && found->is_string() ? std::make_optional(found->get<std::string>()) : std::nullopt;
}

}  // namespace orewatch::auth
