#include "absl/strings/str_cat.h"
#include "common/status/status.h"
#include "services/ctl/cli/args.h"
#include "services/ctl/client/kinds.h"
#include "services/ctl/commands/command.h"

namespace orewatch::ctl {
namespace {

using ::google::protobuf::Message;

absl::Status DeleteOne(const Session& session, const Kind& kind, const std::string& name) {
  const std::string method = absl::StrCat("Delete", kind.message);
  const std::unique_ptr<Message> request = NewMessage(kind, absl::StrCat(method, "Request"));
  if (request == nullptr) {
    return UsageError(absl::StrCat(kind.plural, " cannot be deleted"));
  }
  SetText(*request, "name", name);
  SetText(*request, "etag", session.options.etag);
  SetBoolean(*request, "allow_missing", session.options.allow_missing);
  if (request->GetDescriptor()->FindFieldByName("validate_only") != nullptr) {
    SetBoolean(*request, "validate_only", session.options.validate_only);
  } else if (session.options.validate_only) {
    return UsageError(absl::StrCat("--validate_only does not reach the deletion of ", kind.plural));
  }
  return CallMethod(session.client, kind, method, *request).status();
}

}  // namespace

absl::Status RunDelete(const Session& session) {
  if (!session.options.etag.empty() && session.words.size() > 1) {
    return UsageError("--etag guards one resource; give one name");
  }
  for (const std::string& name : session.words) {
    OREWATCH_ASSIGN_OR_RETURN(const Kind* kind, KindOfName(name));
    OREWATCH_RETURN_IF_ERROR(DeleteOne(session, *kind, name));
    session.out << name << (session.options.validate_only ? " can be deleted\n" : " deleted\n");
  }
  return absl::OkStatus();
}

}  // namespace orewatch::ctl
