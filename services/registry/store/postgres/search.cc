#include "services/registry/store/postgres/search.h"

#include <set>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/str_split.h"
#include "common/status/status.h"
#include "services/registry/store/postgres/columns.h"
#include "services/registry/store/postgres/entry_rows.h"

namespace orewatch::registry {
namespace {

using storage::Postgres;
using storage::PostgresParameters;

// What a tsvector takes of one word, and of all, rounded down.
constexpr size_t kMaxTermBytes = 1000;
constexpr size_t kMaxTermsBytes = 500'000;

constexpr char kDrop[] = R"sql(
  WITH gone AS (
    DELETE FROM search USING unnest($1::bigint[], $2::text[]) AS old(kind, key)
    WHERE search.kind = old.kind AND search.key = old.key RETURNING words)
  UPDATE history SET search_rows = search_rows - total.rows, search_words = search_words - total.words
  FROM (SELECT count(*) AS rows, sum(words) AS words FROM gone) AS total WHERE total.rows > 0)sql";

constexpr char kAdd[] = R"sql(
  WITH added AS (
    INSERT INTO search
    SELECT kind, key, title, body, words, array_to_tsvector(string_to_array(terms, ' '))
    FROM unnest($1::bigint[], $2::text[], $3::text[], $4::text[], $5::bigint[], $6::text[])
      AS new(kind, key, title, body, words, terms)
    RETURNING words)
  UPDATE history SET search_rows = search_rows + total.rows, search_words = search_words + total.words
  FROM (SELECT count(*) AS rows, sum(words) AS words FROM added) AS total)sql";

// Okapi BM25 with the constants of SQLite's FTS5 (k1 = 1.2, b = 0.75, a word in a title counts as ten), so that every
// engine gives the same order. The index finds rows that have all words of a term; where a term is a row of words
// ($3 = 0) its text is looked for as well.
constexpr char kSearch[] = R"sql(
  WITH term AS MATERIALIZED (
    SELECT number, query::tsquery AS query, pattern, octet_length(pattern) AS size, exact <> 0 AS exact
    FROM unnest($1::text[], $2::text[], $3::bigint[]) WITH ORDINALITY AS t(query, pattern, exact, number)),
  counted AS MATERIALIZED (
    SELECT term.*, (
      SELECT count(*) FROM search
      WHERE terms @@ query AND (exact OR strpos(title, pattern) > 0 OR strpos(body, pattern) > 0)) AS hits
    FROM term),
  weighed AS MATERIALIZED (
    SELECT counted.*, search_words::float8 / search_rows AS mean,
      CASE WHEN search_rows - hits > hits THEN ln((search_rows - hits + 0.5::float8) / (hits + 0.5::float8))
           ELSE 1e-6 END AS weight
    FROM counted, history WHERE search_rows > 0),
  matching AS (
    SELECT kind, key, title, body, words FROM search
    WHERE terms @@ $4::tsquery AND (cardinality($5::bigint[]) = 0 OR kind = ANY($5::bigint[]))
      AND NOT EXISTS (
        SELECT FROM term WHERE NOT exact AND strpos(title, pattern) = 0 AND strpos(body, pattern) = 0)),
  best AS (
    SELECT kind, key, (
      SELECT sum(weight * ((frequency * 2.2::float8) /
                 (frequency + 1.2::float8 * (0.25::float8 + 0.75::float8 * words / mean))) ORDER BY number)
      FROM (
        SELECT number, weight, mean,
          10 * ((octet_length(title) - octet_length(replace(title, pattern, ''))) / size)::float8 +
          ((octet_length(body) - octet_length(replace(body, pattern, ''))) / size)::float8 AS frequency
        FROM weighed) AS found) AS score
    FROM matching ORDER BY score DESC, kind, key LIMIT $6 OFFSET $7)
  SELECT e.kind, e.key, from_revision, to_revision, create_time, update_time, delete_time, payload,
    score
  FROM best LEFT JOIN LATERAL (
    SELECT * FROM entries WHERE entries.kind = best.kind AND entries.key = best.key
    ORDER BY from_revision DESC LIMIT 1) AS e ON true
  ORDER BY score DESC, best.kind, best.key)sql";

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
  const auto queries = Column<std::string>(query.terms, QueryOf);
  const auto patterns = Column<std::string>(query.terms, PatternOf);
  const auto views = [](const std::vector<std::string>& texts) {
    return Column<absl::string_view>(texts, [](const std::string& text) -> const std::string& { return text; });
  };
  return PostgresParameters()
      .Texts(views(queries))
      .Texts(views(patterns))
      .Ints(Column<int64_t>(query.terms, IsExact))
      .Text(absl::StrJoin(queries, " & "))
      .Ints(Column<int64_t>(query.kinds, [](Kind kind) { return kind; }))
      .Int(AsBigint(query.max_rows))
      .Int(AsBigint(query.skip));
}

}  // namespace

