#include "services/registry/store/postgres/entry_rows.h"

#include <utility>

#include "absl/container/flat_hash_map.h"
#include "absl/strings/str_cat.h"
#include "absl/time/time.h"
#include "common/status/status.h"
#include "services/registry/store/postgres/columns.h"
#include "services/registry/store/postgres/history.h"

namespace orewatch::registry {
namespace {

using storage::Postgres;
using storage::PostgresParameters;
using storage::PostgresRows;

#define OREWATCH_COLUMNS "kind, key, from_revision, to_revision, create_time, update_time, delete_time, payload"

// Only the last version can be live.
constexpr char kFind[] =
    "SELECT " OREWATCH_COLUMNS " FROM entries WHERE kind = $1 AND key = $2 ORDER BY from_revision DESC LIMIT 1";

constexpr char kReadLast[] = R"sql(
  SELECT e.* FROM unnest($1::bigint[], $2::text[]) AS wanted(kind, key) CROSS JOIN LATERAL (
    (SELECT kind, key, from_revision, to_revision, create_time, update_time, delete_time,
       CASE WHEN to_revision = 9223372036854775807 THEN payload ELSE '' END
     FROM entries WHERE kind = wanted.kind AND key = wanted.key ORDER BY from_revision DESC LIMIT 1)
    UNION ALL
    (SELECT kind, key, from_revision, to_revision, create_time, update_time, delete_time, ''
     FROM audit_entries WHERE kind = wanted.kind AND key = wanted.key LIMIT 1)) AS e)sql";

// A row without an entry says the head where there are none. Entries that are larger together than $3 are not sent.
constexpr char kFindEach[] = R"sql(
  WITH found AS (
    SELECT e.*, sum(octet_length(payload)) OVER () > $3 AS too_large
    FROM unnest($1::bigint[], $2::text[]) AS wanted(wanted_kind, wanted_key) CROSS JOIN LATERAL (
      SELECT )sql" OREWATCH_COLUMNS R"sql( FROM entries
      WHERE kind = wanted_kind AND key = wanted_key ORDER BY from_revision DESC LIMIT 1) AS e
    WHERE to_revision = 9223372036854775807)
  SELECT head, kind, key, from_revision, to_revision, create_time, update_time, delete_time,
    CASE WHEN too_large THEN '' ELSE payload END, too_large
  FROM )sql" OREWATCH_HISTORY " LEFT JOIN found ON true";

// The server cuts at a size too, one row after the last that fits, so that a page of large rows is not sent in vain.
// The first always fits.
constexpr char kList[] = R"sql(
  WITH page AS MATERIALIZED (
    SELECT )sql" OREWATCH_COLUMNS R"sql(, octet_length(payload) AS size
    FROM entries
    WHERE kind = $1 AND key > $2 AND key >= $3 AND key < $4 AND from_revision <= $5 AND to_revision > $5
      AND ($8 <> 0 OR delete_time IS NULL)
    ORDER BY key LIMIT $6),
  sized AS (
    SELECT *, coalesce(sum(size) OVER (ORDER BY key ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING), 0) AS before,
      row_number() OVER (ORDER BY key) AS position
    FROM page)
  SELECT earliest, )sql" OREWATCH_COLUMNS R"sql(
  FROM )sql" OREWATCH_HISTORY " LEFT JOIN sized ON before <= $7 OR position <= 2 ORDER BY key";

constexpr char kDeletedBefore[] =
    "SELECT kind, key FROM entries WHERE delete_time IS NOT NULL AND delete_time < $1 "
    "AND to_revision = 9223372036854775807 ORDER BY delete_time, kind, key LIMIT $2";

constexpr char kEntryCounts[] =
    "SELECT kind, (delete_time IS NOT NULL)::int, count(*) FROM entries "
    "WHERE to_revision = 9223372036854775807 GROUP BY 1, 2";

#undef OREWATCH_COLUMNS

PostgresParameters KeyColumns(const std::vector<EntryKey>& keys) {
  return PostgresParameters()
      .Ints(Column<int64_t>(keys, [](const EntryKey& key) { return key.kind; }))
      .Texts(Column<absl::string_view>(keys, [](const EntryKey& key) -> const std::string& { return key.key; }));
}

}  // namespace

EntryRow EntryRowAt(const PostgresRows& rows, int i, int first) {
  return {static_cast<Kind>(rows.Int(i, first)),
          std::string(rows.Text(i, first + 1)),
          rows.Int(i, first + 2),
          rows.Int(i, first + 3),
          absl::FromUnixMicros(rows.Int(i, first + 4)),
          absl::FromUnixMicros(rows.Int(i, first + 5)),
          rows.IsNull(i, first + 6) ? std::nullopt : std::make_optional(absl::FromUnixMicros(rows.Int(i, first + 6))),
          std::string(rows.Bytes(i, first + 7))};
}

absl::Status ParseEntry(absl::string_view payload, v1::Entry& entry) {
  return entry.ParseFromArray(payload.data(), static_cast<int>(payload.size()))
             ? absl::OkStatus()
             : MakeError(absl::StatusCode::kDataLoss, "STORAGE_CORRUPT", "a version of an entry cannot be read");
}

