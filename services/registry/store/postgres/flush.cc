#include "services/registry/store/postgres/flush.h"

#include <algorithm>
#include <iterator>
#include <limits>
#include <map>

#include "absl/types/span.h"
#include "services/registry/store/postgres/columns.h"

namespace orewatch::registry {
namespace {

using storage::PostgresParameters;
using storage::PostgresStatement;
using Batch = std::vector<PostgresStatement>;

// Large enough that a statement costs nothing beside its rows, small enough that its arrays stay in cache.
constexpr size_t kRowsPerStatement = 2000;

constexpr char kEnd[] =
    "UPDATE entries SET to_revision = ended.to_revision "
    "FROM unnest($1::bigint[], $2::text[], $3::bigint[], $4::bigint[]) AS ended(kind, key, from_revision, to_revision) "
    "WHERE entries.kind = ended.kind AND entries.key = ended.key AND entries.from_revision = ended.from_revision";
// Never, as a delete_time, is the last number.
constexpr char kBegin[] =
    "INSERT INTO entries SELECT kind, key, from_revision, to_revision, create_time, update_time, "
    "nullif(delete_time, 9223372036854775807), payload FROM unnest($1::bigint[], $2::text[], $3::bigint[], "
    "$4::bigint[], $5::bigint[], $6::bigint[], $7::bigint[], $8::bytea[]) "
    "AS begun(kind, key, from_revision, to_revision, create_time, update_time, delete_time, payload)";
constexpr int64_t kNever = std::numeric_limits<int64_t>::max();
constexpr char kDropReferences[] =
    "DELETE FROM refs USING unnest($1::text[], $2::bigint[], $3::text[]) AS gone(target, kind, key) "
    "WHERE refs.target = gone.target AND refs.source_kind = gone.kind AND refs.source_key = gone.key";
constexpr char kAddReferences[] = "INSERT INTO refs SELECT * FROM unnest($1::text[], $2::bigint[], $3::text[])";
constexpr char kKeepReferences[] =
    "INSERT INTO refs SELECT * FROM unnest($1::text[], $2::bigint[], $3::text[]) ON CONFLICT DO NOTHING";
constexpr char kAddChanges[] =
    "INSERT INTO changes SELECT * FROM unnest($1::bigint[], $2::bigint[], $3::bigint[], $4::text[], $5::bigint[])";
constexpr char kAddChangeSets[] =
    "INSERT INTO change_sets SELECT * FROM "
    "unnest($1::bigint[], $2::bigint[], $3::text[], $4::text[], $5::bytea[], $6::bigint[])";
constexpr char kAddRequests[] =
    "INSERT INTO requests SELECT * FROM unnest($1::text[], $2::text[], $3::bigint[], $4::bytea[], $5::bytea[])";

constexpr char kAddFollowers[] =
    "INSERT INTO followers SELECT * FROM unnest($1::text[], $2::bigint[], $3::bigint[]) "
    "ON CONFLICT (follower) DO UPDATE SET revision = excluded.revision, time = excluded.time";

// A version ends with a change, so the changes since the last time lead to all that have ended.
constexpr char kCompact[] = R"sql(
  WITH moved AS (
    DELETE FROM entries AS e USING changes AS c, history AS h
    WHERE c.revision > h.earliest AND c.revision <= $1 AND e.kind = c.kind AND e.key = c.key
      AND e.from_revision <= c.revision AND e.to_revision = c.revision
    RETURNING e.*)
  INSERT INTO audit_entries SELECT * FROM moved)sql";
constexpr char kSetEarliest[] = "UPDATE history SET earliest = greatest(earliest, $1)";

constexpr char kEndSearched[] =
    "UPDATE search SET to_revision = ended.to_revision "
    "FROM unnest($1::bigint[], $2::text[], $3::bigint[], $4::bigint[]) AS ended(kind, key, from_revision, to_revision) "
    "WHERE search.kind = ended.kind AND search.key = ended.key AND search.from_revision = ended.from_revision";
#define OREWATCH_LAST_TO_DROP                                          \
  "(SELECT max(revision) FROM (SELECT revision FROM changes, history " \
  "WHERE revision > searched AND revision <= $1 ORDER BY revision, number LIMIT $2) AS next)"
constexpr char kDropSearched[] =
    "DELETE FROM search AS s USING changes AS c, history AS h "
    "WHERE c.revision > h.searched AND c.revision <= " OREWATCH_LAST_TO_DROP
    " AND s.kind = c.kind AND s.key = c.key AND s.from_revision <= c.revision AND s.to_revision = c.revision";
// greatest() passes over null.
constexpr char kSetSearched[] = "UPDATE history SET searched = greatest(searched, " OREWATCH_LAST_TO_DROP ")";
#undef OREWATCH_LAST_TO_DROP

template <typename Row>
using Rows = absl::Span<const Row>;

template <typename Row>
void AddChunks(const char* sql, const std::vector<Row>& rows, PostgresParameters (*parameters)(Rows<Row>),
               Batch& batch) {
  for (Rows<Row> rest = rows; !rest.empty(); rest.remove_prefix(std::min(rest.size(), kRowsPerStatement))) {
    batch.push_back({sql, parameters(rest.subspan(0, kRowsPerStatement))});
  }
}

template <typename Row, typename Get>
std::vector<int64_t> Ints(Rows<Row> rows, Get get) {
  return Column<int64_t>(rows, get);
}

template <typename Row, typename Get>
std::vector<absl::string_view> Views(Rows<Row> rows, Get get) {
  return Column<absl::string_view>(rows, get);
}

using Ended = std::pair<VersionPtr, int64_t>;

PostgresParameters EndedColumns(Rows<Ended> rows) {
  return PostgresParameters()
      .Ints(Ints(rows, [](const Ended& row) { return row.first->kind; }))
      .Texts(Views(rows, [](const Ended& row) -> const std::string& { return row.first->key; }))
      .Ints(Ints(rows, [](const Ended& row) { return row.first->from_revision; }))
      .Ints(Ints(rows, [](const Ended& row) { return row.second; }));
}

PostgresParameters BegunColumns(Rows<VersionPtr> rows) {
  return PostgresParameters()
      .Ints(Ints(rows, [](const VersionPtr& row) { return row->kind; }))
      .Texts(Views(rows, [](const VersionPtr& row) -> const std::string& { return row->key; }))
      .Ints(Ints(rows, [](const VersionPtr& row) { return row->from_revision; }))
      .Ints(Ints(rows, [](const VersionPtr& row) { return row->to_revision; }))
      .Ints(Ints(rows, [](const VersionPtr& row) { return absl::ToUnixMicros(row->create_time); }))
      .Ints(Ints(rows, [](const VersionPtr& row) { return absl::ToUnixMicros(row->update_time); }))
      .Ints(Ints(rows,
                 [](const VersionPtr& row) {
                   return row->delete_time.has_value() ? absl::ToUnixMicros(*row->delete_time) : kNever;
                 }))
      .BytesArray(Views(rows, [](const VersionPtr& row) -> const std::string& { return row->payload; }));
}

PostgresParameters ReferenceColumns(Rows<const ReferenceRow*> rows) {
  return PostgresParameters()
      .Texts(Views(rows, [](const ReferenceRow* row) -> const std::string& { return row->target; }))
      .Ints(Ints(rows, [](const ReferenceRow* row) { return row->source.kind; }))
      .Texts(Views(rows, [](const ReferenceRow* row) -> const std::string& { return row->source.key; }));
}

PostgresParameters ChangeColumns(Rows<ChangeRow> rows) {
  return PostgresParameters()
      .Ints(Ints(rows, [](const ChangeRow& row) { return row.revision; }))
      .Ints(Ints(rows, [](const ChangeRow& row) { return row.number; }))
      .Ints(Ints(rows, [](const ChangeRow& row) { return row.entry.kind; }))
      .Texts(Views(rows, [](const ChangeRow& row) -> const std::string& { return row.entry.key; }))
      .Ints(Ints(rows, [](const ChangeRow& row) { return row.operation; }));
}

PostgresParameters ChangeSetColumns(Rows<ChangeSetRow> rows) {
  return PostgresParameters()
      .Ints(Ints(rows, [](const ChangeSetRow& row) { return row.revision; }))
      .Ints(Ints(rows, [](const ChangeSetRow& row) { return absl::ToUnixMicros(row.commit_time); }))
      .Texts(Views(rows, [](const ChangeSetRow& row) -> const std::string& { return row.author.principal; }))
      .Texts(Views(rows, [](const ChangeSetRow& row) -> const std::string& { return row.author.request_id; }))
      .BytesArray(Views(rows, [](const ChangeSetRow& row) -> const std::string& { return row.digest; }))
      .Ints(Ints(rows, [](const ChangeSetRow& row) { return row.transaction; }));
}

using Request = const std::pair<const RequestKey, RequestRow>*;

PostgresParameters RequestColumns(Rows<Request> rows) {
  return PostgresParameters()
      .Texts(Views(rows, [](Request row) -> const std::string& { return row->first.first; }))
      .Texts(Views(rows, [](Request row) -> const std::string& { return row->first.second; }))
      .Ints(Ints(rows, [](Request row) { return absl::ToUnixMicros(row->second.time); }))
      .BytesArray(Views(rows, [](Request row) -> const std::string& { return row->second.request.digest; }))
      .BytesArray(Views(rows, [](Request row) -> const std::string& { return row->second.request.answer; }));
}

using Follower = const std::pair<const std::string, FollowerRow>*;

PostgresParameters FollowerColumns(Rows<Follower> rows) {
  return PostgresParameters()
      .Texts(Views(rows, [](Follower row) -> const std::string& { return row->first; }))
      .Ints(Ints(rows, [](Follower row) { return row->second.revision; }))
      .Ints(Ints(rows, [](Follower row) { return absl::ToUnixMicros(row->second.time); }));
}

// Pointers to the elements of a map, which has no span.
template <typename Map>
std::vector<const typename Map::value_type*> ElementsOf(const Map& map) {
  std::vector<const typename Map::value_type*> elements;
  elements.reserve(map.size());
  for (const auto& element : map) {
    elements.push_back(&element);
  }
  return elements;
}

bool IsFound(const Ended& ended) { return IsResource(ended.first->kind) && !ended.first->delete_time.has_value(); }

void AddSearch(const PendingChanges& pending, Batch& batch) {
  std::vector<Ended> ended;
  std::copy_if(pending.ended.begin(), pending.ended.end(), std::back_inserter(ended), IsFound);
  AddChunks(kEndSearched, ended, EndedColumns, batch);
  AddChunks(kAddSearchRows, pending.search, SearchColumns, batch);
  if (pending.searches_dropped.has_value()) {
    const auto [revision, max_changes] = *pending.searches_dropped;
    batch.push_back({kDropSearched, PostgresParameters().Int(revision).Int(max_changes)});
    batch.push_back({kSetSearched, PostgresParameters().Int(revision).Int(max_changes)});
  }
}

void AddReferences(const PendingChanges& pending, Batch& batch) {
  std::map<ReferenceState, std::vector<const ReferenceRow*>> by_state;
  for (const auto& [reference, state] : pending.references) {
    by_state[state].push_back(&reference);
  }
  AddChunks(kDropReferences, by_state[ReferenceState::kGone], ReferenceColumns, batch);
  AddChunks(kKeepReferences, by_state[ReferenceState::kPresent], ReferenceColumns, batch);
  AddChunks(kAddReferences, by_state[ReferenceState::kNew], ReferenceColumns, batch);
}

}  // namespace

std::vector<PostgresStatement> StatementsFor(const PendingChanges& pending) {
  Batch batch;
  AddChunks(kEnd, pending.ended, EndedColumns, batch);
  AddChunks(kBegin, pending.begun, BegunColumns, batch);
  AddReferences(pending, batch);
  AddChunks(kAddChanges, pending.changes, ChangeColumns, batch);
  AddChunks(kAddChangeSets, pending.change_sets, ChangeSetColumns, batch);
  AddChunks(kAddRequests, ElementsOf(pending.requests), RequestColumns, batch);
  AddSearch(pending, batch);
  AddChunks(kAddFollowers, ElementsOf(pending.followers), FollowerColumns, batch);
  if (pending.compacted.has_value()) {
    batch.push_back({kCompact, PostgresParameters().Int(*pending.compacted)});
    batch.push_back({kSetEarliest, PostgresParameters().Int(*pending.compacted)});
  }
  return batch;
}

}  // namespace orewatch::registry
