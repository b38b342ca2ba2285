#include "absl/strings/str_cat.h"
#include "common/status/status.h"
#include "services/ctl/cli/args.h"
#include "services/ctl/client/kinds.h"
#include "services/ctl/commands/command.h"

namespace orewatch::ctl {
namespace {

using ::google::protobuf::Message;

// A method that is called with a name: Delete and Undelete.
struct Verb {
  absl::string_view method;
  absl::string_view done;
};

absl::Status CallOne(const Session& session, const Verb& verb, const Kind& kind, const std::string& name) {
  const std::string method = absl::StrCat(verb.method, kind.message);
  const std::unique_ptr<Message> request = NewMessage(kind, absl::StrCat(method, "Request"));
  if (request == nullptr) {
    return UsageError(absl::StrCat(kind.plural, " cannot be ", verb.done));
  }
  SetText(*request, "name", name);
  SetText(*request, "etag", session.options.etag);
  if (request->GetDescriptor()->FindFieldByName("allow_missing") != nullptr) {
    SetBoolean(*request, "allow_missing", session.options.allow_missing);
  }
  if (request->GetDescriptor()->FindFieldByName("validate_only") != nullptr) {
    SetBoolean(*request, "validate_only", session.options.validate_only);
  } else if (session.options.validate_only) {
    return UsageError(absl::StrCat("--validate_only means nothing to ", kind.plural));
  }
  return CallMethod(session.client, kind, method, *request).status();
}

absl::Status CallEach(const Session& session, const Verb& verb) {
  if (!session.options.etag.empty() && session.words.size() > 1) {
    return UsageError("--etag guards one resource; give one name");
  }
  for (const std::string& name : session.words) {
    OREWATCH_ASSIGN_OR_RETURN(const Kind* kind, KindOfName(name));
    OREWATCH_RETURN_IF_ERROR(CallOne(session, verb, *kind, name));
    session.out << name << (session.options.validate_only ? " can be " : " ") << verb.done << "\n";
  }
  return absl::OkStatus();
}

}  // namespace

absl::Status RunDelete(const Session& session) { return CallEach(session, {"Delete", "deleted"}); }

absl::Status RunUndelete(const Session& session) { return CallEach(session, {"Undelete", "undeleted"}); }

}  // namespace orewatch::ctl
