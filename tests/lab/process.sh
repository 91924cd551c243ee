# Processes by number and start time, which tells one from a later process with the same number.

process_mark() { echo "$1 $(process_started "$1")"; }

process_started() { sed 's/.*) //' "/proc/$1/stat" 2>/dev/null | cut -d ' ' -f 20; }

# Is the process marked in FILE still that process?
process_alive() {
  local pid started
  read -r pid started 2>/dev/null <"$1" && [ -n "$started" ] && [ "$(process_started "$pid")" = "$started" ]
}

# The number of this shell where /proc was mounted, in process_outside; bash reads the file itself, so no child is meant.
process_self_outside() { read -r process_outside _ </proc/self/stat; }
