// What has happened in the registry, as states that its things are in for a time.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "absl/time/time.h"
#include "services/alerting/domain/score.h"
#include "services/alerting/domain/visibility.h"

namespace orewatch::alerting {

// Number of orewatch.alerting.v1.Happening.State that is told by a change alone, not by what a thing is.
inline constexpr int kOwnerChanged = 1001;

// A state that lasts.
struct Spell {
  // Number of orewatch.alerting.v1.Happening.State.
  int state = 0;
  // What of the thing is in it: the title of a milestone, the agency of a commitment; empty: all of it.
  std::string about = {};
  // May lie ahead. Unset: before anybody looked. Of what has just been received unset: when it was first seen; the
  // infinite past: whenever that was, it has not begun now.
  std::optional<absl::Time> from = std::nullopt;
  // The first instant that is no longer part of it.
  absl::Time until = absl::InfiniteFuture();
  // It was so when last anything was known of it.
  bool unknown = false;

  friend bool operator==(const Spell&, const Spell&) = default;
};

// A state of something in the registry.
struct Happened {
  // The name of the thing.
  std::string resource;
  Spell spell;

  friend bool operator==(const Happened&, const Happened&) = default;
};

// The states of one kind of thing.
inline int HundredOf(int state) { return state / 100; }

// Of one thing in the registry everything that rules can ask for.
struct Fact {
  // Its name, such as `measures/cn-gallium`.
  std::string resource;
  // Names of the minerals, countries, suppliers and others that it is about, sorted, without itself.
  std::vector<std::string> concerns = {};
  // Sorted by state and what they are about; empty: it is in none of the states.
  std::vector<Spell> spells = {};
  // Who may know of the thing.
  Visibility visibility = {};
  // Number of the revision that said so last.
  int64_t revision = 0;
  // Of what has just been received: hundreds of states of which the thing no longer says whether it is in them.
  std::vector<int> unknown = {};

  friend bool operator==(const Fact&, const Fact&) = default;
};

// What has been taken over of the registry.
struct FactPosition {
  Revision revision = {};
  // Of the history up to the revision, by which the registry knows it again under another lineage.
  std::string digest = {};

  friend bool operator==(const FactPosition&, const FactPosition&) = default;
};

// Of one revision of the registry, or of everything that there is in it.
struct FactBatch {
  FactPosition position;
  absl::Time commit_time = absl::InfiniteFuture();
  // The batch holds every thing that is in some state, or about which something was known: the others are gone.
  bool complete = false;
  std::vector<Fact> facts;
  // Names of things that are gone.
  std::vector<std::string> removed;
};

// Makes `fact`, just received, the next of what was stored under its name (null: nothing): what was first seen before
// keeps its beginning, what is new begins at `seen` (infinite past: before anybody looked), what has become unknown is
// kept as that, and a change of owners is remembered.
void Succeed(const Fact* stored, absl::Time seen, Fact& fact);

}  // namespace orewatch::alerting
