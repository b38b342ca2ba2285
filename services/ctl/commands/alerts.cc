#include <algorithm>
#include <string>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/time/clock.h"
#include "common/status/status.h"
#include "common/time/proto_time.h"
#include "orewatch/alerting/v1/alerting.pb.h"
#include "services/ctl/cli/args.h"
#include "services/ctl/client/kinds.h"
#include "services/ctl/commands/alert_commands.h"
#include "services/ctl/commands/command.h"
#include "services/ctl/commands/subject.h"
#include "services/ctl/render/alert_text.h"

namespace orewatch::ctl {
namespace {

using ::google::protobuf::Message;
using namespace alerting::v1;  // NOLINT(google-build-using-namespace): every request of the file.

constexpr int kPageSize = 1000;

// `alerts/x` from `x`.
std::string AlertName(const std::string& word) {
  return absl::StartsWith(word, "alerts/") ? word : absl::StrCat("alerts/", word);
}

absl::Status PrintAlert(const Session& session, const Alert& alert) {
  if (session.options.format == Format::kTable) {
    session.out << AlertText(alert);
  } else {
    google::protobuf::RepeatedPtrField<Alert> one;
    *one.Add() = alert;
    session.out << Rendered(session.options.format, alert, [&] { return NamedAlertTable(one); });
  }
  return absl::OkStatus();
}

absl::Status List(const Session& session) {
  AlertState state = ALERT_STATE_FIRING;
  if (!session.options.state.empty()) {
    OREWATCH_ASSIGN_OR_RETURN(state, StateOf(session.options));
  }
  OREWATCH_ASSIGN_OR_RETURN(const Kind* kind, FindKind("alerts"));
  OREWATCH_ASSIGN_OR_RETURN(const std::unique_ptr<Message> response,
                            ListAll(session.client, *kind, [&](Message& request) {
                              auto& list = static_cast<ListAlertsRequest&>(request);
                              list.set_state(state);
                              list.set_filter(session.options.filter);
                              list.set_order_by(session.options.order_by);
                            }));
  auto& alerts = *static_cast<ListAlertsResponse&>(*response).mutable_alerts();
  if (const int limit = session.options.limit; limit > 0 && alerts.size() > limit) {
    alerts.DeleteSubrange(limit, alerts.size() - limit);
  }
  session.out << Rendered(session.options.format, *response, [&] { return NamedAlertTable(alerts); });
  return absl::OkStatus();
}

absl::Status ListRules(const Session& session) {
  const std::vector<std::string> rules = {"rules"};
  return RunList({session.options, rules, session.client, session.out, session.err, session.progress});
}

absl::Status Show(const Session& session) {
  GetAlertRequest request;
  request.set_name(AlertName(session.words[1]));
  request.set_view(ALERT_VIEW_FULL);
  OREWATCH_ASSIGN_OR_RETURN(const Alert alert, session.client.Call<Alert>(kAlerting, "GetAlert", request));
  return PrintAlert(session, alert);
}

absl::Status History(const Session& session) {
  ListAlertEventsRequest request;
  request.set_name(AlertName(session.words[1]));
  const int limit = session.options.limit;
  ListAlertEventsResponse all;
  do {
    request.set_page_size(limit == 0 ? kPageSize : std::min(limit - all.events_size(), kPageSize));
    OREWATCH_ASSIGN_OR_RETURN(auto page,
                              session.client.Call<ListAlertEventsResponse>(kAlerting, "ListAlertEvents", request));
    request.set_page_token(page.next_page_token());
    page.clear_next_page_token();
    all.MergeFrom(page);
  } while (!request.page_token().empty() && (limit == 0 || all.events_size() < limit));
  session.out << Rendered(session.options.format, all, [&] { return AlertEventTable(all.events()); });
  return absl::OkStatus();
}

// What follows the alert, as one text.
std::string Said(const Session& session) { return absl::StrJoin(session.words.begin() + 2, session.words.end(), " "); }

template <typename Request>
Request About(const Session& session) {
  Request request;
  request.set_name(AlertName(session.words[1]));
  request.set_etag(session.options.etag);
  request.set_validate_only(session.options.validate_only);
  return request;
}

template <typename Request>
Request AboutWithComment(const Session& session) {
  auto request = About<Request>(session);
  request.set_comment(Said(session));
  return request;
}

absl::Status Act(const Session& session, absl::string_view method, Message& request) {
  OREWATCH_ASSIGN_OR_RETURN(const Kind* kind, FindKind("alerts"));
  OREWATCH_ASSIGN_OR_RETURN(const std::unique_ptr<Message> alert, CallMethod(session.client, *kind, method, request));
  return PrintAlert(session, static_cast<const Alert&>(*alert));
}

absl::Status Acknowledge(const Session& session) {
  auto request = AboutWithComment<AcknowledgeAlertRequest>(session);
  if (session.options.duration.has_value()) {
    *request.mutable_expire_time() = ToProto(absl::Now() + *session.options.duration);
  }
  return Act(session, "AcknowledgeAlert", request);
}

absl::Status Unacknowledge(const Session& session) {
  auto request = AboutWithComment<UnacknowledgeAlertRequest>(session);
  return Act(session, "UnacknowledgeAlert", request);
}

absl::Status Snooze(const Session& session) {
  if (!session.options.duration.has_value()) {
    return UsageError("alerts snooze needs a --duration, such as 8h; 0 ends a snooze");
  }
  auto request = AboutWithComment<SnoozeAlertRequest>(session);
  *request.mutable_expire_time() = ToProto(absl::Now() + *session.options.duration);
  return Act(session, "SnoozeAlert", request);
}

absl::Status Comment(const Session& session) {
  auto request = AboutWithComment<CommentAlertRequest>(session);
  return Act(session, "CommentAlert", request);
}

absl::Status Assign(const Session& session) {
  auto request = About<AssignAlertRequest>(session);
  request.set_assignee(Said(session));
  return Act(session, "AssignAlert", request);
}

absl::Status Resolve(const Session& session) {
  auto request = AboutWithComment<ResolveAlertRequest>(session);
  return Act(session, "ResolveAlert", request);
}

constexpr size_t kAnyNumber = 1000;

// Of `alerts`.
struct Subcommand {
  absl::string_view name;
  // How many words may follow, and what they are.
  size_t fewest;
  size_t most;
  absl::string_view takes;
  absl::Status (*run)(const Session& session);
};

constexpr char kNothing[] = "no more";
constexpr char kAlert[] = "an alert";
constexpr char kAlertAndText[] = "an alert and a text";

constexpr Subcommand kSubcommands[] = {
    {"list", 0, 0, kNothing, List},
    {"rules", 0, 0, kNothing, ListRules},
    {"show", 1, 1, kAlert, Show},
    {"history", 1, 1, kAlert, History},
    {"ack", 1, kAnyNumber, kAlert, Acknowledge},
    {"unack", 1, kAnyNumber, kAlert, Unacknowledge},
    {"snooze", 1, kAnyNumber, kAlert, Snooze},
    {"comment", 2, kAnyNumber, kAlertAndText, Comment},
    {"assign", 1, kAnyNumber, kAlert, Assign},
    {"resolve", 2, kAnyNumber, kAlertAndText, Resolve},
    {"test-rule", 1, 1, "a file with rules, or rules/NAME", TestRules},
    {"deliveries", 0, 0, kNothing, ListDeliveries},
    {"replay", 2, 2, "a sequence number and a target", ReplayDelivery},
};

absl::Status CheckWords(const Subcommand& subcommand, size_t words) {
  if (words < subcommand.fewest || words > subcommand.most) {
    return UsageError(absl::StrCat("alerts ", subcommand.name, " takes ", subcommand.takes));
  }
  return absl::OkStatus();
}

}  // namespace

absl::Status RunAlerts(const Session& session) {
  if (session.words.empty()) {
    return List(session);
  }
  for (const Subcommand& subcommand : kSubcommands) {
    if (subcommand.name == session.words.front()) {
      OREWATCH_RETURN_IF_ERROR(CheckWords(subcommand, session.words.size() - 1));
      return subcommand.run(session);
    }
  }
  return UsageError(
      absl::StrCat("alerts list, rules, show, history, ack, unack, snooze, comment, assign, resolve, test-rule, "
                   "deliveries or replay, not \"",
                   session.words.front(), "\""));
}

}  // namespace orewatch::ctl
