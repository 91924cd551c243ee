#!/usr/bin/env bash
# signed.sh SOURCE AUSCULT: scopes that an owner signed are scanned, and no others. Loopback only.
set -u
source=$1 auscult=$2
owned=$(dirname "$auscult")/tests/auscult-owned # the same program, whose machine-wide list is auscult-owned.keys beside it
list=$owned.keys
work=$(mktemp -d)
trap 'rm -rf "$work" "$list"' EXIT
cd "$work" || exit 1
faults=0
. "$source/tests/expect.bash"

scope() { # scope FROM UNTIL
  printf '{"auscult":1,"authorization":{"reference":"T-1","authorized_by":"a","contact":"c","valid_from":"%s","valid_until":"%s"},
"organizations":[{"id":"h1","name":"One","ranges":["127.0.99.0/30"]}]}\n' "$1" "$2"
}
scope 2020-01-01 2099-01-01 >good.json
scope 2020-01-01 2020-12-31 >expired.json
scan=(scan -q -p 7 -r 2k -o jsonl)

for verb in keygen sign verify; do expect 0 "Usage" "$auscult" scope "$verb" --help; done
expect 0 "owner.pub" "$auscult" scope keygen owner
expect 0 "other.pub" "$auscult" scope keygen other
expect 1 "owner.key: File exists" "$auscult" scope keygen owner
[ "$(stat -c %a owner.key)" = 600 ] || { echo "owner.key is not for its owner alone"; faults=$((faults + 1)); }
touch third.pub
expect 1 "third.pub: File exists" "$auscult" scope keygen third
[ ! -e third.key ] || { echo "half a pair was left"; faults=$((faults + 1)); }
expect 2 "want one scope file and --key" "$auscult" scope sign good.json
expect 2 "no private key" "$auscult" scope sign good.json --key owner.pub
expect 2 "no public key" "$auscult" scope verify good.json --key owner.key
expect 2 "wrong.json:1:" sh -c 'echo "{}" >wrong.json; exec "$0" scope sign wrong.json --key owner.key' "$auscult"

expect 3 "good.json.sig is missing" "$auscult" scope verify good.json --key owner.pub
expect 3 "good.json.sig is missing" "$auscult" "${scan[@]}" -d no.db --require-signature owner.pub good.json
expect 0 "signed by the key" "$auscult" scope sign good.json --key owner.key
expect 0 "signed by the key" "$auscult" scope sign expired.json --key owner.key
expect 0 "signed by the key" "$auscult" scope verify good.json --key other.pub --key owner.pub
expect 0 "at $(sed -n 's/^signed: //p' good.json.sig)" "$auscult" scope verify good.json --key owner.pub
expect 3 "not among those required" "$auscult" scope verify good.json --key other.pub
expect 3 "expired.json is signed, and no scan is allowed" "$auscult" scope verify expired.json --key owner.pub
expect 0 '"type":"end"' "$auscult" "${scan[@]}" -d one.db --require-signature other.pub --require-signature owner.pub good.json
expect 3 "not among those required" "$auscult" "${scan[@]}" -d no.db --require-signature other.pub good.json
expect 3 "nothing was sent" "$auscult" "${scan[@]}" -d no.db --require-signature owner.pub expired.json
expect 2 "none.pub" "$auscult" "${scan[@]}" -d no.db --require-signature none.pub good.json
expect 3 "missing" "$auscult" "${scan[@]}" -d one.db --resume --require-signature owner.pub wrong.json

# Altered, in ways that leave it a right scope, or that do not.
sed 's/30"/29"/' good.json >wider.json && cp good.json.sig wider.json.sig
expect 3 "not the one that was signed" "$auscult" "${scan[@]}" -d no.db --require-signature owner.pub wider.json
head -c 100 good.json >cut.json && cp good.json.sig cut.json.sig
expect 3 "not the one that was signed" "$auscult" "${scan[@]}" -d no.db --require-signature owner.pub cut.json
cp good.json lines.json && sed 's/$/\r/' good.json.sig >lines.json.sig
expect 3 "is no signature that this program knows" "$auscult" "${scan[@]}" -d no.db --require-signature owner.pub lines.json
: >empty.json.sig && cp good.json empty.json
expect 3 "is empty" "$auscult" "${scan[@]}" -d no.db --require-signature owner.pub empty.json
cp good.json folder.json && mkdir folder.json.sig
expect 3 "can't be read" "$auscult" "${scan[@]}" -d no.db --require-signature owner.pub folder.json
[ ! -e no.db ] || { echo "a refused scan made a store"; faults=$((faults + 1)); }

# A pipe can be read once only: what was checked is what is scanned.
mkfifo once.json && cp good.json.sig once.json.sig
cat good.json >once.json &
expect 0 '"type":"end"' timeout 60 "$auscult" "${scan[@]}" -d once.db --require-signature owner.pub once.json
wait

# OpenSSL's own program, told only what targets/signature.h says, comes to the same.
if command -v openssl >/dev/null; then
  { printf 'auscult scope signature 1\0'; head -5 good.json.sig; cat good.json; } >message
  sed -n 's/^signature: //p' good.json.sig | base64 -d >bytes
  expect 0 "Verified Successfully" openssl pkeyutl -verify -pubin -inkey owner.pub -rawin -in message -sigfile bytes
  openssl genpkey -algorithm ed25519 -out foreign.key 2>/dev/null && openssl pkey -in foreign.key -pubout -out foreign.pub
  cp good.json theirs.json
  expect 0 "signed" "$auscult" scope sign theirs.json --key foreign.key
  expect 0 "signed" "$auscult" scope verify theirs.json --key foreign.pub
  openssl genpkey -algorithm x25519 2>/dev/null | openssl pkey -pubout -out x.pub
  expect 2 "want Ed25519" "$auscult" scope verify theirs.json --key x.pub
fi

# A machine's own list: not there, it asks for nothing; there, it must be whole, and no option widens it.
rm -f "$list"
expect 0 '"type":"end"' "$owned" "${scan[@]}" -d two.db wider.json
: >"$list"
expect 3 "names no key" "$owned" "${scan[@]}" -d no.db good.json
echo "owner.pub" >"$list"
expect 3 "auscult-owned.keys:1: want an absolute path" "$owned" "${scan[@]}" -d no.db good.json
printf '# ours\n\n%s/none.pub\n' "$work" >"$list"
expect 3 "auscult-owned.keys:3:" "$owned" "${scan[@]}" -d no.db good.json
printf '# ours\n%s/owner.pub\n' "$work" >"$list"
expect 0 '"type":"end"' "$owned" "${scan[@]}" -d two.db good.json
expect 3 "not the one that was signed" "$owned" "${scan[@]}" -d no.db wider.json
expect 0 "signed" "$auscult" scope sign wider.json --key other.key
expect 3 "not among those required" "$owned" "${scan[@]}" -d no.db --require-signature other.pub wider.json
expect 3 "not among those required" "$owned" "${scan[@]}" -d no.db --require-signature other.pub good.json
expect 0 '"type":"end"' "$owned" "${scan[@]}" -d two.db --require-signature owner.pub good.json
rm -f "$list" && mkdir "$list"
expect 3 "can't be read" "$owned" "${scan[@]}" -d no.db good.json
rmdir "$list" && ln -s /nowhere/at/all "$list"
expect 3 "can't be read" "$owned" "${scan[@]}" -d no.db good.json
[ ! -e no.db ] || { echo "a refused scan made a store"; faults=$((faults + 1)); }

[ "$faults" = 0 ] && echo "all as promised"
exit "$faults"
