"""A capability that the program's file only permits is for members of the file's group, and gone for everybody else (issue 5)."""

import os
import shutil
import subprocess
import sys
import tempfile

from network import skip

USER, GROUP, OTHER = "61234", "61235", "61236"


def doctor(program, *identity, more=()):
    run = subprocess.run(["setpriv", "--reuid", USER, "--regid", OTHER, *identity, *more, program, "doctor", "--lang", "en"],
                         stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=60, check=False, text=True, cwd="/")
    assert run.returncode == 0, run
    return run.stdout


def main():
    if os.geteuid() != 0:
        skip("a capability on a file needs root")
    if not shutil.which("setcap"):
        skip("setcap is not here")
    with tempfile.TemporaryDirectory() as folder:
        os.chmod(folder, 0o755)
        program = shutil.copy(sys.argv[1], os.path.join(folder, "auscult"))
        os.chmod(program, 0o755)
        os.chown(program, 0, int(GROUP))
        if subprocess.run(["setcap", "cap_net_raw+p", program], check=False).returncode:
            skip("this file system keeps no capabilities")
        missing = "CAP_NET_RAW is missing"
        member, stranger = ("--groups", GROUP), ("--clear-groups",)
        assert missing not in doctor(program, *member)
        assert missing in doctor(program, *stranger)
        # Where the capability can't be had at all the program still starts: it is not in effect by itself.
        assert missing in doctor(program, *member, more=("--bounding-set", "-net_raw"))
        # A service gives it from outside, and no_new_privs keeps it from growing: a member has it, and others have it not.
        given = ("--inh-caps", "+net_raw", "--ambient-caps", "+net_raw", "--nnp")
        assert missing not in doctor(program, *member, more=given)
        assert missing in doctor(program, *stranger, more=given)
        # In effect from the beginning it is everybody's: whoever set it so decided that.
        subprocess.run(["setcap", "cap_net_raw+ep", program], check=True)
        assert missing not in doctor(program, *stranger)


main()
