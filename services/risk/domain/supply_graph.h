// Who supplies whom: facilities in the chains of their minerals, and the links between them. Cycles are allowed.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include "services/risk/domain/chunked_column.h"
#include "services/risk/domain/facts.h"
#include "services/risk/domain/input_shares.h"

namespace orewatch::risk {

// Of one editor's graphs; stays the same from snapshot to snapshot. No result depends on its order.
using NodeIndex = uint32_t;
inline constexpr NodeIndex kNoNode = UINT32_MAX;

// An alpha-2 code as a number, in the order of the codes.
using CountryIndex = uint16_t;
inline constexpr CountryIndex kCountryCodes = 26 * 26;
inline constexpr CountryIndex kUnknownCountry = kCountryCodes;
// kUnknownCountry for ZZ and whatever is no alpha-2 code.
CountryIndex CountryIndexOf(const std::string& alpha2);
std::string CountryCodeOf(CountryIndex country);

// `suppliers/s` of `suppliers/s/facilities/f`; else the name itself.
std::string SupplierOf(const std::string& name);

// One facility, or one supplier that names none, in the chain of one mineral: nothing is added up across minerals.
struct NodeKey {
  // Resource names.
  std::string name;
  std::string mineral;
  auto operator<=>(const NodeKey&) const = default;
};

// What a node makes.
struct Offer {
  StageNumber stage = 0;
  std::string product;
  std::string grade;
  // Tonnes per year that nobody has claimed; nothing: unknown.
  std::optional<double> spare_tonnes_per_year;
  bool operator==(const Offer&) const = default;
};

struct NodeFacts {
  CountryIndex country = kUnknownCountry;
  // The part of what it uses that begins with it (its own mine, its own scrap), in [0, 1]; the chain ends there.
  double own_share = 0;
  std::vector<Need> needs;
  std::vector<Offer> offers;
  // `country` is that of its seat; where it ships from is not known.
  bool seat_only = false;
  bool operator==(const NodeFacts&) const = default;
};

struct LinkFacts {
  NodeKey from;
  // The receiver, in the chain of the same mineral.
  std::string to;
  std::string product;
  std::optional<double> tonnes_per_year;
  std::optional<double> share;
  bool verified = false;
  // Of an inferred link; shown with the paths, it moves no share.
  std::optional<double> confidence;
};

// A link as its receiver keeps it.
struct Link {
  // Resource name.
  std::string name;
  NodeIndex from = 0;
  std::string product;
  std::optional<double> tonnes_per_year;
  std::optional<double> share;
  bool verified = false;
  std::optional<double> confidence;
};

// What the sums over a link need.
struct Edge {
  // Of all that the receiver uses.
  double weight = 0;
  NodeIndex from = 0;
  bool verified = false;
};

// With the weights of the edges, `own` and `unknown` add up to 1.
struct InputRow {
  // In the order of the links' names, as `Links`.
  std::vector<Edge> edges;
  double own = 0;
  double unknown = 1;
  uint8_t flags = 0;
};

// `links` in the order of their names.
InputRow InputRowOf(const NodeFacts& facts, const std::vector<Link>& links);

// One snapshot; immutable, so thread-safe. Copies are cheap.
class SupplyGraph {
 public:
  size_t node_count() const { return nodes_.size() + added_; }
  const NodeKey& Key(NodeIndex node) const { return At(node).key; }
  const NodeFacts& Facts(NodeIndex node) const { return At(node).facts; }
  // False for a node that only links speak of.
  bool Known(NodeIndex node) const { return At(node).known; }
  const std::vector<Link>& Links(NodeIndex to) const {
    const Other* other = OtherAt(to);
    return other == nullptr ? links_[to] : other->links;
  }
  const InputRow& Inputs(NodeIndex node) const {
    const Other* other = OtherAt(node);
    return other == nullptr ? inputs_[node] : other->inputs;
  }
  // The receivers of its links, ascending; one that receives through two links stands there twice.
  const std::vector<NodeIndex>& Buyers(NodeIndex node) const { return buyers_[node]; }
  // How many chunks this snapshot does not share with another one.
  size_t ChunksApartFrom(const SupplyGraph& other) const;

 private:
  friend class SupplyGraphEditor;
  friend class SupplyGraphLayer;
  struct Node {
    NodeKey key;
    NodeFacts facts;
    bool known = false;
  };
  // Of a layer above.
  struct Other {
    Node node;
    std::vector<Link> links;
    InputRow inputs;
  };
  using Others = std::unordered_map<NodeIndex, Other>;

  const Other* OtherAt(NodeIndex node) const {
    if (others_ == nullptr) {
      return nullptr;
    }
    const auto found = others_->find(node);
    return found == others_->end() ? nullptr : &found->second;
  }
  const Node& At(NodeIndex node) const {
    const Other* other = OtherAt(node);
    return other == nullptr ? nodes_[node] : other->node;
  }

  ChunkedColumn<Node> nodes_;
  ChunkedColumn<std::vector<Link>> links_;
  ChunkedColumn<InputRow> inputs_;
  ChunkedColumn<std::vector<NodeIndex>> buyers_;
  // Null: there is no layer.
  std::shared_ptr<const Others> others_;
  // Nodes that the layer alone has.
  size_t added_ = 0;
};

}  // namespace orewatch::risk
