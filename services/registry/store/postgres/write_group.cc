#include "services/registry/store/postgres/write_group.h"

#include <utility>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "common/status/status.h"
#include "services/registry/store/postgres/columns.h"

namespace orewatch::registry {
namespace {

using storage::PostgresParameters;
using storage::PostgresRows;
using storage::PostgresStatement;
using PastRequest = WriteTransaction::PastRequest;

constexpr char kReferrers[] =
    "SELECT source_kind, source_key FROM refs WHERE target = $1 ORDER BY source_kind, source_key LIMIT $2";
constexpr char kRequests[] =
    "SELECT principal, request_id, digest, answer FROM unnest($1::text[], $2::text[]) AS wanted(principal, request_id) "
    "JOIN requests USING (principal, request_id)";

// Below what the server's index takes in one row, also for two of them.
constexpr size_t kMaxTextBytes = 1000;
// Of a text that is refused.
constexpr size_t kShown = 50;

PostgresStatement ReadRequests(const std::vector<Author>& authors) {
  return {kRequests, PostgresParameters()
                         .Texts(Column<absl::string_view>(
                             authors, [](const Author& author) -> const std::string& { return author.principal; }))
                         .Texts(Column<absl::string_view>(
                             authors, [](const Author& author) -> const std::string& { return author.request_id; }))};
}

RequestKey KeyOf(const Author& author) { return {author.principal, author.request_id}; }

}  // namespace

absl::Status CheckStorable(absl::string_view text) {
  return text.size() <= kMaxTextBytes && storage::IsPostgresText(text)
             ? absl::OkStatus()
             : MakeError(absl::StatusCode::kInvalidArgument, "UNSUPPORTED_TEXT",
                         absl::StrCat("a name or id is longer than ", kMaxTextBytes,
                                      " bytes or holds what is not text: ", absl::CHexEscape(text.substr(0, kShown))));
}

void ApplyReferences(const std::map<EntryKey, bool>& changed, std::set<EntryKey>& sources) {
  for (const auto& [source, present] : changed) {
    if (present) {
      sources.insert(source);
    } else {
      sources.erase(source);
    }
  }
}

template <typename Result>
Result WriteGroup::Noting(Result result) {
  if (!result.ok()) {
    failure_.Update(result.status());
  }
  return result;
}

std::vector<PostgresStatement> WriteGroup::Preload::Statements() const {
  return {ReadLast(keys), ReadRequests(authors)};
}

void WriteGroup::Take(const Preload& preload, const std::vector<PostgresRows>& rows, size_t first) {
  TakeEntries(preload.keys, rows.at(first));
  TakeRequests(preload.authors, rows.at(first + 1));
}

absl::Status WriteGroup::Load(const std::vector<EntryKey>& keys) {
  OREWATCH_RETURN_IF_ERROR(failure_);
  std::vector<EntryKey> unknown;
  for (const EntryKey& key : keys) {
    if (stored_.count(key) == 0) {
      if (CheckStorable(key.key).ok()) {
        unknown.push_back(key);
      } else {
        // What cannot be stored does not exist.
        stored_.emplace(key, Stored());
      }
    }
  }
  if (unknown.empty()) {
    return absl::OkStatus();
  }
  const PostgresStatement read = ReadLast(unknown);
  OREWATCH_ASSIGN_OR_RETURN(const PostgresRows rows, Noting(db_.Query(read.sql, read.parameters)));
  TakeEntries(unknown, rows);
  return absl::OkStatus();
}

void WriteGroup::TakeEntries(const std::vector<EntryKey>& keys, const PostgresRows& rows) {
  for (const EntryKey& key : keys) {
    stored_.try_emplace(key, Stored());
  }
  for (EntryRow& row : LastOf(rows)) {
    Stored& stored = stored_[{row.kind, row.key}];
    stored.existed = true;
    if (row.to_revision == kLive) {
      stored.live = std::make_shared<Version>(Version{std::move(row), /*stored=*/true});
    }
  }
}

absl::StatusOr<WriteGroup::Stored> WriteGroup::Look(const EntryKey& key) {
  if (const auto touched = pending_.entries.find(key); touched != pending_.entries.end()) {
    return Stored{touched->second.live, /*existed=*/true};
  }
  if (stored_.count(key) == 0) {
    OREWATCH_RETURN_IF_ERROR(Load({key}));
  }
  return stored_.at(key);
}

absl::StatusOr<VersionPtr> WriteGroup::Live(const EntryKey& key) {
  OREWATCH_ASSIGN_OR_RETURN(Stored stored, Look(key));
  return std::move(stored.live);
}

absl::StatusOr<bool> WriteGroup::Existed(const EntryKey& key) {
  OREWATCH_ASSIGN_OR_RETURN(const Stored stored, Look(key));
  return stored.existed;
}

absl::StatusOr<std::set<EntryKey>> WriteGroup::Referrers(const std::string& target, size_t count) {
  OREWATCH_RETURN_IF_ERROR(failure_);
  std::set<EntryKey> sources;
  if (!CheckStorable(target).ok()) {
    return sources;
  }
  const auto changed = pending_.ReferencesTo(target);
  OREWATCH_ASSIGN_OR_RETURN(const PostgresRows rows,
                            Noting(db_.Query(kReferrers, PostgresParameters().Text(target).Int(
                                                             static_cast<int64_t>(count + changed.size())))));
  for (int i = 0; i < rows.size(); ++i) {
    sources.insert({static_cast<Kind>(rows.Int(i, 0)), std::string(rows.Text(i, 1))});
  }
  ApplyReferences(changed, sources);
  return sources;
}

void WriteGroup::TakeRequests(const std::vector<Author>& authors, const PostgresRows& rows) {
  for (const Author& author : authors) {
    stored_requests_.try_emplace(KeyOf(author), std::nullopt);
  }
  for (int i = 0; i < rows.size(); ++i) {
    stored_requests_[{std::string(rows.Text(i, 0)), std::string(rows.Text(i, 1))}] =
        PastRequest{std::string(rows.Bytes(i, 2)), std::string(rows.Bytes(i, 3))};
  }
}

absl::StatusOr<std::optional<PastRequest>> WriteGroup::Request(const Author& author) {
  OREWATCH_RETURN_IF_ERROR(failure_);
  const RequestKey key = KeyOf(author);
  if (const auto pending = pending_.requests.find(key); pending != pending_.requests.end()) {
    return std::make_optional(pending->second.request);
  }
  if (!CheckStorable(author.principal).ok() || !CheckStorable(author.request_id).ok()) {
    return std::optional<PastRequest>();
  }
  if (stored_requests_.count(key) == 0) {
    const PostgresStatement statement = ReadRequests({author});
    OREWATCH_ASSIGN_OR_RETURN(const PostgresRows rows, Noting(db_.Query(statement.sql, statement.parameters)));
    TakeRequests({author}, rows);
  }
  return stored_requests_.at(key);
}

}  // namespace orewatch::registry
