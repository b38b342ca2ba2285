#include <algorithm>
#include <string>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "common/rpc/grpc_status.h"
#include "common/status/status.h"
#include "orewatch/alerting/v1/alerting.grpc.pb.h"
#include "orewatch/gateway/v1/gateway.grpc.pb.h"
#include "orewatch/registry/v1/registry.grpc.pb.h"
#include "orewatch/risk/v1/risk.grpc.pb.h"
#include "services/ctl/cli/args.h"
#include "services/ctl/commands/command.h"
#include "services/ctl/import/enum_text.h"
#include "services/ctl/render/alert_text.h"
#include "services/ctl/render/brief_text.h"
#include "services/ctl/render/change_text.h"
#include "services/ctl/render/score_text.h"

namespace orewatch::ctl {
namespace {

using ::google::protobuf::Message;
using registry::v1::ChangeSet;
using risk::v1::WatchScoresResponse;

// Pause before a stream that a server ended is taken up again.
constexpr absl::Duration kFirstPause = absl::Milliseconds(200);
constexpr absl::Duration kLongestPause = absl::Seconds(10);

std::string ScoresText(const WatchScoresResponse& response) {
  std::string text;
  for (const risk::v1::Score& score : response.scores()) {
    absl::StrAppend(&text, score.changed_revision().number(), "  ", score.key().subject(), "  ",
                    EnumText(*type::v1::Stage_descriptor(), score.key().stage()), "  ", score.key().importer(), "  ",
                    EnumText(*risk::v1::Method_descriptor(), score.key().method()), "  ", ScoreValueText(score), "  ",
                    CompletenessText(score), "\n");
  }
  for (const risk::v1::ScoreKey& key : response.removed()) {
    absl::StrAppend(&text, "removed  ", key.subject(), "  ", EnumText(*type::v1::Stage_descriptor(), key.stage()), "  ",
                    EnumText(*risk::v1::Method_descriptor(), key.method()), "\n");
  }
  return text;
}

// A message to the output: readable, or JSON, one a line.
void Print(const Session& session, const Message& message, const std::string& readable) {
  switch (session.options.format) {
    case Format::kJson:
      session.out << JsonText(message, /*pretty=*/false) << "\n";
      break;
    case Format::kTextproto:
      session.out << TextprotoText(message) << "\n";
      break;
    default:
      session.out << readable;
  }
  session.out.flush();
}

// One connection of a watch, from the cursor that it moves on. True if anything was received.
template <typename Cursor>
using Follow = absl::Status (*)(const Session& session, Cursor& cursor, bool& received);

absl::Status FollowChanges(const Session& session, type::v1::Revision& after, bool& received) {
  const auto stub = registry::v1::Registry::NewStub(session.client.ChannelOf(kRegistry));
  grpc::ClientContext context;
  session.client.Identify(context);
  registry::v1::WatchRequest request;
  *request.mutable_after() = after;
  const auto reader = stub->Watch(&context, request);
  ChangeSet chunk;
  ChangeSet set;
  while (reader->Read(&chunk)) {
    received = true;
    if (set.revision().number() != chunk.revision().number()) {
      set.Clear();
    }
    set.MergeFrom(chunk);
    // Printed whole: a revision that is cut off is sent again.
    if (chunk.last_chunk()) {
      Print(session, set, ChangesText(set));
      after = set.revision();
      set.Clear();
    }
  }
  return rpc::FromGrpc(reader->Finish());
}

absl::Status FollowScores(const Session& session, type::v1::Revision& after, bool& received) {
  const auto stub = risk::v1::Risk::NewStub(session.client.ChannelOf(kRisk));
  grpc::ClientContext context;
  session.client.Identify(context);
  risk::v1::WatchScoresRequest request;
  *request.mutable_after() = after;
  const auto reader = stub->WatchScores(&context, request);
  WatchScoresResponse response;
  while (reader->Read(&response)) {
    received = true;
    Print(session, response, ScoresText(response));
    if (response.has_bookmark()) {
      after = response.bookmark();
    }
  }
  return rpc::FromGrpc(reader->Finish());
}

absl::Status FollowAlerts(const Session& session, int64_t& after, bool& received) {
  const auto stub = alerting::v1::Alerting::NewStub(session.client.ChannelOf(kAlerting));
  grpc::ClientContext context;
  session.client.Identify(context);
  alerting::v1::WatchAlertsRequest request;
  request.set_after_sequence(after);
  const auto reader = stub->WatchAlerts(&context, request);
  alerting::v1::WatchAlertsResponse response;
  while (reader->Read(&response)) {
    received = true;
    if (response.has_bookmark()) {
      after = std::max(after, response.bookmark().sequence());
      continue;
    }
    Print(session, response, AlertEventText(response));
    after = std::max(after, response.event().sequence());
  }
  return rpc::FromGrpc(reader->Finish());
}

absl::Status FollowFeed(const Session& session, std::string& token, bool& received) {
  const auto stub = gateway::v1::Gateway::NewStub(session.client.ChannelOf(kGateway));
  grpc::ClientContext context;
  session.client.Identify(context);
  gateway::v1::WatchFeedRequest request;
  request.set_token(token);
  const auto reader = stub->WatchFeed(&context, request);
  gateway::v1::WatchFeedResponse response;
  while (reader->Read(&response)) {
    received = true;
    Print(session, response, FeedText(response));
    token = response.token();
  }
  absl::Status status = rpc::FromGrpc(reader->Finish());
  // One of which nothing came may be no token at all.
  if (received) {
    session.err << "go on with --feed_token=" << token << "\n";
  }
  return status;
}

// Servers end their streams when they are replaced; the cursor makes going on safe. A first connection that fails is
// the user's to know.
template <typename Cursor>
absl::Status KeepFollowing(const Session& session, Cursor cursor, Follow<Cursor> follow) {
  bool ever_received = false;
  absl::Duration pause = kFirstPause;
  while (true) {
    bool received = false;
    absl::Status status = follow(session, cursor, received);
    ever_received = ever_received || received;
    if (!(status.ok() || absl::IsUnavailable(status)) || !ever_received) {
      return status;
    }
    pause = received ? kFirstPause : std::min(pause * 2, kLongestPause);
    session.err << "the stream ended; going on in " << absl::FormatDuration(pause) << "\n";
    absl::SleepFor(pause);
  }
}

// Where a watch of alerts begins: now, unless it was said otherwise.
absl::StatusOr<int64_t> FirstSequence(const Session& session) {
  if (session.options.all || session.options.after.has_value()) {
    return session.options.after.value_or(0);
  }
  alerting::v1::ListAlertsRequest request;
  request.set_page_size(1);
  OREWATCH_ASSIGN_OR_RETURN(const auto newest,
                            session.client.Call<alerting::v1::ListAlertsResponse>(kAlerting, "ListAlerts", request));
  return newest.sequence();
}

}  // namespace

absl::Status RunWatch(const Session& session) {
  if (session.options.format == Format::kCsv) {
    return UsageError("-o csv is for lists");
  }
  const std::string what = session.words.empty() ? "changes" : session.words.front();
  type::v1::Revision after;
  after.set_number(session.options.after.value_or(0));
  if (what == "changes") {
    return KeepFollowing<type::v1::Revision>(session, after, FollowChanges);
  }
  if (what == "scores") {
    return KeepFollowing<type::v1::Revision>(session, after, FollowScores);
  }
  if (what == "alerts") {
    OREWATCH_ASSIGN_OR_RETURN(const int64_t sequence, FirstSequence(session));
    return KeepFollowing<int64_t>(session, sequence, FollowAlerts);
  }
  if (what == "feed") {
    return KeepFollowing<std::string>(session, session.options.feed_token, FollowFeed);
  }
  return UsageError(absl::StrCat("watch changes, scores, alerts or feed, not \"", what, "\""));
}

}  // namespace orewatch::ctl
