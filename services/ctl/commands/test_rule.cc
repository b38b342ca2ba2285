#include <string>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "common/status/status.h"
#include "common/time/proto_time.h"
#include "orewatch/alerting/v1/rehearsal.pb.h"
#include "services/ctl/cli/args.h"
#include "services/ctl/client/documents.h"
#include "services/ctl/commands/alert_commands.h"
#include "services/ctl/import/loader.h"
#include "services/ctl/render/rehearsal_text.h"

namespace orewatch::ctl {
namespace {

using alerting::v1::TestRuleRequest;
using alerting::v1::TestRuleResponse;

// Rules have no dot in their names; files mostly do.
bool IsRuleName(const std::string& word) { return absl::StartsWith(word, "rules/") && !absl::StrContains(word, '.'); }

absl::StatusOr<std::vector<TestRuleRequest>> RequestsOf(const std::string& word) {
  if (IsRuleName(word)) {
    TestRuleRequest request;
    request.set_name(word);
    return std::vector{request};
  }
  OREWATCH_ASSIGN_OR_RETURN(const std::string text, ReadFile(word));
  const absl::StatusOr<Documents> documents = ParseDocuments(text);
  if (!documents.ok()) {
    return MakeError(documents.status().code(), ErrorReason(documents.status()),
                     absl::StrCat(word, ": ", documents.status().message()));
  }
  if (documents->rules.empty()) {
    return MakeError(absl::StatusCode::kInvalidArgument, "NOTHING_TO_TEST", absl::StrCat(word, " holds no rule"));
  }
  std::vector<TestRuleRequest> requests;
  for (const alerting::v1::Rule& rule : documents->rules) {
    *requests.emplace_back().mutable_rule() = rule;
  }
  return requests;
}

absl::Status TestOne(const Session& session, TestRuleRequest request) {
  if (session.options.days > 0) {
    *request.mutable_start_time() = ToProto(absl::Now() - absl::Hours(24) * session.options.days);
  }
  OREWATCH_ASSIGN_OR_RETURN(const auto response, session.client.Call<TestRuleResponse>(kAlerting, "TestRule", request));
  if (session.options.format == Format::kTable) {
    session.out << RehearsalText(request.has_name() ? request.name() : request.rule().name(), response);
  } else {
    session.out << Rendered(session.options.format, response, [&] { return FiringTable(response.firings()); });
  }
  return absl::OkStatus();
}

}  // namespace

absl::Status TestRules(const Session& session) {
  if (session.options.days < 0) {
    return UsageError("--days: must not be negative");
  }
  OREWATCH_ASSIGN_OR_RETURN(const std::vector<TestRuleRequest> requests, RequestsOf(session.words[1]));
  for (const TestRuleRequest& request : requests) {
    OREWATCH_RETURN_IF_ERROR(TestOne(session, request));
  }
  return absl::OkStatus();
}

}  // namespace orewatch::ctl
