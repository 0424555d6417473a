#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""`make mutants`: turns every comparison and every return of what decides round, one by
one, and asks the tests that are about it. One that they let live is a fault, unless the
file "equivalent" says why it changes nothing; an entry there that fits nothing, or whose
mutant dies, is a fault, too. An argument takes only files whose name holds it; SAMPLE=n
judges one mutant in n, chosen by SEED, and a quarter as many of tickets and challenges.

Only the changed object is compiled, only what it goes into is linked. Policy and token: the
unit tests, under ASan and UBSan. The others: the unit tests about the file, then the program in
a build folder of each worker's own. Gate: the module, and the suites that have a helper played by
a script. Ticket and challenge: the helper, and suites against the local Cognito."""
import concurrent.futures
import os
import pathlib
import queue
import random
import re
import shutil
import subprocess
import sys
import threading
import time

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parent.parent
sys.path.insert(0, str(HERE))
import mutate  # pylint: disable=wrong-import-position

OUT = ROOT / "build/mutants"
EQUIVALENT = HERE / "equivalent"
POLICY = os.environ.get("MUTATED_POLICY", "").split()
TOKEN = os.environ.get("MUTATED_TOKEN", "").split()
GATE = os.environ.get("MUTATED_GATE", "").split()
TICKET = os.environ.get("MUTATED_TICKET", "").split()
CHALLENGE = os.environ.get("MUTATED_CHALLENGE", "").split()
UNMUTATED = os.environ.get("UNMUTATED", "").split()
POLICY_TESTS = os.environ.get("POLICY_TESTS", "").split()
TOKEN_TESTS = os.environ.get("TOKEN_TESTS", "").split()
GATE_UNITS = os.environ.get("GATE_UNITS", "").split()
GATE_SUITES = os.environ.get("GATE_SUITES", "").split()
TICKET_SUITES = os.environ.get("TICKET_SUITES", "").split()
CHALLENGE_SUITES = os.environ.get("CHALLENGE_SUITES", "").split()
EVERY_CHALLENGE = [f"test_challenges.EveryChallenge.test_{name}" for name in (
    "every_challenge_and_every_way_to_answer_it", "the_table_in_the_documentation_is_what_happens")]
LINKED_UNITS = os.environ.get("LINKED_UNITS", "").split()
SAMPLE = int(os.environ.get("SAMPLE") or 1)
SEED = os.environ.get("SEED") or str(random.randrange(1000000))
MODULE, HELPER = "scripted/pam_cognito_oidc.so", "libexec/helper"
# What the suites run beside it.
PROGRAMS = ("drive", "earlier.so", "scripted/helper", "pam_cognito_oidc.so", "second/pam_cognito_oidc.so")
FLAGS = ("-std=c11 -D_GNU_SOURCE -Isrc -Itests -Itests/unit -w -g -O0 -fsanitize=address,undefined "
         "-fno-sanitize-recover=all").split()
CONSTANTS = [f'-D{name}="/nonexistent"' for name in ("SYSCONFDIR", "LIBEXECDIR", "CACHEDIR", "RUNDIR", "STATEDIR", "USERDBDIR", "SAMPLEDIR")]
CONSTANTS += ['-DHELPER_USER="nobody"', "-DTRUSTED_UID=0", "-DFAIL_DELAY_USEC=0", "-DSANITIZED=true",
              '-DPAMDIR="/nonexistent"', '-DBUILD_ID="mutants"', '-DVERSION="mutants"']
CONSTANTS += os.environ.get("SERVICE_LIMITS", "").split()
CC = os.environ.get("CC", "gcc").split()
UNIT_ENVIRONMENT = {"PATH": "/usr/bin:/bin", "ASAN_OPTIONS": "detect_leaks=0", "CMOCKA_MESSAGE_OUTPUT": "STDOUT"}
# A suite mostly waits, for helpers and servers that hang.
WORKERS = 2 * (os.cpu_count() or 1)
# A mutant that loops is as dead as one that fails. What a process may use of a processor does not
# depend on what else the machine does; the slowest needs a tenth of this. A mutant that waits
# for ever is ended by the test, or by SECONDS.
CPU_SECONDS, SECONDS = 60, 3600


def call(command, shell=False, env=None):
    """(exit status, output); a run that took too long has failed."""
    process = subprocess.Popen(command if shell else ["prlimit", f"--cpu={CPU_SECONDS}", *command], cwd=ROOT, shell=shell,
                               env=env, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                               start_new_session=True)
    try:
        output = process.communicate(timeout=SECONDS)[0]
        return process.returncode, output.decode("utf-8", "replace")
    except subprocess.TimeoutExpired:
        os.killpg(process.pid, 9)
        process.communicate()
        return 1, "took too long"


def must(command, shell=False):
    status, output = call(command, shell)
    if status != 0:
        sys.exit(f"{command}\n{output}")
    return output


def compile_unit(source, made):
    must([*CC, *FLAGS, *CONSTANTS, "-c", "-o", str(made), str(source)])
    return str(made)


def compile_all(sources, folder):
    """{name below the root: its object}."""
    folder.mkdir(parents=True, exist_ok=True)
    made = {str(source.relative_to(ROOT)): folder / (str(source.relative_to(ROOT)).replace("/", "_") + ".o") for source in sources}
    with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
        return dict(zip(made, pool.map(compile_unit, sources, made.values())))


def compile_mutant(mutant, command, shell=False):
    status, output = call(command, shell)
    if status != 0:
        sys.exit(f"{mutant.file}:{mutant.number}: {mutant.becomes}: this is no C:\n{output}")


def run_unit(test, program):
    """What it says that it dies of, or None."""
    status, output = call([str(program)], env=UNIT_ENVIRONMENT)
    return f"{test}: {(output.strip() or 'it ended').splitlines()[-1]}" if status != 0 else None


class Units:
    """Unit tests, linked anew with one object changed."""

    def __init__(self, tests):
        self.tests = tests
        sources = [path for where in ("src/common", "src/helper/json", "src/helper/token", "src/helper/config", "src/helper/policy")
                   for path in sorted((ROOT / where).glob("*.c"))]
        sources.append(ROOT / "src/helper/accounts/name.c")  # the configuration's check of a group
        sources += [path for path in sorted((ROOT / "tests/unit").glob("*.c"))
                    if not path.name.startswith("test_") or path.stem in tests]
        self.objects = compile_all(sources, OUT / "unit")

    def judge(self, mutant, _worker, folder):
        """What kills it, or None."""
        objects = dict(self.objects)
        if mutant is not None:
            source, made = folder / "mutant.c", folder / "mutant.o"
            source.write_text(mutant.text, encoding="utf-8")
            compile_mutant(mutant, [*CC, *FLAGS, "-c", "-o", str(made), str(source)])
            objects[mutant.file] = str(made)
        common = [made for name, made in objects.items() if not name.startswith("tests/unit/test_")]
        for test in self.tests:
            wrapped = [f"-Wl,--wrap={function}" for function in os.environ.get(f"WRAP_{test}", "").split()]
            must([*CC, "-fsanitize=address,undefined", "-o", str(folder / test), objects[f"tests/unit/{test}.c"], *common,
                  *wrapped, "-lcmocka", "-lcrypto", "-lcjson"])
            killer = run_unit(test, folder / test)
            if killer is not None:
                return killer
        return None


class Killers:
    """Who has killed in this function, then who in this file, the last one first: what lies
    side by side dies by the same test."""
    MOST = 12

    def __init__(self):
        self.lists = {}
        self.lock = threading.Lock()

    def note(self, mutant, test):
        with self.lock:
            for key in ((mutant.file, mutant.function), (mutant.file, "")):
                row = self.lists.setdefault(key, [])
                if test in row:
                    row.remove(test)
                row.insert(0, test)

    def likely(self, mutant):
        with self.lock:
            rows = [self.lists.get((mutant.file, function), []) for function in (mutant.function, "")]
        return list(dict.fromkeys(rows[0][:self.MOST] + rows[1][:self.MOST]))


class Built:
    """First the unit tests about the file; then a program of a test build, linked anew with one
    object changed, and its suites. Each worker has a build folder of its own, whose objects are
    always those of the source as it is."""
    library = None

    def __init__(self, name, program, files, suites, first=()):
        self.program, self.suites = program, suites
        self.first = first  # tests that kill most, where the quick ones kill few
        self.times = OUT / "times" / name
        self.lines = {}  # by worker and file: how it is compiled, how the program is linked
        self.whole = {}  # by worker: how the program is linked of what is not changed
        self.killers = Killers()
        self.includes = {source: self.units_of(source, GATE_UNITS) for source in files}
        self.links = {source: self.units_of(source.removesuffix("c") + "h", LINKED_UNITS) for source in files}
        if any(self.includes.values()):
            Built.library = Built.library or self.archive()
        for worker in range(WORKERS):
            # But for the paths all workers have the same objects.
            if worker > 0 and not (OUT / f"built{worker}/obj").exists():
                shutil.copytree(OUT / "built0/obj", OUT / f"built{worker}/obj", ignore=shutil.ignore_patterns("paths", "*.d"))
            self.build(worker, files)

    @staticmethod
    def units_of(included, units):
        name = included.removeprefix("src/")
        return [unit for unit in units if f'#include "{name}"' in (ROOT / f"tests/unit/{unit}.c").read_text(encoding="utf-8")]

    @staticmethod
    def archive():
        library = OUT / "gate-unit/library.a"
        objects = compile_all([*sorted((ROOT / "src/common").glob("*.c")), *sorted((ROOT / "src/module").glob("*.c"))], library.parent)
        library.unlink(missing_ok=True)
        must(["ar", "rc", str(library), *objects.values()])
        return library

    def build(self, worker, files):
        build = OUT / f"built{worker}"
        units = sorted({unit for source in files for unit in self.links[source]})
        wanted = [f"{build}/test/{name}" for name in (*PROGRAMS, self.program, *(f"unit/{unit}" for unit in units))]
        must(["make", "-j2", "--no-print-directory", f"BUILD={build}", *wanted])
        text = must(["make", "-n", "-B", "--no-print-directory", "V=1", f"BUILD={build}", *wanted])
        lines = text.replace("\\\n", " ").splitlines()
        linked = self.one(lines, f" -o {build}/test/{self.program} ")
        for source in files:
            made, changed = f"{build}/obj/{source.removesuffix('c')}o", f"{build}/mutant.o"
            compiled = re.sub(r" -(MMD|MP|Werror)\b", "", self.one(lines, f" -c -o {made} "))
            tests = [(unit, self.one(lines, f" -o {build}/test/unit/{unit} ").replace(f"{build}/test/libtest.a", f"{changed} {build}/test/libtest.a"))
                     for unit in self.links[source]]
            self.lines[worker, source] = (compiled.replace(made, changed).replace(f" {source}", " "), linked.replace(made, changed), tests)
        self.whole[worker] = linked

    @staticmethod
    def one(lines, word):
        found = [line for line in lines if word in line]
        assert len(found) == 1, (word, found)
        return found[0]

    def suite(self, worker, first):
        build = OUT / f"built{worker}"
        env = {"PATH": os.environ["PATH"], "BUILD": str(build), "LANG": "C.UTF-8", "PYTHONDONTWRITEBYTECODE": "1"}
        return call(["/usr/bin/python3", str(HERE / "suite.py"), str(self.times), first, *self.suites], env=env)

    def judge_including(self, mutant, folder):
        """What includes the file finds the changed one first."""
        over = folder / "over" / mutant.file.removeprefix("src/")
        over.parent.mkdir(parents=True, exist_ok=True)
        over.write_text(mutant.text, encoding="utf-8")
        try:
            for unit in self.includes[mutant.file]:
                compile_mutant(mutant, [*CC, f"-I{folder}/over", *FLAGS, *CONSTANTS, "-o", str(folder / unit), f"tests/unit/{unit}.c",
                                        str(self.library), "-lcmocka", "-lpam"])
                killer = run_unit(unit, folder / unit)
                if killer is not None:
                    return killer
        finally:
            # The next mutant may be another file's.
            over.unlink()
        return None

    def judge(self, mutant, worker, folder):
        if mutant is None:
            must(self.whole[worker], shell=True)
            # All of them together run every test once.
            status, output = self.suite(worker, f"part:{worker}/{WORKERS}")
            return output if status != 0 else None
        killer = self.judge_including(mutant, folder)
        return killer or self.judge_linked(mutant, worker, folder)

    def judge_linked(self, mutant, worker, folder):
        compiled, linked, tests = self.lines[worker, mutant.file]
        source = folder / "mutant.c"
        source.write_text(mutant.text, encoding="utf-8")
        compile_mutant(mutant, f"{compiled} -w {source}", shell=True)
        for unit, line in tests:
            must(line, shell=True)
            killer = run_unit(unit, OUT / f"built{worker}/test/unit/{unit}")
            if killer is not None:
                return killer
        must(linked, shell=True)
        return self.judge_by_suites(mutant, worker)

    def judge_by_suites(self, mutant, worker):
        likely = [*self.killers.likely(mutant), *self.first]
        for _ in range(3):
            status, output = self.suite(worker, ",".join(dict.fromkeys(likely)))
            if status == 0:
                return None
            test = re.search(r"^killed by (\S+)", output, re.M)
            if test is None:
                return output.strip()[-300:] or "it ended"
            # Whatever failed must fail twice.
            if self.suite(worker, "only:" + test.group(1))[0] != 0:
                self.killers.note(mutant, test.group(1))
                return test.group(1)
            print(f"# {test.group(1)} is not steady", flush=True)
        return None


def entries():
    """{(file, function, line, becomes): why} of the list."""
    found = {}
    for block in EQUIVALENT.read_text(encoding="utf-8").split("\n\n"):
        lines = [line for line in block.splitlines() if line and not line.startswith("#")]
        if not lines:
            continue
        fields = dict(line.split(": ", 1) for line in lines)
        key = tuple(fields.pop(name) for name in ("file", "function", "line", "becomes"))
        if list(fields) != ["why"] or not fields["why"] or key in found:
            sys.exit(f"tests/mutants/equivalent: an entry is not whole, or stands twice:\n{block}")
        found[key] = fields["why"]
    return found


def run(name, judge, rows, workers):
    """[(mutant, killer or None)]; the tests must be content with what is not changed."""
    free = queue.Queue()
    for worker in range(workers):
        free.put(worker)

    def one(mutant):
        worker = free.get()
        folder = OUT / f"{name}-{worker}"
        folder.mkdir(parents=True, exist_ok=True)
        try:
            killer = judge(mutant, worker, folder)
            if mutant is not None and killer is None:
                print(f"# lives: {mutant.file}:{mutant.number} {mutant.function}: {mutant.becomes}", flush=True)
            return killer
        finally:
            free.put(worker)

    with concurrent.futures.ThreadPoolExecutor(workers) as pool:
        for killer in pool.map(one, [None] * workers):
            if killer is not None:
                sys.exit(f"{name}: the tests refuse the code as it is:\n{killer}")
        return list(zip(rows, pool.map(one, rows)))


def mutants_of(files, words):
    for name in files:
        if not words or any(word in name for word in words):
            yield from mutate.mutants(name, (ROOT / name).read_text(encoding="utf-8"))


def key_of(mutant):
    return mutant.file, mutant.function, mutant.line, mutant.becomes


def report(judged, known, made, whole):
    """made: every mutant of the files, judged or left out of the sample."""
    passed = failed = 0
    for mutant, killer in judged:
        key = key_of(mutant)
        good = (killer is None) == (key in known)
        passed, failed = passed + good, failed + (not good)
        if not good:
            print(f"not ok {mutant.file}:{mutant.number} {mutant.function}\n    {mutant.line}\n    {mutant.becomes}\n    "
                  + ("lives" if killer is None else f"is listed as equivalent, and dies by {killer}"))
    met = {key_of(mutant) for mutant in made}
    for key in known:
        if key not in met and (whole or any(key[0] == mutant.file for mutant in made)):
            print("not ok tests/mutants/equivalent: nothing is so any more: " + " | ".join(key))
            failed += 1
    return passed, failed


def main():
    words = sys.argv[1:]
    missing = [name for name in POLICY + TOKEN + GATE + TICKET + CHALLENGE + UNMUTATED if not (ROOT / name).exists()]
    if missing or not POLICY or not TOKEN or not GATE or not TICKET or not CHALLENGE:
        sys.exit(f"tests/tests.mk lists files that are not there: {missing}")
    begun = time.monotonic()
    known = entries()
    shutil.rmtree(OUT / "unit", ignore_errors=True)
    judged, made = [], []
    choice = random.Random(SEED)
    if SAMPLE > 1:
        print(f"# one mutant in {SAMPLE}, SEED={SEED}", flush=True)
    processors, slow = os.cpu_count() or 1, SAMPLE if SAMPLE == 1 else 4 * SAMPLE
    for name, kind, files, workers, sample in (
            ("policy", lambda: Units(POLICY_TESTS), POLICY, processors, SAMPLE),
            ("gate", lambda: Built("gate", MODULE, GATE, GATE_SUITES), GATE, WORKERS, SAMPLE),
            ("token", lambda: Units(TOKEN_TESTS), TOKEN, processors, SAMPLE),
            ("ticket", lambda: Built("ticket", HELPER, TICKET, TICKET_SUITES), TICKET, WORKERS, slow),
            ("challenge", lambda: Built("challenge", HELPER, CHALLENGE, CHALLENGE_SUITES, EVERY_CHALLENGE), CHALLENGE, WORKERS, slow)):
        rows = list(mutants_of(files, words))
        made += rows
        rows = choice.sample(rows, -(-len(rows) // sample))
        if rows:
            judged += run(name, kind().judge, rows, workers)
            print(f"# {name}: {len(rows)} mutants, {time.monotonic() - begun:.0f} s", flush=True)
    with open(OUT / "killers.txt", "w", encoding="utf-8") as file:
        for mutant, killer in judged:
            print(f"{mutant.file}:{mutant.number} {mutant.function}: {mutant.becomes}: {killer or 'LIVES'}", file=file)
    passed, failed = report(judged, known, made, not words)
    print(f"# {sum(killer is not None for _, killer in judged)} of {len(judged)} killed, {len(known)} listed as equivalent, "
          f"{time.monotonic() - begun:.0f} s; build/mutants/killers.txt says by what")
    print(f"{passed} passed, {failed} failed, 0 skipped")
    sys.exit(1 if failed or not judged else 0)


if __name__ == "__main__":
    main()
