// The table of commands.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "absl/types/span.h"
#include "services/ctl/cli/session.h"

namespace orewatch::ctl {

// One command. `run` writes its answer to the session; an error is printed by the caller.
struct Command {
  absl::string_view name;
  absl::string_view synopsis;
  absl::string_view summary;
  size_t min_words;
  size_t max_words;
  // Beside the global ones.
  std::vector<absl::string_view> flags;
  absl::Status (*run)(const Session& session);
};

absl::Span<const Command> Commands();

// Null: no such command.
const Command* FindCommand(absl::string_view name);

// What `orewatchctl help` prints; for one command with its flags.
std::string CommandsHelp();
std::string CommandHelp(const Command& command);

// What a command returns after it has printed an answer without these sections; OK if none is missing. UNAVAILABLE with
// reason PARTIAL_ANSWER, exit code 3: a script must not take a part for the whole.
absl::Status PartialAnswer(absl::string_view missing_sections);
bool IsPartialAnswer(const absl::Status& status);

// One function a command, each in its own file.
absl::Status RunGet(const Session& session);
absl::Status RunList(const Session& session);
absl::Status RunApply(const Session& session);
absl::Status RunDelete(const Session& session);
absl::Status RunUndelete(const Session& session);
absl::Status RunHistory(const Session& session);
absl::Status RunSearch(const Session& session);
absl::Status RunImport(const Session& session);
absl::Status RunExport(const Session& session);
absl::Status RunWatch(const Session& session);
absl::Status RunScore(const Session& session);
absl::Status RunExplain(const Session& session);
absl::Status RunExposure(const Session& session);
absl::Status RunPartners(const Session& session);
absl::Status RunProject(const Session& session);
absl::Status RunAlerts(const Session& session);
absl::Status RunOverview(const Session& session);
absl::Status RunBrief(const Session& session);
absl::Status RunAuth(const Session& session);
absl::Status RunAudit(const Session& session);
absl::Status RunWhoami(const Session& session);
absl::Status RunVersion(const Session& session);

}  // namespace orewatch::ctl
