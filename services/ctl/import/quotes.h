// Text that could not stand in a cell as it is stands there in double quotes of its own: what has blanks around it,
// what begins with a quote, and in a list also what holds a separator or is empty. Quotes within it are doubled.
#pragma once

#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "absl/types/optional.h"

namespace orewatch::ctl {

// Separates the items of a list within a cell.
inline constexpr char kListSeparator = ';';
// A cell that says that the text is empty, where a blank one says nothing.
inline constexpr absl::string_view kEmptyText = "\"\"";

struct Item {
  std::string text;
  // It stood in quotes.
  bool quoted = false;
};

// What stands between the quotes; nothing if the text is not one that has been quoted.
absl::optional<std::string> Unquoted(absl::string_view text);

// The text of a cell for a single text, and back. An empty text is a blank cell.
std::string QuotedIfNeeded(absl::string_view text);
std::string PlainText(absl::string_view cell);

// The items of a list; blank ones are passed over.
std::vector<Item> ItemsOf(absl::string_view cell);
// The items as they stand in the cell; `quoted` ones in quotes whatever they hold.
std::string ListText(const std::vector<Item>& items);

}  // namespace orewatch::ctl
