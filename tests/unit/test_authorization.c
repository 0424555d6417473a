/* SPDX-License-Identifier: MIT
 *
 * The browser flow's pure parts: PKCE by the RFC's and Cognito's examples, the address that a
 * person opens, and what is pasted back.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "common/buffer.h"
#include "common/reason.h"
#include "common/result.h"
#include "common/sentence.h"
#include "common/text.h"
#include "helper/net/authorization.h"
#include "helper/net/percent.h"
#include "helper/net/token_endpoint.h"
#include "helper/config/config.h"

#define STATE "Qm9iJ3Mtc3RhdGUtaXMtbG"
#define CODE "a1b2c3d4-5678-90ab-cdef-0123456789ab"
#define CALLBACK "http://localhost:8400/callback?"

static void the_challenge_of_known_verifiers(void **state)
{
	static const struct {
		const char *verifier, *challenge;
	} rows[] = {
	    /* RFC 7636, appendix B */
	    {"dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk",
		"E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM"},
	    /* Cognito's developer guide */
	    {"9D-aW_iygXrgQcWJd0y0tNVMPSXSChIc2xceDhvYVdGLCBk-JWFTmBNjvKSdOrjTTYazOFbUmrFERrjW"
	     "x6oKtK2b6z_x4_gHBDlr4K1mRFGyE8yA-05-_v7Dxf3EIYJH",
		"Eh0mg-OZv7BAyo-tdv_vYamx1boOYDulDklyXoMDtLg"},
	};
	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		char challenge[PKCE_TEXT_SIZE];
		assert_int_equal(authorization_challenge(rows[i].verifier, challenge), 0);
		assert_string_equal(challenge, rows[i].challenge);
	}
}

static void every_verifier_is_its_own(void **state)
{
	struct pkce one, two;
	char challenge[PKCE_TEXT_SIZE];
	(void)state;
	assert_int_equal(authorization_pkce(&one), 0);
	assert_int_equal(authorization_pkce(&two), 0);
	assert_string_not_equal(one.verifier, two.verifier);
	assert_int_equal(strlen(one.verifier), 43);
	assert_int_equal(strlen(one.challenge), 43);
	assert_int_equal(authorization_challenge(one.verifier, challenge), 0);
	assert_string_equal(one.challenge, challenge);
}

static void an_address_as_short_as_it_can_be(void **state)
{
	static char openid[] = "openid", email[] = "email", id[] = "6o7h8i9jexampleclientid";
	static char *scopes[] = {openid, email, NULL};
	static char plain[] = "https://a.example/authorize",
		    query[] = "https://a.example/a?x=y", open[] = "https://a.example/a?";
	static char page[] = "https://h.example:8/c b?a=1&b=2",
		    loop[] = "http://localhost:8400/cb";
	static char select[] = "select_account", none[] = "none", login[] = "consent login";
	static const struct {
		char *auth_url, *redirect_uri, *prompt;
		size_t scopes;
		bool fresh, pkce, oidc;
		const char *hint, *url;
	} rows[] = {
	    {plain, loop, NULL, 2, false, true, false, "al+ice@example.com",
		"https://a.example/"
		"authorize?response_type=code&client_id=6o7h8i9jexampleclientid"
		"&redirect_uri=http://localhost:8400/cb&scope=openid+email&state=S&nonce=N"
		"&code_challenge_method=S256&code_challenge=C&login_hint=al%2Bice@example.com"},
	    {query, page, select, 0, true, false, false, "",
		"https://a.example/a?x=y&response_type=code&client_id=6o7h8i9jexampleclientid"
		"&redirect_uri=https://h.example:8/c+b%3Fa%3D1%26b%3D2&state=S&nonce=N"
		"&prompt=login+select_account"},
	    {open, loop, none, 0, true, false, true, "ж",
		"https://a.example/a?response_type=code&client_id=6o7h8i9jexampleclientid"
		"&redirect_uri=http://localhost:8400/cb&scope=openid&state=S&nonce=N"
		"&login_hint=%D0%B6&prompt=login"},
	    {plain, loop, login, 0, true, false, false, "",
		"https://a.example/"
		"authorize?response_type=code&client_id=6o7h8i9jexampleclientid"
		"&redirect_uri=http://localhost:8400/cb&state=S&nonce=N&prompt=consent+login"},
	    {plain, loop, none, 0, false, false, false, "",
		"https://a.example/"
		"authorize?response_type=code&client_id=6o7h8i9jexampleclientid"
		"&redirect_uri=http://localhost:8400/cb&state=S&nonce=N&prompt=none"},
	};
	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct buffer url = BUFFER_INIT(AUTHORIZATION_URL_MAX),
			      small = BUFFER_INIT(100);
		const struct config config = {
		    .auth_url = rows[i].auth_url,
		    .client_id = id,
		    .redirect_uri = rows[i].redirect_uri,
		    .prompt = rows[i].prompt,
		    .provider = rows[i].oidc ? &provider_oidc : &provider_cognito,
		    .scopes = {scopes, rows[i].scopes},
		};
		const struct authorization_request request = {
		    .state = "S",
		    .nonce = "N",
		    .challenge = rows[i].pkce ? "C" : NULL,
		    .login_hint = rows[i].hint,
		    .fresh = rows[i].fresh,
		};
		assert_int_equal(authorization_url(&config, &request, &url), 0);
		assert_string_equal(buffer_text(&url), rows[i].url);
		assert_int_equal(
		    authorization_url(&config, &request, &small), RESULT_TOO_LARGE);
		buffer_wipe(&url);
		buffer_wipe(&small);
	}
}

