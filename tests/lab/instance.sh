# One standing lab: a keeper process, whose end is the end of every process, mount and network namespace of the lab.

instance_run_dir=/run/auscult-lab
instance_timeout_s=60
instance_child=0

# Without a name the lab belongs to the process that called us and falls when that one is gone.
instance_id() { echo "${AUSCULT_LAB:-$PPID}"; }
instance_dir() { echo "$instance_run_dir/$(instance_id)"; }

instance_up() {
  local dir
  dir=$(instance_dir)
  root_exists || { echo "lab: no root yet; run: $lab_dir/lab root" >&2; exit 77; }
  if process_alive "$dir/keeper"; then echo "lab: $(instance_id) stands already" >&2; exit 1; fi
  instance_sweep
  rm -rf "$dir"
  mkdir -p "$dir/log" "$dir/tree"
  trap 'instance_fall "$dir"' EXIT
  trap 'exit 130' INT TERM HUP
  instance_start_keeper "$dir"
  instance_await "$dir" || exit 1
  trap - EXIT INT TERM HUP
}

# The keeper's own network is the scanner's; it is the first process of its own process namespace.
instance_start_keeper() {
  local dir=$1 owner=
  [ -n "${AUSCULT_LAB:-}" ] || owner=$PPID
  [ -z "$owner" ] || process_mark "$owner" >"$dir/owner"
  setsid unshare --mount --propagation unchanged --net --pid --fork --kill-child \
    "$lab_dir/keeper" "$dir" "$(root_path)" "$owner" "$(stat -L -c %i /proc/self/ns/net)" </dev/null >"$dir/log/keeper" 2>&1 &
  process_mark $! >"$dir/launcher"
  disown
}

instance_await() {
  local dir=$1 deadline=$((SECONDS + instance_timeout_s))
  until [ -e "$dir/standing" ]; do
    if ! process_alive "$dir/launcher"; then
      echo "lab: it could not be raised:" >&2
      tail -n 15 "$dir/log/keeper" >&2
      return 1
    fi
    if [ $SECONDS -ge $deadline ]; then
      instance_complain "$dir" >&2
      return 1
    fi
    sleep 0.05
  done
}

# Which servers never listened, and the end of what their hosts said.
instance_complain() {
  local dir=$1 name
  echo "lab: these did not listen within $instance_timeout_s s: $(tr '\n' ';' <"$dir/missing")"
  cut -d ' ' -f 1 "$dir/missing" | sort -u | while read -r name; do
    echo "--- $name"
    tail -n 8 "$dir/log/$name"
  done
}

# Killing the launcher is enough: the kernel then kills the keeper and with it its whole process namespace.
instance_fall() {
  local dir=$1 file pid
  for file in launcher keeper; do
    if process_alive "$dir/$file"; then
      read -r pid _ <"$dir/$file"
      kill -KILL "$pid" 2>/dev/null
    fi
  done
  for _ in $(seq 200); do
    process_alive "$dir/keeper" || break
    sleep 0.02
  done
  if mountpoint -q "$dir/tree"; then umount -l "$dir/tree"; fi
  rm -rf "$dir"
}

# Labs without a name whose owner is gone.
instance_sweep() {
  local dir
  for dir in "$instance_run_dir"/*/; do
    [ -e "$dir/owner" ] && ! process_alive "$dir/owner" && instance_fall "${dir%/}"
  done
  return 0
}

instance_down() {
  [ -d "$(instance_dir)" ] && instance_fall "$(instance_dir)"
  instance_sweep
  rmdir "$instance_run_dir" 2>/dev/null
  return 0
}

instance_exec() {
  local dir host=${1:-} pid
  dir=$(instance_dir)
  shift
  process_alive "$dir/keeper" || { echo "lab: $(instance_id) does not stand" >&2; exit 1; }
  if [ "$host" = scanner ]; then
    read -r pid _ <"$dir/keeper"
    exec nsenter --net="/proc/$pid/ns/net" -- "$@"
  fi
  hosts_exists "$host" || { echo "lab: there is no host '$host'; see lab hosts" >&2; exit 2; }
  read -r pid <"$dir/host.$host"
  exec nsenter --target "$pid" --mount --net --uts --pid --root --wd -- "$@"
}

# As a whole: whatever ends this, the lab ends too, because it belongs to this process. Children run in the background, because
# bash hears a signal only when it waits.
instance_run() {
  unset AUSCULT_LAB
  trap '[ "$instance_child" = 0 ] || kill -TERM "$instance_child" 2>/dev/null; wait "$instance_child" 2>/dev/null; "$lab_dir/lab" down' EXIT
  trap 'exit 130' INT TERM HUP
  instance_in_background "$lab_dir/lab" up || exit
  instance_in_background "$lab_dir/lab" exec scanner "$@"
  exit
}

instance_in_background() {
  setpriv --pdeathsig TERM "$@" &
  instance_child=$!
  wait "$instance_child"
}

instance_log() { cat "$(instance_dir)/log/${1:-keeper}"; }
