#include "services/alerting/deliver/posted_alert.h"

#include <nlohmann/json.hpp>
#include <optional>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "common/status/status.h"
#include "services/alerting/deliver/json_text.h"

namespace orewatch::alerting {
namespace {

using nlohmann::json;

bool IsLabelName(absl::string_view name) {
  if (name.empty() || absl::ascii_isdigit(static_cast<unsigned char>(name[0]))) {
    return false;
  }
  for (const char c : name) {
    if (!absl::ascii_isalnum(static_cast<unsigned char>(c)) && c != '_') {
      return false;
    }
  }
  return true;
}

std::optional<std::map<std::string, std::string>> ReadMap(const json& object, const char* member) {
  const auto found = object.find(member);
  if (found == object.end() || !found->is_object()) {
    return std::nullopt;
  }
  std::map<std::string, std::string> map;
  for (const auto& [name, value] : found->items()) {
    if (!value.is_string()) {
      return std::nullopt;
    }
    map[name] = value.get<std::string>();
  }
  return map;
}

std::optional<absl::Time> ReadTimeMember(const json& object, const char* member) {
  const auto found = object.find(member);
  absl::Time time;
  if (found == object.end() || !found->is_string() ||
      !absl::ParseTime(absl::RFC3339_full, found->get<std::string>(), &time, nullptr)) {
    return std::nullopt;
  }
  return time;
}

std::optional<HeldAlert> ReadHeldAlert(const json& object) {
  if (!object.is_object()) {
    return std::nullopt;
  }
  auto labels = ReadMap(object, "labels");
  auto annotations = ReadMap(object, "annotations");
  const auto starts_at = ReadTimeMember(object, "startsAt");
  const auto ends_at = ReadTimeMember(object, "endsAt");
  const auto status = object.find("status");
  if (!labels || !annotations || !starts_at || !ends_at || status == object.end() || !status->is_object()) {
    return std::nullopt;
  }
  const auto state = status->find("state");
  return HeldAlert{.labels = *std::move(labels),
                   .annotations = *std::move(annotations),
                   .starts_at = *starts_at,
                   .ends_at = *ends_at,
                   .suppressed = state != status->end() && *state == "suppressed"};
}

void AppendObject(const std::map<std::string, std::string>& map, std::string& out) {
  out += '{';
  for (const auto& [name, value] : map) {
    out += out.back() == '{' ? "" : ",";
    AppendJson(name, out);
    out += ':';
    AppendJson(value, out);
  }
  out += '}';
}

}  // namespace

std::string LabelKey(const std::map<std::string, std::string>& labels) {
  std::string key;
  for (const auto& [name, value] : labels) {
    absl::StrAppend(&key, name, "=", value.size(), ":", value, ",");
  }
  return key;
}

absl::Status Check(const PostedAlert& alert) {
  if (alert.labels.empty()) {
    return InvalidField("labels", "must not be empty");
  }
  for (const auto* map : {&alert.labels, &alert.annotations}) {
    const char* field = map == &alert.labels ? "labels" : "annotations";
    for (const auto& [name, value] : *map) {
      if (!IsLabelName(name)) {
        return InvalidField(field, absl::StrCat("'", name, "' is no name: only letters, digits and _ are"));
      }
      if (value.empty()) {
        return InvalidField(field, absl::StrCat(name, " is empty: it would be dropped"));
      }
      if (!IsUtf8(value)) {
        return InvalidField(field, absl::StrCat(name, " is not UTF-8"));
      }
    }
  }
  if (alert.starts_at > alert.ends_at) {
    return InvalidField("ends_at", "lies before the beginning");
  }
  return absl::OkStatus();
}

std::string ToJson(absl::Span<const PostedAlert* const> alerts) {
  std::string out = "[";
  for (const PostedAlert* alert : alerts) {
    absl::StrAppend(&out, out.size() > 1 ? "," : "", R"({"annotations":)");
    AppendObject(alert->annotations, out);
    absl::StrAppend(&out, R"(,"endsAt":")", JsonTime(alert->ends_at), R"(","labels":)");
    AppendObject(alert->labels, out);
    absl::StrAppend(&out, R"(,"startsAt":")", JsonTime(alert->starts_at), R"("})");
  }
  return out + "]";
}

absl::StatusOr<std::vector<HeldAlert>> ParseHeldAlerts(absl::string_view body) {
  const json array = ParseJson(body);
  if (!array.is_array()) {
    return InvalidField("body", "is not a list of alerts");
  }
  std::vector<HeldAlert> alerts;
  for (const json& object : array) {
    auto alert = ReadHeldAlert(object);
    if (!alert.has_value()) {
      return InvalidField("body", "holds something that is no alert");
    }
    alerts.push_back(*std::move(alert));
  }
  return alerts;
}

}  // namespace orewatch::alerting
