// How well an entry matches a search: a function of the entry and the search alone, so that it tells nothing of other
// entries. It is the term frequency of Okapi BM25, saturated and set against the length of the text. There is no
// inverse document frequency: it would count entries that the caller may not see, and all terms must match anyway.
//
// The engines of the store compute it where they sort; tests/conformance holds them to the same figures.
#pragma once

#include <cstdint>

namespace orewatch::registry {

// The usual constants of BM25.
inline constexpr double kSaturation = 1.2;
inline constexpr double kLengthWeight = 0.75;
// A word in a title counts as so many elsewhere.
inline constexpr double kTitleWeight = 10;
// A resource of the bundled data has 13 words on average: countries 4, suppliers 15, projects 27.
// Constant, since the mean of what is stored would move every score with every write, seen or not.
inline constexpr double kReferenceLength = 13;

// What length adds to the frequency that a term is set against; `length` is in words.
inline double LengthPenalty(int64_t length) {
  return kSaturation * (1 - kLengthWeight + kLengthWeight * static_cast<double>(length) / kReferenceLength);
}

// Of one term that occurs `frequency` times, each in a title counted kTitleWeight times. Relevance is the sum over the
// terms, in their order.
inline double TermRelevance(double frequency, double length_penalty) {
  return frequency * (kSaturation + 1) / (frequency + length_penalty);
}

}  // namespace orewatch::registry
