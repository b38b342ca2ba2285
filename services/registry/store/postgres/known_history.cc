#include "services/registry/store/postgres/known_history.h"

#include <algorithm>
#include <vector>

#include "absl/strings/escaping.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"

namespace orewatch::registry {

const KnownHistory::Identity KnownHistory::kNone;

KnownHistory::Position KnownHistory::position() const {
  absl::MutexLock lock(&mutex_);
  return {lineage(), head(), digest_, earliest()};
}

bool KnownHistory::HasLeft(const std::string& lineage) const {
  absl::MutexLock lock(&mutex_);
  return lineage != this->lineage() && std::any_of(identities_.begin(), identities_.end(),
                                                   [&](const Identity& known) { return known.lineage == lineage; });
}

void KnownHistory::Adopt(const History& history) {
  bool another = false;
  {
    absl::MutexLock lock(&mutex_);
    another = lineage() != history.lineage;
    if (another) {
      identities_.push_back({history.lineage, history.secret});
      identity_.store(&identities_.back());
      digest_ = history.digest;
      head_.store(history.head);
      earliest_.store(history.earliest);
    }
  }
  if (another) {
    changed_.NotifyAll();
  } else {
    Advance({history.lineage, history.head, history.digest, history.earliest});
  }
}

bool KnownHistory::Advance(const Position& position) {
  {
    absl::MutexLock lock(&mutex_);
    if (position.lineage != lineage()) {
      return false;
    }
    earliest_.store(std::max(position.earliest, earliest()));
    if (position.head <= head()) {
      return true;
    }
    digest_ = position.digest;
    head_.store(position.head);
  }
  changed_.NotifyAll();
  return true;
}

std::string AnnouncementOf(const KnownHistory::Position& position) {
  return absl::StrJoin({position.lineage, absl::StrCat(position.head), absl::StrCat(position.earliest),
                        absl::BytesToHexString(position.digest)},
                       " ");
}

std::optional<KnownHistory::Position> PositionIn(absl::string_view announcement) {
  const std::vector<std::string> words = absl::StrSplit(announcement, ' ');
  KnownHistory::Position position;
  if (words.size() != 4 || !absl::SimpleAtoi(words[1], &position.head) ||
      !absl::SimpleAtoi(words[2], &position.earliest)) {
    return std::nullopt;
  }
  position.lineage = words[0];
  position.digest = absl::HexStringToBytes(words[3]);
  return position;
}

bool Contradicts(const KnownHistory::Position& known, const History& read) {
  return known.head > 0 && read.lineage == known.lineage &&
         (read.head < known.head || read.known_digest != known.digest);
}

}  // namespace orewatch::registry
