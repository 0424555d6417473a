#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""Auth with the option reuse, setcred and session: for whom they act, and for whom not."""
import fcntl
import os
import pathlib
import sys
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
from tickets import ROOT, Tickets, harness, result, ticket  # noqa: E402

SELF = "1001" if ROOT else str(os.getuid())
needs_root = unittest.skipUnless(ROOT, "needs root to have another real uid")


class Sudo(Tickets):
    """alice has started a set-uid program, and holds a ticket."""

    def setUp(self):
        super().setUp()
        self.host.users({**harness.USERS, "alice": int(SELF)})
        self.sign_in()
        self.options = "reuse"
        self.script(reuse=[ticket("body-2"), result()], login=[ticket("body-3"), result()], account=[result("POLICY")])

    def sudo(self, operations, *wanted, ruid=SELF, **settings):
        if ROOT:
            settings["ruid"] = ruid
        return self.expect(operations, *wanted, **settings)


class Reuse(Sudo):
    def test_it_is_silent_and_asks_cognito_and_the_rules_every_time(self):
        for count in (1, 2):
            outcome = self.sudo(("auth", "acct"), "SUCCESS", "SUCCESS")
            self.assertEqual((outcome.hidden, outcome.shown, outcome.errors), ([], [], []))
            self.assertEqual(self.purposes(), ["reuse"] * count)
        self.assertEqual(self.body(), "body-2")

    def test_the_account_behind_it_asks_nobody_even_if_no_decision_may_be_believed(self):
        self.script(reuse=[ticket("body-2", decisions="login 0 - shell\n"), result()], account=[result("POLICY")])
        self.sudo(("auth", "acct"), "SUCCESS", "SUCCESS")
        self.assertEqual(self.purposes(), ["reuse"])
        # But each later account does, and that of another program.
        self.forget()
        self.sudo(("auth", "acct", "acct"), "SUCCESS", "SUCCESS", "PERM_DENIED")
        self.assertEqual(self.purposes(), ["reuse", "account"])
        self.script(reuse=[ticket("body-3", decisions="login 0 - shell\n"), result()], account=[result("POLICY")])
        self.sudo(("auth",), "SUCCESS")
        self.sudo(("acct",), "PERM_DENIED")

    def test_the_account_behind_it_asks_again_where_reuse_did_not_decide(self):
        other = [ticket("body-2", decisions="sshd 0 - shell\n"), result()]
        stale = [ticket("", decisions="login 0 - shell\n"), "stale", result()]
        for reuse in (other, stale):
            with self.subTest(reuse):
                self.forget()
                self.script(reuse=reuse, account=[result("POLICY")])
                self.make_old(10)
                self.sudo(("auth", "acct"), "SUCCESS", "PERM_DENIED")
                self.assertEqual(self.purposes(), ["reuse", "account"])

    def test_nor_is_a_ticket_believed_that_changed_in_between_or_under_another_configuration(self):
        for change in (lambda: self.change(verified=self.number("verified") - 1), lambda: self.config.write_text("{ }")):
            self.forget()
            self.config.write_text("{}")
            self.script(reuse=[ticket("body-2", decisions="login 0 - shell\n"), result()], account=[result("POLICY")])
            self.sudo(("auth", "pause", "acct"), "SUCCESS", "PERM_DENIED", answers=(lambda change=change: str(change()),))
            self.assertEqual(self.purposes(), ["reuse", "account"])

    def test_max_age_goes_to_the_helper_and_only_here(self):
        self.options = "reuse max_age=900"
        self.script(reuse=[result("TICKET_NONE")], login=[ticket("body-3"), result()])
        self.sudo(("auth",), "SUCCESS")
        self.assertEqual([(r["purpose"], r["max_age"]) for r in self.requests()], [("reuse", "900"), ("login", "-1")])

    def test_a_no_of_the_rules_is_final(self):
        for name in ("POLICY", "POLICY_DENY", "IDENTITY"):
            self.forget()
            self.script(reuse=[ticket("body-2", decisions=""), result(name)], login=[ticket("body-3"), result()])
            self.sudo(("auth",), "PERM_DENIED")
            self.assertEqual(self.purposes(), ["reuse"])

    def test_what_a_fresh_sign_in_would_cure_asks_the_person(self):
        for name in ("FRESH_NEEDED", "TICKET_NONE", "REFRESH_REFUSED", "REFRESH_REUSE"):
            self.forget()
            self.script(reuse=[result(name)], login=["prompt password", ticket("body-3"), result()])
            outcome = self.sudo(("auth",), "SUCCESS", answers=("secret",))
            self.assertEqual((self.purposes(), outcome.hidden), (["reuse", "login"], ["Say: "]))
            self.change(refused=0)

    def test_refused_by_cognito_whatever_the_reason_the_normal_flow_asks(self):
        self.script(reuse=[result("USER_DISABLED")], login=[result("USER_DISABLED")])
        self.sudo(("auth",), "ACCT_EXPIRED")
        self.assertEqual(self.purposes(), ["reuse", "login"])

    def test_without_a_ticket_the_person_is_asked_at_once(self):
        self.file().unlink()
        self.sudo(("auth",), "SUCCESS")
        self.assertEqual(self.purposes(), ["login"])

    def test_an_expired_or_refused_ticket_is_none(self):
        self.change(refused=1)
        self.sudo(("auth",), "SUCCESS")
        self.assertEqual(self.purposes(), ["login"])

    def test_for_a_ticket_that_is_none_no_lock_is_waited_for(self):
        self.change(refused=1)
        with open(str(self.file()) + ".lock", "a", encoding="ascii") as held:
            fcntl.flock(held, fcntl.LOCK_EX)
            self.sudo(("auth",), "SUCCESS")
        self.assertEqual(self.purposes(), ["login"])

    def test_cognito_out_of_reach_is_final(self):
        self.script(reuse=[result("CONNECT")], login=[ticket("body-3"), result()])
        self.sudo(("auth",), "AUTHINFO_UNAVAIL")
        self.assertEqual(self.purposes(), ["reuse"])

    def test_no_question_is_asked_by_it(self):
        self.script(reuse=["prompt password", result()], login=[ticket("body-3"), result()])
        self.sudo(("auth",), "SERVICE_ERR", answers=("secret",))

    def assert_ignored(self, **settings):
        self.sudo(("auth",), "SUCCESS", **settings)
        self.assertEqual(self.purposes(), ["login"])

    def test_without_the_option_it_does_not_exist(self):
        self.options = "max_age=900"
        self.assert_ignored()

    @needs_root
    def test_under_sshd_and_login_it_is_ignored(self):
        self.assert_ignored(ruid="0")

    @needs_root
    def test_su_to_somebody_who_holds_a_live_ticket_is_asked(self):
        self.assert_ignored(ruid="1002")

    def test_sudo_that_asks_for_another_s_password_is_asked(self):
        # targetpw, runaspw: PAM_USER is the target, PAM_RUSER who has started it
        for ruser in ("bob", "root", ""):
            self.forget()
            outcome = self.run_host((f"ruser={ruser}", "auth"), **({"ruid": SELF} if ROOT else {}))
            self.assertEqual((outcome.results, self.purposes()), (["PAM_SUCCESS"], ["login"]))

    def test_a_pam_ruser_that_is_the_person_is_no_hindrance(self):
        self.sudo(("ruser=alice", "auth"), "SUCCESS")
        self.assertEqual(self.purposes(), ["reuse"])

    @needs_root
    def test_root_never_reuses(self):
        self.options = "reuse allow_root"
        self.run_host(("auth", "acct"), user="root")
        self.forget()
        self.run_host(("auth",), user="root", ruid="0")
        self.assertEqual(self.purposes(), ["login"])


