"""Completions, asked of the real shells: every command, every option of --help, and what an option takes."""

import os
import pty
import re
import select
import shutil
import subprocess
import sys
import tempfile
import time

from program import Faults, everything

VALUES = {"--engine": "auto connect packet xdp", "--vantage": "internet partner internal", "--lang": "zh en",
          "--kind": "power quantile", "--denominator": "host answered address", "--baseline": "cn-2018-08"}
SUBJECTS = [("scope ", "check show sign"), ("catalogue ", "check list show"), ("catalogue show H04-", "H04-1 H04-8"),
            ("baseline ", "list show check build"), ("baseline show cn", "cn-2018-08"), ("import ", "nmap survey eve stix"),
            ("identify ", "mysql ssh dicom"), ("scope sign some", "some scope.json"), ("scan some", "some scope.json"), ("scan --store some", "some scope.json")]
DEADLINE_S = 60


def questions(commands):
    """What is typed behind `auscult `, and what must be among the proposals."""
    yield "", {command.name for command in commands}
    for command in commands + [verb for command in commands for verb in command.verbs.values()]:
        for option, (letter, argument) in command.options.items():
            yield "%s %s" % (command.name, option[:4]), {option}
            if argument:
                words = VALUES.get(option, "table jsonl" if argument.startswith("FORM") else "")
                if re.search("FILE|PUBLIC|PRIVATE", argument) and not argument.startswith("FORM"):
                    words += " afile"
                for name in (option, letter) if letter else (option,):
                    yield "%s %s " % (command.name, name), set(words.split())
    for typed, wanted in SUBJECTS:
        yield typed, {wanted} if "some" in typed else set(wanted.split())


def ask_bash(file, typed):
    """COMP_WORDS as bash itself parts them: "=" is a word of its own."""
    script = ["source '%s'" % file, "compopt() { :; }"]
    for line in typed:
        words = re.findall(r"=|[^\s=]+", "auscult " + line)
        if line.endswith(" ") or not line:
            words.append("")
        script.append("COMP_WORDS=(%s); COMP_CWORD=%d; _auscult; printf '%%s\\n' \"${COMPREPLY[@]}\" ---" %
                      (" ".join("'%s'" % word for word in words), len(words) - 1))
    run = subprocess.run(["bash", "--norc"], input="\n".join(script), stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                         timeout=DEADLINE_S, check=True, text=True)
    return [set(answer.split("\n")) for answer in run.stdout.split("---\n")]


def ask_fish(file, typed):
    script = ["source '%s'" % file]
    script += ["complete -C 'auscult %s'; echo ---" % line for line in typed]
    run = subprocess.run(["fish", "--no-config"], input="\n".join(script), stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                         timeout=DEADLINE_S, check=True, text=True)
    return [{line.split("\t")[0] for line in answer.split("\n")} for answer in run.stdout.split("---\n")]


class Zsh:
    """A zsh at a terminal; what it proposes is seen where its completion system adds it (compadd)."""

    def __init__(self, folder):
        self.child, self.terminal = pty.fork()
        if self.child == 0:
            os.environ["TERM"] = "dumb"
            os.execvp("zsh", ["zsh", "-f", "-i"])
        self.told = os.path.join(tempfile.gettempdir(), "auscult-zsh-%d" % os.getpid())
        self.say("PS1= PS2= RPS1=; unsetopt prompt_cr prompt_sp zle_bracketed_paste; fpath=('%s' $fpath)" % folder)
        self.say("autoload -U compinit; compinit -u -D; zstyle ':completion:*' verbose no")
        self.say("compadd() { builtin compadd -O found \"$@\"; print -rl -- $found >>'%s'; builtin compadd \"$@\"; }" % self.told)
        self.say("auscult-look() { zle complete-word; print -r -- --- >>'%s'; zle kill-whole-line; print asked; }" % self.told)
        self.say("zle -N auscult-look; bindkey '^X^T' auscult-look; print ready")
        self.wait("ready")

    def say(self, line):
        os.write(self.terminal, line.encode() + b"\n")

    def wait(self, word):
        heard, end = b"", time.monotonic() + DEADLINE_S
        while word.encode() + b"\r\n" not in heard and word.encode() + b"\n" not in heard:
            assert time.monotonic() < end, heard
            if select.select([self.terminal], [], [], 1)[0]:
                heard += os.read(self.terminal, 65536)

    def ask(self, typed):
        answers = []
        for line in typed:
            open(self.told, "w", encoding="utf-8").close()
            os.write(self.terminal, ("auscult " + line).encode() + b"\x18\x14")
            self.wait("asked")
            with open(self.told, encoding="utf-8") as file:
                answers.append({word.split(":")[0] for word in file.read().split("\n")})
        os.unlink(self.told)
        os.close(self.terminal)
        return answers


def main():
    auscult, _, build = sys.argv[1:4]
    folder = os.path.join(build, "completions")
    faults = Faults()
    asked = list(questions(everything(auscult)))
    typed = [question for question, _ in asked]
    shells = {"bash": lambda: ask_bash(os.path.join(folder, "auscult"), typed),
              "fish": lambda: ask_fish(os.path.join(folder, "auscult.fish"), typed),
              "zsh": lambda: Zsh(folder).ask(typed)}
    with tempfile.TemporaryDirectory() as work:
        os.chdir(work)
        for name in ("afile", "some scope.json"):
            open(name, "w", encoding="utf-8").close()
        for shell, ask in shells.items():
            if not shutil.which(shell):
                print(shell, "is not here")
                continue
            answers = ask()
            faults.unless(len(answers) >= len(asked), "%s: %d answers" % (shell, len(answers)))
            for (question, wanted), answer in zip(asked, answers):
                answer = {word.replace("\\ ", " ") for word in answer}
                faults.unless(wanted <= answer, "%s: `auscult %s` wants %s, has %s" % (shell, question, wanted, sorted(answer)[:9]))
            print("%s: %d questions" % (shell, len(asked)))
    faults.end()


main()
