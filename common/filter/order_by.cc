#include "common/filter/order_by.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/types/optional.h"
#include "common/filter/lexer.h"
#include "common/filter/parser.h"
#include "common/filter/source.h"
#include "common/status/status.h"

namespace orewatch::filter {
namespace {

using google::protobuf::Descriptor;
using google::protobuf::Message;

// The message that holds the path's field; null if one on the way is not set.
const Message* Descend(const FieldPath& path, const Message& message) {
  const Message* reached = &message;
  for (const Step& step : path.steps) {
    const auto* reflection = reached->GetReflection();
    if (!reflection->HasField(*reached, step.field)) {
      return nullptr;
    }
    reached = &reflection->GetMessage(*reached, step.field);
  }
  return reached;
}

// Values by their order, what is unknown behind them.
template <typename Value>
std::weak_ordering CompareKnown(const absl::optional<Value>& a, const absl::optional<Value>& b, bool descending) {
  if (!a.has_value() || !b.has_value()) {
    return b.has_value() <=> a.has_value();
  }
  const bool less = *a < *b;
  const bool greater = *b < *a;
  return descending ? less <=> greater : greater <=> less;
}

absl::optional<Ordinal> OrdinalAt(const FieldPath& path, const Message& message) {
  const Message* holder = Descend(path, message);
  if (holder == nullptr) {
    return absl::nullopt;
  }
  auto value = ReadOrdinal(path.leaf, *holder, kNoIndex);
  const bool is_nan =
      value.has_value() && std::holds_alternative<double>(*value) && std::isnan(std::get<double>(*value));
  return is_nan ? absl::nullopt : value;
}

absl::optional<absl::string_view> TextAt(const FieldPath& path, const Message& message, std::string& scratch) {
  const Message* holder = Descend(path, message);
  return holder == nullptr ? absl::nullopt : ReadText(path.leaf, *holder, kNoIndex, scratch);
}

std::weak_ordering CompareAt(const OrderKey& key, const Message& a, const Message& b) {
  if (key.path.leaf.type != ValueType::kString) {
    return CompareKnown(OrdinalAt(key.path, a), OrdinalAt(key.path, b), key.descending);
  }
  std::string scratch_a;
  std::string scratch_b;
  return CompareKnown(TextAt(key.path, a, scratch_a), TextAt(key.path, b, scratch_b), key.descending);
}

bool Orders(const std::vector<OrderKey>& keys, absl::string_view path) {
  return std::any_of(keys.begin(), keys.end(), [path](const OrderKey& key) { return key.path.text == path; });
}

// OK if every message has at most one value at the path, and values of its type have an order.
absl::Status CheckOrdered(const Source& source, const FieldPath& path, size_t offset) {
  for (const Step& step : path.steps) {
    if (step.field->is_repeated()) {
      return source.Error(offset, absl::StrCat(Quoted(path.text), " lies within ", Quoted(step.field->name()),
                                               ", which is repeated and has no order"));
    }
  }
  if (path.leaf.field->is_repeated() || path.leaf.type == ValueType::kMessage || path.leaf.type == ValueType::kBytes) {
    return source.Error(offset, absl::StrCat(Quoted(path.text), " (", TypeName(path.leaf), ") has no order"));
  }
  return absl::OkStatus();
}

class OrderParser {
 public:
  OrderParser(const Source& source, const Descriptor& type, const std::vector<Token>& tokens)
      : source_(source), type_(type), tokens_(tokens) {}

  absl::StatusOr<std::vector<OrderKey>> Parse() {
    if (current().kind == Token::Kind::kEnd) {
      return std::move(keys_);
    }
    OREWATCH_RETURN_IF_ERROR(ParseKey());
    while (current().kind == Token::Kind::kComma) {
      ++next_;
      OREWATCH_RETURN_IF_ERROR(ParseKey());
    }
    if (current().kind != Token::Kind::kEnd) {
      return Unexpected("',' or the end");
    }
    return std::move(keys_);
  }

 private:
  const Token& current() const { return tokens_[next_]; }

  absl::Status Unexpected(absl::string_view expected) const {
    return source_.Error(current().offset, absl::StrCat("expected ", expected, ", found ", Describe(current())));
  }

  absl::Status ParseKey() {
    const size_t offset = current().offset;
    if (keys_.size() == kMaxOrderFields) {
      return source_.Error(offset, absl::StrCat("there are more than ", kMaxOrderFields, " fields"));
    }
    OREWATCH_ASSIGN_OR_RETURN(const std::vector<Segment> path, ParsePath(source_, tokens_, &next_));
    OrderKey key;
    OREWATCH_ASSIGN_OR_RETURN(key.path, BindPath(source_, type_, path));
    OREWATCH_RETURN_IF_ERROR(CheckOrdered(source_, key.path, offset));
    if (Orders(keys_, key.path.text)) {
      return source_.Error(offset, absl::StrCat(Quoted(key.path.text), " is there already"));
    }
    if (current().kind == Token::Kind::kWord) {
      OREWATCH_ASSIGN_OR_RETURN(key.descending, ParseDirection());
    }
    keys_.push_back(std::move(key));
    return absl::OkStatus();
  }

  // True if descending.
  absl::StatusOr<bool> ParseDirection() {
    const std::string& word = current().literal.text;
    if (word != "asc" && word != "desc") {
      return Unexpected("asc, desc, ',' or the end");
    }
    ++next_;
    return word == "desc";
  }

  const Source& source_;
  const Descriptor& type_;
  const std::vector<Token>& tokens_;
  size_t next_ = 0;
  std::vector<OrderKey> keys_;
};

std::string Spell(const std::vector<OrderKey>& keys) {
  return absl::StrJoin(keys, ", ", [](std::string* text, const OrderKey& key) {
    absl::StrAppend(text, key.path.text, key.descending ? " desc" : "");
  });
}

// The field that makes an order total; nothing if the type has no names.
absl::optional<FieldPath> TieBreaker(const Descriptor& type) {
  const auto* field = type.FindFieldByName("name");
  if (field == nullptr || field->is_repeated() || Typed(*field).type != ValueType::kString) {
    return absl::nullopt;
  }
  FieldPath path;
  path.leaf = Typed(*field);
  path.text = field->name();
  return path;
}

}  // namespace

absl::StatusOr<OrderBy> OrderBy::Parse(absl::string_view text, const Descriptor& type) {
  const Source source("order_by", text);
  OREWATCH_ASSIGN_OR_RETURN(const std::vector<Token> tokens, Tokenize(source));
  OrderBy order;
  OREWATCH_ASSIGN_OR_RETURN(order.keys_, OrderParser(source, type, tokens).Parse());
  order.canonical_ = Spell(order.keys_);
  if (auto name = TieBreaker(type); name.has_value() && !Orders(order.keys_, name->text)) {
    order.keys_.push_back({*std::move(name), false});
  }
  return order;
}

std::weak_ordering OrderBy::Compare(const Message& a, const Message& b) const {
  for (const OrderKey& key : keys_) {
    if (const auto order = CompareAt(key, a, b); std::is_neq(order)) {
      return order;
    }
  }
  return std::weak_ordering::equivalent;
}

}  // namespace orewatch::filter
