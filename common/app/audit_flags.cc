#include "common/app/audit_flags.h"

#include <unistd.h>

#include <array>
#include <utility>

#include "absl/flags/flag.h"
#include "absl/strings/str_cat.h"
#include "absl/time/time.h"
#include "common/audit/anchor_store.h"
#include "common/config/checks.h"
#include "common/log/log.h"
#include "common/status/status.h"

ABSL_FLAG(std::string, audit_log, "", "File in which every change and every refusal is kept; empty: nowhere.");
ABSL_FLAG(int64_t, audit_log_max_bytes, 64 * 1024 * 1024, "A file that has grown to this is followed by another.");
ABSL_FLAG(bool, audit_fail_open, false,
          "While --audit_log cannot be written: on, changes are made and not kept there; off, they are refused.");
ABSL_FLAG(int64_t, audit_refusals, 20,
          "Refusals of one caller for one reason that are kept one by one in 10 s; the rest are counted. 0: all.");
ABSL_FLAG(
    std::string, audit_anchor, "",
    "SQLite file or PostgreSQL database in which the last record of --audit_log is noted now and then; empty: the "
    "database of the service.");
ABSL_FLAG(absl::Duration, audit_anchor_interval, absl::Minutes(1), "Time between two such notes.");
ABSL_FLAG(std::string, audit_process, "", "How the process is named in --audit_log; empty: binary@host.");

namespace orewatch::app {
namespace {

constexpr int64_t kMostRefusals = 100;

std::string HostName() {
  std::array<char, 256> name{};
  return gethostname(name.data(), name.size() - 1) == 0 ? name.data() : "localhost";
}

absl::StatusOr<audit::AuditLog::Options> OptionsFromFlags(const std::string& binary) {
  constexpr int64_t kLeastFile = 1024;
  constexpr int64_t kMostFile = int64_t{1} << 40;
  audit::AuditLog::Options options;
  options.file.path = absl::GetFlag(FLAGS_audit_log);
  options.file.max_bytes = absl::GetFlag(FLAGS_audit_log_max_bytes);
  OREWATCH_RETURN_IF_ERROR(
      config::CheckBetween("--audit_log_max_bytes", options.file.max_bytes, kLeastFile, kMostFile));
  options.file.process = absl::GetFlag(FLAGS_audit_process);
  if (options.file.process.empty()) {
    options.file.process = absl::StrCat(binary, "@", HostName());
  }
  options.fail_open = absl::GetFlag(FLAGS_audit_fail_open);
  options.refusals.singly = absl::GetFlag(FLAGS_audit_refusals);
  OREWATCH_RETURN_IF_ERROR(config::CheckBetween("--audit_refusals", options.refusals.singly, 0, kMostRefusals));
  options.anchor_interval = absl::GetFlag(FLAGS_audit_anchor_interval);
  if (options.anchor_interval < absl::Milliseconds(100) || options.anchor_interval > absl::Hours(24)) {
    return InvalidField("--audit_anchor_interval", "must be between 100ms and 24h");
  }
  return options;
}

}  // namespace

absl::StatusOr<std::unique_ptr<audit::AuditLog>> AuditLogFromFlags(const std::string& binary,
                                                                   const std::string& database, const Clock& clock,
                                                                   audit::AuditMetrics& metrics) {
  OREWATCH_ASSIGN_OR_RETURN(audit::AuditLog::Options options, OptionsFromFlags(binary));
  if (options.file.path.empty()) {
    return nullptr;
  }
  const std::string flag = absl::GetFlag(FLAGS_audit_anchor);
  const std::string& where = flag.empty() ? database : flag;
  if (where.empty()) {
    log::Warning("the audit log is anchored nowhere: if its end is cut off, nobody can tell; see --audit_anchor");
  }
  options.storage = std::make_shared<storage::StorageMetrics>(metrics.registry, "audit", options.file.path);
  return audit::AuditLog::Open(options, where.empty() ? nullptr : audit::MakeAnchorStore(where), clock, metrics);
}

}  // namespace orewatch::app
