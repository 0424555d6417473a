#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""The records of local accounts that the pool's people have: a locked one is refused in auth and
account, whatever the rules say, and a changed one ends the ticket."""
import os
import pathlib
import shutil
import stat
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
from tickets import ROOT, SENTENCE, Tickets, harness, result, ticket  # noqa: E402

FOLDER = harness.TEST / "run-scripted-userdb"
LOCKED = "This account is locked on this host."
NO = '{\n\t"userName": "alice",\n\t"uid": 1001,\n\t"disposition": "regular",\n\t"locked": false\n}\n'
YES = NO.replace("false", "true")
PRIVILEGED = ('{\n\t"privileged": {},\n\t"pam_cognito_oidc": {\n\t\t"format": 1,\n\t\t"issuer": "https://i",\n\t\t"sub": "a-sub",\n'
              '\t\t"login": "alice",\n\t\t"userName": "alice",\n\t\t"uid": 1001\n\t}\n}\n')


class Record(Tickets):
    def setUp(self):
        super().setUp()
        shutil.rmtree(FOLDER, ignore_errors=True)
        FOLDER.mkdir(mode=0o755)
        self.addCleanup(shutil.rmtree, FOLDER, True)

    @staticmethod
    def write(public=NO, privileged=PRIVILEGED, name="alice"):
        for suffix, text, mode in ((".user", public, 0o644), (".user-privileged", privileged, 0o600)):
            path = FOLDER / (name + suffix)
            path.unlink(missing_ok=True)
            if text is not None:
                path.write_text(text)
                path.chmod(mode)

    def refused(self, operations=("auth",), **settings):
        before = len(self.requests())
        outcome = self.run_host(operations, answers=("secret",), **settings)
        self.assertEqual(outcome.results[-1], "PAM_ACCT_EXPIRED", outcome.text)
        self.assertIn(LOCKED, outcome.errors[-1])
        self.assertIn('reason="the local account\'s record is locked"', outcome.log[-1])
        self.assertEqual(len(self.requests()), before, "the helper was asked")
        return outcome


class Lock(Record):
    def test_an_open_record_changes_nothing(self):
        self.write()
        self.expect(("auth", "acct"), "SUCCESS", "SUCCESS")

    def test_a_locked_one_is_refused_in_auth_behind_the_same_prompt(self):
        self.write(YES)
        self.assertEqual(self.refused().hidden, ["Password: "])

    def test_and_in_account_with_a_fresh_ticket(self):
        self.write()
        self.sign_in()
        self.write(YES)
        self.refused(("acct",))
        self.refused(("acct",), service="sshd")

    def test_and_by_silent_sudo(self):
        self.write()
        self.sign_in()
        self.write(YES)
        self.refused(options="reuse", service="sudo", **({"ruid": "1001"} if ROOT else {}))

    def test_and_between_auth_and_account(self):
        """What auth has said is not the last word."""
        self.write()
        self.script(login=[ticket(), result()])
        outcome = self.run_host(("auth", "acct"))
        self.assertEqual(outcome.results, ["PAM_SUCCESS"] * 2)
        self.write(YES)
        self.refused(("acct",))

    def test_groups_and_claims_are_nobody_s_then(self):
        self.write()
        self.sign_in()
        self.write(YES)
        outcome = self.run_host(("setcred", "open"), options="grant=video")
        self.assertEqual((outcome.groups, outcome.env), ([], []), outcome.text)

    def test_unlocked_again_a_new_sign_in_is_enough(self):
        self.write(YES)
        self.refused()
        self.write()
        self.expect(("auth", "acct"), "SUCCESS", "SUCCESS")

    def test_what_is_ours_and_odd_is_locked(self):
        for public in (None, "", "{", NO.replace('"locked": false', '"locked": 0'), NO.replace('"locked": false', '"locked": falsehood'),
                       NO.replace(',\n\t"locked": false', ""), NO.replace("1001", "1002"), NO.replace("1001", "10010"),
                       NO.replace('"locked": false', '"realName": "\\"locked\\": false"'), "x" * 70000):
            with self.subTest(public=public and public[:80]):
                self.write(public)
                self.refused()

    def test_a_public_file_that_others_may_write_is_locked(self):
        for change in (lambda path: path.chmod(0o666), lambda path: path.chmod(0o664),
                       lambda path: (path.rename(FOLDER / "other"), path.symlink_to(FOLDER / "other"))):
            self.write()
            change(FOLDER / "alice.user")
            self.refused()

    def test_a_damaged_private_file_opens_nothing(self):
        for privileged in (None, "", PRIVILEGED[:40], "{}", PRIVILEGED + " " * 70000, PRIVILEGED.replace("1001", "1002"),
                           PRIVILEGED.replace("pam_cognito_oidc", "other")):
            with self.subTest(privileged=privileged and privileged[:60]):
                self.write(YES, privileged)
                self.refused()

    def test_nor_does_one_that_is_too_long_or_cannot_be_opened(self):
        self.write(NO, PRIVILEGED + " " * 70000)
        self.refused()
        self.write(NO + " " * 70000)
        self.refused()
        self.write()
        path = FOLDER / "alice.user"
        path.unlink()
        path.symlink_to(FOLDER / "elsewhere")
        self.refused()
        # open() of a socket fails, and not because there is nothing.
        self.write()
        path = FOLDER / "alice.user-privileged"
        path.unlink()
        os.mknod(path, 0o600 | stat.S_IFSOCK)
        self.refused()

    def test_a_folder_that_cannot_be_opened(self):
        """Only where the host itself has the user, nothing in it can be meant."""
        shutil.rmtree(FOLDER)
        FOLDER.symlink_to(FOLDER)
        self.addCleanup(FOLDER.unlink, True)
        self.refused()
        self.host.users({**harness.USERS, "games": 1001})
        self.expect(("auth",), "SUCCESS", user="games")

    def test_a_link_to_a_folder_is_followed(self):
        elsewhere = FOLDER.with_name("elsewhere-userdb")
        self.write(YES)
        FOLDER.rename(elsewhere)
        self.addCleanup(shutil.rmtree, elsewhere, True)
        FOLDER.symlink_to(elsewhere)
        self.addCleanup(FOLDER.unlink, True)
        self.refused()

    def test_a_name_in_a_text_is_no_member(self):
        self.write(NO.replace('"alice"', '"alice",\n\t"realName": "\\"locked\\": true, \\"locked\\": false"'))
        self.expect(("auth",), "SUCCESS")
        self.write(YES.replace('"alice"', '"alice",\n\t"realName": "\\"locked\\": false"'))
        self.refused()

    def test_the_form_of_the_json_does_not_matter(self):
        self.write('{"locked" : false , "uid":1001}', '{"pam_cognito_oidc":{"uid" : 1001}}')
        self.expect(("auth",), "SUCCESS")
        self.write('{"uid":1001,"locked":true}', '{"pam_cognito_oidc":{"uid" : 1001}}')
        self.refused()


class NotOurs(Record):
    """Records that do not count, and that root has not locked, change nothing."""

    def allowed(self):
        self.expect(("auth", "acct"), "SUCCESS", "SUCCESS")

    def test_another_program_s(self):
        for privileged in (None, "", "{}", PRIVILEGED.replace("pam_cognito_oidc", "other"),
                           '{"x": "\\"pam_cognito_oidc\\": {\\"uid\\": 1001}"}'):
            for public in (NO, None, "", "{}", NO.replace('"locked": false', '"locked": 0')):
                self.write(public, privileged)
                self.allowed()

    def test_another_uid_than_the_host_gives(self):
        self.write(YES.replace("1001", "1002"), PRIVILEGED.replace("1001", "1002"))
        self.allowed()

    def test_a_privileged_file_that_others_may_read_or_write(self):
        for mode in (0o644, 0o620, 0o602, 0o640):
            for public, check in ((NO, self.allowed), (YES, self.refused)):
                self.write(public)
                (FOLDER / "alice.user-privileged").chmod(mode)
                check()

    def test_a_link_a_folder_a_fifo(self):
        path = FOLDER / "alice.user-privileged"
        self.write()
        path.rename(FOLDER / "elsewhere")
        path.symlink_to(FOLDER / "elsewhere")
        self.allowed()
        path.unlink()
        path.mkdir(mode=0o700)
        self.allowed()
        path.rmdir()
        os.mkfifo(path, 0o600)
        self.allowed()

    def test_a_folder_that_others_may_write(self):
        self.write(YES)
        for mode in (0o775, 0o777):
            FOLDER.chmod(mode)
            self.allowed()

    def test_no_folder(self):
        shutil.rmtree(FOLDER)
        self.allowed()
        FOLDER.write_text("")
        self.allowed()
        FOLDER.unlink()

    def test_a_local_account_of_the_same_name_hides_it(self):
        """This machine's own /etc/passwd has "games", with another uid; here it has the record's."""
        self.host.users({**harness.USERS, "games": 1001})
        self.write(YES, name="games")
        self.expect(("auth",), "SUCCESS", user="games")

    def test_a_name_that_no_record_has(self):
        (FOLDER / "al").mkdir()
        for name in ("al/ice", ".alice", "-alice", "Alice", "a" * 33):
            self.host.users({**harness.USERS, name: 1001})
            self.write(YES, name=name)
            self.expect(("auth",), "SUCCESS", user=name)

    def test_the_longest_name_that_one_has(self):
        self.host.users({**harness.USERS, "a" * 32: 1001})
        self.write(YES, name="a" * 32)
        self.refused(user="a" * 32)

    def test_in_a_host_without_standard_input(self):
        """The folder is descriptor 0 then, and judged like another."""
        self.write()
        self.expect(("auth",), "SUCCESS", close="0")
        self.write(YES)
        self.refused(close="0")
        FOLDER.chmod(0o777)
        self.expect(("auth",), "SUCCESS", close="0")


class Mark(Record):
    def test_a_changed_identity_ends_the_ticket(self):
        self.write()
        self.sign_in()
        self.script(account=[result("POLICY")])
        self.expect(("acct",), "SUCCESS")
        self.write(privileged=PRIVILEGED.replace("a-sub", "b-sub"))
        self.expect(("acct",), "PERM_DENIED")

    def test_so_does_one_that_appears_or_goes(self):
        for before, after in ((None, PRIVILEGED), (PRIVILEGED, None)):
            self.script(login=[ticket(), result()], account=[result("POLICY")])
            self.write(privileged=before)
            self.sign_in()
            self.write(privileged=after)
            self.expect(("acct",), "PERM_DENIED")

    def test_without_a_ticket_it_reads_as_ever(self):
        self.write()
        self.assertIn(SENTENCE, self.expect(("acct",), "PERM_DENIED").errors[0])


if __name__ == "__main__":
    harness.main()
