# Completion for bash from the table that options.awk writes. "@files" among the words of a place stands for files.

function quoted(text) { gsub(/'/, "'\\''", text); return "'" text "'" }
function place_of(command, option) { return option == "-" ? "" : quoted(command " " option) "|" }

$1 == "command" { commands = commands " " $2 }
$1 == "word" { first[$2] = first[$2] " " $3 }
$1 == "words" { after = after "    " quoted($2) ") echo " quoted($3 ($2 ~ / / ? " @files" : "")) " ;;\n" }
$1 == "option" {
  options[$2] = options[$2] " " $4 ($3 == "-" ? "" : " " $3)
  if ($5 == "-") next
  place = place_of($2, $3) place_of($2, $4)
  values = values "    " substr(place, 1, length(place) - 1) ") echo " quoted($6 == "-" ? "" : $6) " ;;\n"
}

END {
  print "# Completion of auscult for bash, made from its --help by contrib/completions/make.\n"
  print "_auscult_options() {\n  case $1 in"
  for (command in options) print "    " quoted(command) ") echo " quoted(substr(options[command], 2)) " ;;" | "sort"
  close("sort")
  print "    *) return 1 ;;\n  esac\n}\n"
  print "# What an option of a command takes; an option that takes nothing is not here.\n_auscult_values() {\n  case $1 in"
  printf "%s", values
  print "    *) return 1 ;;\n  esac\n}\n"
  print "# What stands behind a command, or behind its first word.\n_auscult_words() {\n  case $1 in"
  for (command in first) print "    " command ") echo " quoted(substr(first[command], 2)) " ;;" | "sort"
  close("sort")
  printf "%s", after
  print "    facts) ;;\n    *) echo @files ;;\n  esac\n}\n"
  print "_auscult_reply() {"
  print "  local words=$1 current=$2"
  print "  mapfile -t COMPREPLY < <("
  print "    compgen -W \"${words//@files/}\" -- \"$current\""
  print "    [[ $words != *@files* ]] || compgen -f -- \"$current\""
  print "  )"
  print "  [[ $words != *@files* ]] || compopt -o filenames 2>/dev/null"
  print "}\n"
  print "_auscult() {"
  print "  local command=${COMP_WORDS[1]} current=${COMP_WORDS[COMP_CWORD]} previous=${COMP_WORDS[COMP_CWORD - 1]} words"
  print "  COMPREPLY=()"
  print "  if [ \"$COMP_CWORD\" = 1 ]; then"
  print "    _auscult_reply " quoted(substr(commands, 2) " --help --version") " \"$current\""
  print "    return"
  print "  fi"
  print "  # bash parts words at \"=\": --engine=au is three of them, and so is -o json=found."
  print "  if [ \"$current\" = = ]; then current= previous==; fi"
  print "  if [ \"$previous\" = = ]; then"
  print "    local at=$COMP_CWORD"
  print "    [ \"${COMP_WORDS[at]}\" = = ] || at=$((at - 1))"
  print "    previous=${COMP_WORDS[at - 1]}"
  print "    [[ $previous == --* ]] || { _auscult_reply @files \"$current\"; return; }"
  print "  fi"
  print "  if [ \"$COMP_CWORD\" -gt 2 ] && _auscult_options \"$command ${COMP_WORDS[2]}\" >/dev/null; then command=\"$command ${COMP_WORDS[2]}\"; fi"
  print "  if words=$(_auscult_values \"$command $previous\"); then"
  print "    _auscult_reply \"$words\" \"$current\""
  print "  elif [[ $current == -* ]]; then"
  print "    _auscult_reply \"$(_auscult_options \"$command\")\" \"$current\""
  print "  elif [ \"$COMP_CWORD\" = 2 ]; then"
  print "    _auscult_reply \"$(_auscult_words \"$command\")\" \"$current\""
  print "  else"
  print "    _auscult_reply \"$(_auscult_words \"${COMP_WORDS[1]} ${COMP_WORDS[2]}\")\" \"$current\""
  print "  fi"
  print "}\n"
  print "complete -F _auscult auscult"
}
