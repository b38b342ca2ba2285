#include "services/risk/domain/chain_survival.h"

#include <algorithm>
#include <map>
#include <utility>
#include <vector>

#include "services/risk/domain/chain_nodes.h"

namespace orewatch::risk {
namespace {

// What a node loses its supply by, as far as is known.
enum class Fate { kSafe, kPerhapsLost, kLost };

// A mineral and a product.
using Goods = std::pair<std::string, std::string>;

StockLink Certainly(size_t from, size_t to) {
  StockLink link;
  link.from = from;
  link.to = to;
  link.cover_days = 0;
  link.essential = true;
  return link;
}

// Makes the chain of stocks from the supplied up. Two nodes stand for none: what is lost, and the supplied as a whole.
class StockChainBuilder {
 public:
  StockChainBuilder(const ChainView& view, const Supplied& supplied, const Loss& loss, LinkBudget budget)
      : view_(view), supplied_(supplied), loss_(loss), budget_(std::move(budget)) {}

  Days Compute() {
    chain_.nodes.resize(2);
    for (const std::string& name : supplied_.names) {
      IndexOf(name);
    }
    size_t next = 0;
    while (next < names_.size() && Lasts(budget_.patience)) {
      // A copy, since names are added.
      Expand(std::string(names_[next++]));
    }
    for (const std::string& name : names_) {
      Lose(name);
    }
    Days days = TimeToSurvive(chain_, kLostNode, kSink);
    chain_.links.insert(chain_.links.end(), perhaps_.begin(), perhaps_.end());
    const Days earlier = TimeToSurvive(chain_, kLostNode, kSink);
    if (earlier.lower != days.lower) {
      days.lower = earlier.lower;
      for (const std::string& reason : doubts_) {
        AddReason(reason, days.reasons);
      }
      for (const std::string& reason : earlier.reasons) {
        AddReason(reason, days.reasons);
      }
    }
    return days;
  }

 private:
  static constexpr size_t kLostNode = 0;
  static constexpr size_t kSink = 1;

  size_t IndexOf(const std::string& name) {
    const auto [place, added] = index_.emplace(name, chain_.nodes.size());
    if (added) {
      chain_.nodes.emplace_back();
      names_.push_back(name);
    }
    return place->second;
  }
  void Doubt(const char* reason, StockLink link) {
    AddReason(reason, doubts_);
    perhaps_.push_back(std::move(link));
  }
  bool Wanted(const Goods& goods) const {
    return (supplied_.mineral.empty() || supplied_.mineral == goods.first) &&
           (supplied_.product.empty() || supplied_.product == goods.second);
  }
  bool WantsAll() const { return supplied_.mineral.empty() && supplied_.product.empty(); }

  Fate FateOf(const std::string& name) const {
    if (name == loss_.name || SupplierOf(name) == loss_.name) {
      return Fate::kLost;
    }
    if (!loss_.name.empty()) {
      // A supplier that is linked as such may ship from the facility.
      return SupplierOf(loss_.name) == name ? Fate::kPerhapsLost : Fate::kSafe;
    }
    const std::optional<NodeFacts> facts = view_.Node({name, ""});
    if (!facts.has_value() || facts->country == kUnknownCountry || facts->seat_only) {
      return Fate::kPerhapsLost;
    }
    return facts->country == loss_.country ? Fate::kLost : Fate::kSafe;
  }
  void Lose(const std::string& name) {
    const Fate fate = FateOf(name);
    const size_t node = index_.at(name);
    const bool supplied = supplied_.names.contains(name);
    if (supplied && WantsAll()) {
      chain_.links.push_back(Certainly(node, kSink));
    }
    if (fate == Fate::kLost) {
      chain_.links.push_back(Certainly(kLostNode, node));
      if (supplied) {
        chain_.links.push_back(Certainly(kLostNode, kSink));
      }
    } else if (fate == Fate::kPerhapsLost) {
      Doubt("LOCATION_UNKNOWN", Certainly(kLostNode, node));
      if (supplied) {
        Doubt("LOCATION_UNKNOWN", Certainly(kLostNode, kSink));
      }
    }
  }

