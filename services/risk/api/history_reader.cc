#include "services/risk/api/history_reader.h"

#include <algorithm>
#include <limits>
#include <utility>
#include <vector>

#include "absl/strings/escaping.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "common/status/status.h"
#include "common/time/proto_time.h"
#include "services/risk/api/answer_on.h"
#include "services/risk/api/score_history_message.h"
#include "services/risk/api/score_message.h"
#include "services/risk/api/score_query.h"

namespace orewatch::risk {
namespace {

constexpr int kDefaultPageSize = 100;
constexpr int kMaxPageSize = 1000;
constexpr int kReaders = 4;
// Records looked at for one explanation.
constexpr int kMaxExplained = 1000;

absl::Status NotKept() {
  return MakeError(absl::StatusCode::kFailedPrecondition, "HISTORY_NOT_KEPT",
                   "this service keeps no score history; it needs --data_dir or --database");
}

bool IsOfAnotherLineage(const HistoryPosition& position, const Snapshot& snapshot) {
  return !position.lineage.empty() && position.lineage != snapshot.lineage;
}

absl::Status NotThereYet() {
  return MakeError(absl::StatusCode::kUnavailable, "REVISION_NOT_REACHED",
                   "the score history has not followed the registry into its new lineage yet");
}

// All that decides what a listing holds.
std::string QueryText(v1::ListScoreHistoryRequest request) {
  request.clear_page_token();
  request.clear_page_size();
  request.clear_min_revision();
  return request.SerializeAsString();
}

std::string TokenOf(const v1::ListScoreHistoryRequest& request, const HistoryPosition& position, int64_t sequence) {
  return absl::WebSafeBase64Escape(absl::StrCat(position.lineage, "\n", sequence, "\n", QueryText(request)));
}

// The sequence that the page before ended with.
absl::StatusOr<int64_t> SequenceOf(const v1::ListScoreHistoryRequest& request, const HistoryPosition& position) {
  constexpr int kParts = 3;
  std::string plain;
  int64_t sequence = 0;
  if (!absl::WebSafeBase64Unescape(request.page_token(), &plain)) {
    return InvalidField("page_token", "is no page token");
  }
  const std::vector<std::string> parts = absl::StrSplit(plain, absl::MaxSplits('\n', kParts - 1));
  if (parts.size() != kParts || !absl::SimpleAtoi(parts[1], &sequence) || sequence <= 0 ||
      parts[2] != QueryText(request)) {
    return InvalidField("page_token", "belongs to another query");
  }
  if (parts[0] != position.lineage) {
    return MakeError(absl::StatusCode::kFailedPrecondition, "PAGE_TOKEN_EXPIRED",
                     "the registry has been restored since the first page; list again");
  }
  return sequence;
}

absl::StatusOr<HistoryQuery> PageQuery(const v1::ListScoreHistoryRequest& request, const ScoreKey& key,
                                       const HistoryPosition& position) {
  HistoryQuery query;
  query.key = key;
  query.oldest_first = request.oldest_first();
  query.superseded = request.show_superseded();
  if (request.has_start_time()) {
    query.start = FromProto(request.start_time());
  }
  if (request.has_end_time()) {
    query.end = FromProto(request.end_time());
  }
  query.limit = request.page_size() == 0 ? kDefaultPageSize : std::min(request.page_size(), kMaxPageSize);
  if (!request.page_token().empty()) {
    OREWATCH_ASSIGN_OR_RETURN(const int64_t sequence, SequenceOf(request, position));
    (query.oldest_first ? query.after_sequence : query.before_sequence) = sequence;
  }
  return query;
}

absl::StatusOr<v1::ListScoreHistoryResponse> ReadPage(ScoreHistory& history, const v1::ListScoreHistoryRequest& request,
                                                      const ScoreKey& key, const Snapshot& snapshot) {
  OREWATCH_ASSIGN_OR_RETURN(const HistoryPosition position, history.Position());
  if (request.min_revision() > 0 && IsOfAnotherLineage(position, snapshot)) {
    return NotThereYet();
  }
  OREWATCH_ASSIGN_OR_RETURN(HistoryQuery query, PageQuery(request, key, position));
  const auto size = static_cast<size_t>(query.limit++);
  OREWATCH_ASSIGN_OR_RETURN(const auto records, history.List(query));
  v1::ListScoreHistoryResponse response;
  for (size_t i = 0; i < std::min(size, records.size()); ++i) {
    *response.add_records() = MessageOf(records[i], snapshot);
  }
  if (records.size() > size) {
    response.set_next_page_token(TokenOf(request, position, records[size - 1].sequence));
  }
  response.mutable_revision()->set_lineage(position.lineage);
  response.mutable_revision()->set_number(position.revision);
  return response;
}

// What the snapshot says, as it would be recorded after `last`; nothing if that would not be.
std::optional<KeptRecord> NotRecordedYet(const ScoreKey& key, const Snapshot& snapshot, const KeptRecord* last) {
  const auto& scores = snapshot.model->scores();
  const auto found = scores.find(key);
  if (found == scores.end() && last == nullptr) {
    return std::nullopt;
  }
  KeptRecord kept;
  kept.record = found == scores.end() ? RemovalOf(key) : RecordOf(*found->second, snapshot.model->parameters());
  if (last != nullptr && SameRecord(last->record, kept.record)) {
    return std::nullopt;
  }
  ScoreRecord& record = kept.record;
  if (last != nullptr) {
    record.score.change_cause = CauseOf(last->record, record);
  }
  const auto removed = snapshot.model->removed().find(key);
  const int64_t gone = removed == snapshot.model->removed().end() ? snapshot.model->revision() : removed->second;
  record.score.changed_revision = found == scores.end() ? gone : found->second->changed_revision;
  kept.lineage = snapshot.lineage;
  kept.commit_time =
      record.score.changed_revision == snapshot.model->revision() ? snapshot.commit_time : absl::InfinitePast();
  return kept;
}

absl::StatusOr<RecordedScore> ReadScore(ScoreHistory& history, const ScoreKey& key, int64_t since,
                                        const Snapshot& snapshot) {
  OREWATCH_ASSIGN_OR_RETURN(const HistoryPosition position, history.Position());
  if (IsOfAnotherLineage(position, snapshot)) {
    return NotThereYet();
  }
  HistoryQuery query;
  query.key = key;
  query.to_revision = since;
  query.limit = 1;
  RecordedScore recorded{since, false, {}};
  OREWATCH_ASSIGN_OR_RETURN(recorded.records, history.List(query));
  recorded.from_since = !recorded.records.empty();
  query.from_revision = since + 1;
  query.to_revision = snapshot.model->revision();
  query.limit = kMaxExplained;
  OREWATCH_ASSIGN_OR_RETURN(const auto newest_first, history.List(query));
  recorded.records.insert(recorded.records.end(), newest_first.rbegin(), newest_first.rend());
  if (auto kept = NotRecordedYet(key, snapshot, recorded.records.empty() ? nullptr : &recorded.records.back())) {
    recorded.records.push_back(*std::move(kept));
  }
  if (recorded.records.empty()) {
    return ScoreNotKept();
  }
  return recorded;
}

}  // namespace

HistoryReader::HistoryReader(ScoreHistory* history) : history_(history), executor_(kReaders, kMaxQueuedAnswers) {}

void HistoryReader::OnRecorded(const HistoryPosition& position) {
  if (position.lineage != lineage_) {
    lineage_ = position.lineage;
    gate_.Reset(position.revision);
  }
  gate_.Advance(position.revision);
}

void HistoryReader::List(const rpc::CallContext& context, const v1::ListScoreHistoryRequest& request,
                         const Snapshot& snapshot, const rpc::Respond<v1::ListScoreHistoryResponse>& respond) {
  if (history_ == nullptr) {
    return respond(NotKept());
  }
  if (request.page_size() < 0) {
    return respond(InvalidField("page_size", "must not be negative"));
  }
  const auto query = QueryOf(request.key(), {}, snapshot.model->parameters());
  if (!query.ok()) {
    return respond(query.status());
  }
  gate_.Await(context, request.min_revision(),
              [this, context, request, snapshot, respond, key = query->key](const absl::Status& reached) {
                if (!reached.ok()) {
                  return respond(reached);
                }
                AnswerOn<v1::ListScoreHistoryResponse>(executor_, context, respond, [this, request, snapshot, key] {
                  return ReadPage(*history_, request, key, snapshot);
                });
              });
}

void HistoryReader::Years(const rpc::CallContext& context, const v1::ListScoreYearsRequest& request,
                          const ScoreKey& key, const Snapshot& snapshot,
                          const rpc::Respond<v1::ListScoreYearsResponse>& respond) {
  if (key.method == Method::kStockCover) {
    return respond(InvalidField("key.method", "has no years: stocks are known as of now alone"));
  }
  if (key.method == Method::kHhiOwnership) {
    return respond(InvalidField("key.method", "has no years: owners are known as of now alone"));
  }
  const int first = request.first_year();
  const int last = request.last_year() == 0 ? std::numeric_limits<int>::max() : request.last_year();
  if (first < 0 || last < first) {
    return respond(InvalidField("last_year", "must be at least first_year, and neither negative"));
  }
  AnswerOn<v1::ListScoreYearsResponse>(executor_, context, respond, [key, first, last, snapshot] {
    v1::ListScoreYearsResponse response;
    for (const auto& score : snapshot.model->FindByYear(key, first, last)) {
      *response.add_scores() = MessageOf(*score, snapshot);
    }
    *response.mutable_revision() = RevisionOf(snapshot, snapshot.model->revision());
    return response;
  });
}

void HistoryReader::Changes(const rpc::CallContext& context, const ScoreKey& key, int64_t since,
                            const Snapshot& snapshot, const rpc::Respond<v1::ScoreChanges>& respond) {
  if (history_ == nullptr) {
    return respond(NotKept());
  }
  if (since < 0) {
    return respond(InvalidField("since_revision", "must not be negative"));
  }
  if (since > snapshot.model->revision()) {
    return respond(MakeError(
        absl::StatusCode::kOutOfRange, "REVISION_ABOVE_HEAD",
        absl::StrCat("since_revision ", since, " is above the revision of the answer, ", snapshot.model->revision())));
  }
  AnswerOn<v1::ScoreChanges>(
      executor_, context, respond, [this, key, since, snapshot]() -> absl::StatusOr<v1::ScoreChanges> {
        OREWATCH_ASSIGN_OR_RETURN(const RecordedScore recorded, ReadScore(*history_, key, since, snapshot));
        return ChangesOf(recorded, snapshot);
      });
}

}  // namespace orewatch::risk
