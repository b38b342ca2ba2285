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

// Columns: kind, key, from_revision, create_time, update_time, payload.
absl::StatusOr<StoredEntry> EntryOf(const Statement& row) {
  StoredEntry stored;
  stored.kind = static_cast<Kind>(row.Int(0));
  stored.key = std::string(row.Text(1));
  stored.from_revision = row.Int(2);
  stored.create_time = absl::FromUnixMicros(row.Int(3));
  stored.update_time = absl::FromUnixMicros(row.Int(4));
  const absl::string_view payload = row.Blob(5);
  if (!stored.entry.ParseFromArray(payload.data(), static_cast<int>(payload.size()))) {
    return MakeError(absl::StatusCode::kDataLoss, "STORAGE_CORRUPT", "a stored entry cannot be read");
  }
  return stored;
}

// The first key after all that begin with `prefix`; empty if there is none.
std::string EndOfPrefix(std::string prefix) {
  while (!prefix.empty() && prefix.back() == '\xff') {
    prefix.pop_back();
  }
  if (!prefix.empty()) {
    prefix.back() = static_cast<char>(prefix.back() + 1);
  }
  return prefix;
}

// The version that ends (`which` = to_revision) or begins at a revision.
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
  if (change.operation() != v1::Change::OPERATION_CREATE) {
    OREWATCH_RETURN_IF_ERROR(
        ReadVersion(db.Prepare("SELECT payload FROM entries WHERE kind = ? AND key = ? AND to_revision = ?"), kind,
                    change.name(), revision, *change.mutable_before()));
  }
  if (change.operation() != v1::Change::OPERATION_DELETE) {
    OREWATCH_RETURN_IF_ERROR(
        ReadVersion(db.Prepare("SELECT payload FROM entries WHERE kind = ? AND key = ? AND from_revision = ?"), kind,
                    change.name(), revision, *change.mutable_after()));
  }
  return absl::OkStatus();
}

absl::Status ReadHead(Sqlite& db, int64_t revision, v1::ChangeSet& set) {
  auto row = db.Prepare("SELECT commit_time, principal, request_id FROM change_sets WHERE revision = ?");
  row.Bind(revision);
  OREWATCH_ASSIGN_OR_RETURN(const bool found, row.Step());
  if (!found) {
    return MakeError(absl::StatusCode::kNotFound, "NOT_FOUND", absl::StrCat("there is no revision ", revision));
  }
  set.mutable_revision()->set_number(revision);
  *set.mutable_commit_time() = ToProto(absl::FromUnixMicros(row.Int(0)));
  set.mutable_principal()->set_subject(std::string(row.Text(1)));
  set.set_request_id(std::string(row.Text(2)));
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<std::optional<StoredEntry>> FindLive(Sqlite& db, Kind kind, const std::string& key) {
  // Only the last version can be live.
  auto row = db.Prepare(
      "SELECT kind, key, from_revision, create_time, update_time, payload, to_revision FROM entries "
      "WHERE kind = ? AND key = ? ORDER BY from_revision DESC LIMIT 1");
  row.Bind(static_cast<int64_t>(kind)).Bind(key);
  OREWATCH_ASSIGN_OR_RETURN(const bool found, row.Step());
  if (!found || row.Int(6) != kLive) {
    return std::optional<StoredEntry>();
  }
  OREWATCH_ASSIGN_OR_RETURN(StoredEntry stored, EntryOf(row));
  return std::make_optional(std::move(stored));
}

absl::StatusOr<ListResult> ReadList(Sqlite& db, const ListQuery& query) {
  auto rows = db.Prepare(
      "SELECT kind, key, from_revision, create_time, update_time, payload FROM entries "
      "WHERE kind = ?1 AND key > ?2 AND key >= ?3 AND (?4 = '' OR key < ?4) "
      "AND from_revision <= ?5 AND to_revision > ?5 ORDER BY key LIMIT ?6");
  rows.Bind(static_cast<int64_t>(query.kind))
      .Bind(query.after_key)
      .Bind(query.key_prefix)
      .Bind(EndOfPrefix(query.key_prefix))
      .Bind(query.revision)
      .Bind(static_cast<int64_t>(query.max_rows) + 1);
  ListResult result;
  size_t bytes = 0;
  for (;;) {
    OREWATCH_ASSIGN_OR_RETURN(const bool found, rows.Step());
    if (!found) {
      return result;
    }
    bytes += rows.Blob(5).size();
    if (result.entries.size() == query.max_rows || (bytes > query.max_bytes && !result.entries.empty())) {
      result.more = true;
      return result;
    }
    OREWATCH_ASSIGN_OR_RETURN(StoredEntry stored, EntryOf(rows));
    result.entries.push_back(std::move(stored));
  }
}

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
    v1::Change change;
    change.set_name(std::string(rows.Text(1)));
    change.set_operation(static_cast<v1::Change::Operation>(rows.Int(2)));
    OREWATCH_RETURN_IF_ERROR(ReadBeforeAndAfter(db, static_cast<Kind>(rows.Int(0)), revision, change));
    bytes += change.ByteSizeLong();
    if (bytes > max_bytes && set.changes_size() > 0) {
      return set;
    }
    *set.add_changes() = std::move(change);
  }
}

}  // namespace orewatch::registry
