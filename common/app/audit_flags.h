// The audit log of a process, as its flags want it.
#pragma once

#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "common/audit/audit_log.h"
#include "common/audit/audit_metrics.h"
#include "common/time/clock.h"

namespace orewatch::app {

// Null without --audit_log. `database`: where the service keeps what it must not lose, which is where the log is
// anchored unless --audit_anchor says otherwise; empty: nowhere. INVALID_ARGUMENT that names a flag, and errors of
// AuditLog::Open.
absl::StatusOr<std::unique_ptr<audit::AuditLog>> AuditLogFromFlags(const std::string& binary,
                                                                   const std::string& database, const Clock& clock,
                                                                   audit::AuditMetrics& metrics);

}  // namespace orewatch::app
