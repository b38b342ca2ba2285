#include "services/registry/store/postgres/entry_rows.h"

#include <algorithm>
#include <limits>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/time/time.h"
#include "common/status/status.h"
#include "services/registry/store/postgres/columns.h"

namespace orewatch::registry {
namespace {

using storage::Postgres;
using storage::PostgresParameters;
using storage::PostgresRows;

// Only the last version can be live.
constexpr char kFind[] =
    "SELECT kind, key, from_revision, to_revision, create_time, update_time, payload FROM entries "
    "WHERE kind = $1 AND key = $2 ORDER BY from_revision DESC LIMIT 1";

constexpr char kReadLive[] =
    "SELECT e.kind, e.key, e.from_revision, e.to_revision, e.create_time, e.update_time, e.payload "
    "FROM unnest($1::bigint[], $2::text[]) AS wanted(kind, key) CROSS JOIN LATERAL ("
    "SELECT * FROM entries WHERE kind = wanted.kind AND key = wanted.key ORDER BY from_revision DESC LIMIT 1) AS e "
    "WHERE e.to_revision = 9223372036854775807";

// The server cuts at a size too, one row after the last that fits, so that a page of large rows is not sent in vain.
constexpr char kList[] = R"sql(
  WITH page AS MATERIALIZED (
    SELECT kind, key, from_revision, to_revision, create_time, update_time, payload, octet_length(payload) AS size
    FROM entries
    WHERE kind = $1 AND key > $2 AND key >= $3 AND key < $4 AND from_revision <= $5 AND to_revision > $5
    ORDER BY key LIMIT $6),
  sized AS (
    SELECT *, coalesce(sum(size) OVER (ORDER BY key ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING), 0) AS before
    FROM page)
  SELECT kind, key, from_revision, to_revision, create_time, update_time, payload
  FROM sized WHERE before <= $7 ORDER BY key)sql";

// One statement, so one snapshot. A row without a change says that the set ends before $2. Operations: 1 creates,
// 3 deletes (v1::Change).
constexpr char kChanges[] = R"sql(
  WITH page AS MATERIALIZED (
    SELECT number, kind, key, operation FROM changes WHERE revision = $1 AND number >= $2 ORDER BY number LIMIT $3),
  versions AS (
    SELECT page.*, old.payload AS old, new.payload AS new,
      octet_length(page.key) + coalesce(octet_length(old.payload), 0) + coalesce(octet_length(new.payload), 0) AS size
    FROM page
    LEFT JOIN LATERAL (
      SELECT payload FROM entries AS e
      WHERE operation <> 1 AND e.kind = page.kind AND e.key = page.key AND e.from_revision <= $1 AND e.to_revision = $1
      ORDER BY from_revision DESC LIMIT 1) AS old ON true
    LEFT JOIN entries AS new
      ON operation <> 3 AND new.kind = page.kind AND new.key = page.key AND new.from_revision = $1),
  sized AS (
    SELECT *, coalesce(sum(size) OVER (ORDER BY number ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING), 0) AS before
    FROM versions)
  SELECT commit_time, principal, request_id, kind, key, operation, old, new
  FROM change_sets LEFT JOIN sized ON before <= $4 WHERE revision = $1 ORDER BY number)sql";
constexpr int64_t kChangesPerChunk = 1000;

EntryRow RowAt(const PostgresRows& rows, int i) {
  return {static_cast<Kind>(rows.Int(i, 0)),
          std::string(rows.Text(i, 1)),
          rows.Int(i, 2),
          rows.Int(i, 3),
          absl::FromUnixMicros(rows.Int(i, 4)),
          absl::FromUnixMicros(rows.Int(i, 5)),
          std::string(rows.Bytes(i, 6))};
}

absl::Status Parse(absl::string_view payload, v1::Entry& entry) {
  return entry.ParseFromArray(payload.data(), static_cast<int>(payload.size()))
             ? absl::OkStatus()
             : MakeError(absl::StatusCode::kDataLoss, "STORAGE_CORRUPT", "a version of an entry cannot be read");
}

// Above every key that begins with `prefix`: no name holds the last character of Unicode.
std::string EndOfPrefix(absl::string_view prefix) { return absl::StrCat(prefix, "\xf4\x8f\xbf\xbf"); }

// Columns of kChanges from the fourth on.
absl::StatusOr<v1::Change> ChangeAt(const PostgresRows& rows, int i) {
  v1::Change change;
  change.set_name(std::string(rows.Text(i, 4)));
  change.set_operation(static_cast<v1::Change::Operation>(rows.Int(i, 5)));
  if (change.operation() != v1::Change::OPERATION_CREATE) {
    OREWATCH_RETURN_IF_ERROR(Parse(rows.Bytes(i, 6), *change.mutable_before()));
  }
  if (change.operation() != v1::Change::OPERATION_DELETE) {
    OREWATCH_RETURN_IF_ERROR(Parse(rows.Bytes(i, 7), *change.mutable_after()));
  }
  return change;
}

