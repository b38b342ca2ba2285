#include "services/registry/store/sqlite/search.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "common/status/status.h"
#include "services/registry/store/sqlite/rows.h"

namespace orewatch::registry {
namespace {

using storage::Sqlite;

absl::StatusOr<std::optional<int64_t>> RowOf(Sqlite& db, Kind kind, const std::string& key) {
  auto row = db.Prepare("SELECT id FROM search_rows WHERE kind = ? AND key = ?");
  row.Bind(static_cast<int64_t>(kind)).Bind(key);
  OREWATCH_ASSIGN_OR_RETURN(const bool found, row.Step());
  return found ? std::make_optional(row.Int(0)) : std::nullopt;
}

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

absl::Status AddText(Sqlite& db, Kind kind, const std::string& key, const SearchText& text) {
  OREWATCH_RETURN_IF_ERROR(
      db.Prepare("INSERT INTO search_rows(kind, key) VALUES (?, ?)").Bind(static_cast<int64_t>(kind)).Bind(key).Run());
  return db.Prepare("INSERT INTO search_index(rowid, title, body) VALUES (last_insert_rowid(), ?, ?)")
      .Bind(text.title)
      .Bind(text.body)
      .Run();
}

absl::Status RemoveText(Sqlite& db, int64_t id) {
  OREWATCH_RETURN_IF_ERROR(db.Prepare("DELETE FROM search_index WHERE rowid = ?").Bind(id).Run());
  return db.Prepare("DELETE FROM search_rows WHERE id = ?").Bind(id).Run();
}

absl::Status Index(Sqlite& db, const WrittenEntry& written) {
  std::optional<int64_t> id;
  if (!written.is_new && !IsStatistic(written.kind)) {
    OREWATCH_ASSIGN_OR_RETURN(id, RowOf(db, written.kind, written.key));
  }
  if (!written.text.has_value()) {
    return id.has_value() ? RemoveText(db, *id) : absl::OkStatus();
  }
  if (!id.has_value()) {
    return AddText(db, written.kind, written.key, *written.text);
  }
  return db.Prepare("UPDATE search_index SET title = ?, body = ? WHERE rowid = ?")
      .Bind(written.text->title)
      .Bind(written.text->body)
      .Bind(*id)
      .Run();
}

}  // namespace

absl::Status IndexAll(Sqlite& db, const WrittenEntries& written) {
  for (const WrittenEntry& entry : written.entries()) {
    OREWATCH_RETURN_IF_ERROR(Index(db, entry));
  }
  return absl::OkStatus();
}

absl::StatusOr<std::vector<SearchHit>> SearchEntries(Sqlite& db, const SearchQuery& query) {
  // bm25 is less for better matches; a word in a title weighs as much as ten elsewhere.
  auto rows = db.Prepare(
      "SELECT r.kind, r.key, bm25(search_index, 10.0, 1.0) AS cost FROM search_index "
      "JOIN search_rows r ON r.id = search_index.rowid "
      "WHERE search_index MATCH ?1 AND (?2 = ',,' OR instr(?2, ',' || r.kind || ',') > 0) "
      "ORDER BY cost, r.kind, r.key LIMIT ?3 OFFSET ?4");
  rows.Bind(MatchText(query.terms))
      .Bind(KindList(query.kinds))
      .Bind(static_cast<int64_t>(query.max_rows))
      .Bind(static_cast<int64_t>(query.skip));
  std::vector<SearchHit> hits;
  for (;;) {
    OREWATCH_ASSIGN_OR_RETURN(const bool found, rows.Step());
    if (!found) {
      return hits;
    }
    OREWATCH_ASSIGN_OR_RETURN(auto stored, FindLive(db, static_cast<Kind>(rows.Int(0)), std::string(rows.Text(1))));
    if (!stored.has_value()) {
      return MakeError(absl::StatusCode::kDataLoss, "STORAGE_CORRUPT", "the search index names what is not there");
    }
    hits.push_back({*std::move(stored), -rows.Double(2)});
  }
}

}  // namespace orewatch::registry
