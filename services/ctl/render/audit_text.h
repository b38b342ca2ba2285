// Records of an audit log, for people.
#pragma once

#include <string>
#include <vector>

#include "common/audit/record.h"
#include "common/audit/verify.h"
#include "services/ctl/render/table.h"

namespace orewatch::ctl {

Table AuditTable(const std::vector<audit::Record>& records);

// One line for each finding, and one that sums up.
std::string AuditReportText(const audit::Report& report);
std::string AuditReportJson(const audit::Report& report);

}  // namespace orewatch::ctl
