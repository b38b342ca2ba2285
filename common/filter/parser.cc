#include "common/filter/parser.h"

#include <iterator>
#include <string>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "common/status/status.h"

namespace orewatch::filter {
namespace {

using Kind = Token::Kind;

// The branches as one tree of the kind: merged with those of the same kind, and a single one stands for itself.
Expression Combine(Expression::Kind kind, std::vector<Expression> branches) {
  if (branches.size() == 1) {
    return std::move(branches.front());
  }
  Expression combined;
  combined.kind = kind;
  for (Expression& branch : branches) {
    if (branch.kind == kind) {
      std::move(branch.branches.begin(), branch.branches.end(), std::back_inserter(combined.branches));
    } else {
      combined.branches.push_back(std::move(branch));
    }
  }
  return combined;
}

bool BeginsTerm(Kind kind) {
  return kind == Kind::kWord || kind == Kind::kNot || kind == Kind::kMinus || kind == Kind::kOpen;
}

// What is missing behind a path.
std::string ExpectedComparator(const Segment& last) {
  std::string expected = absl::StrCat("one of = != < <= > >= : after ", Quoted(last.name));
  for (absl::string_view keyword : {"AND", "OR", "NOT"}) {
    if (absl::EqualsIgnoreCase(last.name, keyword)) {
      return absl::StrCat(expected, " (the operator is spelled ", keyword, ")");
    }
  }
  return absl::StrCat(expected, " (a value without a field searches nothing)");
}

class Parser {
 public:
  Parser(const Source& source, const std::vector<Token>& tokens) : source_(source), tokens_(tokens) {}

  absl::StatusOr<Expression> Parse() {
    if (current().kind == Kind::kEnd) {
      return Expression();
    }
    OREWATCH_ASSIGN_OR_RETURN(Expression expression, ParseAll(0));
    if (current().kind != Kind::kEnd) {
      return Unexpected("AND, OR or the end");
    }
    return expression;
  }

 private:
  const Token& current() const { return tokens_[next_]; }

  bool Accept(Kind kind) {
    const bool accepted = current().kind == kind;
    next_ += accepted ? 1 : 0;
    return accepted;
  }

  absl::Status Unexpected(absl::string_view expected) const {
    return source_.Error(current().offset, absl::StrCat("expected ", expected, ", found ", Describe(current())));
  }

  // Factors joined by AND, or by nothing, which means the same.
  absl::StatusOr<Expression> ParseAll(int depth) {
    std::vector<Expression> factors;
    do {
      OREWATCH_ASSIGN_OR_RETURN(Expression factor, ParseAny(depth));
      factors.push_back(std::move(factor));
    } while (Accept(Kind::kAnd) || BeginsTerm(current().kind));
    return Combine(Expression::Kind::kAll, std::move(factors));
  }

  // Terms joined by OR, which binds tighter than AND.
  absl::StatusOr<Expression> ParseAny(int depth) {
    std::vector<Expression> terms;
    do {
      OREWATCH_ASSIGN_OR_RETURN(Expression term, ParseTerm(depth));
      terms.push_back(std::move(term));
    } while (Accept(Kind::kOr));
    return Combine(Expression::Kind::kAny, std::move(terms));
  }

  absl::StatusOr<Expression> ParseTerm(int depth) {
    if (!Accept(Kind::kNot) && !Accept(Kind::kMinus)) {
      return ParseSimple(depth, "a field, NOT, '-' or '('");
    }
    OREWATCH_ASSIGN_OR_RETURN(Expression term, ParseSimple(depth, "a field or '('"));
    Expression negation;
    negation.kind = Expression::Kind::kNot;
    negation.branches.push_back(std::move(term));
    return negation;
  }

  absl::StatusOr<Expression> ParseSimple(int depth, absl::string_view expected) {
    if (current().kind == Kind::kOpen) {
      return ParseParentheses(depth);
    }
    if (current().kind != Kind::kWord) {
      return Unexpected(expected);
    }
    if (current().literal.quoted) {
      return Unexpected(absl::StrCat(expected, " (a value without a field searches nothing)"));
    }
    return ParseRestriction();
  }

  absl::StatusOr<Expression> ParseParentheses(int depth) {
    const Token& open = current();
    if (depth == kMaxDepth) {
      return source_.Error(open.offset, absl::StrCat("parentheses are nested more than ", kMaxDepth, " deep"));
    }
    ++next_;
    OREWATCH_ASSIGN_OR_RETURN(Expression expression, ParseAll(depth + 1));
    if (!Accept(Kind::kClose)) {
      return Unexpected("AND, OR or ')'");
    }
    return expression;
  }

  absl::StatusOr<Expression> ParseRestriction() {
    if (++terms_ > kMaxTerms) {
      return source_.Error(current().offset, absl::StrCat("there are more than ", kMaxTerms, " comparisons"));
    }
    Expression expression;
    expression.kind = Expression::Kind::kLeaf;
    Restriction& restriction = expression.leaf;
    OREWATCH_ASSIGN_OR_RETURN(restriction.path, ParsePath(source_, tokens_, &next_));
    if (current().kind != Kind::kComparator) {
      return Unexpected(ExpectedComparator(restriction.path.back()));
    }
    restriction.comparator = current().comparator;
    restriction.comparator_offset = current().offset;
    ++next_;
    if (current().kind != Kind::kLiteral) {
      return Unexpected(absl::StrCat("a value after '", ComparatorText(restriction.comparator), "'"));
    }
    restriction.literal = current().literal;
    ++next_;
    return expression;
  }

  const Source& source_;
  const std::vector<Token>& tokens_;
  size_t next_ = 0;
  int terms_ = 0;
};

}  // namespace

absl::StatusOr<Expression> ParseExpression(const Source& source) {
  OREWATCH_ASSIGN_OR_RETURN(const std::vector<Token> tokens, Tokenize(source));
  return Parser(source, tokens).Parse();
}

absl::StatusOr<std::vector<Segment>> ParsePath(const Source& source, const std::vector<Token>& tokens, size_t* next) {
  std::vector<Segment> path;
  while (true) {
    const Token& token = tokens[*next];
    // Only a key may need quotation marks, and a key is never the first.
    if (token.kind != Kind::kWord || (token.literal.quoted && path.empty())) {
      return source.Error(token.offset, absl::StrCat("expected a field, found ", Describe(token)));
    }
    if (token.literal.HasWildcard()) {
      return source.Error(token.offset, "expected a field or a key, which has no wildcard");
    }
    if (path.size() == kMaxPathLength) {
      return source.Error(token.offset, absl::StrCat("the path has more than ", kMaxPathLength, " names"));
    }
    path.push_back({token.literal.text, token.offset});
    ++*next;
    if (tokens[*next].kind != Kind::kDot) {
      return path;
    }
    ++*next;
  }
}

}  // namespace orewatch::filter
