#include "services/registry/store/sqlite/rows.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/time/time.h"
#include "common/status/status.h"
#include "common/time/proto_time.h"

namespace orewatch::registry {
namespace {

using storage::Sqlite;
using storage::Statement;

}  // namespace

absl::StatusOr<StoredEntry> EntryOf(const Statement& row) {
  StoredEntry stored;
  stored.kind = static_cast<Kind>(row.Int(0));
  stored.key = std::string(row.Text(1));
  stored.from_revision = row.Int(2);
  stored.create_time = absl::FromUnixMicros(row.Int(3));
  stored.update_time = absl::FromUnixMicros(row.Int(4));
  if (!row.IsNull(5)) {
    stored.delete_time = absl::FromUnixMicros(row.Int(5));
  }
  const absl::string_view payload = row.Blob(6);
  if (!stored.entry.ParseFromArray(payload.data(), static_cast<int>(payload.size()))) {
    return MakeError(absl::StatusCode::kDataLoss, "STORAGE_CORRUPT", "a stored entry cannot be read");
  }
  return stored;
}

absl::StatusOr<std::optional<StoredEntry>> FindLive(Sqlite& db, Kind kind, const std::string& key, bool* ended) {
  // Only the last version can be live.
  auto row = db.Prepare(
      "SELECT kind, key, from_revision, create_time, update_time, delete_time, payload, to_revision FROM entries "
      "WHERE kind = ? AND key = ? ORDER BY from_revision DESC LIMIT 1");
  row.Bind(static_cast<int64_t>(kind)).Bind(key);
  OREWATCH_ASSIGN_OR_RETURN(const bool found, row.Step());
  const bool live = found && row.Int(7) == kLive;
  if (ended != nullptr) {
    *ended = found && !live;
  }
  if (!live) {
    return std::optional<StoredEntry>();
  }
  OREWATCH_ASSIGN_OR_RETURN(StoredEntry stored, EntryOf(row));
  return std::make_optional(std::move(stored));
}

absl::StatusOr<FoundEntries> FindEach(Sqlite& db, const std::vector<EntryKey>& keys, size_t max_bytes) {
  FoundEntries found;
  found.entries.reserve(keys.size());
  {
    auto head = db.Prepare("SELECT head FROM history");
    OREWATCH_RETURN_IF_ERROR(head.Step().status());
    found.revision = head.Int(0);
  }
  size_t bytes = 0;
  for (const EntryKey& key : keys) {
    OREWATCH_ASSIGN_OR_RETURN(auto entry, FindLive(db, key.kind, key.key));
    bytes += entry.has_value() ? entry->entry.ByteSizeLong() : 0;
    if (bytes > max_bytes) {
      found.entries.clear();
      found.too_large = true;
      return found;
    }
    found.entries.push_back(std::move(entry));
  }
  return found;
}

absl::StatusOr<std::vector<EntryKey>> ReadDeletedBefore(Sqlite& db, absl::Time time, int limit) {
  auto rows = db.Prepare(
      "SELECT kind, key FROM entries WHERE delete_time IS NOT NULL AND delete_time < ? AND to_revision = ? "
      "ORDER BY delete_time, kind, key LIMIT ?");
  rows.Bind(absl::ToUnixMicros(time)).Bind(kLive).Bind(int64_t{limit});
  std::vector<EntryKey> deleted;
  for (;;) {
    OREWATCH_ASSIGN_OR_RETURN(const bool more, rows.Step());
    if (!more) {
      return deleted;
    }
    deleted.push_back({static_cast<Kind>(rows.Int(0)), std::string(rows.Text(1))});
  }
}

absl::StatusOr<std::vector<EntryCount>> ReadEntryCounts(Sqlite& db) {
  auto rows =
      db.Prepare("SELECT kind, delete_time IS NOT NULL, count(*) FROM entries WHERE to_revision = ? GROUP BY 1, 2");
  rows.Bind(kLive);
  std::vector<EntryCount> counts;
  for (;;) {
    OREWATCH_ASSIGN_OR_RETURN(const bool more, rows.Step());
    if (!more) {
      return counts;
    }
    counts.push_back({static_cast<Kind>(rows.Int(0)), rows.Int(1) != 0, rows.Int(2)});
  }
}

absl::StatusOr<ListResult> ReadList(Sqlite& db, const ListQuery& query) {
  // SQLite begins at one lower bound of the key and passes over the rest, so that it is given the higher of the two.
  const bool goes_on = query.after_key >= query.key_prefix;
  auto rows = goes_on ? db.Prepare(
                            "SELECT kind, key, from_revision, create_time, update_time, delete_time, payload "
                            "FROM entries WHERE kind = ?1 AND key > ?2 AND key < ?3 "
                            "AND from_revision <= ?4 AND to_revision > ?4 AND (?5 OR delete_time IS NULL) "
                            "ORDER BY key LIMIT ?6")
                      : db.Prepare(
                            "SELECT kind, key, from_revision, create_time, update_time, delete_time, payload "
                            "FROM entries WHERE kind = ?1 AND key >= ?2 AND key < ?3 "
                            "AND from_revision <= ?4 AND to_revision > ?4 AND (?5 OR delete_time IS NULL) "
                            "ORDER BY key LIMIT ?6");
  rows.Bind(static_cast<int64_t>(query.kind))
      .Bind(goes_on ? query.after_key : query.key_prefix)
      .Bind(EndOfPrefix(query.key_prefix))
      .Bind(query.revision)
      .Bind(int64_t{query.show_deleted})
      .Bind(static_cast<int64_t>(query.max_rows) + 1);
  ListResult result;
  size_t bytes = 0;
  for (;;) {
    OREWATCH_ASSIGN_OR_RETURN(const bool found, rows.Step());
    if (!found) {
      return result;
    }
    bytes += rows.Blob(6).size();
    if (result.entries.size() == query.max_rows || (bytes > query.max_bytes && !result.entries.empty())) {
      result.more = true;
      return result;
    }
    OREWATCH_ASSIGN_OR_RETURN(StoredEntry stored, EntryOf(rows));
    result.entries.push_back(std::move(stored));
  }
}

}  // namespace orewatch::registry
