# Completion for zsh from the table that options.awk writes.

function quoted(text) { gsub(/'/, "'\\''", text); return "'" text "'" }
function bracketed(text) { gsub(/[\[\]:\\]/, "\\\\&", text); return text == "-" || text == "" ? "" : "[" text "]" }
function listed(text) { gsub(/[:\\]/, "\\\\&", text); return text == "-" ? "" : ":" text }

# What an option's argument is completed by.
function action_of(argument, values,    files) {
  gsub(/[:\\]/, "\\\\&", argument)
  files = sub(/ ?@files/, "", values)
  if (argument ~ /=FILE/) return ":" argument ":{_auscult_form " values "}"
  if (files) return ":" argument ":" (values == "" ? "_files" : "{_auscult_or_file " values "}")
  return ":" argument ":" (values == "-" ? " " : "(" values ")")
}

function spec_of(short, long, argument, values, description,    action, repeats, names) {
  action = argument == "-" ? "" : action_of(argument, values)
  repeats = description ~ /repeatable/
  if (short == "-") return quoted((repeats ? "*" : "") long (argument == "-" ? "" : "=") bracketed(description) action)
  names = repeats ? "'*'" : quoted("(" short " " long ")")
  return names "{" short (argument == "-" ? "" : "+") "," long (argument == "-" ? "" : "=") "}" quoted(bracketed(description) action)
}

$1 == "command" { commands[++count] = $2; described = described "    " quoted($2 listed($3)) "\n" }
$1 == "word" { words[$2] = words[$2] " " quoted($3 listed($4)) }
$1 == "words" {
  if ($2 ~ / /) { split($2, part, " "); behind[part[1]] = behind[part[1]] "      " part[2] ") compadd -- " $3 " ;;\n" }
  else { gsub(/ /, "' '", $3); words[$2] = " '" $3 "'" }
}
$1 == "option" && $2 ~ / / && !($2 in specs) {
  split($2, part, " ")
  verbs[part[1]] = verbs[part[1]] "    " part[2] ") shift words; (( CURRENT-- )); _auscult_" part[1] "_" part[2] "; return ;;\n"
  all[++last] = $2
}
$1 == "option" { specs[$2] = specs[$2] " \\\n    " spec_of($3, $4, $5, $6, $7) }

END {
  print "#compdef auscult\n# Completion of auscult for zsh, made from its --help by contrib/completions/make.\n"
  print "# FORM or FORM=FILE.\n_auscult_form() {"
  print "  if compset -P '*='; then _files; else compadd -- \"$@\"; compadd -qS = -- \"$@\"; fi\n}\n"
  print "_auscult_or_file() {\n  compadd -- \"$@\"\n  _files\n}\n"
  for (i = 1; i <= count; i++) {
    command = commands[i]
    rest = command == "facts" ? "" : "'*:file:_files'"
    if (command in words) rest = "'1: :_auscult_" command "_words' '*: :_auscult_" command "_behind'"
    if (command in words) {
      print "_auscult_" command "_words() {\n  local words_of=(" substr(words[command], 2) ")"
      print "  _describe -t words word words_of\n}\n"
      print "_auscult_" command "_behind() {"
      if (command in behind) print "  case $words[2] in\n" behind[command] "  esac"
      print "  _files\n}\n"
    }
    if (command in verbs)
      for (j = 1; j <= last; j++)
        if (index(all[j], command " ") == 1) {
          name = all[j]; sub(/ /, "_", name)
          print "_auscult_" name "() {\n  _arguments -s -S" specs[all[j]] " \\\n    '*:file:_files'\n}\n"
        }
    print "_auscult_" command "() {"
    if (command in verbs) print "  (( CURRENT < 3 )) || case $words[2] in\n" verbs[command] "  esac"
    print "  _arguments -s -S" specs[command] (rest == "" ? "" : " \\\n    " rest) "\n}\n"
  }
  print "_auscult() {\n  local curcontext=$curcontext state line commands=(\n" described "  )"
  print "  _arguments -C '(- *)'{-h,--help}'[lists the commands]' '(- *)--version[tells the version]' \\"
  print "    '1:command:->command' '*::argument:->argument'"
  print "  case $state in"
  print "    command) _describe -t commands command commands ;;"
  print "    argument) (( ! $+functions[_auscult_$words[1]] )) || _auscult_$words[1] ;;"
  print "  esac\n}\n"
  print "_auscult \"$@\""
}
