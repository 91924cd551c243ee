"""The manual says what the program says: every command has a page, every option stands in both with the same argument, every key
that a file may have is explained, and what stands under EXAMPLES works."""

import json
import os
import re
import shutil
import subprocess
import sys
import tempfile

import fixtures
from program import Faults, everything, said

# Messages of mandoc -Tlint that are none of ours: pages that are not installed here, and that .Os names the program.
NO_FAULT = re.compile(r"longer than 80 bytes: .*\\\[u|referenced manual not found|operating system explicitly specified|outdated mandoc.db")
IN_CHINESE = re.compile(r'trailing delimiter|first section is not "NAME"|description line outside NAME|longer than 80 bytes|insecure request: mso')
SYNOPSIS, EXAMPLES = ("SYNOPSIS", "概要"), ("EXAMPLES", "示例")


def section(page, names):
    match = re.search(r"^\.Sh (?:%s)\n(.*?)(?=^\.Sh |\Z)" % "|".join(names), page, re.MULTILINE | re.DOTALL)
    return match.group(1) if match else ""


def plain(words):
    """What a line of macros looks like when it is read: .Op Fl -lang Ar zh|en is [--lang zh|en]."""
    text, closing, joined = "", "", False
    for word in words:
        if word == "Op":
            text, closing, joined = text + ("" if joined or not text else " ") + "[", "]", True
        elif word == "Ns":
            text, closing, joined = text + closing, "", True
        elif word == "Fl":
            text, joined = text + ("" if joined or not text else " ") + "-", True
        elif word not in ("Nm", "Ar", "Cm", "Li"):
            text, joined = text + ("" if joined or not text else " ") + word, False
    return text + closing, joined


def synopsis(page):
    lines = []
    glued = False
    for line in section(page, SYNOPSIS).splitlines():
        text, joins = plain(line[1:].split())
        if line.startswith(".Nm"):
            lines.append(text)
        else:
            lines[-1] += ("" if glued else " ") + text
        glued = joins
    return set(lines)


def options(page):
    found = set()
    for letter, name, argument in re.findall(r"^\.It (?:Fl (\w) , )?Fl -([a-z-]+)(?: Ar (\S+))?$", page, re.MULTILINE):
        found.add(("-" + letter if letter else None, "--" + name, argument or None))
    return found


def check_command(command, page, name, faults):
    wanted = {(letter, option, argument) for option, (letter, argument) in command.rows if option != "--help"}
    for missing in {option for _, option, _ in wanted} - {option for _, option, _ in options(page)}:
        faults("%s lacks %s" % (name, missing))
    for extra in options(page) - wanted:
        faults("%s has %s, which --help has not" % (name, extra))
    if command.usage and synopsis(page) != set(command.usage):
        faults("%s: SYNOPSIS %s, usage %s" % (name, synopsis(page) - set(command.usage), set(command.usage) - synopsis(page)))


def check_hidden(source, commands, faults):
    """Options that a table of struct option_row has stand in a --help."""
    told = {option for command in commands for option, _ in command.rows}
    folder = os.path.join(source, "scanner/commands")
    taken = set()
    for name in sorted(os.listdir(folder)):
        with open(os.path.join(folder, name), encoding="utf-8") as file:
            taken |= {(name, option) for option in re.findall(r'\{\s*"(--[a-z-]+)", ', file.read())}
    for name, option in sorted(taken):
        faults.unless(option in told, name, "takes", option + ", which no --help tells")
    for option in told - {"--help"} - {option for _, option in taken}:
        faults(option, "is told, and no table has it")


def check_taken(auscult, command, faults):
    """What its --help tells it takes: such an option without its value lacks that, and is not unknown."""
    of_verbs = {option for verb in command.verbs.values() for option in verb.options}
    for one, others in [(command, of_verbs), *((verb, set()) for verb in command.verbs.values())]:
        for option, (_, argument) in one.options.items():
            if argument and option not in others:
                answer = said(auscult, *one.name.split(), option)
                faults.unless("a value is missing after '%s'" % option in answer, one.name, option, answer)


def keys_of_source(source, pattern):
    """The keys that a reader of files knows: its arrays `known` and `known_keys`."""
    keys = set()
    for name in sorted(os.listdir(os.path.join(source, os.path.dirname(pattern)))):
        if re.fullmatch(os.path.basename(pattern), name):
            with open(os.path.join(source, os.path.dirname(pattern), name), encoding="utf-8") as file:
                text = file.read()
            for macro, words in re.findall(r'^#define (\w+)((?: *"\w+",?)+)$', text, re.MULTILINE):
                text = re.sub(r"\b%s\b" % macro, lambda _, words=words: words, text)
            for array in re.findall(r"known(?:_keys)?\[\] = \{(.*?)\}", text, re.DOTALL):
                keys.update(re.findall(r'"(\w+)"', array))
    return keys


