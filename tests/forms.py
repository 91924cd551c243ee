"""What servers, files and users say comes out of every form as harmless text, and nothing that says where comes out of a
report without addresses. Scans 127.0.97.0/29 and nothing else. Outside judges are asked where they are installed: xmllint
with nmap's DTD, ndiff, promtool, cmark-gfm, and jsonschema with the file that AUSCULT_SARIF_SCHEMA names."""
import base64, collections, csv, html.parser, io, json, os, re, shutil, socket, subprocess, sys, tempfile, threading
import unicodedata, urllib.parse, xml.etree.ElementTree as etree

auscult = sys.argv[1]
DTD = "/usr/share/nmap/nmap.dtd"
REFUSED = {"csv", "nmap-xml", "sarif"}  # they consist of addresses
work = tempfile.mkdtemp()
os.chdir(work)
csv.field_size_limit(1 << 24)
faults = []
asked = collections.Counter()  # judges that were asked


def fault(what):
    faults.append(what)
    print("FAULT", what)


def run(*arguments, code=0):
    done = subprocess.run([auscult, *arguments], stdin=subprocess.DEVNULL, capture_output=True)
    if done.returncode != code:
        fault(f"exit {done.returncode}, not {code}: {' '.join(arguments)}: {done.stderr.decode(errors='replace')[:300]}")
    return done


def judge(*command, **options):
    """An outside program's word, or None where it is not installed."""
    if not shutil.which(command[0]):
        return None
    asked[command[0]] += 1
    return subprocess.run(command, capture_output=True, **options)


def forms():
    text = run("report", "--help").stdout.decode()
    found = re.search(r"forms are\s+((?:[a-z-]+,\s+)*[a-z-]+)", text)
    names = re.split(r",\s+", found[1]) if found else []
    if not {"table", "json", "jsonl", "markdown", "csv", "csv-scorecards", "nmap-xml", "sarif", "prometheus"} <= set(names):
        fault(f"the help names these forms: {names}")
    return [name for name in names if name != "pdf"]  # html once more, by a browser


# --- what is harmless, form by form ---

def plain(form, data):
    """UTF-8 without a character that steers a terminal or turns or hides its neighbours."""
    try:
        text = data.decode()
    except UnicodeDecodeError as wrong:
        fault(f"{form} is not UTF-8: {wrong}")
        return data.decode(errors="replace")
    if form.startswith("csv"):
        if not text.startswith("\ufeff"):
            fault(f"{form} has no byte order mark, so that Excel takes it for GBK")
        text = text[1:].replace("\r\n", "\n")
    for place, character in enumerate(text):
        if character != "\n" and unicodedata.category(character) in ("Cc", "Cf", "Zl", "Zp", "Cs"):
            fault(f"{form} has U+{ord(character):04X} at …{text[max(0, place - 40):place + 10]!r}")
            break
    return text


def number(text):
    try:
        float(text)
        return True
    except ValueError:
        return False


def check_json(text):
    json.loads(text)


def check_jsonl(text):
    for line in text.splitlines():
        json.loads(line)


def check_csv(text):
    rows = list(csv.reader(io.StringIO(text), strict=True))
    if len({len(row) for row in rows}) != 1:
        fault(f"lines of csv have {sorted({len(row) for row in rows})} cells")
    for cell in (cell for row in rows for cell in row):
        if re.match(r"[\s\u3000]*[=+\-@＝＋－＠\t\r]", cell) and not number(cell):
            fault(f"a spreadsheet computes {cell[:80]!r}")
    for at in re.finditer(r"[,;|][=+@＝＋＠]", text):  # where a separator of another country would begin a cell
        fault(f"with another separator a spreadsheet computes {text[at.start() - 20:at.start() + 20]!r}")


def check_xml(text):
    etree.fromstring(text.encode())
    with open("check.xml", "w") as file:
        file.write(text)
    if os.path.exists(DTD):
        valid = judge("xmllint", "--noout", "--nonet", "--dtdvalid", DTD, "check.xml")
        if valid is not None and valid.returncode != 0:
            fault(f"xmllint: {valid.stderr.decode()[:500]}")
    same = judge("ndiff", "check.xml", "check.xml")
    if same is not None and same.returncode != 0:
        fault(f"ndiff does not read it: {same.stderr.decode()[-500:]}")


