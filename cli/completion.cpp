// assay completion bash|zsh|fish: a script for the shell, made from the verbs, options and catalogues.
#include "assay/core/text.h"
#include "cli/bundled.h"
#include "cli/catalogues.h"
#include "cli/process.h"
#include "cli/verbs.h"

namespace assay::cli {
namespace {

// What may stand after a verb: the names of its algorithms.
std::vector<std::string> words_after(const Verb& verb) {
  std::vector<std::string> words;
  const auto add = [&](const char* kind) {
    for (const Algorithm& a : algorithms(kind)) words.push_back(a.name);
  };
  if (verb.name == "fit" || verb.name == "cv") add("learner");
  if (verb.name == "cluster") add("clusterer");
  if (verb.name == "reduce") add("reducer");
  if (verb.name == "image") add("image");
  if (verb.name == "features") add("feature");
  if (verb.name == "detect") add("detector");
  if (verb.name == "describe" || verb.name == "study") add("");
  if (verb.name == "list")
    words = {"learners", "clusterers", "reducers", "images", "features", "detectors", "metrics", "data"};
  if (verb.name == "completion") words = {"bash", "zsh", "fish"};
  if (verb.name == "data") words = {"info", "convert", "split", "generate"};
  return words;
}

std::vector<std::string> option_words(const Verb& verb) {
  std::vector<std::string> words;
  for (const Option& o : all_options(verb, "")) words.push_back("--" + o.name);
  return words;
}

std::vector<std::string> bundled_words() {
  std::vector<std::string> words;
  for (const std::string& name : bundled_names()) words.push_back("@" + name);
  return words;
}

std::string bash_script() {
  std::vector<std::string> names;
  std::string cases;
  for (const Verb& v : verbs()) {
    names.push_back(v.name);
    std::vector<std::string> words = words_after(v);
    const std::vector<std::string> options = option_words(v);
    words.insert(words.end(), options.begin(), options.end());
    cases += "    " + v.name + ") words=\"" + join(words, " ") + "\" ;;\n";
  }
  return "# bash completion of assay: put this into ~/.local/share/bash-completion/completions/assay\n"
         "_assay() {\n"
         "  local word=${COMP_WORDS[COMP_CWORD]} words\n"
         "  case $COMP_CWORD in\n"
         "  1) words=\"" +
         join(names, " ") +
         "\" ;;\n"
         "  *) case ${COMP_WORDS[1]} in\n" +
         cases +
         "    esac\n"
         "    words=\"$words " +
         join(bundled_words(), " ") +
         "\" ;;\n"
         "  esac\n"
         "  mapfile -t COMPREPLY < <(compgen -W \"$words\" -- \"$word\"; [[ $COMP_CWORD -gt 1 ]] && compgen -f -- "
         "\"$word\")\n"
         "}\n"
         "COMP_WORDBREAKS=${COMP_WORDBREAKS//@}\n"
         "complete -o filenames -F _assay assay\n";
}

std::string zsh_script() {
  return "#compdef assay\n# zsh completion of assay: put this into a folder of $fpath as _assay\nautoload -U +X "
         "bashcompinit && bashcompinit\n" +
         bash_script();
}

std::string fish_script() {
  std::string text = "# fish completion of assay: put this into ~/.config/fish/completions/assay.fish\n";
  const auto quote = [](std::string s) {
    std::string out;
    for (const char c : s) out += c == '\'' || c == '\\' ? std::string("\\") + c : std::string(1, c);
    return "'" + out + "'";
  };
  for (const Verb& v : verbs()) {
    text += "complete -c assay -n __fish_use_subcommand -f -a " + v.name + " -d " + quote(v.summary) + "\n";
    const std::string when = " -n '__fish_seen_subcommand_from " + v.name + "'";
    if (!words_after(v).empty()) text += "complete -c assay" + when + " -a " + quote(join(words_after(v), " ")) + "\n";
    for (const Option& o : all_options(v, ""))
      text +=
          "complete -c assay" + when + " -l " + o.name + (o.value.empty() ? "" : " -r") + " -d " + quote(o.text) + "\n";
  }
  return text + "complete -c assay -a " + quote(join(bundled_words(), " ")) + "\n";
}

void completion(Invocation& call) {
  const std::string& shell = call.argument(0, "a shell: bash, zsh or fish");
  call.no_more_than(1);
  std::string script;
  if (shell == "bash")
    script = bash_script();
  else if (shell == "zsh")
    script = zsh_script();
  else if (shell == "fish")
    script = fish_script();
  else
    throw UsageError("unknown shell " + quoted(shell) + did_you_mean(shell, {"bash", "zsh", "fish"}),
                     "bash, zsh or fish");
  call.result["script"] = script;
  call.print(script);
}

}  // namespace

Verb completion_verb() {
  return {.name = "completion",
          .arguments = "bash|zsh|fish",
          .summary = "prints a completion script for a shell",
          .examples = {"completion bash > ~/.local/share/bash-completion/completions/assay"},
          .run = completion};
}

}  // namespace assay::cli
