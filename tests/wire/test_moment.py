"""Outside its dates and hours nothing is sent; hours that end stop a scan that can go on later (issue 2, 5)."""

import os
import sys
import time

import capture
from network import Capture, Network, SCANNER, SCANNER6
from scans import Workplace

ORGANIZATIONS = [{"id": "a", "name": "A", "ranges": ["192.0.2.0/24"]}]
DAY_S = 86400


def clock(seconds):
    return time.strftime("%H:%M", time.gmtime(seconds))


def day(seconds):
    return time.strftime("%Y-%m-%d", time.gmtime(seconds))


def watched(network, workplace, name, authorization, *options, shift_s=0):
    """The exit code, what was said, and every packet of TCP or UDP that the scanner sent."""
    scope = workplace.scope(name + ".json", ORGANIZATIONS, {"timezone": "UTC", **authorization})
    pcap = workplace.path(name + ".pcap")
    environment = {"LD_PRELOAD": os.path.abspath(sys.argv[2]), "SHIFT_CLOCK_S": str(shift_s),
                   "ASAN_OPTIONS": "verify_asan_link_order=0"} if shift_s else {}
    with Capture(network, pcap):
        code, said = workplace.scan(scope, "moment.db", "-p", "22000-22019", "--seed", "3", "-r", "1000", *options,
                                    inside=network.scanner, environment=environment)
    sent = [p for p in capture.sent_by(capture.read(pcap), SCANNER, SCANNER6) if p.protocol != capture.ICMPV6]
    return code, said, sent


def check_refused(network, workplace):
    now = time.time()
    for name, authorization, options in (
            ("hours", {"hours": [clock(now + 3600) + "-" + clock(now + 7200)]}, ()),
            ("expired", {"valid_until": day(now - DAY_S)}, ()),
            ("early", {"valid_from": day(now + DAY_S)}, ()),
            ("port", {"ports": "80"}, ()),
            ("dry", {}, ("--dry-run",))):
        code, said, sent = watched(network, workplace, name, authorization, *options)
        assert code == (0 if name == "dry" else 3), (name, code, said)
        assert not sent, (name, sent[:3])


def check_end(network, workplace):
    """By the scanner's shifted clock the hours end four seconds from now, and begin again a day later."""
    network.host("192.0.2.1")
    network.listen([("192.0.2.1", port, "silent") for port in range(22000, 22020)])
    now = int(time.time())
    end = now + 4
    shift = (60 - end) % 60 + 60  # to a full minute, and never 0
    hours = {"hours": [clock(end + shift - 3600) + "-" + clock(end + shift)]}
    code, said, sent = watched(network, workplace, "end", hours, "--attempts", "3", shift_s=shift)
    assert code == 130, (code, said)
    assert "hours" in said and "--resume" in said, said
    syns = capture.syns(sent)
    late = syns[-1].time_ns / 1e9 - end
    assert late < 0, "a SYN %.6f s after the end of the hours" % late
    talked = [p for p in sent if p.payload and p.time_ns >= (end + 1) * 10**9]
    assert not talked, talked[:3]
    assert sent[-1].time_ns < (end + 3) * 10**9
    print("%d SYNs, the last %.3f s before the end of the hours" % (len(syns), end - syns[-1].time_ns / 1e9))
    (probes, complete), = workplace.rows("moment.db", "SELECT probes_sent, complete FROM runs")
    assert probes == len(syns) and not complete, (probes, len(syns), complete)
    # Now is outside: going on is refused like beginning.
    code, said, more = watched(network, workplace, "end", hours, "--attempts", "3", "--resume", shift_s=shift)
    assert code == 3 and not more, (code, said, more[:3])
    # The next day it goes on to the end.
    code, said, more = watched(network, workplace, "end", hours, "--attempts", "3", "--resume",
                               shift_s=shift + DAY_S - 1800)
    assert code == 0, (code, said)
    (probes, complete), = workplace.rows("moment.db", "SELECT probes_sent, complete FROM runs")
    assert probes == len(syns) + len(capture.syns(more)) and complete, (probes, len(syns), len(more))
    (ends, opened), = workplace.rows("moment.db", "SELECT sum(open + closed + silent + unreachable), sum(open) FROM "
                                                  "counts")
    assert (ends, opened) == (256 * 20, 20), (ends, opened)
    check_attempts(syns, capture.syns(more))


def check_attempts(before, after):
    """A silent target gets its budget over both parts, or one more where it was in flight when the hours ended."""
    in_flight = {(p.to, p.port) for p in before if p.time_ns > before[-1].time_ns - 10**9}
    targets = capture.by_target(before + after)
    for (address, port), seen in targets.items():
        if str(address) == "192.0.2.1":
            continue
        most = 4 if (address, port) in in_flight else 3
        assert 3 <= len(seen) <= most, "%s port %d: %d SYNs" % (address, port, len(seen))
    # Beside what was asked for, the host whose ports all say nothing is asked at a control port.
    controls = [target for target in targets if target[1] not in range(22000, 22020)]
    assert len(targets) - len(controls) == 256 * 20
    assert len(controls) <= 1 and all(str(address) == "192.0.2.1" for address, _ in controls), controls


def main():
    network, workplace = Network(), Workplace(sys.argv[1])
    check_refused(network, workplace)
    check_end(network, workplace)


main()
