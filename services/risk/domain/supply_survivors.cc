#include "services/risk/domain/supply_survivors.h"

#include <algorithm>
#include <utility>

namespace orewatch::risk {

Survivors::Survivors(const UsedProducts& products, bool unknown_feeds, PatientSteps& steps)
    : steps_(steps), nodes_(products.size()) {
  for (size_t place = 0; place < products.size(); ++place) {
    for (const SourceGroup& group : products[place]) {
      if (!unknown_feeds || !group.unknown) {
        Add(place, group);
      }
    }
  }
  nodes_[0].fatal = true;
  gave_up_ = !FindOrigins();
}

std::optional<bool> Survivors::LostWith(const std::vector<size_t>& lost) {
  gave_up_ = gave_up_ || !Follow(lost);
  if (gave_up_) {
    return std::nullopt;
  }
  Remember(lost);
  const bool first_lost = first_lost_;
  Undo();
  return first_lost;
}

bool Survivors::Follow(const std::vector<size_t>& lost) {
  if (lost.size() == 1 && nodes_[lost.front()].harmless) {
    return true;
  }
  for (const size_t place : lost) {
    Lose(place);
  }
  while (!first_lost_ && !losses_.empty()) {
    if (!FollowLosses() || !SpreadDoubts() || !SettleDoubts()) {
      return false;
    }
  }
  return true;
}

void Survivors::Remember(const std::vector<size_t>& lost) {
  if (!first_lost_) {
    for (const auto& [place, rank] : ranks_before_) {
      nodes_[place].harmless = nodes_[place].harmless || nodes_[place].lost;
    }
  } else if (lost.size() == 1) {
    nodes_[lost.front()].fatal = true;
  }
}

void Survivors::Add(size_t place, const SourceGroup& group) {
  nodes_[place].uses.push_back(products_.size());
  for (const size_t source : group.sources) {
    nodes_[source].feeds.push_back(products_.size());
  }
  products_.push_back({place, group.sources});
}

bool Survivors::FindOrigins() {
  for (size_t place = 0; place < nodes_.size(); ++place) {
    Doubt(place);
  }
  if (!ReachAnew()) {
    return false;
  }
  for (const size_t place : std::exchange(doubts_, {})) {
    Node& node = nodes_[place];
    if (!std::exchange(node.doubtful, false)) {
      continue;
    }
    node.rank = kRootless;
    for (const size_t product : node.feeds) {
      ++products_[product].support;
    }
  }
  ranks_before_.clear();
  supports_before_.clear();
  return true;
}

bool Survivors::FollowLosses() {
  while (!first_lost_ && !losses_.empty()) {
    const Node& source = nodes_[losses_.back()];
    losses_.pop_back();
    for (const size_t product : source.feeds) {
      if (!steps_.Take()) {
        return false;
      }
      Withdraw(product, source);
    }
  }
  return true;
}

bool Survivors::SpreadDoubts() {
  for (size_t next = 0; next < doubts_.size();) {
    const Node& source = nodes_[doubts_[next++]];
    for (const size_t product : source.feeds) {
      if (!steps_.Take()) {
        return false;
      }
      // Who has no known origin has no doubts either.
      if (nodes_[products_[product].buyer].rank != kRootless) {
        Withdraw(product, source);
      }
    }
  }
  return true;
}

bool Survivors::SettleDoubts() {
  if (!ReachAnew()) {
    return false;
  }
  for (const size_t place : std::exchange(doubts_, {})) {
    if (std::exchange(nodes_[place].doubtful, false)) {
      // Those who counted on it do not since it was in doubt.
      nodes_[place].rank = kUnreached;
      Lose(place);
    }
  }
  return true;
}

// Of those in doubt, who is reached from those who are not.
bool Survivors::ReachAnew() {
  std::vector<size_t> reached;
  const auto reach = [&](size_t place) {
    nodes_[place].rank = ++last_rank_;
    reached.push_back(place);
  };
  for (const size_t place : doubts_) {
    if (!Recount(nodes_[place])) {
      return false;
    }
    if (nodes_[place].missing == 0) {
      reach(place);
    }
  }
  for (size_t next = 0; next < reached.size();) {
    Node& source = nodes_[reached[next++]];
    source.doubtful = false;
    for (const size_t product : source.feeds) {
      if (!steps_.Take()) {
        return false;
      }
      const size_t buyer = products_[product].buyer;
      if (nodes_[buyer].doubtful && products_[product].support++ == 0 && --nodes_[buyer].missing == 0) {
        reach(buyer);
      }
    }
  }
  return true;
}

bool Survivors::Recount(Node& node) {
  node.missing = 0;
  for (const size_t number : node.uses) {
    Product& product = products_[number];
    supports_before_.emplace_back(number, product.support);
    product.support = 0;
    for (const size_t source : product.sources) {
      if (!steps_.Take()) {
        return false;
      }
      product.support += nodes_[source].lost || nodes_[source].doubtful ? 0 : 1;
    }
    node.missing += product.support == 0 ? 1 : 0;
  }
  return true;
}

bool Survivors::CountsOn(const Product& product, const Node& source) const {
  const Node& buyer = nodes_[product.buyer];
  return buyer.rank == kRootless || source.rank < buyer.rank;
}

bool Survivors::IsGone(const Product& product) const {
  return std::all_of(product.sources.begin(), product.sources.end(),
                     [&](size_t source) { return nodes_[source].lost; });
}

void Survivors::Withdraw(size_t number, const Node& source) {
  Product& product = products_[number];
  const Node& buyer = nodes_[product.buyer];
  if (buyer.lost || buyer.doubtful || !CountsOn(product, source)) {
    return;
  }
  supports_before_.emplace_back(number, product.support);
  if (--product.support > 0) {
    return;
  }
  if (buyer.rank == kRootless || IsGone(product)) {
    Lose(product.buyer);
  } else {
    Doubt(product.buyer);
  }
}

void Survivors::Lose(size_t place) {
  ranks_before_.emplace_back(place, nodes_[place].rank);
  nodes_[place].lost = true;
  first_lost_ = first_lost_ || nodes_[place].fatal;
  losses_.push_back(place);
}

void Survivors::Doubt(size_t place) {
  ranks_before_.emplace_back(place, nodes_[place].rank);
  nodes_[place].doubtful = true;
  doubts_.push_back(place);
}

void Survivors::Undo() {
  for (; !ranks_before_.empty(); ranks_before_.pop_back()) {
    const auto& [place, rank] = ranks_before_.back();
    nodes_[place].rank = rank;
    nodes_[place].lost = false;
    nodes_[place].doubtful = false;
  }
  for (; !supports_before_.empty(); supports_before_.pop_back()) {
    products_[supports_before_.back().first].support = supports_before_.back().second;
  }
  losses_.clear();
  doubts_.clear();
  first_lost_ = false;
}

}  // namespace orewatch::risk
