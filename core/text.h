// core/text.h: small functions on text that everything shares: numbers in and out, escaping, did-you-mean.
#pragma once
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace assay {

/// Shortest decimal text that reads back as the same double ("0.1", "1e-20", "nan", "inf").
std::string shortest(double value);
/// So many significant digits: six for tables, three for sentences.
std::string significant(double value, int digits);
inline std::string six_digits(double value) { return significant(value, 6); }

/// The whole text as a number, independent of the locale. Accepts a leading '+'; "inf" and "nan" as from_chars does;
/// out of range: infinity or zero as the sign of the exponent says. Nothing else may stand before or after.
std::optional<double> parse_double(std::string_view text);
std::optional<long long> parse_int(std::string_view text);

/// Control bytes as \xNN, tab and newline as \t \n, cut after `limit` bytes with "...".
std::string escaped(std::string_view text, size_t limit = 200);
/// The text between double quotes, escaped.
std::string quoted(std::string_view text);
// Exact matches, so that argument-dependent lookup does not prefer std::quoted.
inline std::string quoted(const std::string& text) { return quoted(std::string_view(text)); }
inline std::string quoted(const char* text) { return quoted(std::string_view(text)); }
inline std::string quoted(std::string& text) { return quoted(std::string_view(text)); }

/// The candidates nearest to `word` by edit distance with transpositions (Damerau 1964), at most a third of its length
/// away; best first.
std::vector<std::string> near_misses(std::string_view word, const std::vector<std::string>& candidates);
/// "; did you mean 'svm'?" or "" (for the end of an error message).
std::string did_you_mean(std::string_view word, const std::vector<std::string>& candidates);

std::vector<std::string> split(std::string_view text, char separator);
std::string join(const std::vector<std::string>& parts, std::string_view separator);
std::string_view trim(std::string_view text);
std::string lower(std::string_view text);
/// "_" reads as "-": the canonical form of parameter and algorithm names.
std::string kebab(std::string_view name);

}  // namespace assay
