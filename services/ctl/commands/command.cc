#include "services/ctl/commands/command.h"

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "common/status/status.h"
#include "services/ctl/cli/flags.h"

namespace orewatch::ctl {
namespace {

constexpr size_t kAnyNumber = 1000;
constexpr char kPartialAnswer[] = "PARTIAL_ANSWER";

}  // namespace

absl::Span<const Command> Commands() {
  static const auto* const commands = new std::vector<Command>{
      {"get", "<name> | <kind> [<id>]", "show one resource, or list a kind", 1, 2, {"show_deleted"}, RunGet},
      {"list",
       "<kind>",
       "list resources, statistics, scores, rules or alerts",
       1,
       1,
       {"stage", "importer", "method", "state", "show_deleted", "filter", "order_by"},
       RunList},
      {"apply",
       "-f <file.textproto|file.json>",
       "create or update what a file holds",
       0,
       0,
       {"file", "validate_only"},
       RunApply},
      {"delete",
       "<name>...",
       "delete resources or rules",
       1,
       kAnyNumber,
       {"etag", "allow_missing", "validate_only"},
       RunDelete},
      {"undelete", "<name>...", "bring deleted resources back", 1, kAnyNumber, {"etag", "validate_only"}, RunUndelete},
      {"history", "<name>", "show who changed a resource, when, and how", 1, 1, {"oldest_first", "limit"}, RunHistory},
      {"search",
       "<word>...",
       "find resources, alerts and rules by words of their names and texts",
       1,
       kAnyNumber,
       {"kinds", "limit"},
       RunSearch},
      {"import",
       "<folder or files>...",
       "send our CSV files and official ones, and report every row left out",
       1,
       kAnyNumber,
       {"atomic", "validate_only"},
       RunImport},
      {"export",
       "[-f <file or folder>]",
       "write all that the registry holds at one revision: as CSV files into a folder (which ends in / or is there), "
       "else as textproto or -o json",
       0,
       0,
       {"file"},
       RunExport},
      {"watch",
       "[changes | scores | alerts | feed]",
       "follow what changes, or all three through the gateway, until interrupted",
       0,
       1,
       {"after", "all", "feed_token"},
       RunWatch},
      {"score",
       "[history | years] <mineral, country, supplier or facility>",
       "show scores; what one has been, by revision; or what it is by year of the data",
       1,
       2,
       {"stage", "importer", "method", "oldest_first", "limit", "svg"},
       RunScore},
      {"explain",
       "<mineral, country, supplier or facility>",
       "show a score with each figure behind it and its source, and what changed after a revision",
       1,
       1,
       {"stage", "importer", "method", "after", "svg"},
       RunExplain},
      {"exposure",
       "<facility, supplier or requirement>",
       "show from where it is supplied, tier by tier, and what hangs on it",
       1,
       1,
       {"mineral", "product", "tier", "by", "paths", "failure_points", "alternatives", "lost", "limit"},
       RunExposure},
      {"partners",
       "<mineral>",
       "rank the countries that an importer could turn to",
       1,
       1,
       {"stage", "importer", "horizon", "product", "exclude", "weight"},
       RunPartners},
      {"project",
       "<project>",
       "show whether and when a project produces, and what hangs on it",
       1,
       1,
       {"effect", "pass", "country_failure", "ramp_years", "seed", "runs", "years"},
       RunProject},
      {"alerts",
       "[list | rules | show | history | ack | unack | snooze | comment | assign | resolve] [alert] [text] | "
       "test-rule <file>|rules/<rule> | deliveries | replay <sequence> <target>",
       "list the firing alerts, or those of a --state, the worst first; show one and why it fires; act on one; say "
       "when a "
       "rule would have fired; list what was sent to whom, and send it again",
       0,
       kAnyNumber,
       {"state", "filter", "order_by", "limit", "duration", "days", "etag", "validate_only"},
       RunAlerts},
      {"overview",
       "",
       "rank the minerals of an official list by risk",
       0,
       0,
       {"critical_list", "importer", "limit"},
       RunOverview},
      {"brief",
       "<mineral, country, supplier or project>",
       "show everything about one of them",
       1,
       1,
       {"importer"},
       RunBrief},
      {"whoami", "", "show who you are taken for, and what you may do", 0, 0, {}, RunWhoami},
      {"auth",
       "new-key",
       "make a key for a --principal with a --role, and its entry for the access file of the services",
       1,
       1,
       {"id", "role", "expire"},
       RunAuth},
      {"audit",
       "list | verify [file]...",
       "list who did what and what was refused, by the audit logs of services; find what was changed in them or cut "
       "off. "
       "Exit code 1 if anything was",
       1,
       kAnyNumber,
       {"audit_log", "audit_anchor", "audit_process", "since", "method", "outcome", "after", "limit"},
       RunAudit},
      {"version", "", "print the version", 0, 0, {}, RunVersion},
  };
  return *commands;
}

const Command* FindCommand(absl::string_view name) {
  for (const Command& command : Commands()) {
    if (command.name == name) {
      return &command;
    }
  }
  return nullptr;
}

absl::Status PartialAnswer(absl::string_view missing_sections) {
  return missing_sections.empty() ? absl::OkStatus()
                                  : MakeError(absl::StatusCode::kUnavailable, kPartialAnswer,
                                              absl::StrCat("not all of the answer came: ", missing_sections));
}

bool IsPartialAnswer(const absl::Status& status) { return ErrorReason(status) == kPartialAnswer; }

std::string CommandsHelp() {
  std::string help = "orewatchctl follows critical-mineral supply chains through an orewatch suite.\n\nCommands:\n";
  for (const Command& command : Commands()) {
    absl::StrAppendFormat(&help, "  %-9s %-30s %s\n", command.name, command.synopsis, command.summary);
  }
  return absl::StrCat(help, "\nFlags of every command (also read from OREWATCH_<NAME>):\n", FlagsHelp(GlobalFlags()),
                      "\nExit code: 0 done, 1 failed, 2 misused, 3 a part of the answer is missing. `orewatchctl help "
                      "<command>` says more.\n");
}

std::string CommandHelp(const Command& command) {
  return absl::StrCat("orewatchctl ", command.name, command.synopsis.empty() ? "" : " ", command.synopsis, "\n  ",
                      command.summary, "\n", command.flags.empty() ? "" : "\nFlags:\n", FlagsHelp(command.flags));
}

}  // namespace orewatch::ctl
