#include "services/alerting/feed/past_reader.h"

#include <algorithm>
#include <atomic>
#include <iterator>
#include <thread>
#include <utility>
#include <variant>

#include "absl/base/thread_annotations.h"
#include "absl/strings/str_cat.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/clock.h"
#include "common/rpc/grpc_status.h"
#include "common/status/status.h"
#include "common/time/proto_time.h"
#include "services/alerting/feed/past_call.h"
#include "services/alerting/feed/past_facts_reader.h"
#include "services/alerting/feed/score_conversion.h"
#include "services/alerting/record/score_message.h"

namespace orewatch::alerting {
namespace {

constexpr int kPageSize = 1000;
// As many as risk has readers of its history.
constexpr int kAtOnce = 4;

// Calls a method that lists something in the name of who asks.
template <typename Request, typename Response>
absl::Status Call(grpc::Status (risk::v1::Risk::Stub::*method)(grpc::ClientContext*, const Request&, Response*),
                  risk::v1::Risk::Stub& stub, const PastQuestion& question, const Request& request,
                  Response& response) {
  if (question.cancelled()) {
    return Abandoned();
  }
  grpc::ClientContext context;
  Prepare(question, context);
  response.Clear();
  absl::Status status = rpc::FromGrpc((stub.*method)(&context, request, &response));
  return ErrorReason(status) == "PAGE_TOKEN_EXPIRED" ? HistoryChanged() : status;
}

// What every score that the rule matches has; the rest is empty. Of a combination: what those of each part have that
// looks at scores.
std::vector<risk::v1::ScoreKey> Common(const Rule& rule) {
  std::vector<risk::v1::ScoreKey> all;
  if (const auto* combination = std::get_if<Combination>(&rule.condition); combination != nullptr) {
    for (const Part& part : combination->parts) {
      if (!std::holds_alternative<Happening>(part.condition)) {
        ToProto(part.target, all.emplace_back());
      }
    }
    return all;
  }
  const ScoreKey& target = rule.target;
  const ScoreKey& filter = rule.filter.equalities();
  ToProto({.subject = target.subject.empty() ? filter.subject : target.subject,
           .stage = target.stage == 0 ? filter.stage : target.stage,
           .importer = target.importer.empty() ? filter.importer : target.importer,
           .method = target.method == 0 ? filter.method : target.method},
          all.emplace_back());
  return all;
}

absl::Status TooManyScores() {
  return MakeError(absl::StatusCode::kFailedPrecondition, "TOO_MANY_SCORES",
                   absl::StrCat("the rule matches more than ", PastSource::kMaxScores, " scores"));
}

absl::Status TooMuchHistory() {
  return MakeError(absl::StatusCode::kFailedPrecondition, "TOO_MUCH_HISTORY",
                   absl::StrCat("the scores that the rule matches have changed more than ", PastSource::kMaxRecords,
                                " times; ask for fewer"));
}

PastScore ToPast(const risk::v1::ScoreRecord& record, uint32_t key) {
  PastScore past = PastOf(FromProto(record.score()), key, orewatch::FromProto(record.commit_time()));
  past.removed = record.removed();
  return past;
}

// A record that cannot say why it differs from one before is where somebody began to remember.
std::optional<HistoryBegin> BeginOf(const PastScores& past) {
  for (const PastScore& record : past.records) {
    if (record.revision != past.records.front().revision) {
      break;
    }
    if (record.cause == 0) {
      return HistoryBegin{{past.revision.lineage, record.revision}, record.commit_time};
    }
  }
  return std::nullopt;
}

// Gathers what several threads have read.
class Gathered {
 public:
  void Add(std::vector<PastScore> records) {
    absl::MutexLock lock(&mutex_);
    records_.insert(records_.end(), std::make_move_iterator(records.begin()), std::make_move_iterator(records.end()));
    if (records_.size() > PastSource::kMaxRecords) {
      status_.Update(TooMuchHistory());
    }
  }
  void Fail(const absl::Status& status) {
    absl::MutexLock lock(&mutex_);
    status_.Update(status);
  }
  bool ok() const {
    absl::MutexLock lock(&mutex_);
    return status_.ok();
  }
  absl::StatusOr<std::vector<PastScore>> Take() {
    absl::MutexLock lock(&mutex_);
    return status_.ok() ? absl::StatusOr<std::vector<PastScore>>(std::move(records_)) : status_;
  }

