#include "services/ctl/commands/command.h"

namespace orewatch::ctl {

absl::Status RunVersion(const Session& session) {
  session.out << "orewatchctl " << OREWATCH_VERSION << "\n";
  return absl::OkStatus();
}

}  // namespace orewatch::ctl