def check_sarif(text):
    log = json.loads(text)
    if log["version"] != "2.1.0" or not log["$schema"].endswith("sarif-2.1.0.json") or len(log["runs"]) != 1:
        fault("sarif: version, schema, runs")
    (one,) = log["runs"]
    rules, prints = one["tool"]["driver"]["rules"], []
    for rule in rules:
        severity = float(rule["properties"]["security-severity"])
        if not (0 < severity <= 10 and rule["shortDescription"]["text"] and rule["help"]["text"]):
            fault(f"sarif: rule {rule}")
    for result in one["results"]:
        if rules[result["ruleIndex"]]["id"] != result["ruleId"] or not result["message"]["text"]:
            fault(f"sarif: result {result}")
        if result["level"] not in ("error", "warning", "note") and (result["level"], result.get("kind")) != ("none", "open"):
            fault(f"sarif: level {result}")
        uri = result["locations"][0]["physicalLocation"]["artifactLocation"]["uri"]
        if not re.fullmatch(r"[a-z]+:[!-~]+", uri) or not urllib.parse.urlsplit(uri).scheme:
            fault(f"sarif: uri {uri!r}")
        prints.append(result["partialFingerprints"]["auscultPlace/v1"])
    if len(set(prints)) != len(prints):
        fault("sarif: two results have one fingerprint")
    schema = os.environ.get("AUSCULT_SARIF_SCHEMA")
    if schema:
        import jsonschema
        asked["sarif schema"] += 1
        for error in jsonschema.Draft202012Validator(json.load(open(schema))).iter_errors(log):
            fault(f"sarif schema: {error.message[:200]} at {list(error.path)}")
    return one


SAMPLE = re.compile(r'([a-zA-Z_:][a-zA-Z0-9_:]*)(?:\{((?:[a-zA-Z_][a-zA-Z0-9_]*="(?:[^"\\\n]|\\[\\"n])*"(?:,|(?=\})))*)\})? '
                    r'([-+]?(?:[0-9.]+(?:[eE][-+]?[0-9]+)?|Inf|NaN))')


def check_prometheus(text):
    """The grammar of the text format 0.0.4, and what the collector asks beyond it."""
    seen, done, family = set(), set(), None
    if not text.endswith("\n"):
        fault("prometheus: the last line does not end")
    for line in text.splitlines():
        if line.startswith("# "):
            _, word, name, *rest = line.split(" ", 3)
            if word == "HELP":
                if name in done or not rest:
                    fault(f"prometheus: {line}")
                done.add(name)
            elif word != "TYPE" or name not in done or rest != ["gauge"]:
                fault(f"prometheus: {line}")
            family = name
            continue
        sample = SAMPLE.fullmatch(line)
        if not sample or sample[1] != family:
            fault(f"prometheus: no sample: {line[:200]}")
        elif line.rsplit(" ", 1)[0] in seen:
            fault(f"prometheus: twice: {line[:200]}")
        seen.add(line.rsplit(" ", 1)[0])
    valid = judge("promtool", "check", "metrics", input=text.encode())
    if valid is not None and (valid.returncode != 0 or valid.stderr):
        fault(f"promtool: {valid.stderr.decode()[:500]}")


class Tags(html.parser.HTMLParser):
    def __init__(self, form, harmless=None):
        super().__init__()
        self.form, self.harmless = form, harmless

    def handle_starttag(self, tag, attributes):
        wrong = tag not in self.harmless if self.harmless else tag in ("script", "iframe", "object", "embed", "base", "img")
        for name, value in attributes:
            wrong = wrong or name.startswith("on") or "javascript:" in (value or "")
        if wrong:
            fault(f"{self.form} makes <{tag} {attributes}>")


MARKS = {"h1", "h2", "h3", "p", "ul", "ol", "li", "strong", "code", "br", "table", "thead", "tbody", "tr", "th", "td"}