static void what_is_pasted(void **state)
{
	static const struct {
		const char *pasted;
		int result;
		const char *code;
	} rows[] = {
	    {CODE, 0, CODE},
	    {"  \"" CODE "\"\t\r\n", 0, CODE},
	    {"'" CODE "."
	     "Qm9iJ3Mt"
	     "'",
		0, CODE},
	    {"\xc2\xa0" CODE " \xc2\xa0", 0, CODE},
	    {"x", 0, "x"},
	    {CALLBACK "code=" CODE "&state=" STATE, 0, CODE},
	    {CALLBACK "state=" STATE "&code=" CODE "&iss=https%3A%2F%2Fa", 0, CODE},
	    {"code=" CODE "&state=" STATE, 0, CODE},
	    {CALLBACK "code=a%2Fb%2bc&state=" STATE "#_=_", 0, "a/b+c"},
	    {"app://x/?code=1&state=" STATE, 0, "1"},
	    /* other providers' codes have dots and slashes */
	    {"4/0AfJohXk.M-_Y", 0, "4/0AfJohXk.M-_Y"},
	    {"0.AAAA.longer-than-8", 0, "0.AAAA.longer-than-8"},
	    {".Qm9iJ3Mt", 0, ".Qm9iJ3Mt"},
	    {CODE ".", 0, CODE "."},
	    {"", RESULT_CANCELLED, ""},
	    {" \t\"'\r\n ", RESULT_CANCELLED, ""},
	    {CODE ".Qm9iJ3Mx", RESULT_AUTHORIZATION_STATE, ""},
	    {CODE ".qm9ij3mt", RESULT_AUTHORIZATION_STATE, ""},
	    {CALLBACK "code=" CODE, RESULT_AUTHORIZATION_STATE, ""},
	    {CALLBACK "code=" CODE "&state=", RESULT_AUTHORIZATION_STATE, ""},
	    {CALLBACK "code=" CODE "&state=Qm9iJ3Mt", RESULT_AUTHORIZATION_STATE, ""},
	    {CALLBACK "code=" CODE "&state=" STATE "x", RESULT_AUTHORIZATION_STATE, ""},
	    {CALLBACK "code=" CODE "&State=" STATE, RESULT_AUTHORIZATION_STATE, ""},
	    {CALLBACK "code=" CODE "#&state=" STATE, RESULT_AUTHORIZATION_STATE, ""},
	    {CALLBACK "state=" STATE, RESULT_AUTHORIZATION_FORM, ""},
	    {CALLBACK "code=&state=" STATE, RESULT_AUTHORIZATION_FORM, ""},
	    {CALLBACK "code=" CODE "&code=" CODE "&state=" STATE, RESULT_AUTHORIZATION_FORM,
		""},
	    {CALLBACK "code=" CODE "&state=" STATE "&state=" STATE, RESULT_AUTHORIZATION_FORM,
		""},
	    {CALLBACK "code=%&state=" STATE, RESULT_AUTHORIZATION_FORM, ""},
	    {CALLBACK "code=%4&state=" STATE, RESULT_AUTHORIZATION_FORM, ""},
	    {CALLBACK "code=%4g&state=" STATE, RESULT_AUTHORIZATION_FORM, ""},
	    {CALLBACK "code=a%00b&state=" STATE, RESULT_AUTHORIZATION_FORM, ""},
	    {CALLBACK "code=a+b&state=" STATE, RESULT_AUTHORIZATION_FORM, ""},
	    {CALLBACK "code=a%0Ab&state=" STATE, RESULT_AUTHORIZATION_FORM, ""},
	    {CALLBACK "code=%C3%A4&state=" STATE, RESULT_AUTHORIZATION_FORM, ""},
	    {"http://localhost:8400/callback", RESULT_AUTHORIZATION_FORM, ""},
	    {CODE " " STATE, RESULT_AUTHORIZATION_FORM, ""},
	    {"a\033[31mb", RESULT_AUTHORIZATION_FORM, ""},
	    {"a\177b", RESULT_AUTHORIZATION_FORM, ""},
	    {"\xc3\xa4", RESULT_AUTHORIZATION_FORM, ""},
	    {"\xc3\xa0", RESULT_AUTHORIZATION_FORM, ""},
	    {CODE "\xc2\xa0" STATE, RESULT_AUTHORIZATION_FORM, ""},
	    {CODE CODE, RESULT_AUTHORIZATION_TWICE, ""},
	    {CODE " " CODE, RESULT_AUTHORIZATION_TWICE, ""},
	    {"\"" CODE "\" \"" CODE "\"", RESULT_AUTHORIZATION_TWICE, ""},
	    {CALLBACK "code=1&state=" STATE CALLBACK "code=1&state=" STATE,
		RESULT_AUTHORIZATION_TWICE, ""},
	    {"abab", 0, "abab"}, /* too short to be two codes */
	    {CALLBACK "error=access_denied", RESULT_AUTHORIZATION_ERROR, ""},
	    {CALLBACK "code=" CODE "&state=" STATE "&error=x", RESULT_AUTHORIZATION_ERROR, ""},
	    {CALLBACK "error=a&error=b", RESULT_AUTHORIZATION_FORM, ""},
	};
	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		char code[AUTHORIZATION_PASTED_MAX + 1] = "left";
		struct reason reason;
		int r = authorization_response_code(rows[i].pasted, STATE, code, &reason);
		if (r != rows[i].result || !streq(code, rows[i].code))
			fail_msg("%s: %s, \"%s\"", rows[i].pasted, result_phrase(r), code);
	}
}

