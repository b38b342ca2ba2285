#include "common/auth/access_table.h"

#include <algorithm>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/escaping.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "common/auth/api_key.h"
#include "common/auth/principal.h"
#include "common/config/text_proto.h"
#include "common/hash/sha256.h"
#include "common/status/status.h"

namespace orewatch::auth {
namespace {

absl::StatusOr<Grant> GrantFrom(const access::v1::Grant& message, bool denied = false) {
  FieldViolations violations;
  if (!IsPrincipal(message.principal())) {
    violations.Add("grant.principal", "must be 1 to 128 visible ASCII characters");
  } else if (IsReserved(message.principal()) && !message.service() && !denied) {
    violations.Add("grant.principal", "is reserved for services: set service, or choose another name");
  }
  if (!access::v1::Role_IsValid(message.role()) || (message.role() == access::v1::ROLE_UNSPECIFIED && !denied)) {
    violations.Add("grant.role", "must be ROLE_VIEWER, ROLE_ANALYST, ROLE_OPERATOR or ROLE_ADMIN");
  }
  OREWATCH_RETURN_IF_ERROR(violations.ToStatus());
  Grant grant{message.principal(), message.role(), message.service(), message.may_speak_for_others()};
  grant.denied = denied;
  return grant;
}

bool IsHex(absl::string_view text) { return std::all_of(text.begin(), text.end(), absl::ascii_isxdigit); }

// Dots between words: orewatch.risk.v1.Risk.
bool IsScope(absl::string_view text) {
  return absl::StrContains(text, ".") &&
         std::all_of(text.begin(), text.end(), [](char c) { return absl::ascii_isalnum(c) || c == '.' || c == '_'; });
}

absl::StatusOr<ApiKey> KeyFrom(const access::v1::ApiKey& message) {
  ApiKey key;
  FieldViolations violations;
  if (!IsApiKeyId(message.id())) {
    violations.Add("id", "must be 4 to 32 of a-z, 0-9 and -");
  }
  if (message.secret_sha256().size() != 2 * kSha256Bytes || !IsHex(message.secret_sha256())) {
    violations.Add("secret_sha256", "must be 64 hexadecimal digits");
  } else {
    key.digest = absl::HexStringToBytes(message.secret_sha256());
  }
  if (!std::all_of(message.scopes().begin(), message.scopes().end(), IsScope)) {
    violations.Add("scopes", "must be full names of services and methods, e.g. orewatch.risk.v1.Risk");
  }
  if (message.scopes_size() > 0) {
    key.scopes = std::make_shared<const std::vector<std::string>>(message.scopes().begin(), message.scopes().end());
  }
  if (!message.expire_time().empty() &&
      !absl::ParseTime(absl::RFC3339_full, message.expire_time(), &key.expire_time, nullptr)) {
    violations.Add("expire_time", "must be a time, e.g. 2027-01-31T00:00:00Z");
  }
  auto grant = GrantFrom(message.grant());
  violations.AddAll("", grant.status());
  OREWATCH_RETURN_IF_ERROR(violations.ToStatus());
  key.grant = *std::move(grant);
  key.revoked = message.revoked();
  return key;
}

absl::StatusOr<Grant> CertificateFrom(const access::v1::ClientCertificate& message) {
  const absl::string_view identity = message.identity();
  const size_t colon = identity.find(':');
  const absl::string_view kind = identity.substr(0, colon);
  if (colon == absl::string_view::npos || colon + 1 == identity.size() ||
      (kind != "uri" && kind != "dns" && kind != "cn")) {
    return InvalidField("identity", "must be uri:..., dns:... or cn:...");
  }
  return GrantFrom(message.grant());
}

// Adds an entry of a list under its name, or what is wrong with it.
template <typename T>
void Add(const std::string& path, const std::string& name, absl::StatusOr<T> entry,
         std::map<std::string, T, std::less<>>& table, FieldViolations& violations) {
  if (!entry.ok()) {
    violations.AddAll(absl::StrCat(path, "."), entry.status());
  } else if (!table.emplace(name, *std::move(entry)).second) {
    violations.Add(path, absl::StrCat("is the second entry of ", name));
  }
}

template <typename T>
const T* FindIn(const std::map<std::string, T, std::less<>>& table, absl::string_view name) {
  const auto found = table.find(std::string(name));
  return found == table.end() ? nullptr : &found->second;
}

}  // namespace

absl::StatusOr<AccessTable> AccessTable::Parse(absl::string_view text) {
  access::v1::AccessFile file;
  if (text.size() > kMaxBytes) {
    return InvalidField("", absl::StrCat("has more than ", kMaxBytes, " bytes"));
  }
  if (const auto error = config::ParseTextProto(std::string(text), file); error.has_value()) {
    return InvalidField("", *error);
  }
  AccessTable table;
  OREWATCH_RETURN_IF_ERROR(table.Take(file));
  return table;
}

absl::Status AccessTable::Take(const access::v1::AccessFile& file) {
  FieldViolations violations;
  for (int i = 0; i < file.keys_size(); ++i) {
    Add(absl::StrCat("keys[", i, "]"), file.keys(i).id(), KeyFrom(file.keys(i)), keys_, violations);
  }
  for (int i = 0; i < file.certificates_size(); ++i) {
    const auto& entry = file.certificates(i);
    Add(absl::StrCat("certificates[", i, "]"), entry.identity(), CertificateFrom(entry), certificates_, violations);
  }
  for (int i = 0; i < file.subjects_size(); ++i) {
    const auto& subject = file.subjects(i);
    Add(absl::StrCat("subjects[", i, "]"), subject.grant().principal(), GrantFrom(subject.grant(), subject.denied()),
        subjects_, violations);
  }
  return violations.ToStatus();
}

const ApiKey* AccessTable::FindKey(absl::string_view id) const { return FindIn(keys_, id); }

const Grant* AccessTable::FindCertificate(absl::string_view identity) const { return FindIn(certificates_, identity); }

const Grant* AccessTable::FindSubject(absl::string_view principal) const { return FindIn(subjects_, principal); }

}  // namespace orewatch::auth