  std::optional<double> SpareOf(const std::string& name, const Goods& goods, const std::string& grade) const {
    const FacilityFact* facility = view_.Facility(name);
    if (facility == nullptr) {
      return std::nullopt;
    }
    if (FateOf(name) == Fate::kLost || !facility->operating) {
      return 0;
    }
    for (const FacilityOutput& output : facility->outputs) {
      if (output.mineral == goods.first && output.product == goods.second && (grade.empty() || output.grade == grade)) {
        return output.spare_tonnes_per_year.has_value()
                   ? std::optional<double>(*output.spare_tonnes_per_year / kDaysPerYear)
                   : std::nullopt;
      }
    }
    return 0;
  }
  // What the receiver says of the goods, for a link that brings a share of its use (nothing: unknown).
  StockLink InputLinkOf(const std::string& receiver, const Goods& goods) const {
    StockLink link;
    link.to = index_.at(receiver);
    const FacilityFact* facility = view_.Facility(receiver);
    const auto input = facility == nullptr ? std::nullopt : risk::InputOf(*facility, goods.first, goods.second);
    if (!input.has_value()) {
      return link;
    }
    link.cover_days = CoverDays(input->stock_tonnes, input->use_tonnes_per_day);
    link.essential = input->essential;
    link.flow_tonnes_per_day = input->use_tonnes_per_day;
    for (const std::string& name : input->qualified) {
      link.alternates_spare_tonnes_per_day.push_back(SpareOf(name, goods, input->grade));
    }
    return link;
  }
  // Adds what one input of a node hangs on; where the supplied is asked of this product alone, so does the sink.
  void AddLink(const StockLink& link, const std::string& receiver, const Goods& goods, const char* doubt) {
    const auto add = [&](StockLink each) {
      if (doubt == nullptr) {
        chain_.links.push_back(std::move(each));
      } else {
        Doubt(doubt, std::move(each));
      }
    };
    add(link);
    if (!WantsAll() && supplied_.names.contains(receiver) && Wanted(goods)) {
      StockLink to_sink = link;
      to_sink.to = kSink;
      add(std::move(to_sink));
    }
  }
  void AddFlow(const ChainLinkFact& fact, const std::string& receiver) {
    const Goods goods = {fact.mineral, fact.product};
    StockLink link = InputLinkOf(receiver, goods);
    link.from = IndexOf(fact.from);
    const std::optional<double> use = link.flow_tonnes_per_day;
    if (fact.tonnes_per_year.has_value()) {
      link.flow_tonnes_per_day = *fact.tonnes_per_year / kDaysPerYear;
    } else if (fact.share.has_value() && use.has_value()) {
      link.flow_tonnes_per_day = *fact.share * *use;
    } else {
      link.flow_tonnes_per_day = std::nullopt;
    }
    AddLink(link, receiver, goods, nullptr);
  }

  // By goods: those a node receives or names as an input.
  std::map<Goods, std::vector<InputLink>> GoodsOf(const std::string& name,
                                                  const std::vector<const ChainLinkFact*>& links) const {
    std::map<Goods, std::vector<InputLink>> goods;
    if (const FacilityFact* facility = view_.Facility(name)) {
      for (const FacilityInput& input : facility->inputs) {
        goods[{input.mineral, input.product}];
      }
    }
    for (const ChainLinkFact* link : links) {
      goods[{link->mineral, link->product}].push_back({link->product, link->tonnes_per_year, link->share});
    }
    return goods;
  }
  bool SourcesUnknown(const std::string& name, const Goods& goods, const std::vector<InputLink>& links) const {
    constexpr double kRounding = 1e-9;
    std::vector<Need> needs;
    if (const std::optional<NodeFacts> facts = view_.Node({name, goods.first})) {
      needs = facts->needs;
      std::erase_if(needs, [&](const Need& need) { return need.product != goods.second; });
    }
    return InputSharesOf(needs, links).unknown > kRounding;
  }
  // The chain begins with it: it mines, and takes nothing in.
  bool Begins(const std::string& name) const {
    const FacilityFact* facility = view_.Facility(name);
    if (facility == nullptr || facility->outputs.empty()) {
      return false;
    }
    return std::all_of(facility->outputs.begin(), facility->outputs.end(),
                       [&](const FacilityOutput& output) { return NodeOf(*facility, output.mineral).own_share == 1; });
  }

  void Expand(const std::string& name) {
    const std::vector<const ChainLinkFact*> links = view_.LinksTo(name);
    if (budget_.links < links.size()) {
      return Doubt("CHAIN_TRUNCATED", Certainly(kLostNode, index_.at(name)));
    }
    budget_.links -= links.size();
    for (const ChainLinkFact* link : links) {
      AddFlow(*link, name);
    }
    const auto goods = GoodsOf(name, links);
    for (const auto& [each, parts] : goods) {
      if (SourcesUnknown(name, each, parts)) {
        StockLink link = InputLinkOf(name, each);
        link.from = kLostNode;
        AddLink(link, name, each, "SOURCES_UNKNOWN");
      }
    }
    const bool asked_goods_known =
        std::any_of(goods.begin(), goods.end(), [&](const auto& entry) { return Wanted(entry.first); });
    const bool asked_of = supplied_.names.contains(name) && !WantsAll();
    if ((goods.empty() && !Begins(name)) || (asked_of && !asked_goods_known)) {
      StockLink link;
      link.from = kLostNode;
      link.to = asked_of ? kSink : index_.at(name);
      Doubt("SOURCES_UNKNOWN", std::move(link));
    }
  }

  const ChainView& view_;
  const Supplied& supplied_;
  const Loss& loss_;
  LinkBudget budget_;
  StockChain chain_;
  std::map<std::string, size_t> index_;
  // In the order of their numbers, the first two left out.
  std::vector<std::string> names_;
  // What may be so, and hastens the shortage if it is.
  std::vector<StockLink> perhaps_;
  Reasons doubts_;
};

}  // namespace

Days DaysAfter(const ChainView& view, const Supplied& supplied, const Loss& loss, LinkBudget budget) {
  return StockChainBuilder(view, supplied, loss, std::move(budget)).Compute();
}

}  // namespace orewatch::risk