static void an_error_is_told_and_printable(void **state)
{
	char code[AUTHORIZATION_PASTED_MAX + 1];
	struct reason reason;
	(void)state;
	assert_int_equal(authorization_response_code(
			     "error_description=No%1b%5b2J+way%E2%80%AE&error=access%0adenied",
			     STATE, code, &reason),
	    RESULT_AUTHORIZATION_ERROR);
	assert_string_equal(reason.detail, "access denied: No?[2J way?");
	assert_string_equal(
	    reason.message, SENTENCE_BROWSER_OTHER " (access denied: No?[2J way?)");
}

static void five_hundred_bytes_and_no_more(void **state)
{
	char pasted[600], code[AUTHORIZATION_PASTED_MAX + 1];
	struct reason reason;
	(void)state;
	for (size_t len = 499; len < 503; len++) {
		for (size_t i = 0; i < len; i++)
			pasted[i] = (char)('a' + i % 23);
		pasted[len] = '\0';
		int r = authorization_response_code(pasted, STATE, code, &reason);
		assert_int_equal(r, len <= 500 ? 0 : RESULT_ANSWER_LONG);
		assert_int_equal(strlen(code), len <= 500 ? len : 0);
	}
}

static void a_form_is_decoded_whole_or_not(void **state)
{
	static const struct {
		const char *in, *out;
	} rows[] = {
	    {"", ""},
	    {"a+b%20c", "a b c"},
	    {"%41%4a%4A", "AJJ"},
	    {"%", NULL},
	    {"%4", NULL},
	    {"%4x", NULL},
	    {"%x4", NULL},
	    {"%00", NULL},
	    {"1234567", "1234567"},
	    {"12345678", NULL},
	};
	char out[8];
	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		bool good =
		    percent_decode_form(rows[i].in, strlen(rows[i].in), out, sizeof(out));
		assert_int_equal(good, rows[i].out != NULL);
		if (good)
			assert_string_equal(out, rows[i].out);
	}
	assert_false(percent_decode_form("", 0, out, 0));
}

/* A password may hold whatever divides a form. */
static void a_form_s_values_divide_nothing(void **state)
{
	struct buffer form = BUFFER_INIT(200);
	const struct parameter rows[] = {
	    {"password", "a&b=c%d+e \xc3\xbc\""},
	    {"left_out", NULL},
	    {"username", "x-._~y"},
	    {NULL, NULL},
	};
	(void)state;
	assert_int_equal(token_endpoint_form(&form, rows), 0);
	assert_string_equal(
	    buffer_text(&form), "password=a%26b%3Dc%25d%2Be%20%C3%BC%22&username=x-._~y");
	buffer_wipe(&form);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(the_challenge_of_known_verifiers),
	    cmocka_unit_test(every_verifier_is_its_own),
	    cmocka_unit_test(a_form_s_values_divide_nothing),
	    cmocka_unit_test(an_address_as_short_as_it_can_be),
	    cmocka_unit_test(what_is_pasted),
	    cmocka_unit_test(an_error_is_told_and_printable),
	    cmocka_unit_test(five_hundred_bytes_and_no_more),
	    cmocka_unit_test(a_form_is_decoded_whole_or_not),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
