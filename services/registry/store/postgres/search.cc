#include "services/registry/store/postgres/search.h"

#include <set>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/str_split.h"
#include "common/status/status.h"
#include "services/registry/domain/relevance.h"
#include "services/registry/store/postgres/columns.h"
#include "services/registry/store/postgres/history.h"
#include "services/registry/store/versions.h"

namespace orewatch::registry {
namespace {

using storage::Postgres;
using storage::PostgresParameters;

// What a tsvector takes of one word, and of all, rounded down.
constexpr size_t kMaxTermBytes = 1000;
constexpr size_t kMaxTermsBytes = 500'000;

constexpr char kAdd[] = R"sql(
  INSERT INTO search
  SELECT kind, key, from_revision, to_revision, string_to_array(trim(nullif(readers, '') , E'\n'), E'\n'), title, body,
    length, array_to_tsvector(string_to_array(terms, ' '))
  FROM unnest($1::bigint[], $2::text[], $3::bigint[], $4::bigint[], $5::text[], $6::text[], $7::text[], $8::bigint[],
    $9::text[]) AS new(kind, key, from_revision, to_revision, readers, title, body, length, terms))sql";

constexpr char kEarliest[] = "SELECT greatest(earliest, searched) FROM " OREWATCH_HISTORY;

// The sum and its parts are those of domain/relevance.h. The index finds rows that have all words of a term; where a
// term is a row of words ($2 = 0) its text is looked for as well. A row without an entry says the earliest revision
// where nothing is found.
constexpr char kSearch[] = R"sql(
  WITH term AS MATERIALIZED (
    SELECT number, pattern, octet_length(pattern) AS size, exact <> 0 AS exact
    FROM unnest($1::text[], $2::bigint[]) WITH ORDINALITY AS t(pattern, exact, number)),
  matching AS (
    SELECT kind, key, from_revision, title, body,
      $9::float8 * (1 - $10::float8 + $10::float8 * length / $11::float8) AS penalty
    FROM search
    WHERE terms @@ $3::tsquery AND from_revision <= $5 AND to_revision > $5
      AND (readers IS NULL OR $6 = ANY(readers)) AND (cardinality($4::bigint[]) = 0 OR kind = ANY($4::bigint[]))
      AND NOT EXISTS (
        SELECT FROM term WHERE NOT exact AND strpos(title, pattern) = 0 AND strpos(body, pattern) = 0)),
  best AS (
    SELECT kind, key, from_revision, (
      SELECT sum(frequency * ($9::float8 + 1) / (frequency + penalty) ORDER BY number)
      FROM (
        SELECT number,
          $12::float8 * ((octet_length(title) - octet_length(replace(title, pattern, ''))) / size) +
          ((octet_length(body) - octet_length(replace(body, pattern, ''))) / size) AS frequency
        FROM term) AS found) AS score
    FROM matching ORDER BY score DESC, kind, key LIMIT $7 OFFSET $8),
  sized AS (
    SELECT best.kind AS best_kind, best.key AS best_key, score, e.*,
      coalesce(sum(octet_length(payload)) OVER (
        ORDER BY score DESC, best.kind, best.key ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING), 0) AS before,
      row_number() OVER (ORDER BY score DESC, best.kind, best.key) AS position
    FROM best LEFT JOIN entries AS e
      ON e.kind = best.kind AND e.key = best.key AND e.from_revision = best.from_revision)
  SELECT greatest(history.earliest, history.searched), best_kind, score,
    kind, key, from_revision, to_revision, create_time, update_time, delete_time, payload
  FROM )sql" OREWATCH_HISTORY R"sql( LEFT JOIN sized ON before <= $13 OR position <= 2
  ORDER BY score DESC, best_kind, best_key)sql";

std::string Spaced(absl::string_view words) {
  return words.empty() ? "" : absl::StrCat(" ", absl::StrReplaceAll(words, {{" ", "  "}}), " ");
}

// Cut between characters.
absl::string_view AsTerm(absl::string_view word) {
  if (word.size() <= kMaxTermBytes) {
    return word;
  }
  size_t end = kMaxTermBytes;
  while ((static_cast<unsigned char>(word[end]) & 0xc0U) == 0x80U) {
    --end;
  }
  return word.substr(0, end);
}

// Words have letters and digits alone, so that quoting is enough.
std::string QueryOf(const SearchTerm& term) {
  return absl::StrJoin(term.words, " & ", [&](std::string* out, const std::string& word) {
    const absl::string_view shown = AsTerm(word);
    const bool begun = (term.prefix && &word == &term.words.back()) || shown.size() < word.size();
    absl::StrAppend(out, "'", shown, begun ? "':*" : "'");
  });
}

