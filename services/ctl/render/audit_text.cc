#include "services/ctl/render/audit_text.h"

#include <nlohmann/json.hpp>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"

namespace orewatch::ctl {
namespace {

using Json = nlohmann::ordered_json;

std::string Who(const audit::Record& record) {
  const std::string& who = record.principal.empty() ? record.peer : record.principal;
  return record.through.empty() ? who : absl::StrCat(who, " through ", record.through);
}

std::string About(const audit::Record& record) {
  std::string about = absl::StrJoin(record.resources, " ");
  const auto named = static_cast<int64_t>(record.resources.size());
  if (record.resource_count > named) {
    absl::StrAppend(&about, named > 0 ? " and " : "", record.resource_count - named, named > 0 ? " more" : " unnamed");
  }
  return about;
}

std::string Outcome(const audit::Record& record) {
  std::string outcome = record.code;
  if (!record.reason.empty()) {
    absl::StrAppend(&outcome, " ", record.reason);
  }
  if (!record.told.empty()) {
    absl::StrAppend(&outcome, ", told ", record.told);
  }
  return outcome;
}

std::string Count(const audit::Record& record) { return record.count > 0 ? absl::StrCat(record.count) : ""; }

std::string Where(const audit::Finding& finding) {
  return absl::StrCat(finding.file, finding.line > 0 ? absl::StrCat(":", finding.line) : "",
                      finding.file.empty() ? "" : ": ");
}

Json ToJson(const std::vector<audit::Finding>& findings) {
  Json list = Json::array();
  for (const audit::Finding& finding : findings) {
    list.push_back({{"file", finding.file}, {"line", finding.line}, {"what", finding.what}});
  }
  return list;
}

}  // namespace

Table AuditTable(const std::vector<audit::Record>& records) {
  Table table{{"SEQ", "TIME", "PROCESS", "KIND", "WHO", "METHOD", "ABOUT", "OUTCOME", "REVISION", "COUNT", "TRACE"},
              {}};
  for (const audit::Record& record : records) {
    table.rows.push_back({absl::StrCat(record.sequence), audit::TimeText(record.time), record.process, record.kind,
                          Who(record), record.method, About(record), Outcome(record),
                          record.revision.has_value() ? absl::StrCat(*record.revision) : "", Count(record),
                          record.trace_id});
  }
  return table;
}

std::string AuditReportText(const audit::Report& report) {
  std::string text;
  for (const audit::Finding& finding : report.broken) {
    absl::StrAppend(&text, "BROKEN ", Printable(Where(finding)), Printable(finding.what), "\n");
  }
  for (const audit::Finding& finding : report.notes) {
    absl::StrAppend(&text, "note   ", Printable(Where(finding)), Printable(finding.what), "\n");
  }
  absl::StrAppend(&text, report.records, " records in ", report.files, " files, ", report.anchors,
                  " anchors met: ", report.broken.empty() ? "intact" : "BROKEN", "\n");
  return text;
}

std::string AuditReportJson(const audit::Report& report) {
  const Json json = {{"intact", report.broken.empty()}, {"records", report.records},
                     {"files", report.files},           {"anchors", report.anchors},
                     {"broken", ToJson(report.broken)}, {"notes", ToJson(report.notes)}};
  return absl::StrCat(json.dump(2, ' ', false, Json::error_handler_t::replace), "\n");
}

}  // namespace orewatch::ctl
