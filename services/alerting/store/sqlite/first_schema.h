// What releases before versions of commits have written: a column for each field. Read once, to be taken over.
#pragma once

#include "absl/status/status.h"
#include "common/storage/sqlite.h"

namespace orewatch::alerting {

// Copies everything from the tables of schema 2 to those of schema 3, which are there.
absl::Status TakeOverFirstSchema(storage::Sqlite& db);

}  // namespace orewatch::alerting