def check_markdown(text):
    made = judge("cmark-gfm", "-e", "table", "-e", "autolink", "-e", "strikethrough", "--unsafe", input=text.encode())
    if made is not None:
        Tags("markdown", MARKS).feed(made.stdout.decode())
        if b"<!--" in made.stdout:
            fault("markdown makes a comment")
    outside = re.sub(r"(`+)(?!`).*?(?<!`)\1(?!`)", "", text)
    for at in re.finditer(r"(?<!\\)(?:\\\\)*[<\[]", outside):
        fault(f"markdown: {outside[at.start() - 20:at.start() + 20]!r}")


def check_html(text):
    Tags("html").feed(text)


CHECKS = {"json": check_json, "jsonl": check_jsonl, "csv": check_csv, "csv-scorecards": check_csv, "nmap-xml": check_xml,
          "sarif": check_sarif, "prometheus": check_prometheus, "markdown": check_markdown, "html": check_html}


def write(command, source, form, *more, language="en"):
    path = f"out.{form}"
    run(command, source, "-o", f"{form}={path}", "--lang", language, *more)
    if not os.path.exists(path):
        return b""
    with open(path, "rb") as file:
        data = file.read()
    os.unlink(path)
    return data


def check_all(command, source, *more):
    """Every form in both languages; the texts by form."""
    texts = {}
    for form in forms():
        for language in ("zh", "en"):
            texts[form] = plain(form, write(command, source, form, *more, language=language))
            try:
                CHECKS.get(form, lambda text: None)(texts[form])
            except Exception as wrong:
                fault(f"{form} of {source}: {type(wrong).__name__}: {wrong}")
    return texts


# --- hostile servers, users and files ---

HOSTILE = ("<script>alert(1)</script>\x1b]0;owned\x07\x1b[2J\u202egnp\u2066\u200b\"onload=\"x|`id`|&lt; ]]> --> \u0085\u2028"
           "\\x00 [l](javascript:x) https://evil.example/ ${jndi:x} '%s%n")


class Server(threading.Thread):
    """Says its greeting to whoever connects, and then nothing until they go."""

    def __init__(self, address, port, greeting):
        super().__init__(daemon=True)
        self.greeting, self.socket = greeting, socket.socket()
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        self.socket.bind((address, port))
        self.socket.listen(16)
        self.start()

    def run(self):
        while True:
            try:
                peer, _ = self.socket.accept()
            except OSError:
                return
            try:
                peer.settimeout(5)
                peer.sendall(self.greeting)
                peer.recv(4096)
                peer.close()
            except OSError:
                pass

    def close(self):
        self.socket.shutdown(socket.SHUT_RDWR)
        self.socket.close()


H = HOSTILE.encode()
GREETINGS = {
    ("127.0.97.1", 2121): b"220 (vsFTPd 3.0.3" + H + b")\r\n",
    ("127.0.97.1", 2222): b"SSH-2.0-OpenSSH_9.2p1 =cmd()|'/C calc'!A0" + H + b"\r\n",
    ("127.0.97.1", 2525): b"220 =HYPERLINK(\"http://evil.example/\") ESMTP \xff\xfe\xc3\x28" + H + b"\r\n",
    ("127.0.97.2", 2222): b"SSH-2.0-@SUM(1+1)_\xd2\xbd\xd4\xba\xd6\xd0\xd0\xc4\r\n",  # GB18030
    ("127.0.97.2", 2323): b"220 " + H * 4000 + b"\r\n",  # more than 1 MB
    ("127.0.97.2", 8080): b"HTTP/1.0 200 OK\r\nServer: nginx/1.22.1" + H + b"\r\nContent-Type: text/html\r\n\r\n<title>" + H +
                          b"</title><script>alert(1)</script>",
}
PORTS = "2121,2222,2323,2525,8080"
CATALOGUE = {"auscult_catalogue": 1, "name": "any", "extends": "auscult-2026", "items": [
    {"id": "X" + service, "dimension": "H03", "zh": f"{service} <b>|`*暴露", "en": f"{service} <b>|`* exposed", "source": "scan",
     "risk": 1, "severity": severity, "asset": 3, "confidence": 5, "unit": unit, "ports": PORTS, "when": {"service": service},
     "fix": {"zh": "关闭 <i>它</i>|`", "en": "close <i>it</i> |`"}}
    for service, severity, unit in (("ftp", 3, "endpoint"), ("ssh", 2, "host"), ("smtp", 5, "endpoint"), ("http", 1, "endpoint"))]}
