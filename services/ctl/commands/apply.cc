#include <utility>

#include "absl/strings/str_cat.h"
#include "common/status/status.h"
#include "services/ctl/cli/args.h"
#include "services/ctl/client/documents.h"
#include "services/ctl/client/importer.h"
#include "services/ctl/client/kinds.h"
#include "services/ctl/commands/command.h"
#include "services/ctl/import/entries.h"
#include "services/ctl/import/loader.h"
#include "services/ctl/render/import_text.h"

namespace orewatch::ctl {
namespace {

using ::google::protobuf::Message;
using registry::v1::ImportRequest;

constexpr char kReferenceNotFound[] = "REFERENCE_NOT_FOUND";

// Updates the resource, or creates it if there is none.
absl::Status ApplyOne(const Session& session, const Message& resource) {
  const std::string name = TextOf(resource, "name");
  OREWATCH_ASSIGN_OR_RETURN(const Kind* kind, KindOfName(name));
  const std::string method = absl::StrCat("Update", kind->message);
  const std::unique_ptr<Message> request = NewMessage(*kind, absl::StrCat(method, "Request"));
  const auto* field = request == nullptr ? nullptr : request->GetDescriptor()->field(0);
  if (field == nullptr || field->message_type() != resource.GetDescriptor()) {
    return MakeError(absl::StatusCode::kInvalidArgument, "NAME_OF_ANOTHER_KIND",
                     absl::StrCat("\"", name, "\" names no ", resource.GetDescriptor()->name()));
  }
  request->GetReflection()->MutableMessage(request.get(), field)->CopyFrom(resource);
  SetBoolean(*request, "allow_missing", true);
  SetBoolean(*request, "validate_only", session.options.validate_only);
  OREWATCH_RETURN_IF_ERROR(CallMethod(session.client, *kind, method, *request).status());
  session.out << name << (session.options.validate_only ? " is valid\n" : " applied\n");
  return absl::OkStatus();
}

// Applies all. What refers to others may stand before them: it is tried again as long as others are applied meanwhile.
absl::Status ApplyResources(const Session& session, std::vector<const Message*> resources) {
  while (!resources.empty()) {
    std::vector<const Message*> waiting;
    absl::Status missing;
    for (const Message* resource : resources) {
      absl::Status status = ApplyOne(session, *resource);
      if (ErrorReason(status) == kReferenceNotFound) {
        waiting.push_back(resource);
        missing.Update(status);
      } else if (!status.ok()) {
        return status;
      }
    }
    if (waiting.size() == resources.size()) {
      return missing;
    }
    resources = std::move(waiting);
  }
  return absl::OkStatus();
}

// Statistics have no update of their own; importing a key again replaces it.
absl::Status ApplyStatistics(const Session& session, std::vector<ImportRequest::Row> rows) {
  RowSender sender(session.client, {/*atomic=*/true, session.options.validate_only});
  for (ImportRequest::Row& row : rows) {
    if (!sender.Add(std::move(row)).ok()) {
      break;  // Finish says why.
    }
  }
  OREWATCH_ASSIGN_OR_RETURN(const registry::v1::ImportResponse report, sender.Finish());
  session.out << "statistics: " << ImportText(report);
  return report.rejected() == 0
             ? absl::OkStatus()
             : MakeError(absl::StatusCode::kInvalidArgument, "ROWS_REJECTED", "no statistic was applied");
}

}  // namespace

absl::Status RunApply(const Session& session) {
  const std::string& file = session.options.file;
  if (file.empty()) {
    return UsageError("name the file with -f; - is the standard input");
  }
  OREWATCH_ASSIGN_OR_RETURN(const std::string text, ReadFile(file));
  const absl::StatusOr<Documents> documents = ParseDocuments(text);
  if (!documents.ok()) {
    return MakeError(documents.status().code(), ErrorReason(documents.status()),
                     absl::StrCat(file, ": ", documents.status().message()));
  }
  if (documents->entries.empty() && documents->rules.empty()) {
    return MakeError(absl::StatusCode::kInvalidArgument, "NOTHING_TO_APPLY", absl::StrCat(file, " holds no resource"));
  }
  std::vector<const Message*> resources;
  std::vector<ImportRequest::Row> statistics;
  for (const registry::v1::Entry& entry : documents->entries) {
    if (entry.has_statistic()) {
      auto& row = statistics.emplace_back();
      row.set_file(file);
      *row.mutable_entry() = entry;
    } else if (const Message* resource = ResourceOf(entry); resource != nullptr && !entry.has_today()) {
      resources.push_back(resource);
    }
  }
  OREWATCH_RETURN_IF_ERROR(ApplyResources(session, std::move(resources)));
  for (const alerting::v1::Rule& rule : documents->rules) {
    OREWATCH_RETURN_IF_ERROR(ApplyOne(session, rule));
  }
  return statistics.empty() ? absl::OkStatus() : ApplyStatistics(session, std::move(statistics));
}

}  // namespace orewatch::ctl
