#include "services/registry/store/postgres/change_rows.h"

#include <utility>

#include "common/status/status.h"
#include "common/time/proto_time.h"
#include "services/registry/store/postgres/columns.h"
#include "services/registry/store/postgres/entry_rows.h"
#include "services/registry/store/postgres/history.h"
#include "services/registry/store/versions.h"

namespace orewatch::registry {
namespace {

using storage::Postgres;
using storage::PostgresParameters;
using storage::PostgresRows;

// One statement, so one snapshot. It ends one change after the last that fits; the first always fits. A row without a
// change says that the set ends before $2. Operations (v1::Change): 1 creates, 2 updates, 3 deletes, 4 undeletes, 5
// purges. What has been compacted is not read.
constexpr char kChanges[] = R"sql(
  WITH page AS MATERIALIZED (
    SELECT number, kind, key, operation FROM changes WHERE revision = $1 AND number >= $2 ORDER BY number LIMIT $3),
  versions AS (
    SELECT page.*, old.payload AS old, new.payload AS new,
      octet_length(page.key) + coalesce(octet_length(old.payload), 0) + coalesce(octet_length(new.payload), 0) AS size
    FROM page
    LEFT JOIN LATERAL (
      SELECT payload FROM entries AS e
      WHERE operation NOT IN (1, 4)
        AND e.kind = page.kind AND e.key = page.key AND e.from_revision <= $1 AND e.to_revision = $1
      ORDER BY from_revision DESC LIMIT 1) AS old ON true
    LEFT JOIN entries AS new
      ON operation NOT IN (3, 5) AND new.kind = page.kind AND new.key = page.key AND new.from_revision = $1),
  sized AS (
    SELECT *, coalesce(sum(size) OVER (ORDER BY number ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING), 0) AS before,
      row_number() OVER (ORDER BY number) AS position
    FROM versions)
  SELECT lineage, earliest, change_sets.revision, commit_time, principal, request_id, change_sets.digest,
    kind, key, operation, old, new
  FROM )sql" OREWATCH_HISTORY R"sql(
    LEFT JOIN change_sets ON revision = $1
    LEFT JOIN sized ON (before <= $4 OR position <= 2) AND earliest < $1
  ORDER BY number)sql";
constexpr int64_t kChangesPerChunk = 1000;

// The columns of kChanges. Versions may have been moved.
#define OREWATCH_CHANGES_OF(range, direction)                                                                         \
  "WITH page AS MATERIALIZED ( "                                                                                      \
  "  SELECT revision, number, kind, key, operation FROM changes "                                                     \
  "  WHERE kind = $1 AND key = $2 AND " range " ORDER BY revision " direction ", number " direction                   \
  " LIMIT $4), "                                                                                                      \
  "versions AS ( "                                                                                                    \
  "  SELECT page.*, old.payload AS old, new.payload AS new, "                                                         \
  "    coalesce(octet_length(old.payload), 0) + coalesce(octet_length(new.payload), 0) AS size "                      \
  "  FROM page "                                                                                                      \
  "  LEFT JOIN LATERAL ( "                                                                                            \
  "    (SELECT payload FROM entries AS e WHERE operation NOT IN (1, 4) AND e.kind = page.kind AND e.key = page.key "  \
  "     AND e.from_revision <= page.revision AND e.to_revision = page.revision ORDER BY from_revision DESC LIMIT 1) " \
  "    UNION ALL "                                                                                                    \
  "    (SELECT payload FROM audit_entries AS e "                                                                      \
  "     WHERE operation NOT IN (1, 4) AND e.kind = page.kind AND e.key = page.key "                                   \
  "     AND e.from_revision <= page.revision AND e.to_revision = page.revision ORDER BY from_revision DESC LIMIT 1) " \
  "  ) AS old ON true "                                                                                               \
  "  LEFT JOIN LATERAL ( "                                                                                            \
  "    SELECT payload FROM entries AS e WHERE operation NOT IN (3, 5) "                                               \
  "     AND e.kind = page.kind AND e.key = page.key AND e.from_revision = page.revision "                             \
  "    UNION ALL "                                                                                                    \
  "    SELECT payload FROM audit_entries AS e WHERE operation NOT IN (3, 5) "                                         \
  "     AND e.kind = page.kind AND e.key = page.key AND e.from_revision = page.revision "                             \
  "  ) AS new ON true), "                                                                                             \
  "sized AS ( "                                                                                                       \
  "  SELECT *, coalesce(sum(size) OVER (ORDER BY revision " direction ", number " direction                           \
  " ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING), 0) AS before, "                                                \
  "    row_number() OVER (ORDER BY revision " direction ", number " direction                                         \
  ") AS position "                                                                                                    \
  "  FROM versions) "                                                                                                 \
  "SELECT lineage, earliest, revision, commit_time, principal, request_id, NULL::bytea, kind, key, operation, old, "  \
  "new "                                                                                                              \
  "FROM sized JOIN change_sets USING (revision) CROSS JOIN " OREWATCH_HISTORY                                         \
  " WHERE before <= $5 OR position <= 2 "                                                                             \
  "ORDER BY revision " direction ", number " direction

constexpr char kOldestChanges[] = OREWATCH_CHANGES_OF("revision > $3", "");
constexpr char kNewestChanges[] = OREWATCH_CHANGES_OF("($3 = 0 OR revision < $3)", "DESC");
#undef OREWATCH_CHANGES_OF

constexpr char kDigest[] = "SELECT digest FROM change_sets WHERE revision = $1";
constexpr char kRevisionAt[] =
    "SELECT revision FROM change_sets WHERE commit_time <= $1 ORDER BY commit_time DESC LIMIT 1";
constexpr char kReached[] =
    "SELECT max(revision) FROM "
    "(SELECT revision FROM changes WHERE revision > $1 ORDER BY revision, number LIMIT $2) AS next";
constexpr char kSlowest[] = "SELECT min(revision) FROM followers WHERE time >= $1";

// All but the changes, from the first columns.
void ReadSet(const PostgresRows& rows, int i, v1::ChangeSet& set) {
  set.mutable_revision()->set_lineage(std::string(rows.Text(i, 0)));
  set.mutable_revision()->set_number(rows.Int(i, 2));
  *set.mutable_commit_time() = ToProto(absl::FromUnixMicros(rows.Int(i, 3)));
  set.mutable_principal()->set_subject(std::string(rows.Text(i, 4)));
  set.set_request_id(std::string(rows.Text(i, 5)));
}

absl::Status ReadVersion(const PostgresRows& rows, int i, int column, v1::Entry& entry) {
  if (rows.IsNull(i, column)) {
    return MakeError(absl::StatusCode::kDataLoss, "STORAGE_CORRUPT", "a version of an entry is missing");
  }
  return ParseEntry(rows.Bytes(i, column), entry);
}

absl::StatusOr<v1::Change> ChangeAt(const PostgresRows& rows, int i) {
  v1::Change change;
  change.set_name(std::string(rows.Text(i, 8)));
  const auto operation = static_cast<v1::Change::Operation>(rows.Int(i, 9));
  change.set_operation(operation);
  if (operation != v1::Change::OPERATION_CREATE && operation != v1::Change::OPERATION_UNDELETE) {
    OREWATCH_RETURN_IF_ERROR(ReadVersion(rows, i, 10, *change.mutable_before()));
  }
  if (operation != v1::Change::OPERATION_DELETE && operation != v1::Change::OPERATION_PURGE) {
    OREWATCH_RETURN_IF_ERROR(ReadVersion(rows, i, 11, *change.mutable_after()));
  }
  return change;
}

}  // namespace