absl::StatusOr<StoredEntry> StoredEntryOf(const EntryRow& row) {
  StoredEntry stored{row.kind, row.key, row.from_revision, row.create_time, row.update_time, row.delete_time, {}};
  OREWATCH_RETURN_IF_ERROR(ParseEntry(row.payload, stored.entry));
  return stored;
}

storage::PostgresStatement ReadLast(const std::vector<EntryKey>& keys) { return {kReadLast, KeyColumns(keys)}; }

std::vector<EntryRow> LastOf(const PostgresRows& rows) {
  std::vector<EntryRow> last;
  last.reserve(static_cast<size_t>(rows.size()));
  for (int i = 0; i < rows.size(); ++i) {
    last.push_back(EntryRowAt(rows, i));
  }
  return last;
}

absl::StatusOr<std::optional<StoredEntry>> FindLive(Postgres& db, Kind kind, const std::string& key) {
  OREWATCH_ASSIGN_OR_RETURN(const auto rows,
                            db.Query(kFind, PostgresParameters().Int(static_cast<int64_t>(kind)).Text(key)));
  if (rows.empty() || rows.Int(0, 3) != kLive) {
    OREWATCH_RETURN_IF_ERROR(CheckHistoryIsThere(db));
    return std::optional<StoredEntry>();
  }
  OREWATCH_ASSIGN_OR_RETURN(StoredEntry stored, StoredEntryOf(EntryRowAt(rows, 0)));
  return std::make_optional(std::move(stored));
}

absl::StatusOr<FoundEntries> FindEach(Postgres& db, const std::vector<EntryKey>& keys, size_t max_bytes) {
  OREWATCH_ASSIGN_OR_RETURN(const auto rows, db.Query(kFindEach, KeyColumns(keys).Int(AsBigint(max_bytes))));
  if (rows.empty()) {
    return HistoryMissing();
  }
  FoundEntries found;
  found.revision = rows.Int(0, 0);
  found.too_large = !rows.IsNull(0, 9) && rows.Int(0, 9) != 0;
  if (found.too_large) {
    return found;
  }
  absl::flat_hash_map<EntryKey, StoredEntry> live;
  for (int i = 0; i < rows.size() && !rows.IsNull(i, 1); ++i) {
    OREWATCH_ASSIGN_OR_RETURN(StoredEntry stored, StoredEntryOf(EntryRowAt(rows, i, 1)));
    EntryKey key{stored.kind, stored.key};
    live.insert_or_assign(std::move(key), std::move(stored));
  }
  found.entries.reserve(keys.size());
  for (const EntryKey& key : keys) {
    const auto entry = live.find(key);
    found.entries.push_back(entry == live.end() ? std::nullopt : std::make_optional(entry->second));
  }
  return found;
}

absl::StatusOr<ListResult> ReadList(Postgres& db, const ListQuery& query) {
  OREWATCH_ASSIGN_OR_RETURN(const auto rows, db.Query(kList, PostgresParameters()
                                                                 .Int(static_cast<int64_t>(query.kind))
                                                                 .Text(query.after_key)
                                                                 .Text(query.key_prefix)
                                                                 .Text(EndOfPrefix(query.key_prefix))
                                                                 .Int(query.revision)
                                                                 .Int(AsBigint(query.max_rows) + 1)
                                                                 .Int(AsBigint(query.max_bytes))
                                                                 .Int(int64_t{query.show_deleted})));
  if (rows.empty()) {
    return HistoryMissing();
  }
  if (query.revision < rows.Int(0, 0)) {
    return RevisionCompacted(query.revision, rows.Int(0, 0));
  }
  ListResult result;
  size_t bytes = 0;
  for (int i = 0; i < rows.size() && !rows.IsNull(i, 1); ++i) {
    bytes += rows.Bytes(i, 8).size();
    if (result.entries.size() == query.max_rows || (bytes > query.max_bytes && !result.entries.empty())) {
      result.more = true;
      return result;
    }
    OREWATCH_ASSIGN_OR_RETURN(StoredEntry stored, StoredEntryOf(EntryRowAt(rows, i, 1)));
    result.entries.push_back(std::move(stored));
  }
  return result;
}

absl::StatusOr<std::vector<EntryKey>> ReadDeletedBefore(Postgres& db, absl::Time time, int limit) {
  OREWATCH_ASSIGN_OR_RETURN(const auto rows,
                            db.Query(kDeletedBefore, PostgresParameters().Int(absl::ToUnixMicros(time)).Int(limit)));
  std::vector<EntryKey> deleted;
  deleted.reserve(static_cast<size_t>(rows.size()));
  for (int i = 0; i < rows.size(); ++i) {
    deleted.push_back({static_cast<Kind>(rows.Int(i, 0)), std::string(rows.Text(i, 1))});
  }
  return deleted;
}

absl::StatusOr<std::vector<EntryCount>> ReadEntryCounts(Postgres& db) {
  OREWATCH_ASSIGN_OR_RETURN(const auto rows, db.Query(kEntryCounts, {}));
  std::vector<EntryCount> counts;
  counts.reserve(static_cast<size_t>(rows.size()));
  for (int i = 0; i < rows.size(); ++i) {
    counts.push_back({static_cast<Kind>(rows.Int(i, 0)), rows.Int(i, 1) != 0, rows.Int(i, 2)});
  }
  return counts;
}

}  // namespace orewatch::registry
