#include <algorithm>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "common/status/status.h"
#include "services/ctl/client/importer.h"
#include "services/ctl/client/progress.h"
#include "services/ctl/commands/command.h"
#include "services/ctl/import/loader.h"
#include "services/ctl/render/import_text.h"

namespace orewatch::ctl {
namespace {

using registry::v1::ImportResponse;

// One report of what the files and the registry refused.
void AddRejections(const ReadResult& read, ImportResponse& report) {
  report.set_rejected(report.rejected() + static_cast<int64_t>(read.rejections.size()));
  for (const auto& rejection : read.rejections) {
    *report.add_rejections() = rejection;
  }
  std::stable_sort(report.mutable_rejections()->begin(), report.mutable_rejections()->end(),
                   [](const auto& a, const auto& b) {
                     return std::make_pair(absl::string_view(a.file()), a.line()) <
                            std::make_pair(absl::string_view(b.file()), b.line());
                   });
}

absl::StatusOr<ImportResponse> Send(const Session& session, const ReadResult& read) {
  Progress progress(session.err, session.progress, "importing", static_cast<int64_t>(read.rows.size()));
  return SendRows(session.client, read.rows, {session.options.atomic, session.options.validate_only},
                  [&](size_t rows) { progress.Advance(static_cast<int64_t>(rows)); });
}

void Print(const Session& session, const ImportResponse& report) {
  if (session.options.validate_only && session.options.format == Format::kTable) {
    session.out << "checked only; nothing was changed. An import would give:\n";
  }
  session.out << (session.options.format == Format::kTable
                      ? ImportText(report)
                      : Rendered(session.options.format, report, [&] { return RejectionTable(report); }));
}

}  // namespace

absl::Status RunImport(const Session& session) {
  OREWATCH_ASSIGN_OR_RETURN(const ReadResult read, LoadPaths(session.words));
  if (read.rows.empty() && read.rejections.empty()) {
    return MakeError(absl::StatusCode::kNotFound, "NO_ROWS",
                     absl::StrCat("there is no row of a .csv file in ", absl::StrJoin(session.words, ", ")));
  }
  ImportResponse report;
  // All or nothing: with a bad row there is nothing to send.
  const bool hopeless = session.options.atomic && !read.rejections.empty();
  if (!read.rows.empty() && !hopeless) {
    absl::StatusOr<ImportResponse> sent = Send(session, read);
    if (!sent.ok()) {
      AddRejections(read, report);
      if (report.rejected() > 0) {
        Print(session, report);
      }
      return sent.status();
    }
    report = *std::move(sent);
  }
  AddRejections(read, report);
  Print(session, report);
  if (report.rejected() > 0) {
    return MakeError(absl::StatusCode::kInvalidArgument, "ROWS_REJECTED",
                     hopeless ? "nothing was sent, for --atomic asks for all rows or none"
                              : absl::StrCat(report.rejected(), " rows were rejected"));
  }
  return absl::OkStatus();
}

}  // namespace orewatch::ctl
