// Audit logs, read from their files: no service is asked.
#include <cstddef>
#include <string>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/time/clock.h"
#include "absl/time/time.h"
#include "common/audit/anchor_store.h"
#include "common/audit/record.h"
#include "common/audit/verify.h"
#include "common/status/status.h"
#include "services/ctl/cli/args.h"
#include "services/ctl/commands/command.h"
#include "services/ctl/render/audit_text.h"

namespace orewatch::ctl {
namespace {

absl::StatusOr<std::vector<std::string>> FilesOf(const Session& session) {
  std::vector<std::string> files = session.options.audit_log;
  files.insert(files.end(), session.words.begin() + 1, session.words.end());
  if (files.empty()) {
    return UsageError("which log? --audit_log FILE, or the files as words");
  }
  return files;
}

// A time, or how long ago.
absl::StatusOr<absl::Time> SinceOf(const std::string& text) {
  absl::Duration ago;
  absl::Time time = absl::InfinitePast();
  if (text.empty()) {
    return time;
  }
  if (absl::ParseDuration(text, &ago)) {
    return absl::Now() - ago;
  }
  if (absl::ParseTime(absl::RFC3339_full, text, &time, nullptr)) {
    return time;
  }
  return UsageError(
      absl::StrCat("--since: \"", text, "\" is neither a time (2026-01-31T12:00:00Z) nor a duration (24h)"));
}

bool Matches(const Options& options, absl::Time since, const audit::Record& record) {
  // `Service/Method` may be asked for by its end.
  const bool method = options.method.empty() || record.method == options.method ||
                      absl::EndsWith(record.method, absl::StrCat("/", options.method));
  const bool outcome = options.outcome.empty() || options.outcome == record.code || options.outcome == record.reason ||
                       options.outcome == record.kind;
  const bool principal = options.client.principal.empty() || options.client.principal == record.principal;
  return record.time >= since && principal && method && outcome &&
         (!options.after.has_value() || record.sequence > *options.after);
}

std::string RecordsText(Format format, const std::vector<audit::Record>& records,
                        const std::vector<std::string>& lines) {
  if (format == Format::kJson) {
    return absl::StrCat(absl::StrJoin(lines, "\n"), lines.empty() ? "" : "\n");
  }
  const Table table = AuditTable(records);
  return format == Format::kCsv ? TableCsv(table) : TableText(table);
}

absl::Status List(const Session& session) {
  const Options& options = session.options;
  OREWATCH_ASSIGN_OR_RETURN(const std::vector<std::string> files, FilesOf(session));
  OREWATCH_ASSIGN_OR_RETURN(const absl::Time since, SinceOf(options.since));
  if (options.format != Format::kTable && options.format != Format::kJson && options.format != Format::kCsv) {
    return UsageError("-o: table, csv, or json for the lines of the log as they are");
  }
  std::vector<audit::Record> records;
  std::vector<std::string> lines;
  OREWATCH_ASSIGN_OR_RETURN(const int64_t damaged,
                            audit::ForEachRecord(files, [&](const audit::Record& record, absl::string_view line) {
                              if (Matches(options, since, record)) {
                                records.push_back(record);
                                lines.emplace_back(line);
                              }
                            }));
  if (const auto limit = static_cast<size_t>(options.limit); limit > 0 && records.size() > limit) {
    const auto before = static_cast<ptrdiff_t>(records.size() - limit);
    records.erase(records.begin(), records.begin() + before);
    lines.erase(lines.begin(), lines.begin() + before);
  }
  session.out << RecordsText(options.format, records, lines);
  if (damaged > 0) {
    session.err << damaged << " lines are no records; `orewatchctl audit verify` says which\n";
  }
  return absl::OkStatus();
}

absl::Status VerifyLogs(const Session& session) {
  OREWATCH_ASSIGN_OR_RETURN(const std::vector<std::string> files, FilesOf(session));
  audit::VerifyOptions options{.processes = session.options.audit_process, .after = session.options.after.value_or(0)};
  if (!session.options.audit_anchor.empty()) {
    OREWATCH_ASSIGN_OR_RETURN(options.anchors, audit::MakeAnchorStore(session.options.audit_anchor)->List());
  } else {
    session.err << "without --audit_anchor nobody can tell whether a log was written anew, or its end cut off\n";
  }
  OREWATCH_ASSIGN_OR_RETURN(const audit::Report report, audit::Verify(files, options));
  session.out << (session.options.format == Format::kJson ? AuditReportJson(report) : AuditReportText(report));
  return report.broken.empty()
             ? absl::OkStatus()
             : MakeError(absl::StatusCode::kDataLoss, "AUDIT_LOG_BROKEN", "the log is not what was written");
}

}  // namespace

absl::Status RunAudit(const Session& session) {
  if (session.words[0] == "list") {
    return List(session);
  }
  if (session.words[0] == "verify") {
    return VerifyLogs(session);
  }
  return UsageError("usage: orewatchctl audit list|verify");
}

}  // namespace orewatch::ctl