def check_keys(page, name, wanted, faults):
    listed = re.findall(r"^\.It Cm (.*)$", page.split(".Sh CONDITIONS")[0].split(".Sh 条件")[0], re.MULTILINE)
    found = {word for line in listed for word in re.split(r" , ?", line)}
    faults.unless(len(wanted) > 5 and found == wanted, "%s: lacks %s, has besides %s" %
                  (name, sorted(wanted - found), sorted(found - wanted)))


def check_environment(source, page, faults):
    """What an audit tells a command stands in the page of its file."""
    with open(os.path.join(source, "scanner/commands/audit_tell.c"), encoding="utf-8") as file:
        told = set(re.findall(r'"(AUSCULT_\w+)=', file.read()))
    with open(os.path.join(source, "scanner/commands/audit_settings.c"), encoding="utf-8") as file:
        words = re.search(r"audit_when_words\[\] = \{(.*?), NULL", file.read(), re.DOTALL).group(1)
    for word in re.findall(r'"(\w+)"', words):
        faults.unless(re.search(r"^\.Li.* %s\b" % word, page, re.MULTILINE), "auscult-audit.5 lacks", word)
    faults.unless(len(told) > 5 and told == set(re.findall(r"AUSCULT_\w+", page)), "auscult-audit.5 and audit_tell.c differ:",
                  told ^ set(re.findall(r"AUSCULT_\w+", page)))


def check_read_environment(source, pages, faults):
    """What the program reads of its environment stands in auscult.1, or with the audit's own."""
    for folder, _, names in [entry for house in ("targets", "probes", "scoring", "scanner") for entry in os.walk(os.path.join(source, house))]:
        for name in names:
            if name.endswith(".c"):
                with open(os.path.join(folder, name), encoding="utf-8") as file:
                    for variable in re.findall(r'getenv\("(\w+)"\)', file.read()):
                        page = "auscult-audit.5" if name.startswith("audit") else "auscult.1"
                        faults.unless(re.search(r"\.(?:It )?Ev.*\b%s\b" % variable, pages[page]), page, "lacks", variable, "of", name)


def check_forms(auscult, page, faults):
    told = re.search(r"the forms are\s+([a-z-]+(?:,\s+[a-z-]+)*)", said(auscult, "report", "--help")).group(1)
    listed = re.findall(r"^\.It Cm ([a-z-]+)$", section(page, ["FORMS", "形式"]), re.MULTILINE)
    faults.unless(re.split(r",\s+", told) == listed, "auscult-report.1: FORMS are", listed, "and --help's", told)


def check_form(path, chinese, faults):
    """troff and mandoc have nothing to say against it, and `man` finds its name."""
    told = []
    environment = dict(os.environ, LC_ALL="C.UTF-8", MANWIDTH="80", MANROFFOPT="-ww")
    for words in (["man", "--warnings", "-E", "UTF-8", "-l", path], ["mandoc", "-Tlint", path]):
        if not shutil.which(words[0]):
            print(words[0], "is not here")
            continue
        run = subprocess.run(words, stdout=subprocess.PIPE, stderr=subprocess.PIPE, timeout=60, check=False, env=environment, text=True)
        text = run.stderr if words[0] == "man" else run.stdout + run.stderr
        told += [line for line in text.splitlines() if not NO_FAULT.search(line) and not (chinese and IN_CHINESE.search(line))]
        faults.unless(words[0] != "man" or len(run.stdout) > 400, path, "shows nothing")
    for line in told:
        faults(line)
    if shutil.which("lexgrog"):
        run = subprocess.run(["lexgrog", path], stdout=subprocess.PIPE, timeout=60, check=False, text=True)
        name = os.path.splitext(os.path.basename(path))[0]
        faults.unless('"%s - ' % name in run.stdout, path, "has no name that apropos(1) finds:", run.stdout)


def check_references(pages, name, page, faults):
    for title, number in re.findall(r"^\.Xr (auscult\S*) (\d)", page, re.MULTILINE):
        faults.unless("%s.%s" % (title, number) in pages, name, "names", title, "which has no page")


