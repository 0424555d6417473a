#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""`make differential`: our verifier of tokens against one of OpenSSL and jansson, and our reader
of JSON against jansson and json-c, over N cases each. What ours accepts, the others must accept.
A run ends after SECONDS, and the next one goes on where it was; SEED names the cases. Then each
fault of FAULTS is planted in a copy of our source: the comparison must find it."""
import contextlib
import hashlib
import json
import os
import pathlib
import shlex
import subprocess
import sys
import time

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
OUT = ROOT / os.environ.get("BUILD", "build") / "test/differential"
N = int(os.environ.get("N") or 200000)
SECONDS = float(os.environ.get("SECONDS") or "inf")
SEED = os.environ.get("SEED") or "1"
CHUNK = 50000
# The rarest of FAULTS is met once in some 50,000 cases.
PLANTED_CASES = 300000
KINDS = ("both accepted", "both refused", "only ours refused", "only ours accepted", "not to be told")

JWT, CLAIMS, JWKS = "src/helper/token/jwt.c", "src/helper/token/claims.c", "src/helper/token/jwks.c"
BASE64, SCAN, TEXT = "src/helper/token/base64url.c", "src/helper/json/scan.c", "src/common/text.c"
JSON = "src/helper/json/json.c"
# (program, file, what stands there once, what stands there instead)
FAULTS = [
    ("tokens", JWT, 'if (!streq(json_member_string(header, "alg"), "RS256"))', "if (false)"),
    ("tokens", JWT, 'if (typ != NULL && !streq(json_string(typ), "JWT"))', "if (false)"),
    ("tokens", JWT, '"crit", "jwk"', '"jwk"'),
    ("tokens", JWT, '"b64", "cty"', '"cty"'),
    ("tokens", JWT, "if (json_member(header, forbidden[i]) != NULL)", "if (json_string(json_member(header, forbidden[i])) != NULL)"),
    ("tokens", JWT, "jwks_find(set, id) : jwks_only(set)", "jwks_find(set, id) != NULL ? jwks_find(set, id) : jwks_only(set) : NULL"),
    ("tokens", JWT, "return is_good ? 0 : RESULT_TOKEN_SIGNATURE;", "return is_good || parts->signed_text.len % 7 == 0 ? 0 : RESULT_TOKEN_SIGNATURE;"),
    ("tokens", BASE64, "if ((bits & ((1u << left) - 1)) != 0)", "if (false)"),
    ("tokens", BASE64, "if (len % 4 == 1 || need > size)", "if (need > size)"),
    ("tokens", JWKS, 'is_absent_or(key, "use", "sig") && ', ""),
    ("tokens", JWKS, 'is_absent_or(key, "alg", "RS256") &&', ""),
    ("tokens", JWKS, "bool has_verify = operations == NULL;", "bool has_verify = true;"),
    ("tokens", JWKS, "may_verify(key) && !is_private(key)", "may_verify(key)"),
    ("tokens", JWKS, "#define MODULUS_BITS_MIN 2048", "#define MODULUS_BITS_MIN 512"),
    ("tokens", JWKS, "if (jwks_find(set, key->kid) != NULL)", "if (false)"),
    ("tokens", CLAIMS, "return streq(iss, want->issuer) || (others", "return text_starts(iss != NULL ? iss : \"\", want->issuer) || (others"),
    ("tokens", CLAIMS, "bool is_id = want->token_use == TOKEN_USE_ID;\n\tif (is_id && want->token_use_optional",
     "bool is_id = want->token_use == TOKEN_USE_ID;\n\tif (is_id"),
    ("tokens", CLAIMS, "return streq(claims_text(c, name), want->client_id);",
     "return streq(claims_text(c, name), want->client_id) || json_count(claims_get(c, name)) == 1;"),
    ("tokens", CLAIMS, "claims_integer(c, name, &when) && want->now < when + want->leeway", "claims_integer(c, name, &when) && want->now <= when + want->leeway"),
    ("tokens", CLAIMS, "claims_integer(c, name, &when) && when <= want->now + want->leeway", "(!claims_integer(c, name, &when) || when <= want->now + want->leeway)"),
    ("tokens", CLAIMS, "return want->nonce == NULL || is_same_secret", "return want->nonce == NULL || claims_get(c, name) == NULL || is_same_secret"),
    ("tokens", CLAIMS, "return is_same_secret(at_hash, text);", "return strncmp(at_hash, text, strlen(at_hash)) == 0;"),
    ("tokens", CLAIMS, "&&\n\t       !text_has_controls(sub)", ""),
    ("tokens", CLAIMS, "return want->token_use == TOKEN_USE_ID;", "return true;"),
    ("tokens", SCAN, "compare_names(&names[i], &names[i - 1]) == 0", "false"),
    ("texts", SCAN, "compare_names(&names[i], &names[i - 1]) == 0", "false"),
    ("texts", SCAN, "if (is_good && *first == '0' && at - first > 1)", "if (false)"),
    ("texts", SCAN, "if (code == 0)", "if (false)"),
    ("texts", SCAN, "if (width == 1)", "if (false)"),
    ("texts", SCAN, "return s->at == s->end ? 0 :", "return s->at >= s->end - 1 ? 0 :"),
    ("texts", TEXT, "if (c < rows[n].least || (c >= 0xd800 && c < 0xe000) || c > 0x10ffff)", "if (c < rows[n].least || c > 0x10ffff)"),
    ("texts", TEXT, "if (c < rows[n].least || ", "if ("),
    ("tokens", JSON, "raw.bytes[i] < '0' || raw.bytes[i] > '9'", "raw.bytes[i] < '-' || raw.bytes[i] > '9'"),
]


def run(program, seed, first, count):
    """(good, [five counts], all lines)"""
    made = subprocess.run([program, seed, str(first), str(count)], stdout=subprocess.PIPE, check=False)
    lines = made.stdout.decode("utf-8", "replace").splitlines()
    counts = [int(word) for word in lines[-1].split()] if lines and made.returncode in (0, 1) else []
    return made.returncode == 0, counts, lines


def compare(name, end):
    """Goes on with the cases of this seed and this program; (good, counts)."""
    program, kept = OUT / name, OUT / f"{name}.json"
    of = [SEED, hashlib.sha256(program.read_bytes()).hexdigest()]
    state = {"of": of, "counts": [0] * len(KINDS), "seconds": 0}
    with contextlib.suppress(OSError, ValueError):
        found = json.loads(kept.read_text(encoding="utf-8"))
        state = found if found["of"] == of else state
    while sum(state["counts"]) < N and time.monotonic() < end:
        begun, done = time.monotonic(), sum(state["counts"])
        good, counts, lines = run(program, SEED, done, min(CHUNK, N - done))
        if not good:
            print("\n".join(lines))
            return False, counts
        state["counts"] = [a + b for a, b in zip(state["counts"], counts)]
        state["seconds"] += time.monotonic() - begun
        kept.write_text(json.dumps(state), encoding="utf-8")
    told = ", ".join(f"{kind} {count}" for kind, count in zip(KINDS, state["counts"]))
    print(f"# {name}: {sum(state['counts'])} of {N} cases, SEED={SEED}, {state['seconds']:.0f} s: {told}", flush=True)
    accepted, refused = state["counts"][:2]
    return accepted > 0 and refused > 0, state["counts"]


def plant(number, program, file, old, new):
    """Is a verifier with this fault found out?"""
    source = (ROOT / file).read_text(encoding="utf-8")
    if source.count(old) != 1:
        print(f"# {file} has not once: {old}")
        return False
    folder = OUT / "planted"
    folder.mkdir(parents=True, exist_ok=True)
    changed, made = folder / f"{number}.c", folder / str(number)
    changed.write_text(source.replace(old, new), encoding="utf-8")
    # It defines what the library's object of the same name defines, so that one is not linked.
    command = [word.replace("@FILE@", str(changed)).replace("@OUT@", str(made)) for word in shlex.split(os.environ[f"LINK_{program}"])]
    subprocess.run(command, check=True, cwd=ROOT)
    good, counts, lines = run(made, SEED, 0, PLANTED_CASES)
    found = not good and len(counts) == len(KINDS) and counts[3] > 0
    print(f"# planted in {file}: {' '.join(new.split()) or '(removed) ' + ' '.join(old.split())}: "
          + (f"found: {lines[0][2:]}" if found else "NOT FOUND"), flush=True)
    return found


def main():
    end = time.monotonic() + SECONDS
    results = {name: compare(name, end)[0] for name in ("texts", "tokens")}
    for number, fault in enumerate(FAULTS):
        results[f"planted {number}"] = plant(number, *fault)
    for name, good in results.items():
        if not good:
            print(f"not ok {name}")
    failed = sum(not good for good in results.values())
    print(f"{len(results) - failed} passed, {failed} failed, 0 skipped")
    sys.exit(1 if failed else 0)


if __name__ == "__main__":
    main()
