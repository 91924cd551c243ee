# The lab's own root: a Debian made by debootstrap with every server unpacked into it. It lies read-only in a cache; no package's
# set-up script ever runs, so nothing can start, and servers that exclude each other (two mail servers) lie side by side.

root_cache=${AUSCULT_LAB_CACHE:-/var/cache/auscult-lab}

# The root's name follows what it is made from, so that a changed list or recipe makes another root.
root_path() {
  local digest
  digest=$(cat "$lab_dir"/{packages,mirror.sh,root-build,root-prepare} | sha256sum)
  echo "$root_cache/${digest:0:16}"
}

root_exists() { [ -e "$(root_path)/etc/auscult-lab/whole" ]; }

# Puts the root there if it is not; only one builder at a time, and what an interrupted builder left is thrown away.
root_make() {
  mkdir -p "$root_cache"
  exec 8>"$root_cache/lock"
  flock 8
  root_exists || root_build
  exec 8>&-
}

# The builder runs in namespaces of its own and dies with this shell, so that no half-built root keeps a process or a mount.
root_build() {
  local root builder
  root=$(root_path)
  for builder in "$root_cache"/building.*; do root_discard "$builder"; done
  root_building=$root_cache/building.$$
  mkdir -p "$root_building"
  trap '{ kill -KILL "$builder"; wait "$builder"; } 2>/dev/null; root_discard "$root_building"' EXIT
  trap 'exit 130' INT TERM HUP
  setpriv --pdeathsig KILL unshare --mount --propagation unchanged --pid --fork --kill-child \
    "$lab_dir/root-build" "$root_building" </dev/null >"$root_building/log" 2>&1 8>&- &
  builder=$!
  if ! wait "$builder"; then
    tail -n 20 "$root_building/log" >&2
    echo "lab: the root could not be made; the lines above are the end of its log" >&2
    exit 1
  fi
  root_release "$root_building"
  rm -rf "$root"
  mv "$root_building/root" "$root"
  cp "$root_building/log" "$root.log"
  root_discard "$root_building"
  trap - EXIT INT TERM HUP
}

# Where a builder in a plain chroot could not keep its mounts to itself, what it bound outside is let go first.
root_release() { if mountpoint -q "$1"; then umount -l "$1"; fi; }

root_discard() {
  root_release "$1"
  rm -rf --one-file-system "$1"
}
