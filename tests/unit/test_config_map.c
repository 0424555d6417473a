/* SPDX-License-Identifier: MIT
 *
 * users.map: the entries, and what no two of them may share.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <cmocka.h>

#include "config_rows.h"
#include "helper/config/config.h"
#include "helper/json/json.h"
#include "mint.h"

static void map_entries(void **state)
{
	char *login128 = mint_text("\"a\": {\"sub\": \"1\", \"login\": \"%0128d\"}", 0);
	char *login129 = mint_text("\"a\": {\"sub\": \"1\", \"login\": \"%0129d\"}", 0);
	static const struct config_row rows[] = {
	    {"", 0, NULL, NULL},
	    {"\"a\": {\"sub\": \"1\"}", 0, NULL, NULL},
	    {"\"a\": {\"sub\": \"1\", \"email_verified\": true, \"login\": \"a@b\"}", 0, NULL,
		NULL},
	    {"\"a\": {\"email\": \"a@b\"}", 0, NULL, NULL},
	    {"\"a\": {}", WRONG, "2:6", "\"users.map.a\" needs a condition"},
	    {"\"a\": {\"login\": \"x\"}", WRONG, "2:6", "needs a condition"},
	    {"\"a\": \"x\"", WRONG, "2:6", "must be an object"},
	    {"\"a\": {\"sub\": 1}", WRONG, "2:14",
		"\"users.map.a.sub\" must be a string, true"},
	    {"\"a\": {\"sub\": null}", WRONG, "2:14", "must be a string"},
	    {"\"a\": {\"sub\": [\"1\"]}", WRONG, "2:14", "must be a string"},
	    {"\"a\": {\"sub\": \"\"}", WRONG, "2:14", "must not be empty"},
	    {"\"a\": {\"\": \"1\"}", WRONG, "2:7", "a claim without a name"},
	    {"\"a\": {\"sub\": \"1\", \"login\": \"\"}", WRONG, "2:28", "must not be empty"},
	    {"\"a\": {\"sub\": \"1\", \"login\": true}", WRONG, "2:28", "must be a string"},
	    {"\"a\": {\"sub\": \"1\", \"login\": \"a\\u0001\"}", WRONG, "2:28", "control"},
	    {"\"\": {\"sub\": \"1\"}", WRONG, "2:1", "\"users.map.\" is no local user name"},
	    {"\"-a\": {\"sub\": \"1\"}", WRONG, "2:1", "no local user name"},
	    {"\"a:b\": {\"sub\": \"1\"}", WRONG, "2:1", "no local user name"},
	    {"\"a b\": {\"sub\": \"1\"}", WRONG, "2:1", "no local user name"},
	    {"\"a/b\": {\"sub\": \"1\"}", WRONG, "2:1", "no local user name"},
	    {"\"A.b-c_d$\": {\"sub\": \"1\"}", 0, NULL, NULL},
	    {"\"a\": {\"sub\": \"1\"}, \"b\": {\"sub\": \"2\"}", 0, NULL, NULL},
	    {"\"a\": {\"sub\": \"1\"}, \"b\": {\"sub\": \"1\"}", WRONG, "2:20",
		"\"users.map.b\" has the same conditions as \"a\""},
	    {"\"a\": {\"sub\": \"1\", \"login\": \"x\"}, \"b\": {\"login\": \"y\", \"sub\": "
	     "\"1\"}",
		WRONG, "2:34", "same conditions"},
	    {"\"a\": {\"sub\": \"1\", \"x\": true}, \"b\": {\"x\": true, \"sub\": \"1\"}",
		WRONG, "2:31", "same conditions"},
	    {"\"a\": {\"sub\": \"1\", \"x\": true}, \"b\": {\"x\": false, \"sub\": \"1\"}", 0,
		NULL, NULL},
	    {"\"a\": {\"sub\": \"1\"}, \"b\": {\"x\": true, \"sub\": \"1\"}", WRONG, "2:20",
		"\"users.map.b\" can be the same person as \"a\""},
	    {"\"a\": {\"sub\": \"1\", \"x\": \"u\"}, \"b\": {\"y\": \"v\", \"sub\": \"1\", "
	     "\"login\": \"w\"}",
		WRONG, "2:30", "the same person as \"a\""},
	    {"\"a\": {\"sub\": \"1\", \"login\": \"v\"}, \"b\": {\"sub\": \"1\", \"x\": "
	     "true, \"login\": \"w\"}",
		WRONG, "2:34", "the same person as \"a\""},
	    {"\"c\": {\"sub\": \"2\"}, \"a\": {\"sub\": \"1\", \"x\": \"true\"}, \"b\": "
	     "{\"sub\": \"1\", \"x\": true}, \"d\": {\"x\": true}",
		0, NULL, NULL},
	    {"\"a\": {\"sub\": \"1\", \"x\": true}, \"b\": {\"sub\": \"1\", \"x\": false}, "
	     "\"c\": {\"sub\": \"1\", \"y\": true}",
		WRONG, "2:62", "\"users.map.c\" can be the same person as \"a\""},
	};
	char *name256 = mint_text("\"%0256d\": {\"sub\": \"1\"}", 0);
	char *name257 = mint_text("\"%0257d\": {\"sub\": \"1\"}", 0);
	const struct config_row longest = {name256, 0, NULL, NULL};
	const struct config_row longer = {name257, WRONG, "2:1", "1 to 256 bytes"};
	const struct config_row most = {login128, 0, NULL, NULL};
	const struct config_row more = {login129, WRONG, "2:28", "longer than 128 characters"};
	(void)state;
	ROWS("{" CLOUD ", \"users\": {\"map\": {", rows, "}}}");
	config_check_row("{" CLOUD ", \"users\": {\"map\": {", &most, "}}}");
	config_check_row("{" CLOUD ", \"users\": {\"map\": {", &more, "}}}");
	config_check_row("{" CLOUD ", \"users\": {\"map\": {", &longest, "}}}");
	config_check_row("{" CLOUD ", \"users\": {\"map\": {", &longer, "}}}");
	free(name256);
	free(name257);
	free(login128);
	free(login129);
}

static void map_entries_are_found_by_exact_bytes(void **state)
{
	struct config *config = config_load(
	    "{" CLOUD
	    ", \"users\": {\"map\": {\"alice\": {\"sub\": \"1\", \"login\": \"a@b\"}, "
	    "\"bob\": {\"sub\": \"2\"}}}}");
	const struct config_map_entry *alice = config_map_find(config, "alice");
	(void)state;
	assert_non_null(alice);
	assert_string_equal(alice->local_name, "alice");
	assert_string_equal(alice->login, "a@b");
	assert_string_equal(json_member_string(alice->conditions, "sub"), "1");
	assert_null(config_map_find(config, "bob")->login);
	assert_null(config_map_find(config, "Alice"));
	assert_null(config_map_find(config, "alic"));
	assert_null(config_map_find(config, ""));
	config_free(config);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(map_entries),
	    cmocka_unit_test(map_entries_are_found_by_exact_bytes),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