 private:
  mutable absl::Mutex mutex_;
  absl::Status status_ ABSL_GUARDED_BY(mutex_);
  std::vector<PastScore> records_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace

absl::StatusOr<PastScores> PastReader::ReadScores(const PastQuestion& question) {
  PastScores past;
  OREWATCH_RETURN_IF_ERROR(FindScores(question, past));
  OREWATCH_RETURN_IF_ERROR(ReadHistories(question, past));
  std::sort(past.records.begin(), past.records.end(), [](const PastScore& a, const PastScore& b) {
    return a.revision != b.revision ? a.revision < b.revision : a.key < b.key;
  });
  past.begins = BeginOf(past);
  return past;
}

absl::StatusOr<PastFacts> PastReader::ReadFacts(const PastQuestion& question) {
  return registry_ != nullptr ? ReadPastFacts(*registry_, question)
                              : MakeError(absl::StatusCode::kUnavailable, "NO_HISTORY_YET",
                                          "nobody is known who remembers what happened in the registry");
}

absl::Status PastReader::FindScores(const PastQuestion& question, PastScores& past) const {
  std::set<ScoreKey> keys;
  for (const risk::v1::ScoreKey& common : Common(question.rule)) {
    OREWATCH_RETURN_IF_ERROR(FindScores(question, common, keys, past.revision));
  }
  past.keys.assign(keys.begin(), keys.end());
  return absl::OkStatus();
}

absl::Status PastReader::FindScores(const PastQuestion& question, const risk::v1::ScoreKey& common,
                                    std::set<ScoreKey>& keys, Revision& revision) const {
  risk::v1::ListScoresRequest request;
  *request.mutable_filter() = common;
  request.set_page_size(kPageSize);
  risk::v1::ListScoresResponse page;
  do {
    OREWATCH_RETURN_IF_ERROR(Call(&risk::v1::Risk::Stub::ListScores, *risk_, question, request, page));
    for (const risk::v1::Score& score : page.scores()) {
      ScoreKey key = FromProto(score.key());
      if (Reads(question.rule, key)) {
        keys.insert(std::move(key));
      }
    }
    if (keys.size() > kMaxScores) {
      return TooManyScores();
    }
    revision = FromProto(page.revision());
    request.set_page_token(page.next_page_token());
  } while (!request.page_token().empty());
  return absl::OkStatus();
}

absl::StatusOr<std::vector<PastScore>> PastReader::ReadHistory(const PastQuestion& question, const PastScores& past,
                                                               uint32_t key) const {
  risk::v1::ListScoreHistoryRequest request;
  ToProto(past.keys[key], *request.mutable_key());
  request.set_page_size(kPageSize);
  request.set_oldest_first(true);
  request.set_min_revision(past.revision.number);
  std::vector<PastScore> records;
  risk::v1::ListScoreHistoryResponse page;
  do {
    const absl::Status status = Call(&risk::v1::Risk::Stub::ListScoreHistory, *risk_, question, request, page);
    // It has gone since it was found, and nobody remembers it.
    if (ErrorReason(status) == "SCORE_NOT_KEPT") {
      return records;
    }
    OREWATCH_RETURN_IF_ERROR(status);
    for (const risk::v1::ScoreRecord& message : page.records()) {
      PastScore record = ToPast(message, key);
      if (record.revision > past.revision.number) {
        return records;
      }
      records.push_back(std::move(record));
      if (records.back().commit_time >= question.end) {
        return records;
      }
    }
    if (records.size() > kMaxRecords) {
      return TooMuchHistory();
    }
    request.set_page_token(page.next_page_token());
  } while (!request.page_token().empty());
  return records;
}

absl::Status PastReader::ReadHistories(const PastQuestion& question, PastScores& past) const {
  Gathered gathered;
  std::atomic<uint32_t> next = 0;
  const auto read = [&] {
    for (uint32_t key = next++; key < past.keys.size() && gathered.ok(); key = next++) {
      absl::StatusOr<std::vector<PastScore>> records = ReadHistory(question, past, key);
      records.ok() ? gathered.Add(*std::move(records)) : gathered.Fail(records.status());
    }
  };
  std::vector<std::thread> helpers;
  for (size_t i = 1; i < std::min<size_t>(kAtOnce, past.keys.size()); ++i) {
    helpers.emplace_back(read);
  }
  read();
  for (std::thread& helper : helpers) {
    helper.join();
  }
  OREWATCH_ASSIGN_OR_RETURN(past.records, gathered.Take());
  return absl::OkStatus();
}

}  // namespace orewatch::alerting