void SetHead(const PostgresRows& rows, int64_t revision, v1::ChangeSet& set) {
  constexpr int64_t kMicros = 1'000'000;
  constexpr int64_t kNanosPerMicro = 1'000;
  set.mutable_revision()->set_number(revision);
  set.mutable_commit_time()->set_seconds(rows.Int(0, 0) / kMicros);
  set.mutable_commit_time()->set_nanos(static_cast<int32_t>(rows.Int(0, 0) % kMicros * kNanosPerMicro));
  set.mutable_principal()->set_subject(std::string(rows.Text(0, 1)));
  set.set_request_id(std::string(rows.Text(0, 2)));
}

int64_t AsBigint(size_t value) {
  return static_cast<int64_t>(std::min<size_t>(value, std::numeric_limits<int64_t>::max()));
}

}  // namespace

absl::StatusOr<StoredEntry> StoredEntryOf(const EntryRow& row) {
  StoredEntry stored{row.kind, row.key, row.from_revision, row.create_time, row.update_time, {}};
  OREWATCH_RETURN_IF_ERROR(Parse(row.payload, stored.entry));
  return stored;
}

storage::PostgresStatement ReadLive(const std::vector<EntryKey>& keys) {
  return {kReadLive, PostgresParameters()
                         .Ints(Column<int64_t>(keys, [](const EntryKey& key) { return key.kind; }))
                         .Texts(Column<absl::string_view>(
                             keys, [](const EntryKey& key) -> const std::string& { return key.key; }))};
}

std::vector<EntryRow> LiveOf(const PostgresRows& rows) {
  std::vector<EntryRow> live;
  live.reserve(static_cast<size_t>(rows.size()));
  for (int i = 0; i < rows.size(); ++i) {
    live.push_back(RowAt(rows, i));
  }
  return live;
}

absl::StatusOr<std::optional<StoredEntry>> FindLive(Postgres& db, Kind kind, const std::string& key) {
  OREWATCH_ASSIGN_OR_RETURN(const auto rows,
                            db.Query(kFind, PostgresParameters().Int(static_cast<int64_t>(kind)).Text(key)));
  if (rows.empty() || rows.Int(0, 3) != kLive) {
    return std::optional<StoredEntry>();
  }
  OREWATCH_ASSIGN_OR_RETURN(StoredEntry stored, StoredEntryOf(RowAt(rows, 0)));
  return std::make_optional(std::move(stored));
}

absl::StatusOr<ListResult> ReadList(Postgres& db, const ListQuery& query) {
  OREWATCH_ASSIGN_OR_RETURN(const auto rows, db.Query(kList, PostgresParameters()
                                                                 .Int(static_cast<int64_t>(query.kind))
                                                                 .Text(query.after_key)
                                                                 .Text(query.key_prefix)
                                                                 .Text(EndOfPrefix(query.key_prefix))
                                                                 .Int(query.revision)
                                                                 .Int(AsBigint(query.max_rows) + 1)
                                                                 .Int(AsBigint(query.max_bytes))));
  ListResult result;
  size_t bytes = 0;
  for (int i = 0; i < rows.size(); ++i) {
    bytes += rows.Bytes(i, 6).size();
    if (result.entries.size() == query.max_rows || (bytes > query.max_bytes && !result.entries.empty())) {
      result.more = true;
      return result;
    }
    OREWATCH_ASSIGN_OR_RETURN(StoredEntry stored, StoredEntryOf(RowAt(rows, i)));
    result.entries.push_back(std::move(stored));
  }
  return result;
}

absl::StatusOr<v1::ChangeSet> ReadChangeSet(Postgres& db, int64_t revision, int first, size_t max_bytes) {
  OREWATCH_ASSIGN_OR_RETURN(
      const auto rows,
      db.Query(kChanges,
               PostgresParameters().Int(revision).Int(first).Int(kChangesPerChunk + 1).Int(AsBigint(max_bytes))));
  if (rows.empty()) {
    return MakeError(absl::StatusCode::kNotFound, "NOT_FOUND", absl::StrCat("there is no revision ", revision));
  }
  v1::ChangeSet set;
  SetHead(rows, revision, set);
  size_t bytes = 0;
  for (int i = 0; i < rows.size() && !rows.IsNull(i, 4); ++i) {
    OREWATCH_ASSIGN_OR_RETURN(v1::Change change, ChangeAt(rows, i));
    bytes += change.ByteSizeLong();
    if (i == kChangesPerChunk || (bytes > max_bytes && set.changes_size() > 0)) {
      return set;
    }
    *set.add_changes() = std::move(change);
  }
  set.set_last_chunk(true);
  return set;
}

}  // namespace orewatch::registry
