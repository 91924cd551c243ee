#!/usr/bin/env bash
# test_package.sh AUSCULT SOURCE BUILD: the Debian package of this build, installed in a bare Debian: an unprivileged user scans a
# real server of the loopback, members of the group have the packet engine, and stores outlive removal and purge.
set -u
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
build=$3

[ "$(id -u)" = 0 ] || { echo "skipped: a bare Debian to install in needs root"; exit 77; }
grep -q '^CMAKE_BUILD_TYPE:.*=Release$' "$build/CMakeCache.txt" && ! grep -q '^AUSCULT_CHECKED:.*=ON$' "$build/CMakeCache.txt" || {
  echo "skipped: packages are made of a Release build"
  exit 77
}
"$here/bare" ready || { echo "skipped: there is no bare Debian yet, tests/contrib/bare makes it"; exit 77; }

work=$(mktemp -d)
trap 'rm -rf --one-file-system "$work"' EXIT
trap 'exit 130' INT TERM HUP

(cd "$build" && cpack -G DEB -B "$work") >"$work/log" 2>&1 || { cat "$work/log"; exit 1; }
package=$(echo "$work"/auscult_*.deb)
[ -e "$package" ] || { echo "cpack made no package"; exit 1; }
if command -v lintian >/dev/null; then
  lintian --allow-root --fail-on error,warning "$package" || { echo "lintian has faults to find"; exit 1; }
else
  echo "lintian is not here"
fi

mkdir "$work/root"
tar -C "$work/root" -xpf "$("$here/bare")"
cp "$package" "$work/root/root/auscult.deb"
cp "$here/package-proof" "$work/root/root/package-proof"
# Without a network of its own: the loopback in there is nobody else's, and apt finds all it wants in its archives.
unshare --net --mount --pid --fork --kill-child --propagation private bash -c '
  mount --bind "$0" "$0" && cd "$0" && mkdir -p dev && mount -t tmpfs none dev &&
    for device in null zero full random urandom tty; do touch "dev/$device" && mount --bind "/dev/$device" "dev/$device"; done
  ln -s /proc/self/fd dev/fd && mount -t proc proc proc && ip link set lo up && exec chroot . /bin/bash /root/package-proof' "$work/root" </dev/null
