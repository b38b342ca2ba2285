// Which part of what a node uses comes through which link, and which part from nobody knows where.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace orewatch::risk {

// What a node uses of its mineral.
struct Need {
  std::string product;
  // Nothing: unknown. All of one node count the same basis.
  std::optional<double> use_tonnes_per_year;
  // Only this grade will do; empty: any.
  std::string grade;
  // Resource names of facilities that are qualified to supply it.
  std::vector<std::string> qualified;
  std::optional<double> months_to_qualify;
  bool operator==(const Need&) const = default;
};

// A link as seen from its receiver.
struct InputLink {
  std::string product;
  std::optional<double> tonnes_per_year;
  // Of the receiver's use of the product, in [0, 1].
  std::optional<double> share;
};

// What was assumed, as bits.
enum InputFlag : uint8_t {
  // The links of a product claim more than all of it, and were scaled down to it.
  kSharesExceedOne = 1,
  // Several products, of which not every use is known: each weighs the same.
  kProductsWeighedEqually = 2,
  // At least one link says neither share nor tonnes that could be turned into one.
  kLinkWithoutShare = 4,
};

struct InputShares {
  // By link, in the order given; 0 where it is unknown. With `unknown` they add up to 1.
  std::vector<double> weights;
  double unknown = 1;
  uint8_t flags = 0;
};

// A link's part of its product is its share; else its tonnes over the use; else it is unknown: the sum of the tonnes of
// all links is no use, since nobody says that there are no others. Products weigh by their use, or equally where one is
// unknown.
// Sums run in the order of products and, within one, of `links`.
InputShares InputSharesOf(const std::vector<Need>& needs, const std::vector<InputLink>& links);

}  // namespace orewatch::risk
