# What a command's --help says, as a table: one line each, its fields parted by tabs.
#   option COMMAND SHORT LONG ARGUMENT VALUES DESCRIPTION    SHORT is "-" where there is none, ARGUMENT where it takes none
#   word   COMMAND WORD DESCRIPTION                          what may stand first behind the command
# VALUES are the words that an argument may be: its own alternatives (zh|en), or the list that the description has
# ("auto, connect, packet or xdp", "the forms are table, json"); among them @files, where it is a file. -v command=NAME; -v forms=… and -v baselines=… are the words for
# arguments of that kind where the text has no list. COMMAND is two words ("scope sign") where the second has a --help of its own.

function add_option(short, long, argument) {
  if (long in place) number = place[long]
  else { number = place[long] = ++options; order[number] = long }
  if (short != "-" || !(number in shorts)) shorts[number] = short
  arguments[number] = argument
}

# Reads "-p, --ports LIST" at the beginning of the text and gives back what follows it.
function take_option(text,    short, long, argument) {
  short = "-"
  if (text ~ /^-[A-Za-z], /) { short = substr(text, 1, 2); text = substr(text, 5) }
  match(text, /^--[a-z][a-z-]*/)
  long = substr(text, 1, RLENGTH); text = substr(text, RLENGTH + 1)
  argument = "-"
  if (text ~ /^ [^ -]/) { match(text, /^ [^ ]+/); argument = substr(text, 2, RLENGTH - 1); text = substr(text, RLENGTH + 1) }
  add_option(short, long, argument)
  return text
}

function take_options(text) {
  sub(/^ +/, "", text)
  while (text ~ /^(-[A-Za-z], )?--[a-z]/) { text = take_option(text); sub(/^ +/, "", text) }
  if (text != "") descriptions[number] = text
}

function list_of(text,    found) {
  gsub(/ *\([^)]*\)/, "", text)
  if (!match(text, /(^|: )[a-z][a-z-]*(, [a-z][a-z-]*)* or [a-z][a-z-]*([;,.:]|$)/) &&
      !match(text, /forms are [a-z][a-z-]*(, [a-z][a-z-]*)*/)) return "-"
  found = substr(text, RSTART, RLENGTH)
  sub(/^(: |forms are )/, "", found); sub(/[;,.:]$/, "", found); gsub(/,| or/, "", found)
  return found
}

function values_of(long, argument, description,    values) {
  values = long == "--baseline" ? baselines : argument == "-" ? "" : argument ~ /^FORM/ ? list_of(description) : ""
  if (argument ~ /^FORM/ && values == "-") values = forms
  if (argument ~ /^[a-z]+(\|[a-z]+)+$/) { values = argument; gsub(/\|/, " ", values) }
  if (argument ~ /FILE|FOLDER|SCOPE|STORE|PUBLIC|PRIVATE/ && argument !~ /=FILE/ || long == "--require-signature") values = values " @files"
  if (values == "" && argument != "-") values = list_of(description)
  sub(/^ /, "", values)
  return values == "" ? "-" : values
}

# Options that only the usage names, and the word that each of its lines begins with.
function take_usage(text,    words, count, parts, first, i, option, argument) {
  sub(/^Usage: +/, "", text); sub(/^ +/, "", text)
  sub(/  .*/, "", text)
  count = split(text, words, " ")
  first = split(command, parts, " ") + 2
  for (i = words[first] ~ /^[a-z|]+$/ ? split(words[first], parts, "|") : 0; i > 0; i--) print "word\t" command "\t" parts[i] "\t-"
  for (i = first; i <= count; i++) {
    option = words[i]; gsub(/[][…]/, "", option)
    if (option !~ /^--[a-z-]+$/ || option in place) continue
    argument = words[i] ~ /\]/ ? "-" : words[i + 1]
    sub(/\].*/, "", argument)
    add_option("-", option, argument)
  }
}

/^Usage:/ { usage = 1 }
usage && /^(Usage:|       )/ { take_usage($0); next }
{ usage = 0 }
/^Formats:/ { formats = 1; next }
formats && /^  [a-z]/ { name = $1; $1 = ""; print "word\t" command "\t" name "\t" substr($0, 2); next }
{ formats = 0 }
/^ +-/ { take_options($0); listed = 1; next }
listed && /^        +[^ ]/ && number { text = $0; sub(/^ +/, "", text); descriptions[number] = descriptions[number] " " text; next }
{ listed = 0 }

END {
  if (!("--help" in place)) add_option("-h", "--help", "-")
  for (number = 1; number <= options; number++) {
    description = number in descriptions ? descriptions[number] : order[number] == "--help" ? "explains the command" : "-"
    print "option\t" command "\t" shorts[number] "\t" order[number] "\t" arguments[number] "\t" \
          values_of(order[number], arguments[number], description) "\t" description
  }
}
