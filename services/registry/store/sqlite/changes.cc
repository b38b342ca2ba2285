#include "services/registry/store/sqlite/changes.h"

#include <utility>

#include "common/status/status.h"
#include "common/time/proto_time.h"
#include "services/registry/store/sqlite/rows.h"

namespace orewatch::registry {
namespace {

using storage::Sqlite;
using storage::Statement;

// The version that ends or begins at a revision, moved or not.
absl::Status ReadVersion(Statement statement, Kind kind, const std::string& key, int64_t revision, v1::Entry& entry) {
  statement.Bind(static_cast<int64_t>(kind)).Bind(key).Bind(revision);
  OREWATCH_ASSIGN_OR_RETURN(const bool found, statement.Step());
  const absl::string_view payload = found ? statement.Blob(0) : absl::string_view();
  if (!found || !entry.ParseFromArray(payload.data(), static_cast<int>(payload.size()))) {
    return MakeError(absl::StatusCode::kDataLoss, "STORAGE_CORRUPT", "a version of an entry cannot be read");
  }
  return absl::OkStatus();
}

absl::Status ReadBeforeAndAfter(Sqlite& db, Kind kind, int64_t revision, v1::Change& change) {
  const auto operation = change.operation();
  if (operation != v1::Change::OPERATION_CREATE && operation != v1::Change::OPERATION_UNDELETE) {
    OREWATCH_RETURN_IF_ERROR(ReadVersion(
        db.Prepare("SELECT payload FROM entries WHERE kind = ?1 AND key = ?2 AND to_revision = ?3 UNION ALL "
                   "SELECT payload FROM audit_entries WHERE kind = ?1 AND key = ?2 AND to_revision = ?3"),
        kind, change.name(), revision, *change.mutable_before()));
  }
  if (operation != v1::Change::OPERATION_DELETE && operation != v1::Change::OPERATION_PURGE) {
    OREWATCH_RETURN_IF_ERROR(ReadVersion(
        db.Prepare("SELECT payload FROM entries WHERE kind = ?1 AND key = ?2 AND from_revision = ?3 UNION ALL "
                   "SELECT payload FROM audit_entries WHERE kind = ?1 AND key = ?2 AND from_revision = ?3"),
        kind, change.name(), revision, *change.mutable_after()));
  }
  return absl::OkStatus();
}

// All but the changes.
absl::Status ReadHead(Sqlite& db, int64_t revision, v1::ChangeSet& set) {
  auto row = db.Prepare("SELECT commit_time, principal, request_id, digest FROM change_sets WHERE revision = ?");
  row.Bind(revision);
  OREWATCH_ASSIGN_OR_RETURN(const bool found, row.Step());
  if (!found) {
    return NoSuchRevision(revision);
  }
  set.mutable_revision()->set_number(revision);
  *set.mutable_commit_time() = ToProto(absl::FromUnixMicros(row.Int(0)));
  set.mutable_principal()->set_subject(std::string(row.Text(1)));
  set.set_request_id(std::string(row.Text(2)));
  set.set_digest(std::string(row.Blob(3)));
  return absl::OkStatus();
}

// Columns: kind, key, operation.
absl::StatusOr<v1::Change> ChangeOf(Sqlite& db, const Statement& row, int64_t revision) {
  v1::Change change;
  change.set_name(std::string(row.Text(1)));
  change.set_operation(static_cast<v1::Change::Operation>(row.Int(2)));
  OREWATCH_RETURN_IF_ERROR(ReadBeforeAndAfter(db, static_cast<Kind>(row.Int(0)), revision, change));
  return change;
}

absl::StatusOr<std::optional<int64_t>> OptionalNumber(Statement row) {
  OREWATCH_ASSIGN_OR_RETURN(const bool found, row.Step());
  return found && !row.IsNull(0) ? std::make_optional(row.Int(0)) : std::nullopt;
}

}  // namespace

absl::StatusOr<v1::ChangeSet> ReadChangeSet(Sqlite& db, int64_t revision, int first, size_t max_bytes) {
  v1::ChangeSet set;
  OREWATCH_RETURN_IF_ERROR(ReadHead(db, revision, set));
  auto rows = db.Prepare("SELECT kind, key, operation FROM changes WHERE revision = ? AND number >= ? ORDER BY number");
  rows.Bind(revision).Bind(int64_t{first});
  size_t bytes = 0;
  for (;;) {
    OREWATCH_ASSIGN_OR_RETURN(const bool found, rows.Step());
    if (!found) {
      set.set_last_chunk(true);
      return set;
    }
    OREWATCH_ASSIGN_OR_RETURN(v1::Change change, ChangeOf(db, rows, revision));
    bytes += change.ByteSizeLong();
    if (bytes > max_bytes && set.changes_size() > 0) {
      set.clear_digest();
      return set;
    }
    *set.add_changes() = std::move(change);
  }
}

absl::StatusOr<HistoryResult> ReadChangesOf(Sqlite& db, const HistoryQuery& query) {
  auto rows = query.newest_first
                  ? db.Prepare(
                        "SELECT kind, key, operation, revision FROM changes WHERE kind = ?1 AND key = ?2 "
                        "AND (?3 = 0 OR revision < ?3) ORDER BY revision DESC LIMIT ?4")
                  : db.Prepare(
                        "SELECT kind, key, operation, revision FROM changes WHERE kind = ?1 AND key = ?2 "
                        "AND revision > ?3 ORDER BY revision LIMIT ?4");
  rows.Bind(static_cast<int64_t>(query.entry.kind))
      .Bind(query.entry.key)
      .Bind(query.from)
      .Bind(static_cast<int64_t>(query.max_rows) + 1);
  HistoryResult history;
  size_t bytes = 0;
  for (;;) {
    OREWATCH_ASSIGN_OR_RETURN(const bool found, rows.Step());
    if (!found) {
      return history;
    }
    v1::ChangeSet set;
    OREWATCH_RETURN_IF_ERROR(ReadHead(db, rows.Int(3), set));
    set.clear_digest();
    set.set_last_chunk(true);
    OREWATCH_ASSIGN_OR_RETURN(*set.add_changes(), ChangeOf(db, rows, rows.Int(3)));
    bytes += set.ByteSizeLong();
    if (history.sets.size() == query.max_rows || (bytes > query.max_bytes && !history.sets.empty())) {
      history.more = true;
      return history;
    }
    history.sets.push_back(std::move(set));
  }
}

absl::StatusOr<std::string> ReadDigest(Sqlite& db, int64_t revision) {
  if (revision == 0) {
    return std::string();
  }
  auto row = db.Prepare("SELECT digest FROM change_sets WHERE revision = ?");
  row.Bind(revision);
  OREWATCH_ASSIGN_OR_RETURN(const bool found, row.Step());
  return found ? absl::StatusOr<std::string>(std::string(row.Blob(0))) : NoSuchRevision(revision);
}

absl::StatusOr<int64_t> ReadRevisionAt(Sqlite& db, absl::Time time) {
  auto row = db.Prepare("SELECT revision FROM change_sets WHERE commit_time <= ? ORDER BY revision DESC LIMIT 1");
  row.Bind(absl::ToUnixMicros(time));
  OREWATCH_ASSIGN_OR_RETURN(const auto revision, OptionalNumber(std::move(row)));
  return revision.value_or(0);
}

absl::StatusOr<int64_t> ReadRevisionReached(Sqlite& db, int64_t after, int changes) {
  auto row = db.Prepare(
      "SELECT max(revision) FROM (SELECT revision FROM changes WHERE revision > ? ORDER BY revision, number LIMIT ?)");
  row.Bind(after).Bind(int64_t{changes});
  OREWATCH_ASSIGN_OR_RETURN(const auto revision, OptionalNumber(std::move(row)));
  return revision.value_or(after);
}

absl::StatusOr<std::optional<int64_t>> ReadSlowestFollower(Sqlite& db, absl::Time since) {
  auto row = db.Prepare("SELECT MIN(revision) FROM followers WHERE time >= ?");
  row.Bind(absl::ToUnixMicros(since));
  return OptionalNumber(std::move(row));
}

}  // namespace orewatch::registry
