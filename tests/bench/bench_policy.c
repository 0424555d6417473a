/* SPDX-License-Identifier: MIT
 *
 * What a decision costs: so many rules that read groups and services, none of which decides
 * before the last, for a person in so many groups. Medians in microseconds. Exits 1 when
 * 100 groups and 1,000 rules take more than a millisecond, or twice as many of either more
 * than twice as long.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "common/buffer.h"
#include "common/result.h"
#include "helper/policy/config.h"
#include "helper/policy/question.h"
#include "helper/policy/verdict.h"
#include "helper/token/claims.h"
#include "helper/token/claims_make.h"

#define BATCHES 41
#define BATCH 20
#define MOST_US 1000.0
#define NOISE 1.05 /* beside the factor of two */

static double now_us(void)
{
	struct timespec now;
	clock_gettime(CLOCK_MONOTONIC, &now);
	return (double)now.tv_sec * 1e6 + (double)now.tv_nsec / 1e3;
}

static int order(const void *a, const void *b)
{
	const double *x = a, *y = b;
	return (*x > *y) - (*x < *y);
}

/* As many kinds as a file has: by group, by group and service, and every tenth denies. */
static struct config *make_config(int rules)
{
	struct buffer text = BUFFER_INIT(CONFIG_TEXT_MAX);
	struct config *config = NULL;
	struct config_fault fault;
	buffer_append_text(&text, "{\"config\":{\"client_id\":\"c\",\"certs_url\":\"https://"
				  "cognito-idp.eu-west-1.amazonaws.com/eu-west-1_A/.well-known/"
				  "jwks.json\"},\"rules\":[");
	for (int i = 0; i + 1 < rules; i++)
		buffer_append_format(&text, "{\"groups\":[\"r%d\"]%s},", i,
		    i % 10 == 0  ? ",\"effect\":\"deny\""
		    : i % 4 == 1 ? ",\"services\":[\"s*\"]"
				 : "");
	buffer_append_text(&text, "{\"anyone\":true}]}");
	if (config_parse("bench", buffer_text(&text), text.len, &config, &fault) != 0) {
		fprintf(stderr, "%s\n", fault.text);
		exit(1);
	}
	buffer_wipe(&text);
	return config;
}

static struct claims *make_claims(int groups)
{
	struct buffer text = BUFFER_INIT(48u * 1024);
	struct claims *claims = NULL;
	buffer_append_text(&text, "{\"cognito:username\":\"alice\",\"cognito:groups\":[");
	for (int i = 0; i < groups; i++)
		buffer_append_format(
		    &text, "%s\"team-%d-of-the-house\"", i > 0 ? "," : "", i * 7919 % 10007);
	buffer_append_text(&text, "]}");
	if (claims_make(buffer_text(&text), text.len, &claims) != 0)
		exit(1);
	buffer_wipe(&text);
	return claims;
}

static double measure(int groups, int rules)
{
	static const struct question question = {
	    .user = "alice", .service = "sshd", .host = "web-1", .now = 1764000000};
	struct config *config = make_config(rules);
	struct claims *claims = make_claims(groups);
	double took[BATCHES];
	for (int i = 0; i < BATCHES; i++) {
		double start = now_us();
		for (int j = 0; j < BATCH; j++) {
			struct verdict verdict;
			verdict_decide(config, claims, &question, &verdict);
			if (verdict.result != RESULT_ALLOWED)
				exit(1);
		}
		took[i] = (now_us() - start) / BATCH;
	}
	qsort(took, BATCHES, sizeof(took[0]), order);
	claims_free(claims);
	config_free(config);
	return took[BATCHES / 2];
}

int main(void)
{
	static const struct {
		int groups, rules;
	} sizes[] = {{100, 1000}, {200, 1000}, {400, 1000}, {100, 500}, {100, 2000}, {1, 1}};
	double us[sizeof(sizes) / sizeof(sizes[0])];
	for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
		us[i] = measure(sizes[i].groups, sizes[i].rules);
		printf(
		    "%4d groups %5d rules %9.1f us\n", sizes[i].groups, sizes[i].rules, us[i]);
	}
	printf("twice the groups: %.2f, %.2f; twice the rules: %.2f, %.2f\n", us[1] / us[0],
	    us[2] / us[1], us[0] / us[3], us[4] / us[0]);
	bool good = us[0] <= MOST_US && us[1] <= 2 * NOISE * us[0] &&
		    us[2] <= 2 * NOISE * us[1] && us[0] <= 2 * NOISE * us[3] &&
		    us[4] <= 2 * NOISE * us[0];
	printf("%s\n", good ? "ok" : "too slow");
	return good ? 0 : 1;
}