def examples(page):
    """Commands: what stands in .Dl and in literal blocks of its EXAMPLES, whole lines, those that begin with `auscult`."""
    text = section(page, EXAMPLES)
    lines = re.findall(r"^\.Dl (.*)$|^\.Bd -literal[^\n]*\n(.*?)^\.Ed$", text, re.MULTILINE | re.DOTALL)
    joined = "\n".join(line or block for line, block in lines).replace("\\e\n", "").replace("\\e", "\\")
    return [line.strip() for line in joined.splitlines() if re.match(r"auscult |printf .*auscult ", line)]


def check_examples(auscult, name, page, faults):
    environment = dict(os.environ, PATH=os.path.dirname(auscult) + ":" + os.environ["PATH"], LC_ALL="C.UTF-8")
    for example in examples(page):
        run = subprocess.run(["bash", "-c", "set -o pipefail; " + example], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                             stderr=subprocess.STDOUT, timeout=120, check=False, env=environment, text=True, errors="replace")
        faults.unless(run.returncode in (0, 4), "%s: `%s` ends with %d: %s" % (name, example, run.returncode, run.stdout[-300:]))
    return len(examples(page))


def check_file_example(auscult, page, words, faults):
    block = re.search(r"^\.Bd -literal\n(.*?)^\.Ed$", section(page, EXAMPLES), re.MULTILINE | re.DOTALL).group(1)
    json.loads(block)
    with open("example.json", "w", encoding="utf-8") as file:
        file.write(block)
    run = subprocess.run([auscult, *words, "example.json"], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=60, check=False, text=True)
    faults.unless(run.returncode == 0, words, run.stdout)


def read_pages(folder):
    pages = {}
    for name in sorted(os.listdir(folder)):
        if re.search(r"\.\d$", name):
            with open(os.path.join(folder, name), encoding="utf-8") as file:
                pages[name] = file.read()
    return pages


def main():
    auscult, source = sys.argv[1:3]
    faults = Faults()
    commands = {"auscult-%s.1" % command.name: command for command in everything(auscult)}
    check_hidden(source, commands.values(), faults)
    for command in commands.values():
        check_taken(auscult, command, faults)
    keys = {"auscult-scope.5": keys_of_source(source, r"targets/scope\w*\.c"),
            "auscult-catalogue.5": keys_of_source(source, r"scoring/catalogue\w*\.c"),
            "auscult-deadlines.5": keys_of_source(source, r"scoring/deadline_read\.c"),
            "auscult-audit.5": keys_of_source(source, r"scanner/commands/audit_settings\.c")}
    english = read_pages(os.path.join(source, "contrib/man"))
    chinese = read_pages(os.path.join(source, "contrib/man/zh_CN"))
    for name in commands.keys() - english.keys():
        faults(name, "is missing")
    for name in {name for name in english if name.endswith(".1")} - commands.keys() - {"auscult.1"}:
        faults(name, "is of no command")
    for name in chinese.keys() - english.keys():
        faults(name, "is there in Chinese only")
    for folder, pages in (("contrib/man", english), ("contrib/man/zh_CN", chinese)):
        for command in commands:
            faults.unless(re.search(r"^\.It Xr %s 1$" % command[:-2], pages["auscult.1"], re.MULTILINE), folder, "auscult.1 lacks", command)
        for name, page in pages.items():
            check_form(os.path.join(source, folder, name), pages is chinese, faults)
            check_references(english, name, page, faults)
            if name in commands:
                check_command(commands[name], page, os.path.join(folder, name), faults)
            if name in keys:
                check_keys(page, os.path.join(folder, name), keys[name], faults)
    check_read_environment(source, english, faults)
    for pages in (english, chinese):
        check_forms(auscult, pages["auscult-report.1"], faults)
    check_environment(source, english["auscult-audit.5"], faults)
    ran = 0
    with tempfile.TemporaryDirectory() as work, fixtures.listener() as port:
        os.chdir(work)
        fixtures.write(auscult, source, port)
        for name, page in [*english.items(), *chinese.items()]:
            ran += check_examples(auscult, name, page, faults)
        for pages in (english, chinese):
            check_file_example(auscult, pages["auscult-scope.5"], ["scope", "check"], faults)
        check_file_example(auscult, english["auscult-catalogue.5"], ["catalogue", "check"], faults)
        check_file_example(auscult, english["auscult-deadlines.5"], ["report", "auscult.db", "-o", "json", "--deadlines"], faults)
    print("%d pages, %d examples" % (len(english) + len(chinese), ran))
    faults.end()


main()