SCOPE = {"auscult": 1,
         "authorization": {"reference": "=T-1 <b>|`", "authorized_by": "a", "contact": "c", "valid_from": "2020-01-01",
                           "valid_until": "2099-01-01"},
         "organizations": [
             {"id": "h1", "name": "=cmd()|'<script>alert(1)</script>\"onload=\"x", "province": "@湖北|`*_[l](http://e.example)",
              "level": "-3A", "tags": {"owner": "+<img src=x>"}, "ranges": ["127.0.97.0/30"],
              "assets": [{"range": "127.0.97.1", "value": 5, "name": "=HIS&<b>\"`database|"}]},
             {"id": "h2", "name": "＝Second", "province": "\\\"}\n".strip(), "ranges": ["127.0.97.4/30"]}],
         "accepted": [{"item": "Xssh", "where": "127.0.97.2", "reason": "=springboard <b>|`host`", "by": "@IT", "from": "2026-01-01",
                       "until": "2026-12-31"}],
         "false_positives": [{"item": "Xhttp", "where": "127.0.97.2", "reason": "-honeypot <b>", "by": "+IT", "from": "2026-01-01"}]}


def save(name, value):
    with open(name, "w") as file:
        json.dump(value, file, ensure_ascii=False)


def today():
    import datetime
    return datetime.date.today()


def scan(store, *more):
    return run("scan", "-q", "-d", store, "-p", PORTS, "-r", "2k", "--catalogue", "any.json", "-o", "jsonl=scan.jsonl", *more, "scope.json")


def test_scan():
    """Banners of real servers, through the scan's store."""
    year = today().year
    SCOPE["accepted"][0].update({"from": f"{year}-01-01", "until": f"{year}-12-31"})
    SCOPE["false_positives"][0].update({"from": f"{year}-01-01"})
    save("scope.json", SCOPE)
    save("any.json", CATALOGUE)
    run("scope", "check", "scope.json")
    run("catalogue", "check", "any.json")
    servers = {place: Server(*place, greeting) for place, greeting in GREETINGS.items()}
    scan("one.db")
    texts = check_all("report", "one.db", "--catalogue", "any.json")
    rows = list(csv.DictReader(io.StringIO(texts["csv"])))
    places = {(row["ip"], row["port"]): row for row in rows}
    if len(rows) < 5 or places[("127.0.97.1", "2222")]["asset_name"] != "'=HIS&<b>\"`database|":
        fault(f"csv says {rows}")
    states = {row["item"]: row["state"] for row in rows if row["ip"] == "127.0.97.2"}
    if states.get("Xssh") != "accepted" or states.get("Xhttp") != "false":
        fault(f"left out: {states}")
    return servers


def test_round_trip():
    """nmap-xml, imported again, has the same open ports and services."""
    path = "round.xml"
    with open(path, "wb") as file:
        file.write(write("report", "one.db", "nmap-xml"))
    run("import", "nmap", path, "--scope", "scope.json", "-d", "round.db")

    def seen(store, command):
        records = [json.loads(line) for line in write(command, store, "jsonl").decode().splitlines()]
        return {(one["ip"], one["port"]): (one["service"], one["tls"], one["product"]) for one in records
                if one["type"] == "observation"}
    ours, theirs = seen("one.db", "report"), seen("round.db", "report")
    if not ours or ours != theirs:
        fault(f"nmap-xml: {ours} came back as {theirs}")
    hosts = etree.parse(path).getroot().findall("host")
    services = {(host.find("address").get("addr"), int(port.get("portid"))): port.find("service").get("name")
                for host in hosts for port in host.iter("port") if port.find("service") is not None}
    if {place: service for place, (service, _, _) in ours.items() if service != "unknown"} != services:
        fault(f"nmap-xml: services {services}")


