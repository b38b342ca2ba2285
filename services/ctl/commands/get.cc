#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "common/status/status.h"
#include "services/ctl/cli/args.h"
#include "services/ctl/client/kinds.h"
#include "services/ctl/commands/command.h"
#include "services/ctl/render/format.h"

namespace orewatch::ctl {
namespace {

using ::google::protobuf::Message;

struct Target {
  const Kind* kind = nullptr;
  std::string name;
};

// `get minerals/cobalt` or `get mineral cobalt`.
absl::StatusOr<Target> TargetOf(const std::vector<std::string>& words) {
  Target target;
  if (words.size() == 1) {
    target.name = words[0];
  } else {
    OREWATCH_ASSIGN_OR_RETURN(target.kind, FindKind(words[0]));
    target.name = absl::StrContains(words[1], '/') ? words[1] : absl::StrCat(target.kind->plural, "/", words[1]);
  }
  OREWATCH_ASSIGN_OR_RETURN(const Kind* named, KindOfName(target.name));
  if (target.kind != nullptr && target.kind != named) {
    return UsageError(absl::StrCat(target.name, " names no ", target.kind->singular));
  }
  target.kind = named;
  return target;
}

}  // namespace

absl::Status RunGet(const Session& session) {
  if (session.words.size() == 1 && !absl::StrContains(session.words[0], '/')) {
    return RunList(session);
  }
  if (session.options.format == Format::kCsv) {
    return UsageError("-o csv is for lists");
  }
  OREWATCH_ASSIGN_OR_RETURN(const Target target, TargetOf(session.words));
  const std::string method = absl::StrCat("Get", target.kind->message);
  const std::unique_ptr<Message> request = NewMessage(*target.kind, absl::StrCat(method, "Request"));
  if (request == nullptr || request->GetDescriptor()->FindFieldByName("name") == nullptr) {
    return UsageError(absl::StrCat(target.kind->plural, " have no names; use list"));
  }
  SetText(*request, "name", target.name);
  OREWATCH_ASSIGN_OR_RETURN(const std::unique_ptr<Message> resource,
                            CallMethod(session.client, *target.kind, method, *request));
  // One resource has no columns to compare: its text form is the readable one.
  session.out << (session.options.format == Format::kJson ? JsonText(*resource, /*pretty=*/true)
                                                          : TextprotoText(*resource));
  return absl::OkStatus();
}

}  // namespace orewatch::ctl
