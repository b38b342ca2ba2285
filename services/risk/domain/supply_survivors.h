// Who still runs when others are lost.
#pragma once

#include <cstddef>
#include <cstdint>
#include <limits>
#include <optional>
#include <utility>
#include <vector>

#include "services/risk/domain/patience.h"

namespace orewatch::risk {

// A product that a node uses: lost when all of its sources are.
struct SourceGroup {
  // Places of suppliers, and of qualified alternatives with spare capacity. None if one of them lies further upstream
  // than is looked at, and so is not lost.
  std::vector<size_t> sources;
  bool unknown = false;
};

// By place of the node.
using UsedProducts = std::vector<std::vector<SourceGroup>>;

// Who runs, and who does not any more without some others. What has no known origin even while nobody is lost runs as
// long as it is fed; all else must be reached from an origin. Thread-compatible.
//
// A loss is followed from buyer to buyer and undone after the answer: it costs what it reaches. Who has an origin
// counts only on sources that were found to run before him, so that nobody counts on himself; once he has none of those
// left he is in doubt, as are those who count on him, and it is looked for anew how they could be reached.
//
// Answers shorten later ones: what goes down with others is no worse than they are, and no better than what goes down
// with it.
class Survivors {
 public:
  // With `unknown_feeds`, what nobody knows is a source. The steps must outlive this.
  Survivors(const UsedProducts& products, bool unknown_feeds, PatientSteps& steps);

  // Whether the first is lost with these, who are others, each named once. Nothing, then and ever after: nobody waits
  // any more.
  std::optional<bool> LostWith(const std::vector<size_t>& lost);

 private:
  // In which order they were found to run.
  using Rank = uint64_t;
  // Everybody may count on who has no known origin.
  static constexpr Rank kRootless = 0;
  static constexpr Rank kUnreached = std::numeric_limits<Rank>::max();

  struct Product {
    size_t buyer = 0;
    std::vector<size_t> sources;
    // How many of them the buyer counts on.
    size_t support = 0;
  };
  struct Node {
    // Numbers of the products that it uses, and of those that it is a source of.
    std::vector<size_t> uses;
    std::vector<size_t> feeds;
    Rank rank = kUnreached;
    // How many that it uses have no support; kept while it is in doubt.
    size_t missing = 0;
    bool lost = false;
    bool doubtful = false;
    // Of the first, what happens to it when this is lost alone: it is lost; or it runs.
    bool fatal = false;
    bool harmless = false;
  };

  void Add(size_t place, const SourceGroup& group);
  bool FindOrigins();
  bool Follow(const std::vector<size_t>& lost);
  void Remember(const std::vector<size_t>& lost);
  bool FollowLosses();
  bool SpreadDoubts();
  bool SettleDoubts();
  bool ReachAnew();
  bool Recount(Node& node);
  bool CountsOn(const Product& product, const Node& source) const;
  bool IsGone(const Product& product) const;
  void Withdraw(size_t product, const Node& source);
  void Lose(size_t place);
  void Doubt(size_t place);
  void Undo();

  PatientSteps& steps_;
  std::vector<Product> products_;
  std::vector<Node> nodes_;
  Rank last_rank_ = kRootless;
  bool gave_up_ = false;
  bool first_lost_ = false;
  // Whose buyers have not heard of it yet.
  std::vector<size_t> losses_;
  std::vector<size_t> doubts_;
  // What to undo, the latest last.
  std::vector<std::pair<size_t, Rank>> ranks_before_;
  std::vector<std::pair<size_t, size_t>> supports_before_;
};

}  // namespace orewatch::risk
