// What a command is given.
#pragma once

#include <cstdint>
#include <ostream>
#include <string>
#include <vector>

#include "absl/time/time.h"
#include "absl/types/optional.h"
#include "services/ctl/client/client.h"
#include "services/ctl/render/format.h"

namespace orewatch::ctl {

// Those of the outlook of a project.
struct OutlookFlags {
  absl::optional<uint64_t> seed;
  int32_t runs = 0;
  int32_t years = 0;
  std::string effect;
  std::string pass;
  double country_failure = 0;
  double ramp_years = 0;
};

// Those of a new key.
struct KeyFlags {
  std::string id;
  std::string role;
  absl::optional<absl::Duration> expire;
};

// The flags, as values.
struct Options {
  Client::Options client;
  Format format = Format::kTable;
  // False: -o was left to the command's own default.
  bool format_given = false;
  bool help = false;
  bool atomic = false;
  bool validate_only = false;
  bool allow_missing = false;
  absl::optional<int64_t> after;
  bool all = false;
  std::string feed_token;
  int32_t limit = 0;
  std::string file;
  std::string stage;
  std::string importer;
  std::string method;
  std::string state;
  std::string etag;
  absl::optional<absl::Duration> duration;
  int32_t days = 0;
  std::string critical_list;
  bool show_deleted = false;
  std::string filter;
  std::string order_by;
  bool oldest_first = false;
  // Files of audit logs, where they are anchored, and which records are wanted.
  std::vector<std::string> audit_log;
  std::string audit_anchor;
  std::vector<std::string> audit_process;
  std::string since;
  std::string outcome;
  std::string kinds;
  int32_t horizon = 0;
  std::string exclude;
  std::string weight;
  OutlookFlags outlook;
  KeyFlags key;
  std::string svg;
  std::string mineral;
  std::string product;
  int32_t tier = 0;
  std::string by;
  std::string paths;
  bool failure_points = false;
  bool alternatives = false;
  std::string lost;
};

// One run of one command. `words` are those after the command's name.
struct Session {
  const Options& options;
  const std::vector<std::string>& words;
  const Client& client;
  std::ostream& out;
  std::ostream& err;
  // Progress is drawn on `err`.
  bool progress;
};

}  // namespace orewatch::ctl
