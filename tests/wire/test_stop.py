"""`auscult stop` stops the scan that runs on a store and no other, and a store has one scan at a time (issue 5)."""

import os
import signal
import subprocess
import sys

from scans import DEADLINE_S, wait_for, Workplace

NOBODY = 65534


def start(workplace, scope, store, *options, **more):
    return subprocess.Popen(workplace.words(scope, store, "-p", "22000-22099", "-r", "10", *options),
                            stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True, **more)


def asking(workplace, store, child):
    wait_for(lambda: workplace.begun(store) and workplace.rows(store, "SELECT 1 FROM runs WHERE probes_sent > 3"), child)


def stop(workplace, store, *options, **more):
    done = subprocess.run([workplace.auscult, "stop", *options, workplace.path(store)], stdout=subprocess.PIPE,
                          stderr=subprocess.STDOUT, text=True, timeout=DEADLINE_S, check=False, **more)
    return done.returncode, done.stdout


def check_stopped(workplace, scope, store, **more):
    child = start(workplace, scope, store, **more)
    asking(workplace, store, child)
    assert os.path.exists(workplace.path(store) + ".lock")
    assert stop(workplace, store) == (0, "")
    said = child.communicate(timeout=DEADLINE_S)[1]
    assert child.returncode == 130 and "--resume" in said, (child.returncode, said)
    assert not os.path.exists(workplace.path(store) + ".lock")
    assert stop(workplace, store)[0] == 2
    assert workplace.scan(scope, store, "-p", "22000-22099", "-r", "5k", "--resume")[0] == 0


def check_second(workplace, scope, store):
    """Refused by whatever name of the store, and without harm to the first one."""
    child = start(workplace, scope, store)
    asking(workplace, store, child)
    os.symlink(workplace.path(store), workplace.path("other.db"))
    for name in (store, "other.db"):
        code, said = workplace.scan(scope, name, "-p", "22000", "-r", "5k")
        assert code == 2 and "process %d " % child.pid in said and "stop" in said, (code, said)
    assert workplace.scan(scope, "free.db", "-p", "22000", "-r", "5k")[0] == 0
    assert child.poll() is None
    assert stop(workplace, "other.db") == (0, "")
    assert child.wait(DEADLINE_S) == 130
    assert len(workplace.rows(store, "SELECT 1 FROM runs")) == 1


def check_crash(workplace, scope, store):
    """What a killed scan leaves behind is no lock."""
    child = start(workplace, scope, store)
    asking(workplace, store, child)
    child.kill()
    child.communicate()
    assert os.path.exists(workplace.path(store) + ".lock")
    code, said = stop(workplace, store)
    assert code == 2 and "no scan runs" in said, (code, said)
    assert workplace.scan(scope, store, "-p", "22000-22099", "-r", "5k", "--resume")[0] == 0
    assert not os.path.exists(workplace.path(store) + ".lock")


def check_deaf(workplace, scope, store):
    """A scan that does not end within the time, and then does."""
    child = start(workplace, scope, store)
    asking(workplace, store, child)
    child.send_signal(signal.SIGSTOP)
    code, said = stop(workplace, store, "--wait", "1")
    assert code == 1 and "process %d " % child.pid in said, (code, said)
    child.send_signal(signal.SIGCONT)
    assert child.wait(DEADLINE_S) == 130
    assert stop(workplace, store)[0] == 2


def check_links(workplace, scope, store):
    """A link in the lock's place is not followed: nothing is made or taken away where it leads to."""
    with open(workplace.path("precious"), "w", encoding="ascii") as file:
        file.write("precious")
    os.symlink(workplace.path("precious"), workplace.path(store) + ".lock")
    code, said = workplace.scan(scope, store, "-p", "22000", "-r", "5k")
    assert code == 1 and store + ".lock" in said, (code, said)
    assert stop(workplace, store)[0] == 1
    with open(workplace.path("precious"), encoding="ascii") as file:
        assert file.read() == "precious"


def check_others(workplace, scope, store):
    """Another user can't stop it, and is told so."""
    child = start(workplace, scope, store)
    asking(workplace, store, child)
    os.chmod(workplace.folder.name, 0o755)
    code, said = stop(workplace, store, user=NOBODY, group=NOBODY)
    assert code == 1 and "Permission denied" in said, (code, said)
    os.chmod(workplace.path(store) + ".lock", 0o644)
    code, said = stop(workplace, store, user=NOBODY, group=NOBODY)
    assert code == 1 and "not permitted" in said, (code, said)
    assert child.poll() is None
    assert stop(workplace, store) == (0, "")
    assert child.wait(DEADLINE_S) == 130


def check_elsewhere(workplace, scope, store):
    """Of another PID namespace the number is not known, and nobody is sent anything."""
    child = start(workplace, scope, store)
    asking(workplace, store, child)
    inside = ["unshare", "--pid", "--fork", workplace.auscult, "stop", workplace.path(store)]
    done = subprocess.run(inside, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, timeout=DEADLINE_S,
                          check=False)
    assert done.returncode == 1 and "another PID namespace" in done.stdout, (done.returncode, done.stdout)
    assert child.poll() is None
    assert stop(workplace, store) == (0, "")
    assert child.wait(DEADLINE_S) == 130


def main():
    workplace = Workplace(sys.argv[1])
    scope = workplace.scope("scope.json", [{"id": "a", "name": "A", "ranges": ["127.0.77.1-127.0.77.3"]}])
    check_stopped(workplace, scope, "stopped.db")
    check_second(workplace, scope, "second.db")
    check_crash(workplace, scope, "crash.db")
    check_deaf(workplace, scope, "deaf.db")
    check_links(workplace, scope, "links.db")
    code, said = stop(workplace, "none.db")
    assert code == 2 and "no scan runs" in said, (code, said)
    code, said = stop(workplace, "none.db", "--wait", "never")
    assert code == 2 and "--wait" in said, (code, said)
    if os.geteuid() == 0:
        check_others(workplace, scope, "others.db")
        check_elsewhere(workplace, scope, "elsewhere.db")


main()
