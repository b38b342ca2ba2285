// The one place where what PostgreSQL says becomes a canonical code.
#pragma once

#include "absl/status/status.h"
#include "absl/strings/string_view.h"

namespace orewatch::storage {

// The status of a five-character SQLSTATE; empty for a connection that broke without a word. Never OK. The message is
// ours and names no data: the driver's own text belongs into the log.
//
//   ALREADY_EXISTS       a unique key is taken
//   FAILED_PRECONDITION  another constraint (CONSTRAINT)
//   ABORTED              serialization failure or deadlock (STORAGE_CONFLICT): the same transaction may succeed now
//   DEADLINE_EXCEEDED    the statement was cancelled, by its timeout or by Postgres::Cancel (STORAGE_TIMEOUT)
//   INVALID_ARGUMENT     text or sizes that the database cannot hold
//   DATA_LOSS            the server found its own files corrupt
//   INTERNAL             a statement that the server does not understand: a bug of ours
//   UNAVAILABLE          everything else: connection lost, server starting or stopping, disk full, access refused
absl::Status StatusOfSqlState(absl::string_view sqlstate);

// True if the server behind the connection cannot serve it any more, so that only a new connection may help.
bool EndsConnection(absl::string_view sqlstate);

// Label of orewatch_db_errors_total: connection, serialization, timeout, constraint or other.
const char* ErrorClass(const absl::Status& status);

}  // namespace orewatch::storage
