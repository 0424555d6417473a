/* SPDX-License-Identifier: MIT
 *
 * The helper: does what is dangerous to do inside sshd or sudo - network, TLS, parsing -
 * in its own process, without privileges, with an empty environment. It speaks only to one
 * module, which started it or connected to the warm helper, serves one request, and exits.
 */
#include <signal.h>
#include <stdio.h>
#include <sys/socket.h>
#include <unistd.h>

#include "common/buffer.h"
#include "common/clock.h"
#include "common/message.h"
#include "common/paths.h"
#include "common/result.h"
#include "common/text.h"
#include "helper/confine.h"
#include "helper/net/http.h"
#include "helper/outcome.h"
#include "helper/rehearsal.h"
#include "helper/service.h"
#include "helper/signin.h"

#define REQUEST_MS 5000 /* the module sends it at once */

static bool is_socket(int fd)
{
	int type = 0;
	socklen_t len = sizeof(type);
	return getsockopt(fd, SOL_SOCKET, SO_TYPE, &type, &len) == 0;
}

static int serve(const struct rehearsal *made, struct outcome *o)
{
	const char *hello[HELLO_FIELDS] = {
	    [HELLO_VERSION] = MESSAGE_VERSION,
	    [HELLO_BUILD] = paths.build_id,
	    [HELLO_SANDBOX] = HELLO_CONFINED,
	};
	struct buffer in = BUFFER_INIT(FRAME_REQUEST_MAX);
	struct frame f;
	int64_t deadline = clock_ms() + REQUEST_MS;
	int r = frame_send_texts(MODULE_SOCKET, FRAME_HELLO, hello, HELLO_FIELDS, deadline);
	if (r == 0)
		r = frame_receive(MODULE_SOCKET, &in, &f, deadline);
	o->result = r == 0 ? signin_run(MODULE_SOCKET, &f, made, o) : r;
	buffer_wipe(&in);
	int sent = outcome_send(MODULE_SOCKET, o);
	outcome_free(o);
	return sent;
}

/* The module waits for this end. What libraries do at exit would take milliseconds, and their
 * memory goes with the process; a sanitizer looks for leaks there. */
static int leave(int status)
{
	if (!paths.sanitized)
		_exit(status);
	return status;
}

/* Confined or not, the module is told; a helper that is not confined reads nothing. */
static int answer(const struct rehearsal *made, struct outcome *o)
{
	if (o->result == 0)
		return serve(made, o) == 0 ? 0 : 1;
	outcome_send(MODULE_SOCKET, o);
	return 1;
}

static int serve_module(void)
{
	const struct rehearsal nothing = {.filter = NULL};
	struct outcome o;
	outcome_begin(&o);
	o.result = confine(&o.reason);
	if (o.result == 0 && !http_load())
		return 1;
	return answer(&nothing, &o);
}

static int serve_as_child(const struct rehearsal *made)
{
	struct outcome o;
	outcome_begin(&o);
	o.result = confine_child(&o.reason);
	return answer(made, &o);
}

int main(int argc, char **argv)
{
	/* A TLS library may write to a connection that the server has closed. */
	signal(SIGPIPE, SIG_IGN);
	if (argc == 2 && streq(argv[1], "--serve"))
		return leave(service_run(serve_as_child));
	if (!is_socket(MODULE_SOCKET)) {
		fputs("This program is started by pam_cognito_oidc.so and serves it alone.\n",
		    stderr);
		return 2;
	}
	return leave(serve_module());
}
