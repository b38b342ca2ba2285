#include "services/registry/domain/search_terms.h"

#include <unicode/normalizer2.h>
#include <unicode/uchar.h>
#include <unicode/unistr.h>
#include <unicode/uscript.h>

#include <algorithm>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "common/status/status.h"
#include "services/registry/domain/field_values.h"
#include "services/registry/domain/kinds.h"
#include "services/registry/domain/name_fields.h"

namespace orewatch::registry {
namespace {

using google::protobuf::FieldDescriptor;

constexpr UChar32 kFirstDiacritic = 0x300;
constexpr UChar32 kLastDiacritic = 0x36f;

// Folded, with diacritics dropped. The marks of other scripts than Latin, Greek and Cyrillic carry meaning and stay.
icu::UnicodeString Normalised(absl::string_view text) {
  UErrorCode error = U_ZERO_ERROR;
  const auto* fold = icu::Normalizer2::getNFKCCasefoldInstance(error);
  const auto* decompose = icu::Normalizer2::getNFDInstance(error);
  const auto* compose = icu::Normalizer2::getNFCInstance(error);
  const auto bytes = icu::StringPiece(text.data(), static_cast<int32_t>(text.size()));
  const icu::UnicodeString split =
      decompose->normalize(fold->normalize(icu::UnicodeString::fromUTF8(bytes), error), error);
  icu::UnicodeString kept;
  for (int32_t i = 0; i < split.length(); i = split.moveIndex32(i, 1)) {
    const UChar32 c = split.char32At(i);
    if (c < kFirstDiacritic || c > kLastDiacritic) {
      kept.append(c);
    }
  }
  return compose->normalize(kept, error);
}

// Scripts that are written without spaces between words, or, as Korean, join words freely.
bool IsUnspaced(UChar32 c) {
  UErrorCode error = U_ZERO_ERROR;
  switch (uscript_getScript(c, &error)) {
    case USCRIPT_HAN:
    case USCRIPT_HIRAGANA:
    case USCRIPT_KATAKANA:
    case USCRIPT_HANGUL:
      return true;
    default:
      // The mark of a long vowel belongs to both kana.
      return c == 0x30fc;
  }
}

bool IsWordCharacter(UChar32 c) {
  return (U_GET_GC_MASK(c) & (U_GC_L_MASK | U_GC_N_MASK | U_GC_MN_MASK | U_GC_MC_MASK)) != 0;
}

// A run of characters of one sort.
struct Run {
  std::vector<UChar32> characters;
  bool unspaced = false;
};

std::vector<Run> RunsOf(absl::string_view text) {
  const icu::UnicodeString normalised = Normalised(text);
  std::vector<Run> runs;
  bool open = false;
  for (int32_t i = 0; i < normalised.length(); i = normalised.moveIndex32(i, 1)) {
    const UChar32 c = normalised.char32At(i);
    if (!IsWordCharacter(c)) {
      open = false;
      continue;
    }
    const bool unspaced = IsUnspaced(c);
    if (!open || runs.back().unspaced != unspaced) {
      runs.push_back({{}, unspaced});
    }
    runs.back().characters.push_back(c);
    open = true;
  }
  return runs;
}

std::string Utf8(const std::vector<UChar32>& characters, size_t begin, size_t end) {
  icu::UnicodeString text;
  for (size_t i = begin; i < end; ++i) {
    text.append(characters[i]);
  }
  std::string bytes;
  text.toUTF8String(bytes);
  return bytes;
}

std::vector<std::string> PairsOf(const std::vector<UChar32>& characters) {
  std::vector<std::string> pairs;
  for (size_t i = 0; i + 1 < characters.size(); ++i) {
    pairs.push_back(Utf8(characters, i, i + 2));
  }
  return pairs;
}

bool IsAscii(absl::string_view text) {
  return std::all_of(text.begin(), text.end(),
                     [](char c) { return absl::ascii_isascii(static_cast<unsigned char>(c)); });
}

// What the rules for all scripts come to.
std::vector<std::string> AsciiWordsOf(absl::string_view text) {
  std::vector<std::string> words;
  bool open = false;
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (!absl::ascii_isalnum(byte)) {
      open = false;
      continue;
    }
    if (!open) {
      words.emplace_back();
    }
    words.back().push_back(static_cast<char>(absl::ascii_tolower(byte)));
    open = true;
  }
  return words;
}

void AddWords(absl::string_view text, std::string& words, int64_t& length) {
  for (const std::string& word : WordsOf(text)) {
    absl::StrAppend(&words, words.empty() ? "" : " ", word);
    ++length;
  }
}

bool IsTitle(const FieldDescriptor& field) {
  return field.name() == "display_name" || field.name() == "legal_name" || field.name() == "aliases";
}

Onward Collect(const FieldValue& value, SearchText& found) {
  const std::string& field = value.field.name();
  if (field == "metadata" || field == "visibility" || field == "provenance") {
    return Onward::kPastField;
  }
  if (value.IsText()) {
    const std::string text = value.Text();
    // Of a name the last segment is what people know.
    const bool name = field == "name" || !KindsNamedBy(value.field).empty();
    const bool title = value.holder == nullptr && (field == "name" || IsTitle(value.field));
    AddWords(name ? absl::string_view(text).substr(text.rfind('/') + 1) : absl::string_view(text),
             title ? found.title : found.body, found.length);
  }
  return Onward::kInto;
}

}  // namespace

std::vector<std::string> WordsOf(absl::string_view text) {
  if (IsAscii(text)) {
    return AsciiWordsOf(text);
  }
  std::vector<std::string> words;
  for (const Run& run : RunsOf(text)) {
    const size_t size = run.characters.size();
    if (!run.unspaced) {
      words.push_back(Utf8(run.characters, 0, size));
      continue;
    }
    for (std::string& pair : PairsOf(run.characters)) {
      words.push_back(std::move(pair));
    }
    words.push_back(Utf8(run.characters, size - 1, size));
  }
  return words;
}

SearchText SearchTextOf(const v1::Entry& entry) {
  SearchText found;
  const auto kind = KindOf(entry);
  if (kind.has_value() && IsResource(*kind)) {
    VisitValues(MessageIn(*kind, entry), [&found](const FieldValue& value) { return Collect(value, found); });
  }
  return found;
}

absl::StatusOr<std::vector<SearchTerm>> ParseSearchQuery(absl::string_view query) {
  if (query.size() > kMaxSearchQueryBytes) {
    return InvalidField("query", absl::StrCat("must be at most ", kMaxSearchQueryBytes, " bytes"));
  }
  std::vector<SearchTerm> terms;
  for (const Run& run : RunsOf(query)) {
    SearchTerm term = run.unspaced && run.characters.size() > 1
                          ? SearchTerm{PairsOf(run.characters), false}
                          : SearchTerm{{Utf8(run.characters, 0, run.characters.size())}, true};
    if (std::find(terms.begin(), terms.end(), term) == terms.end()) {
      terms.push_back(std::move(term));
    }
  }
  if (terms.size() > kMaxSearchTerms) {
    return InvalidField("query", absl::StrCat("must have at most ", kMaxSearchTerms, " different words"));
  }
  if (terms.empty()) {
    return InvalidField("query", "must have a letter or digit");
  }
  return terms;
}

}  // namespace orewatch::registry
