// Thousands of random edits: what risk keeps is what a computation of everything gives, to the bit, on a replica that
// saw every edit and on one that came later.
#include <sys/resource.h>

#include <iostream>

#include "absl/time/clock.h"
#include "absl/time/time.h"
#include "gtest/gtest.h"
#include "tests/chaos/random_facts.h"
#include "tests/chaos/risk_state.h"
#include "tests/chaos/run.h"

namespace orewatch::testing {
namespace {

struct Scale {
  int facilities = 0;
  int links = 0;
  int edits = 0;
  int checkpoints = 0;
};

Scale ScaleOfRun() { return Soaking() ? Scale{100'000, 500'000, 10'000, 5} : Scale{400, 2000, 1500, 15}; }

double PeakGigabytes() {
  rusage used = {};
  getrusage(RUSAGE_SELF, &used);
  return static_cast<double>(used.ru_maxrss) / (1 << 20);
}

std::vector<risk::NodeKey> SomeNodes(RandomFacts& random) {
  std::vector<risk::NodeKey> nodes(50);
  for (risk::NodeKey& node : nodes) {
    node = {random.AnyFacility(), RandomFacts::kMineral};
  }
  return nodes;
}

TEST(RiskEditsTest, WhatIsKeptIsWhatAComputationOfEverythingGivesToTheBit) {
  const Scale scale = ScaleOfRun();
  RandomFacts random(SeedOfRun(), scale.facilities, scale.links);
  risk::Changes facts = random.Everything();
  RiskState first(2);
  first.Apply(facts, 1);
  RiskState later(2);
  absl::Duration editing;
  for (int edit = 1; edit <= scale.edits; ++edit) {
    const risk::Changes changes = random.Edit();
    Merge(changes, facts);
    const absl::Time start = absl::Now();
    first.Apply(changes, 1 + edit);
    editing += absl::Now() - start;
    if (edit == scale.edits / 3) {
      later.Apply(facts, 1 + edit);
    } else if (edit > scale.edits / 3) {
      later.Apply(changes, 1 + edit);
    }
    if (edit % (scale.edits / scale.checkpoints) != 0) {
      continue;
    }
    const absl::Time before = absl::Now();
    RiskState whole(2);
    whole.Apply(facts, 1 + edit);
    const absl::Duration computing = absl::Now() - before;
    std::vector<const RiskState*> replicas = {&first};
    if (edit >= scale.edits / 3) {
      replicas.push_back(&later);
    }
    for (const RiskState* replica : replicas) {
      ASSERT_EQ(DifferenceOf(*replica, whole), "") << "after edit " << edit;
      ASSERT_EQ(DifferenceFor(RandomFacts::kReader, SomeNodes(random), *replica, whole), "") << "after edit " << edit;
    }
    std::cout << "edit " << edit << ": " << replicas.size() << " replicas equal; an edit took " << editing / edit
              << ", everything " << computing << "; " << whole.chain()->graph.node_count() << " nodes, "
              << whole.model()->scores().size() << " scores; peak " << PeakGigabytes() << " GiB" << std::endl;
  }
}

}  // namespace
}  // namespace orewatch::testing
