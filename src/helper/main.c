/* SPDX-License-Identifier: MIT
 *
 * The helper: does what is dangerous to do inside sshd or sudo - network, TLS, parsing -
 * in a process of its own, as nobody in particular, with an empty environment. It speaks
 * only to the module that started it, serves one login, and ends.
 */
#include <openssl/crypto.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "common/buffer.h"
#include "common/clock.h"
#include "common/message.h"
#include "common/reason.h"
#include "common/result.h"
#include "helper/confine.h"
#include "helper/signin.h"
#include "helper/outcome.h"

#define SOCKET 0
#define REQUEST_MS 5000 /* the module sends it at once */

static int send_outcome(const struct outcome *o)
{
	char code[16];
	snprintf(code, sizeof(code), "%d", o->result);
	const char *fields[VERDICT_FIELDS] = {
	    [VERDICT_CODE] = code,
	    [VERDICT_MESSAGE] = o->message,
	    [VERDICT_DETAIL] = o->detail,
	    [VERDICT_SUB] = o->sub,
	    [VERDICT_RULE] = o->rule,
	    [VERDICT_FLOW] = o->flow,
	};
	return message_send(
	    SOCKET, FRAME_RESULT, fields, VERDICT_FIELDS, clock_ms() + REQUEST_MS);
}

static bool is_socket(int fd)
{
	int type = 0;
	socklen_t len = sizeof(type);
	return getsockopt(fd, SOL_SOCKET, SO_TYPE, &type, &len) == 0;
}

static int serve(void)
{
	struct buffer in = BUFFER_INIT(FRAME_MAX);
	struct frame f;
	struct outcome o;
	memset(&o, 0, sizeof(o));
	int r = frame_receive(SOCKET, &in, &f, clock_ms() + REQUEST_MS);
	if (r == 0 && f.type != FRAME_REQUEST)
		r = RESULT_HELPER_FRAME;
	if (r == 0)
		signin_run(SOCKET, &f, &o);
	else
		o.result = r;
	buffer_wipe(&in);
	r = send_outcome(&o);
	explicit_bzero(&o, sizeof(o));
	return r;
}

int main(void)
{
	struct outcome o = {.result = RESULT_CONFINE};
	struct reason reason = {.detail = ""};
	if (!is_socket(SOCKET)) {
		fputs("This program is started by pam_cognito_oidc.so and serves it alone.\n",
		    stderr);
		return 2;
	}
	if (confine(&reason) != 0) {
		snprintf(o.detail, sizeof(o.detail), "%s", reason.detail);
		send_outcome(&o);
		return 1;
	}
	/* A TLS library may write to a connection that the server has closed. */
	signal(SIGPIPE, SIG_IGN);
	/* openssl.cnf may load code; the helper reads no file but CA certificates. */
	if (OPENSSL_init_crypto(OPENSSL_INIT_NO_LOAD_CONFIG, NULL) != 1)
		return 1;
	return serve() == 0 ? 0 : 1;
}
