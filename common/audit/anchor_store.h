// Where the head of an audit log is written down beside the log, so that it shows if the log's end is cut off.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"

namespace orewatch::audit {

// At that time the log had this record, with this hash.
struct Anchor {
  std::string process;
  std::string chain;
  int64_t sequence = 0;
  std::string hash;
  absl::Time time;
};

// Thread-compatible. Blocks.
class AnchorStore {
 public:
  virtual ~AnchorStore() = default;

  // Keeps an anchor for good; the same one again does nothing. UNAVAILABLE if the database is.
  virtual absl::Status Put(const Anchor& anchor) = 0;
  // All there are, by process, chain and sequence; none if nobody ever kept one there.
  virtual absl::StatusOr<std::vector<Anchor>> List() = 0;
};

// `where`: a PostgreSQL database (postgres://... or key=value pairs) or an SQLite file. The table is made by the first
// Put. Connects when it must, and again after the connection has broken.
std::unique_ptr<AnchorStore> MakeAnchorStore(const std::string& where);

}  // namespace orewatch::audit
