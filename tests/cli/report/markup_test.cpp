#include "cli/report/svg/markup.h"

#include "cli/report/html/page.h"
#include "cli/report/svg/svg.h"
#include "tests/cli/report/page_check.h"
#include "tests/support/catch.h"

using namespace assay::report;

TEST_CASE("markup: text cannot become a tag, an attribute or an entity") {
  CHECK(Markup("<script>alert(1)</script>").html() == "&lt;script&gt;alert(1)&lt;/script&gt;");
  CHECK(Markup("a & b &amp; \"c\" 'd'").html() == "a &amp; b &amp;amp; &quot;c&quot; &#39;d&#39;");
  CHECK(element("p", {{"title", "\" onclick=\"x"}}, "]]>").html() == "<p title=\"&quot; onclick=&quot;x\">]]&gt;</p>");
}

TEST_CASE("markup: control characters become visible pictures") {
  CHECK(escape(std::string("a\0b\x1b[31m\x7f\n", 10)) == "a\u2400b\u241B[31m\u2421\u240A");
  CHECK(escape("\xC2\x9B"
               "31m") == "\uFFFD31m");  // CSI as one character
}

TEST_CASE("markup: marks that reorder the line are spelled out, letters that run right to left are kept") {
  CHECK(escape("user\u202Etxt.exe") == "user[U+202E]txt.exe");
  CHECK(escape("\u2066x\u2069\u200F\u061C") == "[U+2066]x[U+2069][U+200F][U+061C]");
  CHECK(escape("\u05E9\u05DC\u05D5\u05DD") == "\u05E9\u05DC\u05D5\u05DD");
}

TEST_CASE("markup: bytes that are not UTF-8 become replacement characters, one by one") {
  CHECK(escape("\xFF\xFE") == "\uFFFD\uFFFD");
  CHECK(escape("\xC0\xAF") == "\uFFFD\uFFFD");                 // overlong '/'
  CHECK(escape("\xED\xA0\x80") == "\uFFFD\uFFFD\uFFFD");       // a surrogate
  CHECK(escape("caf\xC3") == "caf\uFFFD");                     // cut
  CHECK(escape("\xF4\x90\x80\x80").substr(0, 3) == "\uFFFD");  // above U+10FFFF
  CHECK(escape("\xE2\x82<") == "\uFFFD\uFFFD&lt;");            // the tag's bracket is not swallowed
  CHECK(escape("\U0001F600") == "\U0001F600");
}

TEST_CASE("markup: a long name loses its middle, counted in characters") {
  CHECK(shorten("short", 10) == "short");
  CHECK(shorten("0123456789", 10) == "0123456789");
  CHECK(shorten("0123456789abc", 10) == "012345\u2026abc");
  CHECK(shorten("\u00E9\u00E9\u00E9\u00E9", 4) == "\u00E9\u00E9\u00E9\u00E9");
  const std::string cut = shorten(std::string(1000, 'x'), 48);
  CHECK(cut.size() <= 48 + 2);
}

TEST_CASE("markup: coordinates are short and never a NaN") {
  CHECK(coordinate(1.0 / 3) == "0.33");
  CHECK(coordinate(2) == "2");
  CHECK(coordinate(-0.001) == "0");
  CHECK(coordinate(1234567.891) == "1234567.89");
  CHECK(coordinate(NAN) == "0");
  CHECK(coordinate(INFINITY) == "0");
  CHECK(percent(0.375) == "37.5%");
}

TEST_CASE("svg: a figure says what it shows") {
  const std::string svg = figure(10, 20, {"Title <1>", "What it says"}, circle(1, 2, 3, "dot", "a & b")).html();
  CHECK(svg.find("<title>Title &lt;1&gt;</title><desc>What it says</desc>") != std::string::npos);
  CHECK(svg.find("<title>a &amp; b</title>") != std::string::npos);
  CHECK(svg.find("viewBox=\"0 0 10 20\"") != std::string::npos);
  CHECK(assay::test::page_problems("<body>" + svg + "</body>").empty());
}

TEST_CASE("svg: a point that is not finite breaks the line") {
  CHECK(polyline({{0, 0}, {1, NAN}, {2, 2}, {3, 3}}, "curve").html() == "<path class=\"curve\" d=\"M0 0M2 2L3 3\"/>");
}

TEST_CASE("sha256: the examples of FIPS 180-4") {
  CHECK(sha256_base64("") == "47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=");
  CHECK(sha256_base64("abc") == "ungWv48Bz+pBQUDeXa4iI7ADYaOWF3qctBD/YfIAFa0=");
  CHECK(sha256_base64("abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq") ==
        "JI1qYdIGOLjlwCaTDD5gOaM85Flk/yFn9uzt1BnbBsE=");
}

TEST_CASE("page: the policy forbids what the page does not need") {
  Page page;
  page.title = "</title><script>";
  const std::string plain = render_page(page);
  CHECK(plain.find("script-src") == std::string::npos);
  CHECK(plain.find("default-src &#39;none&#39;") != std::string::npos);
  CHECK(assay::test::page_problems(plain).empty());
  page.script = "1";
  CHECK(render_page(page).find("script-src &#39;sha256-" + sha256_base64("1")) != std::string::npos);
}

TEST_CASE("page check: it finds what it is there for") {
  using assay::test::page_problems;
  CHECK(page_problems("<p>fine</p>").empty());
  CHECK(page_problems("<p><b></p></b>").size() >= 1);
  CHECK(page_problems("<p id=\"a\"></p><p id=\"a\"></p>").size() == 1);
  CHECK(page_problems("<img src=\"a.png\">").size() == 1);
  CHECK(page_problems("<p><img src=\"https://example.org/a.png\" alt=\"a\"></p>").size() == 1);
  CHECK(page_problems("<svg role=\"img\"><path/></svg>").size() == 1);
  CHECK(page_problems("<p>a < b</p>").size() >= 1);
  CHECK(page_problems("<p onclick=\"x\"></p>").size() == 1);
}
