#include "common/filter/lexer.h"

#include <algorithm>
#include <array>
#include <string>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "common/status/status.h"

namespace orewatch::filter {
namespace {

constexpr absl::string_view kSpaces = " \t\r\n";
constexpr absl::string_view kEscapable = "\\\"'*";
// What ends a word, and what ends a literal without quotation marks.
constexpr absl::string_view kWordEnds = " \t\r\n\"'(),.:*=<>!";
constexpr absl::string_view kLiteralEnds = " \t\r\n\"'(),=<>!";

struct Spelling {
  absl::string_view text;
  Comparator comparator;
};

// Longer spellings first: `<=` is not `<`.
constexpr std::array<Spelling, 7> kComparators = {{{"!=", Comparator::kNotEqual},
                                                   {"<=", Comparator::kLessOrEqual},
                                                   {">=", Comparator::kGreaterOrEqual},
                                                   {"=", Comparator::kEqual},
                                                   {"<", Comparator::kLess},
                                                   {">", Comparator::kGreater},
                                                   {":", Comparator::kHas}}};

bool Contains(absl::string_view set, char c) { return set.find(c) != absl::string_view::npos; }

Token::Kind KeywordKind(absl::string_view word, Token::Kind otherwise) {
  if (word == "AND") {
    return Token::Kind::kAnd;
  }
  if (word == "OR") {
    return Token::Kind::kOr;
  }
  return word == "NOT" ? Token::Kind::kNot : otherwise;
}

class Lexer {
 public:
  explicit Lexer(const Source& source) : source_(source), text_(source.text()) {}

  // The next token, after one of kind `previous`.
  absl::StatusOr<Token> Next(Token::Kind previous) {
    while (position_ < text_.size() && Contains(kSpaces, text_[position_])) {
      ++position_;
    }
    Token token;
    token.offset = position_;
    token.literal.offset = position_;
    if (position_ == text_.size()) {
      return token;
    }
    const bool after_comparator = previous == Token::Kind::kComparator;
    const char c = text_[position_];
    if (c == '"' || c == '\'') {
      token.kind = after_comparator ? Token::Kind::kLiteral : Token::Kind::kWord;
      return ReadQuoted(std::move(token));
    }
    if (after_comparator && !Contains(kLiteralEnds, c)) {
      return ReadLiteral(std::move(token));
    }
    const bool after_dot = previous == Token::Kind::kDot;
    if (ReadComparator(token) || ReadSymbol(after_dot, token)) {
      return token;
    }
    if (Contains(kWordEnds, c)) {
      return source_.Error(position_, absl::StrCat(Quoted(text_.substr(position_, 1)), " has no meaning here"));
    }
    return ReadWord(after_dot, std::move(token));
  }

 private:
  bool ReadComparator(Token& token) {
    for (const Spelling& spelling : kComparators) {
      if (absl::StartsWith(text_.substr(position_), spelling.text)) {
        token.kind = Token::Kind::kComparator;
        token.comparator = spelling.comparator;
        position_ += spelling.text.size();
        return true;
      }
    }
    return false;
  }

  bool ReadSymbol(bool after_dot, Token& token) {
    constexpr absl::string_view kSymbols = "-.,()";
    constexpr std::array<Token::Kind, 5> kKinds = {Token::Kind::kMinus, Token::Kind::kDot, Token::Kind::kComma,
                                                   Token::Kind::kOpen, Token::Kind::kClose};
    const size_t symbol = kSymbols.find(text_[position_]);
    // A key may begin with a dash, as a negative number does.
    if (symbol == absl::string_view::npos || (after_dot && kKinds.at(symbol) == Token::Kind::kMinus)) {
      return false;
    }
    token.kind = kKinds.at(symbol);
    ++position_;
    return true;
  }

  // Moves to the next of `ends` and returns what lies before it.
  absl::string_view Take(absl::string_view ends) {
    const size_t begin = position_;
    position_ = std::min(text_.find_first_of(ends, begin), text_.size());
    return text_.substr(begin, position_ - begin);
  }

