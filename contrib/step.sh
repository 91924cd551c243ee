# One step of demo and check: a line that says what is done, the work in the background (bash hears a signal only while it waits),
# its output in a log that is shown where it fails.

step_log=$(mktemp "${TMPDIR:-/tmp}/auscult-step.XXXXXX")
step_child=0

# step ENGLISH CHINESE COMMAND…
step() {
  local began=$SECONDS
  printf '%s / %s …' "$1" "$2"
  shift 2
  if step_wait "$@" >"$step_log" 2>&1; then
    printf ' %d s\n' $((SECONDS - began))
    return 0
  fi
  printf ' failed / 失败\n'
  tail -n "${step_lines:-40}" "$step_log" >&2
  return 1
}

# Runs a command in a process group of its own, so that a signal to this shell can end all of it.
step_wait() {
  local result=0
  set -m
  "$@" </dev/null &
  step_child=$!
  set +m
  wait "$step_child" || result=$?
  step_child=0
  return $result
}

step_stop() {
  if [ "$step_child" != 0 ]; then
    kill -TERM -- "-$step_child" 2>/dev/null
    wait "$step_child" 2>/dev/null
  fi
  rm -f "$step_log"
}
