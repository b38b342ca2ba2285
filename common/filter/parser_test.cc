#include "common/filter/parser.h"

#include <string>

#include "absl/strings/str_cat.h"
#include "common/testing/matchers.h"

namespace orewatch::filter {
namespace {

using ::orewatch::testing::BlamesField;
using ::orewatch::testing::IsOk;
using ::testing::HasSubstr;

// The structure with a pair of brackets around each combination, and of a comparison the first name of its path.
std::string Shape(const Expression& expression) {
  if (expression.kind == Expression::Kind::kLeaf) {
    return expression.leaf.path.front().name;
  }
  std::string shape = expression.kind == Expression::Kind::kAll   ? "(and"
                      : expression.kind == Expression::Kind::kAny ? "(or"
                                                                  : "(not";
  for (const Expression& branch : expression.branches) {
    absl::StrAppend(&shape, " ", Shape(branch));
  }
  return shape + ")";
}

absl::StatusOr<Expression> Parse(const std::string& text) { return ParseExpression(Source("filter", text)); }

std::string ShapeOf(const std::string& text) {
  const auto expression = Parse(text);
  return expression.ok() ? Shape(*expression) : expression.status().ToString();
}

std::string ErrorOf(const std::string& text) {
  const auto expression = Parse(text);
  EXPECT_THAT(expression, BlamesField("filter")) << text;
  return std::string(expression.status().message());
}

// The literal of a filter `a <comparator> <text>`.
Literal LiteralIn(const std::string& text) {
  const auto expression = Parse(text);
  EXPECT_THAT(expression, IsOk()) << text;
  return expression.ok() ? expression->leaf.literal : Literal();
}

std::string Times(int count, const std::string& text) {
  std::string repeated;
  for (int i = 0; i < count; ++i) {
    repeated += text;
  }
  return repeated;
}

TEST(ParserTest, OrBindsTighterThanAnd) {
  EXPECT_EQ(ShapeOf("a=1 AND b=2 OR c=3"), "(and a (or b c))");
  EXPECT_EQ(ShapeOf("a=1 OR b=2 AND c=3 OR d=4"), "(and (or a b) (or c d))");
  EXPECT_EQ(ShapeOf("(a=1 AND b=2) OR c=3"), "(or (and a b) c)");
}

TEST(ParserTest, ASpaceMeansAnd) {
  EXPECT_EQ(ShapeOf("a=1 b=2 OR c=3 AND d=4"), "(and a (or b c) d)");
  EXPECT_EQ(ShapeOf("(a=1)(b=2)"), "(and a b)");
}

TEST(ParserTest, NotAndMinusNegateTheNextTermAlone) {
  EXPECT_EQ(ShapeOf("NOT a=1 AND -b=2 OR c=3"), "(and (not a) (or (not b) c))");
  EXPECT_EQ(ShapeOf("NOT (a=1 OR b=2)"), "(not (or a b))");
  EXPECT_EQ(ShapeOf("-(a=1 b=2)"), "(not (and a b))");
  EXPECT_EQ(ShapeOf("NOT (NOT (a=1))"), "(not (not a))");
}

TEST(ParserTest, MergesCombinationsOfOneKind) {
  EXPECT_EQ(ShapeOf("(a=1 AND (b=2 AND c=3)) AND d=4"), "(and a b c d)");
  EXPECT_EQ(ShapeOf("a=1 OR (b=2 OR (c=3))"), "(or a b c)");
}

TEST(ParserTest, AnEmptyTextIsAConjunctionOfNothing) {
  EXPECT_EQ(ShapeOf(""), "(and)");
  EXPECT_EQ(ShapeOf(" \t\r\n"), "(and)");
}

TEST(ParserTest, ReadsEveryComparatorWithAndWithoutSpaces) {
  for (const char* comparator : {"=", "!=", "<", "<=", ">", ">=", ":"}) {
    for (const char* space : {"", " "}) {
      const auto expression = Parse(absl::StrCat("a", space, comparator, space, "1"));
      ASSERT_THAT(expression, IsOk()) << comparator;
      EXPECT_EQ(ComparatorText(expression->leaf.comparator), comparator);
      EXPECT_EQ(expression->leaf.literal.text, "1");
    }
  }
}

TEST(ParserTest, LiteralsWithoutQuotationMarksHoldNamesTimesAndSigns) {
  EXPECT_EQ(LiteralIn("a = countries/AU").text, "countries/AU");
  EXPECT_EQ(LiteralIn("a < 2024-07-01T12:00:00.5+09:00").text, "2024-07-01T12:00:00.5+09:00");
  EXPECT_EQ(LiteralIn("a > -1.5e-3").text, "-1.5e-3");
  EXPECT_EQ(LiteralIn("a = 日本").text, "日本");
  EXPECT_FALSE(LiteralIn("a = x").quoted);
}

TEST(ParserTest, StringsHaveEitherQuoteAndEscapes) {
  EXPECT_EQ(LiteralIn("a = \"it's (AND)\"").text, "it's (AND)");
  EXPECT_EQ(LiteralIn(R"(a = 'say "so"')").text, R"(say "so")");
  EXPECT_EQ(LiteralIn(R"(a = "\"\\\'\*")").text, R"("\'*)");
  EXPECT_FALSE(LiteralIn(R"(a = "\*x\*")").HasWildcard());
  EXPECT_TRUE(LiteralIn("a = ''").quoted);
}

TEST(ParserTest, TellsWildcardsAtEitherEnd) {
  EXPECT_TRUE(LiteralIn("a = *x").open_start);
  EXPECT_FALSE(LiteralIn("a = *x").open_end);
  EXPECT_TRUE(LiteralIn("a = \"x*\"").open_end);
  EXPECT_EQ(LiteralIn("a = \"*x*\"").text, "x");
  EXPECT_TRUE(LiteralIn("a:*").IsWildcardAlone());
  EXPECT_TRUE(LiteralIn("a = \"*\"").IsWildcardAlone());
  EXPECT_THAT(ErrorOf("a = x*y"), HasSubstr("column 6: a wildcard stands at the start or the end"));
  EXPECT_THAT(ErrorOf("a = \"x*y\""), HasSubstr("column 7: a wildcard stands"));
}

TEST(ParserTest, PathsHoldKeywordsAndQuotedKeysBehindADot) {
  const auto expression = Parse("labels.NOT.\"a.b c\" = 1");
  ASSERT_THAT(expression, IsOk());
  ASSERT_EQ(expression->leaf.path.size(), 3U);
  EXPECT_EQ(expression->leaf.path[1].name, "NOT");
  EXPECT_EQ(expression->leaf.path[2].name, "a.b c");
}

TEST(ParserTest, SaysWhatWasExpectedAndWhere) {
  const struct {
    const char* text;
    const char* error;
  } kCases[] = {
      {"a",
       "column 2: expected one of = != < <= > >= : after 'a' (a value without a field searches nothing), found "
       "the end"},
      {"cobalt mine", "column 8: expected one of = != < <= > >= : after 'cobalt'"},
      {"a = 1 and b = 2",
       "column 11: expected one of = != < <= > >= : after 'and' (the operator is spelled AND), "
       "found the word 'b'"},
      {"\"cobalt\"",
       "column 1: expected a field, NOT, '-' or '(' (a value without a field searches nothing), found "
       "the string 'cobalt'"},
      {"a =", "column 4: expected a value after '=', found the end"},
      {"a == 1", "column 4: expected a value after '=', found '='"},
      {"a = AND b = 1", "column 5: expected a value after '=', found the operator AND"},
      {"a = (1 OR 2)", "column 5: expected a value after '=', found '('"},
      {"AND a = 1", "column 1: expected a field, NOT, '-' or '(', found the operator AND"},
      {"a = 1 AND", "column 10: expected a field, NOT, '-' or '(', found the end"},
      {"a = 1 OR OR b = 1", "column 10: expected a field, NOT, '-' or '(', found the operator OR"},
      {"NOT NOT a = 1", "column 5: expected a field or '(', found the operator NOT"},
      {"(a = 1", "column 7: expected AND, OR or ')', found the end"},
      {"a = 1)", "column 6: expected AND, OR or the end, found ')'"},
      {"()", "column 2: expected a field, NOT, '-' or '(', found ')'"},
      {"a. = 1", "column 4: expected a field, found '='"},
      {".a = 1", "column 1: expected a field, NOT, '-' or '(', found '.'"},
      {"a.b.\"c*\" = 1", "column 5: expected a field or a key, which has no wildcard"},
      {"f(a) = 1", "column 2: expected one of = != < <= > >= : after 'f'"},
      {"a = 1, b = 2", "column 6: expected AND, OR or the end, found ','"},
      {"a = \"open", "column 5: the string that begins here has no closing double quote"},
      {"a = 'open\\'", "column 5: the string that begins here has no closing single quote"},
      {"a = \"\\n\"", "column 6: expected \\\\, \\\", \\' or \\* : no other escape is known"},
      {"a ! 1", "column 3: '!' has no meaning here"},
      {"* = 1", "column 1: '*' has no meaning here"},
      {"a = 日本語 x", "column 10: expected one of"},
  };
  for (const auto& wrong : kCases) {
    EXPECT_THAT(ErrorOf(wrong.text), HasSubstr(wrong.error)) << wrong.text;
  }
}

TEST(ParserTest, ShortensWhatItQuotesAtACharacter) {
  const std::string error = ErrorOf(Times(30, "銅"));
  EXPECT_THAT(error, HasSubstr(absl::StrCat("'", Times(13, "銅"), "...'")));
}

TEST(ParserTest, BoundsTheLength) {
  const std::string filter = "a = ";
  EXPECT_THAT(Parse(filter + std::string(kMaxTextBytes - filter.size(), 'x')), IsOk());
  EXPECT_THAT(ErrorOf(filter + std::string(kMaxTextBytes, 'x')), HasSubstr("longer than 4096 bytes"));
}

TEST(ParserTest, BoundsTheDepth) {
  const auto nested = [](int depth, const std::string& open) {
    return Times(depth, open) + "a = 1" + Times(depth, ")");
  };
  EXPECT_THAT(Parse(nested(kMaxDepth, "(")), IsOk());
  EXPECT_THAT(Parse(nested(kMaxDepth, "NOT (")), IsOk());
  EXPECT_THAT(ErrorOf(nested(kMaxDepth + 1, "(")), HasSubstr("column 33: parentheses are nested more than 32 deep"));
  EXPECT_THAT(ErrorOf(std::string(kMaxTextBytes, '(')), HasSubstr("nested more than 32 deep"));
}

TEST(ParserTest, BoundsTheNumberOfComparisons) {
  EXPECT_THAT(Parse(Times(kMaxTerms, "a=1 ")), IsOk());
  EXPECT_THAT(ErrorOf(Times(kMaxTerms + 1, "a=1 ")), HasSubstr("column 401: there are more than 100 comparisons"));
}

TEST(ParserTest, BoundsThePath) {
  EXPECT_THAT(Parse(Times(kMaxPathLength - 1, "a.") + "a = 1"), IsOk());
  EXPECT_THAT(ErrorOf(Times(kMaxPathLength, "a.") + "a = 1"), HasSubstr("column 33: the path has more than 16 names"));
}

}  // namespace
}  // namespace orewatch::filter
