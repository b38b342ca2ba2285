// What the PostgreSQL engine writes for one commit.
#pragma once

#include <vector>

#include "common/storage/postgres.h"
#include "services/alerting/store/alert_store.h"

namespace orewatch::alerting {

// NOTIFY with the number of a version.
inline constexpr char kCommitChannel[] = "orewatch_alerting";

// Everything but the end of the transaction.
std::vector<storage::PostgresStatement> StatementsFor(const Commit& commit, const Version& version);

}  // namespace orewatch::alerting
