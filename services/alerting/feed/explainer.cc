#include "services/alerting/feed/explainer.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "common/rpc/deadline.h"
#include "common/rpc/grpc_status.h"
#include "common/rpc/speak_for.h"
#include "common/time/steady.h"

namespace orewatch::alerting {
namespace {

// Of each of the two questions.
constexpr absl::Duration kPatience = absl::Seconds(3);
constexpr int kMaxNames = 100;

void Prepare(const AlertQuestion& question, grpc::ClientContext& context) {
  rpc::SetDeadline(context, std::min(question.deadline, SteadyNow() + kPatience));
  rpc::SpeakFor(question.caller, context);
}

void Note(absl::string_view part, const absl::Status& status, v1::AlertExplanation& explanation) {
  if (!status.ok()) {
    explanation.add_missing(absl::StrCat(part, ": ", absl::StatusCodeToString(status.code())));
  }
}

// True while more of the change set is wanted.
bool Take(const registry::v1::ChangeSet& chunk, v1::AlertExplanation::Cause& out) {
  if (chunk.bookmark() || chunk.revision().number() != out.revision().number()) {
    return false;
  }
  *out.mutable_commit_time() = chunk.commit_time();
  *out.mutable_principal() = chunk.principal();
  out.set_request_id(chunk.request_id());
  for (const registry::v1::Change& change : chunk.changes()) {
    if (out.names_size() == kMaxNames) {
      out.set_more(true);
      return false;
    }
    out.add_names(change.name());
  }
  return !chunk.last_chunk();
}

}  // namespace

Explainer::Explainer(const std::shared_ptr<grpc::Channel>& risk, const std::shared_ptr<grpc::Channel>& registry)
    : risk_(risk::v1::Risk::NewStub(risk)), registry_(registry::v1::Registry::NewStub(registry)) {}

v1::AlertExplanation Explainer::Explain(const AlertQuestion& question) {
  v1::AlertExplanation explanation;
  // What is no score has none to be explained.
  if (question.subject.method() != risk::v1::METHOD_UNSPECIFIED) {
    Note("score", ExplainScore(question, *explanation.mutable_score()), explanation);
  }
  *explanation.mutable_cause()->mutable_revision() = question.cause;
  Note("cause", FindCause(question, *explanation.mutable_cause()), explanation);
  return explanation;
}

absl::Status Explainer::ExplainScore(const AlertQuestion& question, risk::v1::ScoreExplanation& out) const {
  grpc::ClientContext context;
  Prepare(question, context);
  risk::v1::ExplainScoreRequest request;
  *request.mutable_key() = question.subject;
  request.set_since_revision(std::max<int64_t>(question.cause.number() - 1, 0));
  return rpc::FromGrpc(risk_->ExplainScore(&context, request, &out));
}

absl::Status Explainer::FindCause(const AlertQuestion& question, v1::AlertExplanation::Cause& out) const {
  if (question.cause.number() <= 0) {
    return absl::OkStatus();
  }
  grpc::ClientContext context;
  Prepare(question, context);
  registry::v1::WatchRequest request;
  request.mutable_after()->set_lineage(question.cause.lineage());
  request.mutable_after()->set_number(question.cause.number() - 1);
  const auto reader = registry_->Watch(&context, request);
  registry::v1::ChangeSet chunk;
  bool received = false;
  while (reader->Read(&chunk)) {
    received = true;
    if (!Take(chunk, out)) {
      // It would go on for ever.
      context.TryCancel();
      break;
    }
  }
  const absl::Status ended = rpc::FromGrpc(reader->Finish());
  return received ? absl::OkStatus() : ended;
}

}  // namespace orewatch::alerting