class Bound(Sudo):
    """Who is meant: whom auth has bound, and whom account has allowed."""

    def setUp(self):
        super().setUp()
        self.options = "grant=video,x7"
        lines = "login 300 video,x7,x9 shell\n"
        self.script(login=[ticket("body-3", lines, "OIDC_CLAIM_sub=a-sub\nOIDC_CLAIM_name=Alice A.\n"), result()])

    def bob_signs_in(self):
        self.script(login=[ticket("bob-1", "login 300 x7 bobs\n", "OIDC_CLAIM_sub=b-sub\n"), result("ALLOWED", "b-sub")])
        self.expect(("auth", "acct"), "SUCCESS", "SUCCESS", user="bob")
        Bound.script(self, login=[ticket("body-3", "login 300 video shell\n"), result()])

    def test_another_user_or_service_is_denied_whatever_ticket_exists(self):
        self.bob_signs_in()
        self.expect(("acct",), "SUCCESS", user="bob")
        for change in ("user=bob", "service=sudo", "user=root", "user=daemon"):
            with self.subTest(change):
                self.expect(("auth", change, "acct"), "SUCCESS", "PERM_DENIED")

    def test_setcred_adds_what_the_rules_grant_and_the_line_allows(self):
        outcome = self.expect(("auth", "acct", "setcred"), *["SUCCESS"] * 3)
        self.assertEqual(outcome.groups, ["100 1000 44 7"])
        self.assertEqual(self.expect(("auth", "acct", "reinit"), *["SUCCESS"] * 3).groups, ["100 1000 44 7"])

    def test_without_grant_or_for_other_groups_none(self):
        for options in ("", "grant=x8", "grant=vide,videos"):
            self.options = options
            self.assertEqual(self.expect(("auth", "acct", "setcred"), *["SUCCESS"] * 3).groups, [])

    def test_groups_that_this_host_does_not_have_are_told_and_left_out(self):
        self.options = "grant=absent,video"
        self.script(login=[ticket(decisions="login 300 absent,video shell\n"), result()])
        outcome = self.expect(("auth", "acct", "setcred"), *["SUCCESS"] * 3)
        self.assertEqual(outcome.groups, ["100 1000 44"])
        self.assertIn("there is no group absent to grant", "\n".join(outcome.log))

    def test_who_has_another_uid_by_now_or_is_gone_gets_none(self):
        self.options = "grant=video"
        self.script(login=[ticket(decisions="login 300 video shell\n"), result()], check=[result("ALLOWED", "")],
                    change=["prompt password", result()])
        own = {"ruid": "1001"} if ROOT else {}
        for answer, groups in (("secret", ["100 1000 44"]),
                               (f"<sh:printf 'alice:2001\\n' >{self.host.passwd}; echo secret>", []),
                               (f"<sh:printf '' >{self.host.passwd}; echo secret>", [])):
            self.host.users({**harness.USERS, "alice": int(SELF)})
            outcome = self.run_host(("auth", "acct", "chauthtok", "setcred"), answers=(answer,), **own)
            self.assertEqual((outcome.results[:2], outcome.groups), (["PAM_SUCCESS"] * 2, groups), outcome.text)

    def test_what_is_there_already_is_not_added_again(self):
        self.options = "grant=x100,x1000"
        self.script(login=[ticket(decisions="login 300 x100,x1000 shell\n"), result()])
        self.assertEqual(self.expect(("auth", "acct", "setcred"), *["SUCCESS"] * 3).groups, [])

    def test_group_0_is_a_group_like_others(self):
        self.options = "grant=x0"
        self.script(login=[ticket(decisions="login 300 x0 shell\n"), result()])
        self.assertEqual(self.expect(("auth", "acct", "setcred"), *["SUCCESS"] * 3).groups, ["100 1000 0"])

    def test_a_process_without_groups_gets_those_that_are_granted(self):
        outcome = self.expect(("groups-none", "auth", "acct", "setcred"), *["SUCCESS"] * 3)
        self.assertEqual(outcome.groups, ["44 7"])
        self.options = "grant=x8"
        self.expect(("groups-none", "auth", "acct", "groups-fail", "setcred"), *["SUCCESS"] * 3)

    def test_groups_that_cannot_be_read_are_not_replaced(self):
        outcome = self.expect(("auth", "acct", "groups-lost", "setcred"), "SUCCESS", "SUCCESS", "CRED_ERR")
        self.assertEqual(outcome.groups, [])
        self.assertIn("the granted groups cannot be set", "\n".join(outcome.log))

    def test_deleting_and_refreshing_credentials_does_nothing_and_succeeds(self):
        outcome = self.expect(("auth", "acct", "delete", "refresh"), *["SUCCESS"] * 4)
        self.assertEqual(outcome.groups, [])

    def test_it_fails_only_when_the_groups_cannot_be_set(self):
        outcome = self.expect(("auth", "acct", "groups-fail", "setcred", "open"), "SUCCESS", "SUCCESS", "CRED_ERR", "SUCCESS")
        self.assertIn("the granted groups cannot be set", "\n".join(outcome.log))
        self.expect(("groups-fail", "setcred"), "SUCCESS", user="daemon")
        self.expect(("groups-fail", "setcred"), "SUCCESS", user="nosuch")

    def test_sudo_to_another_gets_the_person_s_claims_and_nobody_s_groups(self):
        self.bob_signs_in()
        for target in ("root", "bob"):
            outcome = self.expect(("auth", "acct", f"user={target}", "setcred", "open"), *["SUCCESS"] * 4)
            self.assertEqual(outcome.groups, [])
            self.assertIn("OIDC_CLAIM_sub=a-sub", outcome.env)
            self.assertNotIn("OIDC_CLAIM_sub=b-sub", outcome.env)

    def test_another_name_of_the_same_uid_gets_no_groups(self):
        self.host.users({**harness.USERS, "ally": harness.USERS["alice"]})
        outcome = self.expect(("auth", "acct", "user=ally", "setcred"), *["SUCCESS"] * 3)
        self.assertEqual(outcome.groups, [])

    def test_sudo_with_a_cached_time_stamp_acts_for_whom_account_allowed(self):
        self.expect(("auth", "acct"), "SUCCESS", "SUCCESS")
        outcome = self.sudo(("acct", "setcred", "user=root", "open"), *["SUCCESS"] * 3)
        self.assertEqual(outcome.groups, ["100 1000 44 7"])
        self.assertEqual(outcome.env, ["OIDC_CLAIM_sub=a-sub", "OIDC_CLAIM_name=Alice A."])

    def test_where_account_allowed_nobody_of_ours_nothing_is_granted_or_exported(self):
        self.expect(("auth", "acct"), "SUCCESS", "SUCCESS")
        for who, first in (("root", "PERM_DENIED"), ("daemon", "PERM_DENIED"), ("bob", "PERM_DENIED")):
            outcome = self.expect((f"user={who}", "acct", "user=alice", "setcred", "open"), first, "SUCCESS", "SUCCESS")
            self.assertEqual((outcome.groups, outcome.env), ([], []))

    def test_an_auth_whose_account_has_not_spoken_grants_nothing(self):
        self.expect(("auth", "acct"), "SUCCESS", "SUCCESS")
        outcome = self.expect(("auth", "setcred", "open"), *["SUCCESS"] * 3)
        self.assertEqual((outcome.groups, outcome.env), ([], []))

    def test_sshd_has_asked_another_process_and_goes_by_the_ticket(self):
        self.expect(("auth", "acct"), "SUCCESS", "SUCCESS")
        outcome = self.expect(("setcred", "open"), "SUCCESS", "SUCCESS")
        self.assertEqual(outcome.groups, ["100 1000 44 7"])
        self.assertEqual(outcome.env, ["OIDC_CLAIM_sub=a-sub", "OIDC_CLAIM_name=Alice A."])
        self.assertEqual(self.purposes(), ["login"])

    def test_also_when_every_account_asks_cognito(self):
        self.script(login=[ticket(decisions="login 0 video shell\n"), result()],
                    account=[ticket(decisions="login 0 video shell\n"), result()])
        self.expect(("auth", "acct"), "SUCCESS", "SUCCESS")
        self.assertEqual(self.expect(("setcred",), "SUCCESS").groups, ["100 1000 44"])
        self.make_old(61)
        self.assertEqual(self.expect(("setcred",), "SUCCESS").groups, [])

    def test_for_as_long_as_account_would_go_by_it(self):
        self.script(login=[ticket(decisions="login 300 video shell\n"), result()])
        self.expect(("auth", "acct"), "SUCCESS", "SUCCESS")
        self.make_old(290)
        self.assertEqual(self.expect(("setcred",), "SUCCESS").groups, ["100 1000 44"])
        self.make_old(11)
        self.assertEqual(self.expect(("setcred",), "SUCCESS").groups, [])

    def test_and_only_by_a_live_ticket_for_this_service_and_configuration(self):
        self.expect(("auth", "acct"), "SUCCESS", "SUCCESS")
        for user, service in (("bob", "login"), ("alice", "sudo"), ("root", "login"), ("nosuch", "login")):
            outcome = self.expect(("setcred", "open"), "SUCCESS", "SUCCESS", user=user, service=service)
            self.assertEqual((outcome.groups, outcome.env), ([], []))
        self.config.write_text("{ }")
        self.assertEqual(self.expect(("setcred",), "SUCCESS").groups, [])

    def test_a_ticket_that_is_over_or_refused_grants_nothing(self):
        for field, value in (("refused", "1"), ("boot", "another"), ("uid", "4711")):
            self.expect(("auth", "acct"), "SUCCESS", "SUCCESS")
            self.change(**{field: value})
            outcome = self.expect(("setcred", "open"), "SUCCESS", "SUCCESS")
            self.assertEqual((outcome.groups, outcome.env), ([], []))

    def test_root_s_own_ticket_counts_for_nothing_there(self):
        self.options += " allow_root"
        self.expect(("auth", "acct"), "SUCCESS", "SUCCESS", user="root")
        outcome = self.expect(("setcred", "open"), "SUCCESS", "SUCCESS", user="root")
        self.assertEqual((outcome.groups, outcome.env), ([], []))

    @needs_root
    def test_never_by_the_ticket_in_a_set_uid_program(self):
        self.expect(("auth", "acct"), "SUCCESS", "SUCCESS")
        for ruid in ("1001", "1002"):
            outcome = self.expect(("setcred", "open"), "SUCCESS", "SUCCESS", ruid=ruid)
            self.assertEqual((outcome.groups, outcome.env), ([], []))

    def test_a_forged_environment_decides_nothing(self):
        forged = ("env=OIDC_CLAIM_sub=root", "env=OIDC_CLAIM_cognito_groups=admins", "env=pam_cognito_oidc=x")
        outcome = self.expect((*forged, "setcred", "open"), "SUCCESS", "SUCCESS", user="bob")
        self.assertEqual(outcome.groups, [])
        outcome = self.expect((*forged, "auth", "acct", "setcred", "open"), *["SUCCESS"] * 4)
        self.assertEqual(outcome.groups, ["100 1000 44 7"])
        self.assertIn("OIDC_CLAIM_sub=a-sub", outcome.env)

    def test_a_module_that_rewrites_pam_user_after_account_gets_no_groups(self):
        outcome = self.expect(("auth", "acct", "user=bob", "setcred"), *["SUCCESS"] * 3)
        self.assertEqual(outcome.groups, [])

    def test_a_new_auth_owes_nothing_to_the_account_before(self):
        outcome = self.expect(("auth", "acct", "user=bob", "auth", "setcred", "open"), *["SUCCESS"] * 5)
        self.assertEqual((outcome.groups, outcome.env), ([], []))

    def test_a_denied_account_takes_the_yes_of_the_one_before_away(self):
        outcome = self.expect(("auth", "acct", "service=sudo", "acct", "service=login", "setcred", "open"),
                              "SUCCESS", "SUCCESS", "PERM_DENIED", "SUCCESS", "SUCCESS")
        self.assertEqual((outcome.groups, outcome.env), ([], []))

    def test_wrong_options_and_callers_that_are_not_root_do_nothing_there(self):
        self.expect(("auth", "acct"), "SUCCESS", "SUCCESS")
        self.options = "grant=video nonsense"
        outcome = self.expect(("setcred", "open", "close"), *["SUCCESS"] * 3)
        self.assertEqual((outcome.groups, outcome.env), ([], []))


if __name__ == "__main__":
    harness.main()