absl::StatusOr<v1::ChangeSet> ReadChangeSet(Postgres& db, int64_t revision, int first, size_t max_bytes) {
  OREWATCH_ASSIGN_OR_RETURN(
      const auto rows,
      db.Query(kChanges,
               PostgresParameters().Int(revision).Int(first).Int(kChangesPerChunk + 1).Int(AsBigint(max_bytes))));
  if (rows.empty()) {
    return HistoryMissing();
  }
  if (rows.IsNull(0, 2)) {
    return NoSuchRevision(revision);
  }
  if (revision <= rows.Int(0, 1)) {
    return RevisionCompacted(revision, rows.Int(0, 1));
  }
  v1::ChangeSet set;
  ReadSet(rows, 0, set);
  size_t bytes = 0;
  for (int i = 0; i < rows.size() && !rows.IsNull(i, 8); ++i) {
    OREWATCH_ASSIGN_OR_RETURN(v1::Change change, ChangeAt(rows, i));
    bytes += change.ByteSizeLong();
    if (i == kChangesPerChunk || (bytes > max_bytes && set.changes_size() > 0)) {
      return set;
    }
    *set.add_changes() = std::move(change);
  }
  set.set_last_chunk(true);
  set.set_digest(std::string(rows.Bytes(0, 6)));
  return set;
}