def test_changes(servers):
    """What ndiff, sarif and markdown say of two scans around a change."""
    before = write("report", "one.db", "nmap-xml", "--catalogue", "any.json")
    servers[("127.0.97.1", 2121)].close()
    servers[("127.0.97.1", 8080)] = Server("127.0.97.1", 8080, GREETINGS[("127.0.97.2", 8080)])
    scan("one.db")
    texts = check_all("report", "one.db", "--catalogue", "any.json")
    states = {(result["ruleId"], result["locations"][0]["physicalLocation"]["artifactLocation"]["uri"]): result["baselineState"]
              for result in json.loads(texts["sarif"])["runs"][0]["results"]}
    wanted = {("Xftp", "tcp://127.0.97.1:2121"): "absent", ("Xhttp", "tcp://127.0.97.1:8080"): "new",
              ("Xsmtp", "tcp://127.0.97.1:2525"): "unchanged", ("Xssh", "tcp://127.0.97.2:2222"): "unchanged"}
    if any(states.get(place) != state for place, state in wanted.items()):
        fault(f"sarif: {states}")
    for word in ("new", "mended"):
        if not re.search(f'org="h1",.*change="{word}"}} [1-9]', texts["prometheus"]):
            fault(f"prometheus does not say {word}")
    if "mended" not in texts["markdown"] or "opened" not in texts["markdown"]:
        fault("markdown does not say what changed")
    if "Since" in write("report", "one.db", "markdown", "--since", "none").decode():
        fault("--since none tells changes")
    for name, data in (("before.xml", before), ("after.xml", texts["nmap-xml"].encode())):
        with open(name, "wb") as file:
            file.write(data)
    told = judge("ndiff", "before.xml", "after.xml")
    if told is not None:
        lines = [line for line in told.stdout.decode().splitlines() if line[:1] in "+-" and "/tcp" in line]
        if sorted(re.sub(r"([+-])(\d+)/.*", r"\1\2", line) for line in lines) != ["+8080", "-2121"]:
            fault(f"ndiff says {told.stdout.decode()}")


def needles(store):
    """Everything that says where or how: addresses, banners, products, asset names, reasons."""
    found = {"HIS&<b>", "HIS\\&", "springboard", "honeypot", "127.0.97", "127\\.0"}
    for line in write("report", store, "jsonl", "--catalogue", "any.json").decode().splitlines():
        record = json.loads(line)
        if record["type"] == "observation":
            found |= {record["ip"], record["product"], record["version"], record["evidence"][:40]}
            found |= {value for value in record["facts"].values() if isinstance(value, str)}
            found.add(base64.b64decode(record["evidence"])[:12].decode(errors="ignore"))
        if record["type"] == "finding":
            found |= {record["ip"], record["why"]}
    return {needle for needle in found if needle and len(needle) > 3 and (not needle.isalpha() or len(needle) > 7)}


def test_without_addresses(command, source, wanted, *more):
    if len(wanted) < 5:
        fault(f"nothing to look for: {wanted}")
    for form in forms():
        if form in REFUSED:
            run(command, source, "-o", f"{form}=refused", "--without-addresses", *more, code=2)
            if os.path.exists("refused"):
                fault(f"{form} was written without addresses")
            continue
        text = write(command, source, form, "--without-addresses", *more).decode()
        for needle in wanted:
            if needle in text:
                fault(f"{form} without addresses says {needle!r}: …{text[max(0, text.index(needle) - 80):][:200]!r}")
        CHECKS.get(form, lambda text: None)(text.lstrip("\ufeff"))
        if form != "jsonl" and "h1" not in text and "alert" not in text:
            fault(f"{form} without addresses says nothing of the organization")
    whole = {record["org"]: record for record in map(json.loads, write(command, source, "jsonl", *more).decode().splitlines())
             if record["type"] == "scorecard"}
    kept = {record["org"]: record for record in
            map(json.loads, write(command, source, "jsonl", "--without-addresses", *more).decode().splitlines())
            if record["type"] == "scorecard"}
    if whole != kept:
        fault("without addresses the scorecards are others")


