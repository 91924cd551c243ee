# Self-signed certificates of a host: certificate_make NAME [KEY-OPTIONS…] writes /etc/lab/NAME.pem and .key.

certificate_make() {
  local name=$1
  shift
  [ $# -gt 0 ] || set -- -newkey ec -pkeyopt ec_paramgen_curve:prime256v1
  openssl req -x509 -nodes "$@" -days 365 -subj "/O=$DOMAIN/CN=$HOST.$DOMAIN" -addext "subjectAltName=DNS:$HOST.$DOMAIN" \
    -keyout "/etc/lab/$name.key" -out "/etc/lab/$name.pem" 2>/dev/null
  chmod 644 "/etc/lab/$name.key"
}

# One whose year is long over.
certificate_make_expired() {
  local name=$1 ca=/etc/lab/$1.ca
  mkdir -p "$ca"
  : >"$ca/index"
  echo 01 >"$ca/serial"
  printf '[ca]\ndefault_ca=c\n[c]\ndatabase=%s/index\nserial=%s/serial\nnew_certs_dir=%s\ndefault_md=sha256\npolicy=p\n[p]\nO=optional\nCN=supplied\n' \
    "$ca" "$ca" "$ca" >"$ca/conf"
  openssl req -new -nodes -newkey rsa:2048 -subj "/O=$DOMAIN/CN=$HOST.$DOMAIN" -keyout "/etc/lab/$name.key" -out "$ca/request" 2>/dev/null
  openssl ca -batch -notext -selfsign -config "$ca/conf" -keyfile "/etc/lab/$name.key" -in "$ca/request" \
    -startdate 20220301000000Z -enddate 20230301000000Z -out "/etc/lab/$name.pem" 2>/dev/null
}