std::string PatternOf(const SearchTerm& term) {
  return absl::StrCat(" ", absl::StrJoin(term.words, "  "), term.prefix ? "" : " ");
}

bool IsExact(const SearchTerm& term) { return term.words.size() == 1 && term.words.front().size() <= kMaxTermBytes; }

PostgresParameters ParametersOf(const SearchQuery& query) {
  const auto patterns = Column<std::string>(query.terms, PatternOf);
  const auto queries = Column<std::string>(query.terms, QueryOf);
  return PostgresParameters()
      .Texts(
          Column<absl::string_view>(patterns, [](const std::string& pattern) -> const std::string& { return pattern; }))
      .Ints(Column<int64_t>(query.terms, IsExact))
      .Text(absl::StrJoin(queries, " & "))
      .Ints(Column<int64_t>(query.kinds, [](Kind kind) { return kind; }))
      .Int(query.revision)
      .Text(query.principal)
      .Int(AsBigint(query.max_rows))
      .Int(AsBigint(query.skip))
      .Double(kSaturation)
      .Double(kLengthWeight)
      .Double(kReferenceLength)
      .Double(kTitleWeight)
      .Int(AsBigint(query.max_bytes));
}

}  // namespace

const char* const kAddSearchRows = kAdd;

std::optional<SearchRow> SearchRowOf(std::shared_ptr<const EntryRow> version, const v1::Entry& entry) {
  const SearchText text = SearchTextOf(entry);
  std::set<absl::string_view> terms;
  size_t bytes = 0;
  for (const std::string* words : {&text.title, &text.body}) {
    for (const absl::string_view word : absl::StrSplit(*words, ' ', absl::SkipEmpty())) {
      const absl::string_view term = AsTerm(word);
      if (bytes + term.size() <= kMaxTermsBytes && terms.insert(term).second) {
        bytes += term.size();
      }
    }
  }
  if (terms.empty()) {
    return std::nullopt;
  }
  return SearchRow{std::move(version), ReadersText(entry), Spaced(text.title),
                   Spaced(text.body),  text.length,        absl::StrJoin(terms, " ")};
}

PostgresParameters SearchColumns(absl::Span<const SearchRow> rows) {
  const auto texts = [&](std::string SearchRow::*text) {
    return Column<absl::string_view>(rows, [text](const SearchRow& row) -> const std::string& { return row.*text; });
  };
  return PostgresParameters()
      .Ints(Column<int64_t>(rows, [](const SearchRow& row) { return row.version->kind; }))
      .Texts(
          Column<absl::string_view>(rows, [](const SearchRow& row) -> const std::string& { return row.version->key; }))
      .Ints(Column<int64_t>(rows, [](const SearchRow& row) { return row.version->from_revision; }))
      .Ints(Column<int64_t>(rows, [](const SearchRow& row) { return row.version->to_revision; }))
      .Texts(texts(&SearchRow::readers))
      .Texts(texts(&SearchRow::title))
      .Texts(texts(&SearchRow::body))
      .Ints(Column<int64_t>(rows, [](const SearchRow& row) { return row.length; }))
      .Texts(texts(&SearchRow::terms));
}

absl::StatusOr<int64_t> ReadEarliestSearched(Postgres& db) {
  OREWATCH_ASSIGN_OR_RETURN(const auto rows, db.Query(kEarliest));
  return rows.empty() ? absl::StatusOr<int64_t>(HistoryMissing()) : rows.Int(0, 0);
}

absl::StatusOr<std::vector<SearchHit>> SearchEntries(Postgres& db, const SearchQuery& query) {
  constexpr int kMatch = 1;
  constexpr int kScore = 2;
  constexpr int kEntry = 3;
  OREWATCH_ASSIGN_OR_RETURN(const auto rows, db.Query(kSearch, ParametersOf(query)));
  if (rows.empty()) {
    return HistoryMissing();
  }
  if (query.revision < rows.Int(0, 0)) {
    return RevisionCompacted(query.revision, rows.Int(0, 0));
  }
  std::vector<SearchHit> hits;
  for (int i = 0; i < rows.size() && !rows.IsNull(i, kMatch); ++i) {
    if (rows.IsNull(i, kEntry)) {
      return MakeError(absl::StatusCode::kDataLoss, "STORAGE_CORRUPT", "the search index names what is not there");
    }
    OREWATCH_ASSIGN_OR_RETURN(StoredEntry stored, StoredEntryOf(EntryRowAt(rows, i, kEntry)));
    hits.push_back({std::move(stored), rows.Double(i, kScore)});
  }
  return hits;
}

}  // namespace orewatch::registry