def records():
    """Hostile texts in every member of records, by escapes and by bytes."""
    quoted = json.dumps(HOSTILE)
    place = '"ip":"192.0.2.1","port":3306,"transport":"tcp"'
    lines = [
        f'{{"type":"observation","org":"h1",{place},"state":"open","service":"mysql","tls":false,"product":{quoted},'
        f'"version":{quoted},"facts":{{"mysql.server_version":{quoted},"mysql.tls_offered":false}},"evidence":"'
        + base64.b64encode(H[:200]).decode() + '"}',
        f'{{"type":"finding","org":{quoted},"item":"H04-1",{place},"why":{quoted},"key":{quoted},"facts":{{{quoted}:{quoted},'
        f'"a":[{quoted},{{"b":{quoted}}}]}}}}',
        '{"type":"finding","org":"=cmd()","item":"D4-1","key":"=cmd()|\'/C calc\'!A0","why":"@SUM(1;=1+1,=2)"}',
        '{"type":"finding","org":"h1","item":"D4-1","key":"-1+1","why":"' + "A=" * 500000 + '"}',
    ]
    raw = '{"type":"finding","org":"h1","item":"D4-1","key":"KEY","why":"WHY","facts":{"KEY":"WHY"}}'.encode()
    broken = b"\xc3\x28\xff\xfe\x9b31m \xd2\xbd \xe2\x80\xae\x7f"
    chinese = "医院数据库".encode("gb18030")
    with open("records.jsonl", "wb") as file:
        for line in lines:
            file.write(line.encode() + b"\n")
        for number, text in enumerate((broken, chinese)):
            file.write(raw.replace(b"WHY", text).replace(b"KEY", text + str(number).encode()) + b"\n")


def test_records():
    records()
    check_all("score", "records.jsonl")
    wanted = {"192.0.2.1", "gnp", "calc", "SUM(", "A=A=", "医院", "mysql"}
    text = write("score", "records.jsonl", "json").decode()
    absent = {needle for needle in wanted - {"calc"} if needle not in text}
    if absent:
        fault(f"json of the records lacks {absent}")
    for form in set(forms()) - REFUSED:
        text = write("score", "records.jsonl", form, "--without-addresses").decode()
        for needle in ("192.0.2.1", "SUM(", "A=A=", "/C calc"):
            if needle in text:
                fault(f"{form} of records without addresses says {needle!r}")


def test_import():
    """Products and scripts of another scanner's report."""
    evil = (HOSTILE.replace("\x1b", "&#9;").replace("\x07", "").replace("&lt;", "&amp;lt;").replace("<", "&lt;")
            .replace("\"", "&quot;"))
    with open("evil.xml", "w") as file:
        file.write(f'''<?xml version="1.0"?><nmaprun scanner="nmap" start="1795600000"><scaninfo type="syn" protocol="tcp" services="22,3306"/>
<host><status state="up"/><address addr="127.0.97.3" addrtype="ipv4"/><ports><port protocol="tcp" portid="3306"><state state="open"/>
<service name="mysql" product="{evil}" version="=cmd() {evil}" method="probed"/><script id="{evil}" output="{evil}"/></port></ports></host>
<runstats><finished time="1795600009"/></runstats></nmaprun>''')
    run("import", "nmap", "evil.xml", "--scope", "scope.json", "-d", "import.db")
    texts = check_all("report", "import.db")
    if '"ip":"127.0.97.3"' not in texts["jsonl"]:
        fault("the import is not in the report")


def test_refused():
    """Names that would steer a terminal are no names."""
    for text in ("\x1b[31m", "\u202e", "a\u2028b"):
        wrong = json.loads(json.dumps(SCOPE))
        wrong["organizations"][0]["name"] = text
        save("wrong.json", wrong)
        run("scope", "check", "wrong.json", code=2)


servers = test_scan()
test_round_trip()
test_changes(servers)
test_without_addresses("report", "one.db", needles("one.db"), "--catalogue", "any.json")
test_records()
test_import()
test_refused()
print("asked:", dict(asked))
shutil.rmtree(work)
print("0 faults" if not faults else f"{len(faults)} faults")
sys.exit(bool(faults))
