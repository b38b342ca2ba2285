#include "common/audit/record.h"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "absl/strings/ascii.h"
#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "common/hash/sha256.h"
#include "common/status/status.h"

namespace orewatch::audit {
namespace {

using Json = nlohmann::ordered_json;

// Beyond any log's, and far from where numbers end.
constexpr int64_t kMaxSequence = int64_t{1} << 60;

constexpr size_t kHexBytes = 2 * kSha256Bytes;
// The line without its hash ends in a brace; with it, in these, the hash between them.
constexpr absl::string_view kBeforeHash = ",\"hash\":\"";
constexpr absl::string_view kAfterHash = "\"}";
constexpr size_t kTailBytes = kBeforeHash.size() + kHexBytes + kAfterHash.size();

std::string HexHash(absl::string_view bytes) { return absl::BytesToHexString(Sha256Of(bytes)); }

bool IsHash(absl::string_view text) {
  return text.size() == kHexBytes && std::all_of(text.begin(), text.end(), [](char c) {
           return absl::ascii_isdigit(static_cast<unsigned char>(c)) || (c >= 'a' && c <= 'f');
         });
}

absl::Status Damaged(absl::string_view what) {
  return MakeError(absl::StatusCode::kDataLoss, "AUDIT_RECORD_DAMAGED", what);
}

// What is not there says nothing.
void AddText(const char* key, const std::string& value, Json& json) {
  if (!value.empty()) {
    json[key] = value;
  }
}

void AddNumber(const char* key, int64_t value, Json& json) {
  if (value != 0) {
    json[key] = value;
  }
}

Json ToJson(const Record& record) {
  Json json = {{"seq", record.sequence},
               {"time", TimeText(record.time)},
               {"process", record.process},
               {"chain", record.chain},
               {"kind", record.kind}};
  AddText("principal", record.principal, json);
  AddText("role", record.role, json);
  AddText("credential", record.credential, json);
  AddText("through", record.through, json);
  AddText("peer", record.peer, json);
  AddText("method", record.method, json);
  if (!record.resources.empty()) {
    json["resources"] = record.resources;
  }
  AddNumber("resource_count", record.resource_count, json);
  AddText("request_id", record.request_id, json);
  AddText("trace_id", record.trace_id, json);
  AddText("code", record.code, json);
  AddText("reason", record.reason, json);
  AddText("told", record.told, json);
  AddNumber("duration_us", absl::ToInt64Microseconds(record.duration), json);
  if (record.revision.has_value()) {
    json["revision"] = *record.revision;
  }
  AddNumber("count", record.count, json);
  if (record.since != absl::UnixEpoch()) {
    json["since"] = TimeText(record.since);
  }
  json["prev"] = record.previous;
  return json;
}

// False if the field is there and no text.
bool ReadText(const Json& json, const char* key, std::string& value) {
  const auto field = json.find(key);
  if (field == json.end()) {
    return true;
  }
  if (!field->is_string()) {
    return false;
  }
  value = field->get<std::string>();
  return true;
}

bool ReadNumber(const Json& json, const char* key, int64_t& value) {
  const auto field = json.find(key);
  if (field == json.end()) {
    return true;
  }
  if (!field->is_number_integer()) {
    return false;
  }
  value = field->get<int64_t>();
  return true;
}

bool ReadTime(const Json& json, const char* key, absl::Time& value) {
  std::string text;
  if (!ReadText(json, key, text)) {
    return false;
  }
  return text.empty() || absl::ParseTime(absl::RFC3339_full, text, &value, nullptr);
}

bool ReadResources(const Json& json, std::vector<std::string>& resources) {
  const auto field = json.find("resources");
  if (field == json.end()) {
    return true;
  }
  if (!field->is_array() ||
      !std::all_of(field->begin(), field->end(), [](const Json& name) { return name.is_string(); })) {
    return false;
  }
  resources = field->get<std::vector<std::string>>();
  return true;
}

bool ReadAll(const Json& json, Record& record) {
  int64_t duration = 0;
  int64_t revision = -1;
  const bool read = ReadNumber(json, "seq", record.sequence) && ReadTime(json, "time", record.time) &&
                    ReadText(json, "process", record.process) && ReadText(json, "chain", record.chain) &&
                    ReadText(json, "kind", record.kind) && ReadText(json, "principal", record.principal) &&
                    ReadText(json, "role", record.role) && ReadText(json, "credential", record.credential) &&
                    ReadText(json, "through", record.through) && ReadText(json, "peer", record.peer) &&
                    ReadText(json, "method", record.method) && ReadResources(json, record.resources) &&
                    ReadNumber(json, "resource_count", record.resource_count) &&
                    ReadText(json, "request_id", record.request_id) && ReadText(json, "trace_id", record.trace_id) &&
                    ReadText(json, "code", record.code) && ReadText(json, "reason", record.reason) &&
                    ReadText(json, "told", record.told) && ReadNumber(json, "duration_us", duration) &&
                    ReadNumber(json, "revision", revision) && ReadNumber(json, "count", record.count) &&
                    ReadTime(json, "since", record.since) && ReadText(json, "prev", record.previous);
  record.duration = absl::Microseconds(duration);
  if (json.contains("revision")) {
    record.revision = revision;
  }
  return read;
}

}  // namespace

std::string NoHash() { return std::string(kHexBytes, '0'); }

std::string SealLine(Record& record) {
  std::string line = ToJson(record).dump(-1, ' ', false, Json::error_handler_t::replace);
  record.hash = HexHash(line);
  line.pop_back();
  absl::StrAppend(&line, kBeforeHash, record.hash, kAfterHash);
  return line;
}

std::string HashOfLine(absl::string_view line) {
  if (line.size() < kTailBytes) {
    return "";
  }
  const absl::string_view tail = line.substr(line.size() - kTailBytes);
  const absl::string_view hash = tail.substr(kBeforeHash.size(), kHexBytes);
  const bool whole = tail.substr(0, kBeforeHash.size()) == kBeforeHash &&
                     tail.substr(kBeforeHash.size() + kHexBytes) == kAfterHash && IsHash(hash);
  return whole ? std::string(hash) : "";
}

absl::StatusOr<Record> ParseLine(absl::string_view line) {
  if (line.size() > kMaxLineBytes) {
    return Damaged("it is longer than a record can be");
  }
  Record record;
  record.hash = HashOfLine(line);
  if (record.hash.empty()) {
    return Damaged("it does not end as a record does");
  }
  const std::string sealed = absl::StrCat(line.substr(0, line.size() - kTailBytes), "}");
  if (HexHash(sealed) != record.hash) {
    return Damaged("its hash is not that of its bytes");
  }
  const Json json = Json::parse(sealed, /*cb=*/nullptr, /*allow_exceptions=*/false);
  const bool read = json.is_object() && ReadAll(json, record);
  if (!read || record.sequence <= 0 || record.sequence > kMaxSequence || record.kind.empty() ||
      !IsHash(record.previous)) {
    return Damaged("it is no record");
  }
  return record;
}

std::string TimeText(absl::Time time) { return absl::FormatTime("%Y-%m-%d%ET%H:%M:%E*SZ", time, absl::UTCTimeZone()); }

}  // namespace orewatch::audit