  Token ReadWord(bool after_dot, Token token) {
    token.literal.text = std::string(Take(kWordEnds));
    // A field may be called like an operator where only a field can stand.
    token.kind = after_dot ? Token::Kind::kWord : KeywordKind(token.literal.text, Token::Kind::kWord);
    return token;
  }

  absl::StatusOr<Token> ReadLiteral(Token token) {
    const absl::string_view text = Take(kLiteralEnds);
    token.kind = KeywordKind(text, Token::Kind::kLiteral);
    for (size_t i = 0; i < text.size(); ++i) {
      if (text[i] == '*') {
        OREWATCH_RETURN_IF_ERROR(AddWildcard(token.offset + i, i == 0, i + 1 == text.size(), token.literal));
      } else {
        token.literal.text.push_back(text[i]);
      }
    }
    return token;
  }

  absl::StatusOr<Token> ReadQuoted(Token token) {
    token.literal.quoted = true;
    const char mark = text_[position_];
    const size_t begin = ++position_;
    for (; position_ < text_.size() && text_[position_] != mark; ++position_) {
      const char c = text_[position_];
      if (c == '\\') {
        OREWATCH_RETURN_IF_ERROR(ReadEscape(token.literal));
      } else if (c == '*') {
        const bool last = position_ + 1 < text_.size() && text_[position_ + 1] == mark;
        OREWATCH_RETURN_IF_ERROR(AddWildcard(position_, position_ == begin, last, token.literal));
      } else {
        token.literal.text.push_back(c);
      }
    }
    if (position_ == text_.size()) {
      return source_.Error(token.offset, absl::StrCat("the string that begins here has no closing ",
                                                      mark == '"' ? "double quote" : "single quote"));
    }
    ++position_;
    return token;
  }

  absl::Status ReadEscape(Literal& literal) {
    if (position_ + 1 == text_.size() || !Contains(kEscapable, text_[position_ + 1])) {
      return source_.Error(position_, R"(expected \\, \", \' or \* : no other escape is known)");
    }
    literal.text.push_back(text_[++position_]);
    return absl::OkStatus();
  }

  absl::Status AddWildcard(size_t offset, bool first, bool last, Literal& literal) {
    if (!first && !last) {
      return source_.Error(offset,
                           R"(a wildcard stands at the start or the end of a value; "\*" is the character itself)");
    }
    literal.open_start |= first;
    literal.open_end |= last;
    return absl::OkStatus();
  }

  const Source& source_;
  const absl::string_view text_;
  size_t position_ = 0;
};

}  // namespace

absl::StatusOr<std::vector<Token>> Tokenize(const Source& source) {
  if (source.text().size() > kMaxTextBytes) {
    return source.Error(absl::StrCat("is longer than ", kMaxTextBytes, " bytes"));
  }
  Lexer lexer(source);
  std::vector<Token> tokens;
  do {
    const Token::Kind previous = tokens.empty() ? Token::Kind::kEnd : tokens.back().kind;
    OREWATCH_ASSIGN_OR_RETURN(Token token, lexer.Next(previous));
    tokens.push_back(std::move(token));
  } while (tokens.back().kind != Token::Kind::kEnd);
  return tokens;
}

absl::string_view ComparatorText(Comparator comparator) {
  for (const Spelling& spelling : kComparators) {
    if (spelling.comparator == comparator) {
      return spelling.text;
    }
  }
  return "";
}

std::string Describe(const Token& token) {
  switch (token.kind) {
    case Token::Kind::kEnd:
      return "the end";
    case Token::Kind::kWord:
    case Token::Kind::kLiteral:
      return absl::StrCat(token.literal.quoted ? "the string " : "the word ", Quoted(token.literal.text));
    case Token::Kind::kComparator:
      return absl::StrCat("'", ComparatorText(token.comparator), "'");
    case Token::Kind::kAnd:
      return "the operator AND";
    case Token::Kind::kOr:
      return "the operator OR";
    case Token::Kind::kNot:
      return "the operator NOT";
    case Token::Kind::kMinus:
      return "'-'";
    case Token::Kind::kDot:
      return "'.'";
    case Token::Kind::kComma:
      return "','";
    case Token::Kind::kOpen:
      return "'('";
    case Token::Kind::kClose:
      return "')'";
  }
  return "";
}

}  // namespace orewatch::filter
