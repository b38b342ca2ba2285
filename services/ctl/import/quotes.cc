#include "services/ctl/import/quotes.h"

#include <algorithm>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_replace.h"

namespace orewatch::ctl {
namespace {

constexpr char kQuote = '"';

std::string InQuotes(absl::string_view text) {
  return absl::StrCat("\"", absl::StrReplaceAll(text, {{"\"", "\"\""}}), "\"");
}

// Where the quoted text that begins the text ends; npos: it does not end.
size_t EndOfQuoted(absl::string_view text) {
  for (size_t i = 1; i < text.size(); ++i) {
    if (text[i] != kQuote) {
      continue;
    }
    if (i + 1 == text.size() || text[i + 1] != kQuote) {
      return i + 1;
    }
    ++i;
  }
  return absl::string_view::npos;
}

// Takes the first item with the separator after it off the list. A quote that is not closed before the separator is
// text like any other.
Item TakeItem(absl::string_view& list) {
  const absl::string_view begin = absl::StripLeadingAsciiWhitespace(list);
  size_t end = begin.find(kListSeparator);
  if (!begin.empty() && begin.front() == kQuote) {
    const size_t closed = EndOfQuoted(begin);
    const absl::string_view rest = closed == absl::string_view::npos
                                       ? absl::string_view("?")
                                       : absl::StripLeadingAsciiWhitespace(begin.substr(closed));
    if (rest.empty() || rest.front() == kListSeparator) {
      end = rest.empty() ? absl::string_view::npos : begin.size() - rest.size();
    }
  }
  const absl::string_view text = absl::StripAsciiWhitespace(begin.substr(0, end));
  list = end == absl::string_view::npos ? absl::string_view() : begin.substr(end + 1);
  auto unquoted = Unquoted(text);
  return unquoted.has_value() ? Item{*std::move(unquoted), true} : Item{std::string(text), false};
}

}  // namespace

absl::optional<std::string> Unquoted(absl::string_view text) {
  if (text.size() < kEmptyText.size() || text.front() != kQuote || EndOfQuoted(text) != text.size()) {
    return absl::nullopt;
  }
  return absl::StrReplaceAll(text.substr(1, text.size() - 2), {{"\"\"", "\""}});
}

std::string QuotedIfNeeded(absl::string_view text) {
  const bool needed = absl::StripAsciiWhitespace(text).size() != text.size() || absl::StartsWith(text, "\"");
  return needed ? InQuotes(text) : std::string(text);
}

std::string PlainText(absl::string_view cell) { return Unquoted(cell).value_or(std::string(cell)); }

std::vector<Item> ItemsOf(absl::string_view cell) {
  std::vector<Item> items;
  while (!cell.empty()) {
    if (Item item = TakeItem(cell); item.quoted || !item.text.empty()) {
      items.push_back(std::move(item));
    }
  }
  return items;
}

std::string ListText(const std::vector<Item>& items) {
  return absl::StrJoin(items, std::string(1, kListSeparator), [](std::string* out, const Item& item) {
    const bool needed = item.quoted || item.text.empty() || absl::StrContains(item.text, kListSeparator);
    absl::StrAppend(out, needed ? InQuotes(item.text) : QuotedIfNeeded(item.text));
  });
}

}  // namespace orewatch::ctl
