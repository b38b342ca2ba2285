#include "common/audit/verify.h"

#include <algorithm>
#include <set>
#include <utility>

#include "absl/strings/str_cat.h"
#include "common/status/status.h"

namespace orewatch::audit {
namespace {

absl::StatusOr<std::vector<std::string>> ExistingFiles(const std::string& path) {
  std::vector<std::string> files = FilesOf(path);
  if (files.empty()) {
    return MakeError(absl::StatusCode::kNotFound, "AUDIT_LOG_MISSING", absl::StrCat("there is no audit log ", path));
  }
  return files;
}

std::string Numbers(int64_t first, int64_t last) {
  return first == last ? absl::StrCat("record ", first, " is missing")
                       : absl::StrCat("records ", first, " to ", last, " are missing");
}

// Anchors by process, chain and sequence.
using AnchorIndex = std::map<std::string, std::map<std::string, std::map<int64_t, std::string>>>;

AnchorIndex IndexOf(const std::vector<Anchor>& anchors) {
  AnchorIndex index;
  for (const Anchor& anchor : anchors) {
    index[anchor.process][anchor.chain][anchor.sequence] = anchor.hash;
  }
  return index;
}

void Add(std::vector<Finding>& findings, Finding finding) {
  if (findings.size() < kMaxFindings) {
    findings.push_back(std::move(finding));
  } else if (findings.size() == kMaxFindings) {
    findings.push_back({finding.file, finding.line, "and more from here on"});
  }
}

// Follows one log.
class Follower {
 public:
  Follower(const AnchorIndex& anchors, int64_t after, Report& report)
      : anchors_(anchors), after_(after), report_(report) {}

  void Take(const std::string& file, bool last_file, const Line& line) {
    if (!line.whole) {
      return TakeTorn(file, last_file, line);
    }
    ++report_.records;
    auto record = ParseLine(line.text);
    if (!record.ok()) {
      Broken(file, line.number, absl::StrCat("the record is not as it was written: ", record.status().message()));
      ++unread_;
      return;
    }
    if (chain_.empty()) {
      Begin(file, line.number, *record);
    }
    Follow(file, line.number, *record);
  }

  // Whether the log goes as far as it was anchored.
  void End(const std::string& file) {
    if (chain_.empty()) {
      return Broken(file, 0, "there is no record in it");
    }
    if (const auto* known = AnchorsHere(); known != nullptr && known->rbegin()->first >= next_ + unread_) {
      Broken(file, 0,
             absl::StrCat("the log ends with record ", next_ - 1, " and was anchored up to ", known->rbegin()->first,
                          ": its end was cut off"));
    }
  }

  const std::string& process() const { return process_; }
  const std::string& chain() const { return chain_; }

 private:
  void Broken(const std::string& file, int64_t line, std::string what) {
    Add(report_.broken, {file, line, std::move(what)});
  }

  const std::map<int64_t, std::string>* AnchorsHere() const {
    const auto process = anchors_.find(process_);
    if (process == anchors_.end()) {
      return nullptr;
    }
    const auto chain = process->second.find(chain_);
    return chain == process->second.end() ? nullptr : &chain->second;
  }

  void TakeTorn(const std::string& file, bool last_file, const Line& line) {
    const std::string what = absl::StrCat("the last line is cut: ", line.end - line.begin, " bytes without an end");
    if (last_file) {
      Add(report_.notes, {file, line.number, absl::StrCat(what, ", as a process leaves that dies while it writes")});
    } else {
      Broken(file, line.number, what);
    }
  }

  // The first record that can be read.
  void Begin(const std::string& file, int64_t line, const Record& record) {
    process_ = record.process;
    chain_ = record.chain;
    next_ = record.sequence - unread_;
    previous_ = record.sequence == 1 ? NoHash() : record.previous;
    if (next_ > after_ + 1) {
      Broken(file, line, absl::StrCat(Numbers(after_ + 1, next_ - 1), " before it"));
    }
    CheckAnchor(file, line, record.sequence - 1, record.previous);
  }

  void Follow(const std::string& file, int64_t line, const Record& record) {
    if (record.chain != chain_ || record.process != process_) {
      return Broken(file, line,
                    absl::StrCat("the record is of another log (", record.process, ", ", record.chain, ")"));
    }
    if (record.sequence < next_) {
      return Broken(file, line,
                    absl::StrCat("record ", record.sequence, " stands where record ", next_,
                                 " should: it is a copy, or was moved"));
    }
    // Lines that cannot be read are records of the log, or were added to it.
    if (record.sequence > next_ + unread_) {
      Broken(file, line, absl::StrCat(Numbers(next_ + unread_, record.sequence - 1), " before it"));
    } else if (unread_ == 0 && record.previous != previous_) {
      Broken(file, line,
             absl::StrCat("record ", record.sequence,
                          " does not follow the one before it: one of the two is not the one that was written"));
    }
    CheckAnchor(file, line, record.sequence, record.hash);
    NoteGaps(file, line, record);
    next_ = record.sequence + 1;
    previous_ = record.hash;
    unread_ = 0;
  }

