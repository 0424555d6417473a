#!/bin/sh
# SPDX-License-Identifier: MIT
# Includes point downward, one file each knows curl, cJSON, process starting and the PAM
# conversation, and claims come from the verifier alone. TAP.
set -u
# shellcheck source=tests/tap.sh
. "$(dirname "$0")/../tap.sh"
includes() { # files of the first folders that include from the second
    # shellcheck disable=SC2086
    grep -rnE "#include \"$2" $1 --include='*.[ch]'
}

check "the module includes nothing of the helper" "$(includes src/module helper/; grep -n 'helper/' pam_cognito_oidc.c)"
check "the helper includes nothing of the module" "$(includes src/helper module/)"
check "common includes nothing of either" "$(includes src/common '(module|helper|cli)/')"
check "nothing includes cli but cli" "$(includes 'src/common src/module src/helper' cli/ 2>/dev/null)"
check "json is below everything" "$(includes src/helper/json 'helper/(token|config|policy|net|flow)/')"
check "token and config are below policy, net and flow" "$(includes 'src/helper/token src/helper/config' 'helper/(policy|net|flow)/')"
check "policy is below net and flow" "$(includes src/helper/policy 'helper/(net|flow)/')"
check "net is below flow" "$(includes src/helper/net 'helper/flow/')"
check "json, token, config and policy read no clock" \
    "$(grep -nE '\b(time|clock_gettime|gettimeofday|clock_ms)\(' -r src/helper/json src/helper/token src/helper/config src/helper/policy)"
check "one file knows curl" "$(grep -rlE '<curl/' src | grep -v '^src/helper/net/transfer.c$')"
check "one file knows cJSON" "$(grep -rlE '<cjson/' src | grep -v '^src/helper/json/json.c$')"
check "one file knows qrencode" "$(grep -rlE '<qrencode' src | grep -v '^src/helper/flow/qr.c$')"
check "the probes are above flow, and only the helper's main course knows them" \
    "$(grep -rn 'helper/probe/' src | grep -vE '^src/helper/(probe/|signin.c)')"
check "one file knows seccomp" "$(grep -rlE '<(linux/)?seccomp' src | grep -v '^src/helper/sandbox.c$')"
check "one file of the module starts processes: the helper; two of the helper: those that serve and those that look names up; and one of the command: other programs" \
    "$(grep -rnE '\b(fork|vfork|posix_spawn|execv[ep]*|execl[ep]*|popen|system)\(' src pam_cognito_oidc.c | grep -vE '^src/(module/spawn|helper/service|helper/net/name|cli/program).c:')"
check "the module and the helper have nothing of that file" "$(grep -rln 'cli/program.h' src | grep -v '^src/cli/')"
check "one file of the module changes groups" \
    "$(grep -rnE '\b(setgroups|initgroups|setegid|setgid|setresgid)\(' src/module src/common pam_cognito_oidc.c | grep -v '^src/module/setcred.c:')"
check "one file speaks through pam_conv" \
    "$(grep -rnE 'PAM_CONV\b|pam_prompt|pam_info|pam_error' src pam_cognito_oidc.c | grep -v '^src/module/conversation.c:')"
check "only those who construct claims include their constructors" \
    "$(grep -rln 'token/claims_make.h' src | grep -vE '^src/(helper/token/(jwt|claims)|helper/policy/ticket_body|cli/explain)\.c$')"
check "only the verifier makes claims, and the command's dry run" \
    "$(grep -rnE '\bclaims_make\(' src --include='*.c' | grep -vE '^src/(helper/token/(jwt|claims)|cli/explain)\.c:')"
check "only a ticket makes claims of cached ones" \
    "$(grep -rnE '\bclaims_cached_\w+\(' src --include='*.c' | grep -vE '^src/helper/(token/claims|policy/ticket_body)\.c:')"
check "one place in the helper turns 0 into the approval on the socket" \
    "$([ "$(grep -rn 'RESULT_ALLOWED' src/helper --include='*.c' | cut -d: -f1 | sort | uniq -c | tr -s ' ')" = ' 1 src/helper/outcome.c' ] ||
        grep -rn 'RESULT_ALLOWED' src/helper --include='*.c')"
check "the module reads it in one file and turns 0 into PAM's success in one" \
    "$(grep -rln 'RESULT_ALLOWED' src/module pam_cognito_oidc.c --include='*.c' | grep -vE '^src/module/helper_client\.c$'
        [ "$(grep -c 'result == 0 ? PAM_SUCCESS : result_pam(result)' src/module/transaction.c)" = 1 ] || echo src/module/transaction.c)"
check "a sign-in and a recheck ask for a decision in one place, the command in one" \
    "$(calls=$(grep -rnE '[ (=]decide\(' src/helper src/cli --include='*.c' | grep -v '^src/helper/policy/decision.c:' | cut -d: -f1 | sort | tr '\n' ' ')
        [ "$calls" = 'src/cli/explain_report.c src/helper/outcome.c ' ] || echo "$calls")"
check "only the decision judges conditions" \
    "$(grep -rnE 'conditions\[[a-z_]+\]\.judge' src --include='*.c' | grep -vE '^src/helper/policy/(decision|rules)\.c:')"
check "whether a code is a refusal or an outage is a column of result.h" \
    "$(grep -rnE 'PAM_AUTHINFO_UNAVAIL|PAM_ACCT_EXPIRED' src pam_cognito_oidc.c | grep -v '^src/common/result.h:')"
check "no assert, exit, getenv or unbounded text call in module and helper" \
    "$(grep -rnE '\b(assert|exit|abort|getenv|sprintf|strcpy|strcat|strtok|atoi|alloca|gets|sscanf)\(' src/module src/common src/helper pam_cognito_oidc.c)"
check "equality is asked of streq; strcmp only sorts" \
    "$(grep -rnE '\bstrn?cmp\(' src pam_cognito_oidc.c | grep -vE '(return|int order =) strcmp\([^)]*\);$')"
finish
