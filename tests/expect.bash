# For tests of the command line, in a folder of their own: counts in $faults what is not as it should be.

# expect CODE TEXT COMMAND…: the exit code, and a text that standard output or error must hold
expect() {
  local code=$1 text=$2 got
  shift 2
  "$@" >out 2>err </dev/null
  got=$?
  if [ "$got" != "$code" ] || ! cat out err | grep -qF -- "$text"; then
    echo "wanted $code and '$text', got $got from: $*"
    head -5 out err
    faults=$((faults + 1))
  fi
}
