#!/usr/bin/env bash
# The machine's apt sources, in both of apt's formats: what is Debian's own release is taken with its options, all else is left.
set -u
lab_dir=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
. "$lab_dir/mirror.sh"
apt=$(mktemp -d)
trap 'rm -rf "$apt"' EXIT
mkdir "$apt/sources.list.d"
cat >"$apt/sources.list" <<'END'
# deb http://commented.example/debian bookworm main
deb   http://one.example/debian	bookworm main contrib # a mirror
deb-src http://one.example/debian bookworm main
deb [trusted=yes] file:/srv/mirror bookworm main
deb [arch=amd64 signed-by=/keys/a.gpg] https://two.example/debian-security bookworm-security main
deb http://one.example/debian trixie main
deb http://one.example/debian bookworm contrib
deb cdrom:[Debian]/ bookworm main
END
echo 'deb [signed-by=/keys/other.gpg] https://packages.example/other stable main' >"$apt/sources.list.d/other.list"
cat >"$apt/sources.list.d/debian.sources" <<'END'
Types: deb deb-src
# a comment inside
URIs: http://three.example/debian
 http://four.example/debian
Suites: bookworm bookworm-updates
Components: main
Signed-By: /usr/share/keyrings/debian-archive-keyring.gpg

Enabled: no
Types: deb
URIs: http://disabled.example/debian
Suites: bookworm
Components: main

Types: deb-src
URIs: http://source.example/debian
Suites: bookworm
Components: main

Types: deb
URIs: http://five.example/debian
Suites: bookworm
Components: main non-free-firmware
Trusted: yes
Signed-By:
 -----BEGIN PGP PUBLIC KEY BLOCK-----
 .
 xyz
END
wanted='deb http://one.example/debian bookworm main contrib
deb [trusted=yes] file:/srv/mirror bookworm main
deb [arch=amd64 signed-by=/keys/a.gpg] https://two.example/debian-security bookworm-security main
deb [signed-by=/usr/share/keyrings/debian-archive-keyring.gpg] http://three.example/debian bookworm main
deb [signed-by=/usr/share/keyrings/debian-archive-keyring.gpg] http://three.example/debian bookworm-updates main
deb [signed-by=/usr/share/keyrings/debian-archive-keyring.gpg] http://four.example/debian bookworm main
deb [signed-by=/usr/share/keyrings/debian-archive-keyring.gpg] http://four.example/debian bookworm-updates main
deb [trusted=yes] http://five.example/debian bookworm main non-free-firmware'
got=$(mirror_debian bookworm "$apt")
[ "$got" = "$wanted" ] || { diff <(echo "$wanted") <(echo "$got"); exit 1; }

entry=$(sed -n 3p <<<"$got")
[ "$(mirror_option "$entry" signed-by)" = /keys/a.gpg ] && [ -z "$(mirror_option "$entry" trusted)" ] &&
  [ "$(mirror_uri "$entry")" = https://two.example/debian-security ] && [ "$(mirror_uri "deb file:/srv/mirror bookworm main")" = file:/srv/mirror ] ||
  { echo "the options or the address of an entry are wrong"; exit 1; }
