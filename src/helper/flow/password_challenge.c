/* SPDX-License-Identifier: MIT */
#include "helper/flow/password_challenge.h"

#include <openssl/rand.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "common/result.h"
#include "common/sentence.h"
#include "helper/flow/challenge.h"
#include "helper/flow/flow.h"
#include "helper/flow/srp.h"
#include "helper/config/config.h"

#define APPENDED 6 /* digits; what authenticator apps show */

void password_challenge_split(struct challenge *c)
{
	struct buffer *p = c->password;
	if (!c->flow->config->otp_append || p->len <= APPENDED)
		return;
	const char *tail = p->bytes + p->len - APPENDED;
	if (strspn(tail, "0123456789") != APPENDED)
		return;
	snprintf(c->appended, sizeof(c->appended), "%s", tail);
	explicit_bzero(p->bytes + p->len - APPENDED, APPENDED);
	p->len -= APPENDED;
}

int password_challenge_prompt(const struct challenge *c)
{
	return prompt_ask(
	    &c->flow->channel, c->again ? ASK_PASSWORD_AGAIN : ASK_PASSWORD, c->prompt);
}

int password_challenge_ask(struct challenge *c)
{
	if (c->password->len > 0)
		return 0;
	int r = password_challenge_prompt(c);
	if (r == 0)
		r = prompt_answer(&c->flow->channel, c->password, &c->typed);
	if (r == 0 && c->password->len == 0)
		r = RESULT_PASSWORD_EMPTY;
	if (r != 0)
		return flow_failed(c->flow, r, "password");
	password_challenge_split(c);
	return 0;
}

int password_challenge_prepare(struct challenge *c)
{
	unsigned char secret[SRP_SECRET_BYTES];
	if (c->srp != NULL)
		return 0;
	int r = RAND_priv_bytes(secret, sizeof(secret)) == 1 ? 0 : RESULT_MEMORY;
	if (r == 0)
		r = srp_new(secret, sizeof(secret), &c->srp);
	explicit_bzero(secret, sizeof(secret));
	return r;
}

static int sign(const struct challenge *c, const char *timestamp, char *signature)
{
	const struct srp_challenge s = {
	    .pool_name = c->flow->config->pool_name,
	    .user_id = challenge_parameter(c, "USER_ID_FOR_SRP"),
	    .password = buffer_text(c->password),
	    .salt = challenge_parameter(c, "SALT"),
	    .server_public = challenge_parameter(c, "SRP_B"),
	    .secret_block = challenge_parameter(c, "SECRET_BLOCK"),
	    .timestamp = timestamp,
	};
	if (s.pool_name == NULL || s.user_id == NULL || s.salt == NULL ||
	    s.server_public == NULL || s.secret_block == NULL)
		return RESULT_ANSWER;
	return srp_sign(c->srp, &s, signature);
}

int password_challenge_verifier(struct challenge *c)
{
	char timestamp[SRP_TIMESTAMP_MAX], signature[SRP_SIGNATURE_MAX];
	struct buffer body = BUFFER_INIT(CHALLENGE_BODY_MAX);
	if (c->srp == NULL || c->password->len == 0)
		return flow_failed(c->flow, RESULT_CHALLENGE, c->name);
	srp_timestamp((long long)time(NULL), timestamp);
	int r = sign(c, timestamp, signature);
	if (r != 0)
		return flow_failed(c->flow, r, c->name);
	r = challenge_open_response(c, &body);
	if (r == 0)
		r = challenge_append(&body, "PASSWORD_CLAIM_SIGNATURE", signature);
	if (r == 0)
		r = challenge_append(&body, "PASSWORD_CLAIM_SECRET_BLOCK",
		    challenge_parameter(c, "SECRET_BLOCK"));
	if (r == 0)
		r = challenge_append(&body, "TIMESTAMP", timestamp);
	if (r == 0)
		r = challenge_respond(c, &body);
	buffer_wipe(&body);
	c->factor_proven = c->factor_proven || r == 0;
	return r == 0 ? 0 : flow_failed(c->flow, r, "PASSWORD_VERIFIER");
}

int password_challenge_plain(struct challenge *c)
{
	struct buffer body = BUFFER_INIT(CHALLENGE_BODY_MAX);
	int r = password_challenge_ask(c);
	if (r == 0)
		r = challenge_open_response(c, &body);
	if (r == 0)
		r = challenge_append(&body, "PASSWORD", buffer_text(c->password));
	if (r == 0)
		r = challenge_respond(c, &body);
	buffer_wipe(&body);
	c->factor_proven = c->factor_proven || r == 0;
	return r == 0 ? 0 : flow_failed(c->flow, r, "PASSWORD");
}

/* The password is asked for first: the challenge that follows waits only for seconds. */
int password_challenge_srp(struct challenge *c)
{
	struct buffer body = BUFFER_INIT(CHALLENGE_BODY_MAX);
	int r = password_challenge_ask(c);
	if (r == 0)
		r = password_challenge_prepare(c);
	if (r == 0)
		r = challenge_open_response(c, &body);
	if (r == 0)
		r = challenge_append(&body, "SRP_A", srp_public(c->srp));
	if (r == 0)
		r = challenge_respond(c, &body);
	buffer_wipe(&body);
	return r == 0 ? 0 : flow_failed(c->flow, r, "PASSWORD_SRP");
}
