#include "services/registry/store/sqlite/search.h"

#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "common/status/status.h"
#include "services/registry/store/sqlite/rows.h"
#include "services/registry/store/versions.h"

namespace orewatch::registry {
namespace {

using storage::Sqlite;

// Words have letters and digits alone, so that quoting is enough.
std::string MatchText(const std::vector<SearchTerm>& terms) {
  return absl::StrJoin(terms, " AND ", [](std::string* out, const SearchTerm& term) {
    absl::StrAppend(out, "\"", absl::StrJoin(term.words, " "), "\"", term.prefix ? " *" : "");
  });
}

// `,4,5,`: holds `,4,` for each kind.
std::string KindList(const std::vector<Kind>& kinds) {
  return absl::StrCat(
      ",", absl::StrJoin(kinds, ",", [](std::string* out, Kind kind) { absl::StrAppend(out, static_cast<int>(kind)); }),
      ",");
}

absl::Status EndRow(Sqlite& db, const WrittenEntry& written) {
  return db.Prepare("UPDATE search_rows SET to_revision = ? WHERE kind = ? AND key = ? AND from_revision = ?")
      .Bind(written.revision)
      .Bind(static_cast<int64_t>(written.kind))
      .Bind(written.key)
      .Bind(written.replaced)
      .Run();
}

absl::Status AddRow(Sqlite& db, const WrittenEntry& written) {
  OREWATCH_RETURN_IF_ERROR(db.Prepare("INSERT INTO search_rows(kind, key, from_revision, to_revision, length, readers) "
                                      "VALUES (?, ?, ?, ?, ?, ?)")
                               .Bind(static_cast<int64_t>(written.kind))
                               .Bind(written.key)
                               .Bind(written.revision)
                               .Bind(kLive)
                               .Bind(written.text->length)
                               .Bind(written.readers)
                               .Run());
  return db.Prepare("INSERT INTO search_index(rowid, title, body) VALUES (last_insert_rowid(), ?, ?)")
      .Bind(written.text->title)
      .Bind(written.text->body)
      .Run();
}

absl::Status Index(Sqlite& db, const WrittenEntry& written) {
  if (written.replaced > 0 && !IsStatistic(written.kind)) {
    OREWATCH_RETURN_IF_ERROR(EndRow(db, written));
  }
  return written.text.has_value() ? AddRow(db, written) : absl::OkStatus();
}

}  // namespace

absl::Status IndexAll(Sqlite& db, const WrittenEntries& written) {
  for (const auto* entries : {&written.superseded(), &written.entries()}) {
    for (const WrittenEntry& entry : *entries) {
      OREWATCH_RETURN_IF_ERROR(Index(db, entry));
    }
  }
  return absl::OkStatus();
}

absl::Status DropSearchRows(Sqlite& db, int64_t revision, int max_changes) {
  int64_t last = 0;
  {
    auto row = db.Prepare(
        "SELECT max(revision) FROM (SELECT revision FROM changes "
        "WHERE revision > (SELECT searched FROM history) AND revision <= ? ORDER BY revision, number LIMIT ?)");
    row.Bind(revision).Bind(int64_t{max_changes});
    OREWATCH_RETURN_IF_ERROR(row.Step().status());
    last = row.Int(0);
  }
  // A version ends with a change, so the changes since the last time lead to all that have ended.
  for (const char* drop :
       {"DELETE FROM search_index WHERE rowid IN (SELECT r.id FROM changes c JOIN search_rows r ON r.kind = c.kind "
        "AND r.key = c.key AND r.to_revision = c.revision "
        "WHERE c.revision > (SELECT searched FROM history) AND c.revision <= ?)",
        "DELETE FROM search_rows WHERE id IN (SELECT r.id FROM changes c JOIN search_rows r ON r.kind = c.kind "
        "AND r.key = c.key AND r.to_revision = c.revision "
        "WHERE c.revision > (SELECT searched FROM history) AND c.revision <= ?)",
        "UPDATE history SET searched = max(searched, ?)"}) {
    OREWATCH_RETURN_IF_ERROR(db.Prepare(drop).Bind(last).Run());
  }
  return absl::OkStatus();
}

absl::StatusOr<int64_t> ReadEarliestSearched(Sqlite& db) {
  auto row = db.Prepare("SELECT max(earliest, searched) FROM history");
  OREWATCH_RETURN_IF_ERROR(row.Step().status());
  return row.Int(0);
}

absl::StatusOr<std::vector<SearchHit>> SearchEntries(Sqlite& db, const SearchQuery& query) {
  OREWATCH_ASSIGN_OR_RETURN(const int64_t earliest, ReadEarliestSearched(db));
  if (query.revision < earliest) {
    return RevisionCompacted(query.revision, earliest);
  }
  // The columns of EntryOf, and the score.
  auto rows = db.Prepare(
      "SELECT e.kind, e.key, e.from_revision, create_time, update_time, delete_time, payload, score FROM ("
      "SELECT kind, key, from_revision, relevance(search_index, length) AS score FROM search_index "
      "JOIN search_rows ON id = search_index.rowid "
      "WHERE search_index MATCH ?1 AND from_revision <= ?2 AND to_revision > ?2 "
      "AND (readers = '' OR instr(readers, ?3) > 0) AND (?4 = ',,' OR instr(?4, ',' || kind || ',') > 0) "
      "ORDER BY score DESC, kind, key LIMIT ?5 OFFSET ?6) AS best "
      "LEFT JOIN entries AS e ON e.kind = best.kind AND e.key = best.key AND e.from_revision = best.from_revision "
      "ORDER BY score DESC, best.kind, best.key");
  rows.Bind(MatchText(query.terms))
      .Bind(query.revision)
      .Bind(absl::StrCat("\n", query.principal, "\n"))
      .Bind(KindList(query.kinds))
      .Bind(static_cast<int64_t>(query.max_rows))
      .Bind(static_cast<int64_t>(query.skip));
  std::vector<SearchHit> hits;
  size_t bytes = 0;
  for (;;) {
    const bool full = bytes > query.max_bytes && hits.size() > 1;
    OREWATCH_ASSIGN_OR_RETURN(const bool found, full ? false : rows.Step());
    if (!found) {
      return hits;
    }
    if (rows.IsNull(0)) {
      return MakeError(absl::StatusCode::kDataLoss, "STORAGE_CORRUPT", "the search index names what is not there");
    }
    OREWATCH_ASSIGN_OR_RETURN(StoredEntry stored, EntryOf(rows));
    bytes += stored.entry.ByteSizeLong();
    hits.push_back({std::move(stored), rows.Double(7)});
  }
}

}  // namespace orewatch::registry
