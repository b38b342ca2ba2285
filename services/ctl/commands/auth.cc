#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "common/auth/api_key.h"
#include "common/auth/principal.h"
#include "common/auth/token.h"
#include "common/hash/sha256.h"
#include "google/protobuf/text_format.h"
#include "orewatch/access/v1/access_file.pb.h"
#include "services/ctl/cli/args.h"
#include "services/ctl/commands/command.h"

namespace orewatch::ctl {
namespace {

absl::StatusOr<std::string> ExpireTime(const KeyFlags& flags) {
  if (!flags.expire.has_value()) {
    return std::string();
  }
  if (*flags.expire <= absl::ZeroDuration() || *flags.expire == absl::InfiniteDuration()) {
    return UsageError("--expire: must be above 0, e.g. 2160h");
  }
  return absl::FormatTime("%Y-%m-%d%ET%H:%M:%SZ", absl::Now() + *flags.expire, absl::UTCTimeZone());
}

absl::StatusOr<access::v1::ApiKey> EntryOf(const KeyFlags& flags, const std::string& principal) {
  if (!auth::IsApiKeyId(flags.id)) {
    return UsageError("--id: must be 4 to 32 of a-z, 0-9 and -");
  }
  if (!auth::IsPrincipal(principal)) {
    return UsageError("--principal: must say whose key it is, in 1 to 128 visible ASCII characters");
  }
  const access::v1::Role role = auth::RoleNamed(flags.role);
  if (role == access::v1::ROLE_UNSPECIFIED) {
    return UsageError("--role: must be viewer, analyst, operator or admin");
  }
  access::v1::ApiKey entry;
  entry.set_id(flags.id);
  entry.mutable_grant()->set_principal(principal);
  entry.mutable_grant()->set_role(role);
  entry.mutable_grant()->set_service(auth::IsReserved(principal));
  auto expire_time = ExpireTime(flags);
  if (!expire_time.ok()) {
    return expire_time.status();
  }
  entry.set_expire_time(*expire_time);
  return entry;
}

}  // namespace

absl::Status RunAuth(const Session& session) {
  if (session.words.front() != "new-key") {
    return UsageError("usage: orewatchctl auth new-key --id ID --principal NAME --role ROLE");
  }
  auto entry = EntryOf(session.options.key, session.options.client.principal);
  if (!entry.ok()) {
    return entry.status();
  }
  const std::string key = auth::NewApiKey(entry->id());
  entry->set_secret_sha256(absl::BytesToHexString(Sha256Of(auth::ParseApiKey(key)->secret)));
  access::v1::AccessFile file;
  *file.add_keys() = *entry;
  std::string text;
  google::protobuf::TextFormat::PrintToString(file, &text);
  session.out << key << "\n";
  session.err << "The line above is the key, which is shown this once. For the --access_file of the services:\n";
  session.out << "\n" << text;
  return absl::OkStatus();
}

}  // namespace orewatch::ctl
