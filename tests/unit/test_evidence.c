/* SPDX-License-Identifier: MIT
 *
 * How old and how strong a sign-in is, and that no refresh makes it younger or stronger.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <cmocka.h>

#include "helper/config/config.h"
#include "helper/policy/access_request.h"
#include "helper/policy/decision.h"
#include "helper/policy/evidence.h"
#include "helper/token/claims.h"
#include "mint.h"
#include "proven.h"

static void a_token_decides_alone_if_it_tells_of_factors(void **state)
{
	static const struct {
		const char *payload;
		bool answered, mfa;
	} rows[] = {
	    {"{}", false, false},
	    {"{}", true, true},
	    {"{\"amr\":[\"pwd\"]}", true, false},
	    {"{\"amr\":[]}", true, false},
	    {"{\"amr\":null}", true, false},
	    {"{\"acr\":\"urn:cognito:loa:1\"}", true, false},
	    {"{\"acr\":4}", true, false},
	    {"{\"amr\":[\"pwd\",\"mfa\"]}", false, true},
	    {"{\"acr\":\"urn:cognito:loa:3\"}", false, true},
	    {"{\"acr\":\"urn:cognito:loa:4\",\"amr\":[\"pwd\"]}", false, true},
	};
	struct config *config = configured("");
	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct claims *claims = proven(rows[i].payload);
		if (evidence_of(config, claims, rows[i].answered).mfa != rows[i].mfa)
			fail_msg("row %zu: %s", i, rows[i].payload);
		claims_free(claims);
	}
	config_free(config);
}

static void a_pool_may_have_other_names_for_its_levels(void **state)
{
	static const struct {
		const char *members, *payload;
		bool mfa;
	} rows[] = {
	    {"\"gold\", \"silver\"", "{\"acr\":\"gold\"}", true},
	    {"\"gold\", \"silver\"", "{\"acr\":\"silver\"}", true},
	    {"\"gold\", \"silver\"", "{\"acr\":\"Gold\"}", false},
	    {"\"gold\", \"silver\"", "{\"acr\":\"gold \"}", false},
	    {"\"gold\", \"silver\"", "{\"acr\":\"urn:cognito:loa:4\"}", false},
	    {"\"gold\", \"silver\"", "{\"acr\":[\"gold\"]}", false},
	    {"\"gold\"", "{\"acr\":\"bronze\",\"amr\":[\"mfa\"]}", true},
	    {"\"two words\"", "{\"acr\":\"two words\"}", true},
	    {"\"two words\"", "{\"acr\":\"two\"}", false},
	    {"", "{\"acr\":\"urn:cognito:loa:4\"}", false},
	    {"", "{\"amr\":[\"mfa\"]}", true},
	};
	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		char members[100];
		snprintf(members, sizeof(members), ", \"login\": {\"mfa_acr\": [%s]}",
		    rows[i].members);
		struct config *config = configured(members);
		struct claims *claims = proven(rows[i].payload);
		if (evidence_of(config, claims, false).mfa != rows[i].mfa)
			fail_msg("row %zu: %s", i, rows[i].payload);
		claims_free(claims);
		config_free(config);
	}
}

static void a_refresh_makes_nothing_younger_or_stronger(void **state)
{
	static const struct {
		struct evidence before;
		const char *payload;
		struct evidence after;
	} rows[] = {
	    {{1000, true}, "{\"auth_time\":1000}", {1000, true}},
	    {{1000, false}, "{\"auth_time\":2000}", {1000, false}},
	    {{1000, true}, "{\"auth_time\":999}", {999, true}},
	    {{1000, true}, "{\"auth_time\":0}", {0, true}},
	    {{1000, true}, "{}", {1000, true}},
	    {{0, true}, "{\"auth_time\":1000}", {0, true}},
	    {{-1, true}, "{\"auth_time\":1000}", {-1, true}},
	    {{-1, false}, "{}", {-1, false}},
	    {{1000, false}, "{\"amr\":[\"mfa\"]}", {1000, false}},
	    {{1000, false}, "{\"acr\":\"urn:cognito:loa:4\"}", {1000, false}},
	    {{1000, true}, "{\"amr\":[\"mfa\"]}", {1000, true}},
	    {{1000, true}, "{\"amr\":[\"pwd\"]}", {1000, false}},
	    {{1000, true}, "{\"acr\":\"urn:cognito:loa:2\"}", {1000, false}},
	    {{1000, false}, "{\"auth_time\":2000,\"amr\":[\"mfa\"]}", {1000, false}},
	};
	struct config *config = configured("");
	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct claims *claims = proven(rows[i].payload);
		struct evidence after = evidence_refreshed(rows[i].before, config, claims);
		if (after.auth_time != rows[i].after.auth_time ||
		    after.mfa != rows[i].after.mfa)
			fail_msg("row %zu: %s: %lld %d", i, rows[i].payload, after.auth_time,
			    after.mfa);
		claims_free(claims);
	}
	config_free(config);
}

/* A rule may ask for amr or acr itself. What the token tells beyond the evidence is unreadable
 * there, and says nothing of other claims. */
static void rules_about_amr_and_acr_go_no_further(void **state)
{
#define AMR "\"claims\": {\"amr\": [\"mfa\"]}"
#define ACR "\"claims\": {\"acr\": [\"urn:cognito:loa:4\"]}"
#define KIND "\"claims\": {\"kind\": [\"k\"]}"
	static const struct {
		const char *claims, *payload;
		bool mfa, allows, denies;
	} rows[] = {
	    {AMR, "\"amr\":[\"mfa\"]", true, true, true},
	    {AMR, "\"amr\":[\"mfa\"]", false, false, true},
	    {ACR, "\"acr\":\"urn:cognito:loa:4\"", true, true, true},
	    {ACR, "\"acr\":\"urn:cognito:loa:4\"", false, false, true},
	    {AMR, "\"amr\":[\"pwd\"]", false, false, false},
	    {ACR, "\"acr\":\"urn:cognito:loa:1\"", false, false, false},
	    {KIND, "\"kind\":\"k\",\"amr\":[\"mfa\"]", false, true, true},
	    {KIND, "\"kind\":\"x\",\"amr\":[\"mfa\"]", false, false, false},
	};
	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		for (int deny = 0; deny < 2; deny++) {
			char *members =
			    mint_text(", \"rules\": [{%s%s}, {\"services\": [\"%s\"], "
				      "\"anyone\": true}]",
				deny ? "\"effect\": \"deny\", " : "", rows[i].claims,
				deny ? "*" : "other");
			char *payload =
			    mint_text("{\"cognito:username\":\"alice\",%s}", rows[i].payload);
			struct config *config = configured(members);
			struct claims *claims = proven(payload);
			const struct access_request request = {
			    .user = "alice", .service = "sshd", .evidence = {-1, rows[i].mfa}};
			struct decision d;
			bool is_allowed = decide(config, claims, &request, &d) == 0;
			if (is_allowed != (deny ? !rows[i].denies : rows[i].allows))
				fail_msg("row %zu, %d: %s", i, deny, rows[i].payload);
			decision_free(&d);
			claims_free(claims);
			config_free(config);
			free(payload);
			free(members);
		}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(a_token_decides_alone_if_it_tells_of_factors),
	    cmocka_unit_test(a_pool_may_have_other_names_for_its_levels),
	    cmocka_unit_test(a_refresh_makes_nothing_younger_or_stronger),
	    cmocka_unit_test(rules_about_amr_and_acr_go_no_further),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