absl::StatusOr<HistoryResult> ReadChangesOf(Postgres& db, const HistoryQuery& query) {
  OREWATCH_ASSIGN_OR_RETURN(const auto rows, db.Query(query.newest_first ? kNewestChanges : kOldestChanges,
                                                      PostgresParameters()
                                                          .Int(static_cast<int64_t>(query.entry.kind))
                                                          .Text(query.entry.key)
                                                          .Int(query.from)
                                                          .Int(AsBigint(query.max_rows) + 1)
                                                          .Int(AsBigint(query.max_bytes))));
  if (rows.empty()) {
    OREWATCH_RETURN_IF_ERROR(CheckHistoryIsThere(db));
  }
  HistoryResult history;
  size_t bytes = 0;
  for (int i = 0; i < rows.size(); ++i) {
    v1::ChangeSet set;
    ReadSet(rows, i, set);
    set.set_last_chunk(true);
    OREWATCH_ASSIGN_OR_RETURN(*set.add_changes(), ChangeAt(rows, i));
    bytes += set.ByteSizeLong();
    if (history.sets.size() == query.max_rows || (bytes > query.max_bytes && !history.sets.empty())) {
      history.more = true;
      return history;
    }
    history.sets.push_back(std::move(set));
  }
  return history;
}

absl::StatusOr<std::string> ReadDigest(Postgres& db, int64_t revision) {
  if (revision == 0) {
    return std::string();
  }
  OREWATCH_ASSIGN_OR_RETURN(const auto rows, db.Query(kDigest, PostgresParameters().Int(revision)));
  if (rows.empty()) {
    OREWATCH_RETURN_IF_ERROR(CheckHistoryIsThere(db));
    return NoSuchRevision(revision);
  }
  return std::string(rows.Bytes(0, 0));
}

absl::StatusOr<int64_t> ReadRevisionReached(Postgres& db, int64_t after, int changes) {
  OREWATCH_ASSIGN_OR_RETURN(const auto rows, db.Query(kReached, PostgresParameters().Int(after).Int(changes)));
  return rows.empty() || rows.IsNull(0, 0) ? after : rows.Int(0, 0);
}

absl::StatusOr<int64_t> ReadRevisionAt(Postgres& db, absl::Time time) {
  OREWATCH_ASSIGN_OR_RETURN(const auto rows, db.Query(kRevisionAt, PostgresParameters().Int(absl::ToUnixMicros(time))));
  return rows.empty() ? 0 : rows.Int(0, 0);
}

absl::StatusOr<std::optional<int64_t>> ReadSlowestFollower(Postgres& db, absl::Time since) {
  OREWATCH_ASSIGN_OR_RETURN(const auto rows, db.Query(kSlowest, PostgresParameters().Int(absl::ToUnixMicros(since))));
  return rows.IsNull(0, 0) ? std::nullopt : std::make_optional(rows.Int(0, 0));
}

}  // namespace orewatch::registry
