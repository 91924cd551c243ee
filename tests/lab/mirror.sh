# Which Debian archive the machine itself uses, as one-line apt entries: deb [options] URI SUITE COMPONENTS.

# Turns a deb822 file on standard input into one-line entries; paragraphs that are disabled vanish.
mirror_from_deb822() {
  awk '
    function value(line) { sub(/^[^:]*:[ \t]*/, "", line); return line }
    function flush_paragraph(   u, s, i, j, options) {
      if (types ~ /(^| )deb( |$)/ && enabled !~ /^(no|false|0)/) {
        options = ""
        if (signed ~ /^\//) options = options " signed-by=" signed
        if (trusted ~ /^(yes|true|1)/) options = options " trusted=yes"
        split(uris, u, /[ \t]+/); split(suites, s, /[ \t]+/)
        for (i = 1; i in u; i++) for (j = 1; j in s; j++)
          print "deb" (options == "" ? "" : " [" substr(options, 2) "]") " " u[i] " " s[j] " " components
      }
      types = uris = suites = components = signed = trusted = enabled = field = ""
    }
    /^#/ { next }
    /^[ \t]*$/ { flush_paragraph(); next }
    /^[ \t]/ { sub(/^[ \t]+/, ""); if (field == "uris") uris = uris " " $0; if (field == "suites") suites = suites " " $0; next }
    { field = tolower($0); sub(/:.*/, "", field) }
    field == "types" { types = value($0) }
    field == "uris" { uris = value($0) }
    field == "suites" { suites = value($0) }
    field == "components" { components = value($0) }
    field == "signed-by" { signed = value($0) }
    field == "trusted" { trusted = value($0) }
    field == "enabled" { enabled = value($0) }
    END { flush_paragraph() }' | sed 's/  */ /g'
}

# All binary entries of a sources directory (default /etc/apt), in either format.
mirror_entries() {
  local apt=${1:-/etc/apt} file
  for file in "$apt/sources.list" "$apt"/sources.list.d/*.list; do
    [ -r "$file" ] && sed -n 's/#.*//; s/[ \t][ \t]*/ /g; s/ $//; /^deb /p' "$file"
  done
  for file in "$apt"/sources.list.d/*.sources; do
    [ -r "$file" ] && mirror_from_deb822 <"$file"
  done
  return 0
}

# Only what is Debian's own release of this machine, updates and security included; other people's archives stay out.
mirror_debian() {
  local codename=$1 apt=${2:-/etc/apt}
  mirror_entries "$apt" | awk -v code="$codename" '
    { line = $0; sub(/^deb (\[[^]]*\] )?/, "", line); split(line, part, " ") }
    part[1] ~ /^(https?|file):/ && line ~ / main( |$)/ &&
    (part[2] == code || part[2] == code "-updates" || part[2] == code "-security" || part[2] == code "/updates") && !seen[$0]++'
}

# One named option (signed-by, trusted) of an entry, or nothing.
mirror_option() {
  sed -n "s/^deb \[\([^]]*\)\].*/\1/p" <<<"$1" | tr ' ' '\n' | sed -n "s/^$2=//p"
}

mirror_uri() { sed 's/^deb \(\[[^]]*\] \)\{0,1\}//; s/ .*//' <<<"$1"; }