const char* const kDropSearchRows = kDrop;
const char* const kAddSearchRows = kAdd;

std::optional<SearchRow> SearchRowOf(const EntryKey& key, const v1::Entry& entry) {
  const SearchText text = SearchTextOf(entry);
  SearchRow row{key, Spaced(text.title), Spaced(text.body), /*words=*/0, /*terms=*/""};
  std::set<absl::string_view> terms;
  size_t bytes = 0;
  for (const std::string* words : {&text.title, &text.body}) {
    for (const absl::string_view word : absl::StrSplit(*words, ' ', absl::SkipEmpty())) {
      ++row.words;
      const absl::string_view term = AsTerm(word);
      if (bytes + term.size() <= kMaxTermsBytes && terms.insert(term).second) {
        bytes += term.size();
      }
    }
  }
  row.terms = absl::StrJoin(terms, " ");
  return terms.empty() ? std::nullopt : std::make_optional(std::move(row));
}

PostgresParameters SearchKeyColumns(absl::Span<const EntryKey* const> rows) {
  return PostgresParameters()
      .Ints(Column<int64_t>(rows, [](const EntryKey* row) { return row->kind; }))
      .Texts(Column<absl::string_view>(rows, [](const EntryKey* row) -> const std::string& { return row->key; }));
}

PostgresParameters SearchColumns(absl::Span<const SearchRow* const> rows) {
  const auto texts = [&](std::string SearchRow::*text) {
    return Column<absl::string_view>(rows, [text](const SearchRow* row) -> const std::string& { return row->*text; });
  };
  return PostgresParameters()
      .Ints(Column<int64_t>(rows, [](const SearchRow* row) { return row->entry.kind; }))
      .Texts(Column<absl::string_view>(rows, [](const SearchRow* row) -> const std::string& { return row->entry.key; }))
      .Texts(texts(&SearchRow::title))
      .Texts(texts(&SearchRow::body))
      .Ints(Column<int64_t>(rows, [](const SearchRow* row) { return row->words; }))
      .Texts(texts(&SearchRow::terms));
}

absl::StatusOr<std::vector<SearchHit>> SearchEntries(Postgres& db, const SearchQuery& query) {
  OREWATCH_ASSIGN_OR_RETURN(const auto rows, db.Query(kSearch, ParametersOf(query)));
  std::vector<SearchHit> hits;
  const std::vector<EntryRow> entries = LastOf(rows);
  for (int i = 0; i < rows.size(); ++i) {
    const EntryRow& entry = entries[static_cast<size_t>(i)];
    if (entry.to_revision != kLive) {
      return MakeError(absl::StatusCode::kDataLoss, "STORAGE_CORRUPT", "the search index names what is not there");
    }
    OREWATCH_ASSIGN_OR_RETURN(StoredEntry stored, StoredEntryOf(entry));
    hits.push_back({std::move(stored), rows.Double(i, 8)});
  }
  return hits;
}

}  // namespace orewatch::registry
