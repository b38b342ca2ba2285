#include "services/ctl/cli/run.h"

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "common/status/status.h"
#include "services/ctl/cli/args.h"
#include "services/ctl/cli/flags.h"
#include "services/ctl/commands/command.h"
#include "services/ctl/render/error_text.h"

namespace orewatch::ctl {
namespace {

constexpr absl::string_view kHelpCommand = "help";

absl::Status CheckWordCount(const Command& command, size_t count) {
  if (count < command.min_words || count > command.max_words) {
    return UsageError(
        absl::StrCat("usage: orewatchctl ", command.name, command.synopsis.empty() ? "" : " ", command.synopsis));
  }
  return absl::OkStatus();
}

absl::StatusOr<const Command*> CommandOf(absl::string_view name) {
  const Command* command = FindCommand(name);
  if (command == nullptr) {
    return UsageError(absl::StrCat("unknown command \"", name, "\"; `orewatchctl help` lists them"));
  }
  return command;
}

absl::Status PrintHelp(const std::vector<std::string>& words, std::ostream& out) {
  if (words.empty()) {
    out << CommandsHelp();
    return absl::OkStatus();
  }
  OREWATCH_ASSIGN_OR_RETURN(const Command* command, CommandOf(words.front()));
  out << CommandHelp(*command);
  return absl::OkStatus();
}

bool AsksForHelp(const Args& args) {
  for (const auto& [name, value] : args.flags) {
    if (name == kHelpCommand && value == "true") {
      return true;
    }
  }
  return false;
}

absl::Status RunCommand(const std::vector<std::string>& words, absl::FunctionRef<const char*(const char*)> environment,
                        const Streams& streams) {
  OREWATCH_ASSIGN_OR_RETURN(Args args, ParseArgs(words, IsSwitchFlag));
  const bool help_command = !args.words.empty() && args.words.front() == kHelpCommand;
  const bool help = help_command || AsksForHelp(args);
  if (args.words.empty() && !help) {
    streams.err << CommandsHelp();
    return UsageError("no command is given");
  }
  if (help) {
    return PrintHelp(help_command ? std::vector<std::string>(args.words.begin() + 1, args.words.end()) : args.words,
                     streams.out);
  }
  OREWATCH_ASSIGN_OR_RETURN(const Command* command, CommandOf(args.words.front()));
  std::vector<absl::string_view> accepted = GlobalFlags();
  accepted.insert(accepted.end(), command->flags.begin(), command->flags.end());
  OREWATCH_ASSIGN_OR_RETURN(const Options options, ReadOptions(args.flags, accepted, environment));
  args.words.erase(args.words.begin());
  OREWATCH_RETURN_IF_ERROR(CheckWordCount(*command, args.words.size()));
  const Client client(options.client);
  return command->run({options, args.words, client, streams.out, streams.err, streams.progress});
}

}  // namespace

int Run(const std::vector<std::string>& words, absl::FunctionRef<const char*(const char*)> environment,
        const Streams& streams) {
  const absl::Status status = RunCommand(words, environment, streams);
  streams.out.flush();
  if (status.ok() && !streams.out) {
    streams.err << "error: the output could not be written\n";
    return kExitFailed;
  }
  if (status.ok()) {
    return kExitDone;
  }
  streams.err << ErrorText(status);
  if (IsUsageError(status)) {
    return kExitUsage;
  }
  return IsPartialAnswer(status) ? kExitPartial : kExitFailed;
}

}  // namespace orewatch::ctl
