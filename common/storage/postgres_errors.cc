#include "common/storage/postgres_errors.h"

#include "absl/strings/match.h"
#include "common/status/status.h"

namespace orewatch::storage {
namespace {

struct Mapping {
  // A SQLSTATE, or the first characters of several. The first row that matches counts.
  const char* prefix;
  absl::StatusCode code;
  const char* reason;
  const char* message;
};

// PostgreSQL documentation, appendix A.
constexpr Mapping kMappings[] = {
    {"23505", absl::StatusCode::kAlreadyExists, "ALREADY_EXISTS", "a row with this key exists"},
    {"23", absl::StatusCode::kFailedPrecondition, "CONSTRAINT", "a storage constraint was violated"},
    {"40", absl::StatusCode::kAborted, "STORAGE_CONFLICT", "a concurrent transaction got in the way; try again"},
    {"57014", absl::StatusCode::kDeadlineExceeded, "STORAGE_TIMEOUT", "storage did not answer in time"},
    {"55P03", absl::StatusCode::kUnavailable, "STORAGE_BUSY", "storage is locked by another transaction"},
    {"22021", absl::StatusCode::kInvalidArgument, "UNSUPPORTED_TEXT", "text holds a character that cannot be stored"},
    {"54", absl::StatusCode::kInvalidArgument, "TOO_LARGE", "a value is larger than storage can hold"},
    {"53100", absl::StatusCode::kUnavailable, "STORAGE_FULL", "storage is full"},
    {"25006", absl::StatusCode::kUnavailable, "STORAGE_READ_ONLY", "storage takes no writes at present"},
    {"XX001", absl::StatusCode::kDataLoss, "STORAGE_CORRUPT", "the database is corrupt"},
    {"XX002", absl::StatusCode::kDataLoss, "STORAGE_CORRUPT", "an index of the database is corrupt"},
    {"28", absl::StatusCode::kUnavailable, "STORAGE_REFUSED", "the database refuses the login of this service"},
    {"3D", absl::StatusCode::kUnavailable, "STORAGE_REFUSED", "the database does not exist"},
    {"42501", absl::StatusCode::kUnavailable, "STORAGE_REFUSED", "the database refuses this service a permission"},
    {"42P01", absl::StatusCode::kUnavailable, "STORAGE_UNAVAILABLE",
     "a table is missing: the database is being restored, or is another"},
    {"42703", absl::StatusCode::kUnavailable, "STORAGE_UNAVAILABLE",
     "a column is missing: the database is being restored, or is another"},
    {"42P07", absl::StatusCode::kInternal, "STORAGE_ERROR",
     "a table or index is there already: an older copy was restored over newer tables; restore it into an empty "
     "database"},
    {"42701", absl::StatusCode::kInternal, "STORAGE_ERROR",
     "a column is there already: an older copy was restored over newer tables; restore it into an empty database"},
    {"42", absl::StatusCode::kInternal, "STORAGE_ERROR", "storage did not understand a statement"},
    {"22", absl::StatusCode::kInternal, "STORAGE_ERROR", "storage did not accept a value"},
    {"", absl::StatusCode::kUnavailable, "STORAGE_UNAVAILABLE", "storage cannot be reached"},
};

}  // namespace

absl::Status StatusOfSqlState(absl::string_view sqlstate) {
  for (const Mapping& mapping : kMappings) {
    if (absl::StartsWith(sqlstate, mapping.prefix)) {
      return MakeError(mapping.code, mapping.reason, mapping.message);
    }
  }
  return absl::InternalError("unreachable: the last prefix is empty");
}

bool EndsConnection(absl::string_view sqlstate) {
  // 08: connection exceptions. 57P: shutting down or starting up. 25006: a former primary. 25P03: idle for too long.
  return sqlstate.empty() || absl::StartsWith(sqlstate, "08") || absl::StartsWith(sqlstate, "57P") ||
         sqlstate == "25006" || sqlstate == "25P03";
}

const char* ErrorClass(const absl::Status& status) {
  switch (status.code()) {
    case absl::StatusCode::kUnavailable:
      return "connection";
    case absl::StatusCode::kAborted:
      return "serialization";
    case absl::StatusCode::kDeadlineExceeded:
    case absl::StatusCode::kResourceExhausted:
      return "timeout";
    case absl::StatusCode::kAlreadyExists:
    case absl::StatusCode::kFailedPrecondition:
      return "constraint";
    default:
      return "other";
  }
}

}  // namespace orewatch::storage