  void NoteGaps(const std::string& file, int64_t line, const Record& record) {
    if (record.kind == kTorn) {
      Add(report_.notes,
          {file, line,
           absl::StrCat("a line cut by a death of the process, of ", record.count, " bytes, was removed before it")});
    } else if (record.kind == kLost) {
      Add(report_.notes, {file, line, absl::StrCat(record.count, " records could not be written before it")});
    }
  }

  void CheckAnchor(const std::string& file, int64_t line, int64_t sequence, const std::string& hash) {
    const auto* known = AnchorsHere();
    const auto anchor = known == nullptr ? std::map<int64_t, std::string>::const_iterator() : known->find(sequence);
    if (known == nullptr || anchor == known->end()) {
      return;
    }
    ++report_.anchors;
    if (anchor->second != hash) {
      Broken(file, line, absl::StrCat("record ", sequence, " is not the one that was anchored"));
    }
  }

  const AnchorIndex& anchors_;
  const int64_t after_;
  Report& report_;
  std::string process_;
  // Empty until a record could be read.
  std::string chain_;
  // What the next record should be, and what it should follow.
  int64_t next_ = 0;
  std::string previous_;
  // Lines since then that could not be read.
  int64_t unread_ = 0;
};

// Logs that one of the processes has written, and that nobody has shown.
void FindMissingLogs(const AnchorIndex& anchors, const std::map<std::string, std::set<std::string>>& seen,
                     Report& report) {
  for (const auto& [process, chains] : seen) {
    const auto anchored = anchors.find(process);
    if (anchored == anchors.end()) {
      continue;
    }
    for (const auto& [chain, sequences] : anchored->second) {
      if (chains.count(chain) == 0) {
        Add(report.broken, {"", 0,
                            absl::StrCat("the log ", chain, " of ", process, ", anchored up to record ",
                                         sequences.rbegin()->first, ", is not among these")});
      }
    }
  }
}

// Whether the logs are of those whose they should be, or else of all that have ever noted an anchor.
void FindMissingProcesses(const AnchorIndex& anchors, const std::vector<std::string>& meant,
                          const std::map<std::string, std::set<std::string>>& seen, Report& report) {
  for (const std::string& process : meant) {
    if (seen.count(process) == 0) {
      Add(report.broken, {"", 0, absl::StrCat("no log of ", process, " is among these")});
    }
  }
  for (const auto& [process, chains] : seen) {
    if (!meant.empty() && !process.empty() && std::find(meant.begin(), meant.end(), process) == meant.end()) {
      Add(report.broken, {"", 0, absl::StrCat("a log is of ", process, ", which is none of those that are meant")});
    }
  }
  for (const auto& [process, chains] : anchors) {
    if (meant.empty() && seen.count(process) == 0) {
      Add(report.notes, {"", 0, absl::StrCat(process, " is anchored, and no log of it is among these")});
    }
  }
}

absl::Status FollowLog(const std::vector<std::string>& files, Follower& follower, Report& report) {
  for (const std::string& file : files) {
    ++report.files;
    const bool last = &file == &files.back();
    OREWATCH_RETURN_IF_ERROR(ForEachLine(file, [&](const Line& line) { follower.Take(file, last, line); }));
  }
  follower.End(files.back());
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<Report> Verify(const std::vector<std::string>& paths, const VerifyOptions& options) {
  Report report;
  const AnchorIndex index = IndexOf(options.anchors.value_or(std::vector<Anchor>()));
  std::map<std::string, std::set<std::string>> seen;
  for (const std::string& path : paths) {
    OREWATCH_ASSIGN_OR_RETURN(const std::vector<std::string> files, ExistingFiles(path));
    Follower follower(index, options.after, report);
    const int64_t anchors = report.anchors;
    const size_t broken = report.broken.size();
    OREWATCH_RETURN_IF_ERROR(FollowLog(files, follower, report));
    // What it is compared with hangs on the name that it gives itself, and whoever wrote it anew could choose another.
    if (options.anchors.has_value() && report.anchors == anchors && report.broken.size() == broken) {
      Add(report.broken, {files.back(), 0,
                          absl::StrCat("none of its records was anchored for ", follower.process(),
                                       ": nothing shows that it is real")});
    }
    seen[follower.process()].insert(follower.chain());
  }
  FindMissingLogs(index, seen, report);
  FindMissingProcesses(index, options.processes, seen, report);
  return report;
}

absl::StatusOr<int64_t> ForEachRecord(const std::vector<std::string>& paths,
                                      absl::FunctionRef<void(const Record& record, absl::string_view line)> take) {
  int64_t damaged = 0;
  for (const std::string& path : paths) {
    OREWATCH_ASSIGN_OR_RETURN(const std::vector<std::string> files, ExistingFiles(path));
    for (const std::string& file : files) {
      OREWATCH_RETURN_IF_ERROR(ForEachLine(file, [&](const Line& line) {
        if (const auto record = ParseLine(line.text); record.ok()) {
          take(*record, line.text);
        } else {
          ++damaged;
        }
      }));
    }
  }
  return damaged;
}

}  // namespace orewatch::audit
