# Completion for fish from the table that options.awk writes.

function quoted(text) { gsub(/\\/, "\\\\", text); gsub(/'/, "\\'", text); return "'" text "'" }
function described(text) { return text == "-" || text == "" ? "" : " -d " quoted(text) }

BEGIN {
  print "# Completion of auscult for fish, made from its --help by contrib/completions/make.\n"
  print "# The words up to the cursor: is the command, and what stands behind it, this?"
  print "function __auscult_at\n    set -l words (commandline -opc)"
  print "    test (count $words) -gt (count $argv); or return 1"
  print "    set -l last (math (count $argv) + 1)"
  print "    test \"$words[2..$last]\" = \"$argv\"\nend\n"
  print "function __auscult_first\n    test (count (commandline -opc)) -eq $argv[1]\nend\n"
  print "complete -c auscult -f"
  print "complete -c auscult -n '__auscult_first 1' -l help -s h -d 'lists the commands'"
  print "complete -c auscult -n '__auscult_first 1' -l version -d 'tells the version'"
}

$1 == "command" {
  print "complete -c auscult -n '__auscult_first 1' -a " $2 described($3)
  commands[++count] = $2
}
$1 == "word" {
  worded[$2] = 1
  print "complete -c auscult -n '__auscult_at " $2 "; and __auscult_first 2' -a " $3 described($4)
}
$1 == "words" {
  if ($2 !~ / /) worded[$2] = 1
  print "complete -c auscult -n '__auscult_at " $2 (($2 ~ / /) ? "" : "; and __auscult_first 2") "' -a " quoted($3)
}
$1 == "option" {
  line = "complete -c auscult -n '__auscult_at " $2 "'" ($3 == "-" ? "" : " -s " substr($3, 2)) " -l " substr($4, 3)
  files = sub(/ ?@files/, "", $6) || $5 ~ /=FILE/
  if ($5 != "-") line = line (files ? " -r -F" : " -x") ($6 == "-" || $6 == "" ? "" : " -a " quoted($6))
  print line described($7)
}

END {
  for (i = 1; i <= count; i++)
    if (commands[i] in worded) print "complete -c auscult -n '__auscult_at " commands[i] "; and not __auscult_first 2' -F"
    else if (commands[i] != "facts") print "complete -c auscult -n '__auscult_at " commands[i] "' -F"
}
