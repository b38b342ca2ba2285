#include <memory>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "common/status/status.h"
#include "services/ctl/client/importer.h"
#include "services/ctl/client/kinds.h"
#include "services/ctl/client/progress.h"
#include "services/ctl/commands/command.h"
#include "services/ctl/import/loader.h"
#include "services/ctl/render/import_report.h"

namespace orewatch::ctl {
namespace {

using google::protobuf::Message;
using registry::v1::ImportResponse;

// The rows of files, on their way to the registry, to the report and onto the progress bar.
class ImportRun : public ImportSink {
 public:
  ImportRun(const Session& session, ImportReport& report, int64_t bytes)
      : atomic_(session.options.atomic),
        report_(report),
        sender_(session.client, {session.options.atomic, session.options.validate_only}),
        progress_(session.err, session.progress, "importing", bytes, Progress::Unit::kBytes) {}

  absl::Status Add(registry::v1::ImportRequest::Row row) override {
    ++rows_;
    return sender_.Add(std::move(row));
  }

  void Report(Finding finding) override {
    ++rows_;
    report_.Add(finding);
    // All or nothing: with a bad row there is nothing to apply.
    if (atomic_ && finding.outcome == Outcome::kRejected) {
      sender_.Abandon();
    }
  }

  void Advance(int64_t bytes) override { progress_.Advance(bytes); }

  // Rows that were sent, and findings.
  int64_t rows() const { return rows_; }

  // The registry's report, after the files gave all that they could give.
  absl::StatusOr<ImportResponse> Finish(const absl::Status& read) {
    if (!read.ok() && atomic_) {
      sender_.Abandon();
    }
    OREWATCH_ASSIGN_OR_RETURN(ImportResponse response, sender_.Finish());
    return read.ok() ? absl::StatusOr<ImportResponse>(std::move(response)) : read;
  }

 private:
  const bool atomic_;
  ImportReport& report_;
  RowSender sender_;
  Progress progress_;
  int64_t rows_ = 0;
};

absl::Status AddNames(const Client& client, absl::string_view kind_name, KnownNames& names) {
  OREWATCH_ASSIGN_OR_RETURN(const Kind* kind, FindKind(kind_name));
  OREWATCH_ASSIGN_OR_RETURN(const std::unique_ptr<Message> list, ListAll(client, *kind, [](Message&) {}));
  const auto* items = list->GetDescriptor()->field(0);
  for (int i = 0; i < list->GetReflection()->FieldSize(*list, items); ++i) {
    names.insert(TextOf(list->GetReflection()->GetRepeatedMessage(*list, items, i), "name"));
  }
  return absl::OkStatus();
}

// Official files name minerals and countries that the registry may lack; what it has is left as it is.
absl::StatusOr<KnownNames> NamesInRegistry(const Client& client, const std::vector<InputFile>& files) {
  KnownNames names;
  for (const InputFile& file : files) {
    if (IsOfficial(file)) {
      OREWATCH_RETURN_IF_ERROR(AddNames(client, "minerals", names));
      OREWATCH_RETURN_IF_ERROR(AddNames(client, "countries", names));
      break;
    }
  }
  return names;
}

absl::Status NoRows(const std::vector<std::string>& paths) {
  return MakeError(absl::StatusCode::kNotFound, "NO_ROWS",
                   absl::StrCat("there is no row of a .csv file in ", absl::StrJoin(paths, ", ")));
}

}  // namespace

absl::Status RunImport(const Session& session) {
  OREWATCH_ASSIGN_OR_RETURN(const std::vector<InputFile> files, FindFiles(session.words));
  OREWATCH_ASSIGN_OR_RETURN(KnownNames known, NamesInRegistry(session.client, files));
  int64_t bytes = 0;
  for (const InputFile& file : files) {
    bytes += file.bytes;
  }
  const auto report = NewImportReport(session.options.format, session.options.validate_only, session.out);
  absl::StatusOr<ImportResponse> response = ImportResponse();
  {
    ImportRun run(session, *report, bytes);
    response = run.Finish(LoadFiles(files, std::move(known), run));
    if (response.ok() && run.rows() == 0) {
      return NoRows(session.words);
    }
  }
  const bool hopeless = session.options.atomic && report->rejected() > 0;
  report->Finish(response.ok() ? &*response : nullptr);
  OREWATCH_RETURN_IF_ERROR(response.status());
  if (report->rejected() > 0) {
    return MakeError(absl::StatusCode::kInvalidArgument, "ROWS_REJECTED",
                     hopeless ? "nothing was changed, for --atomic asks for all rows or none"
                              : absl::StrCat(report->rejected(), " rows were rejected"));
  }
  return absl::OkStatus();
}

}  // namespace orewatch::ctl
