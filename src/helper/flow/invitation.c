/* SPDX-License-Identifier: MIT */
#include "helper/flow/invitation.h"

#include <string.h>
#include <unistd.h>

#include "common/buffer.h"
#include "common/result.h"
#include "common/sentence.h"
#include "common/text.h"
#include "helper/flow/flow.h"

static void show(const char *in, char *out, size_t size)
{
	text_printable(in, strlen(in), out, size);
}

static int write_words(
    const struct flow_request *v, const char *steps, const char *question, struct buffer *words)
{
	char host[64] = "", user[128], service[64], rhost[128];
	if (gethostname(host, sizeof(host) - 1) != 0 || host[0] == '\0')
		memcpy(host, "this host", sizeof("this host"));
	show(v->user, user, sizeof(user));
	show(v->service, service, sizeof(service));
	show(v->rhost, rhost, sizeof(rhost));
	return buffer_append_format(words, SENTENCE_INVITATION, service, host, user,
	    rhost[0] != '\0' ? " from " : "", rhost, steps, question);
}

int invitation_write(const struct flow *flow, const struct flow_request *v, const char *link,
    const char *steps, const char *question, struct buffer *out)
{
	struct buffer words = BUFFER_INIT(out->max);
	int r = write_words(v, steps, question, &words);
	if (r == 0)
		r = buffer_append_text(out, "\n");
	if (r == 0 && words.len < out->max - out->len) {
		struct buffer code = BUFFER_INIT(out->max - out->len - words.len);
		r = qr_draw(link, flow->qr, &code);
		/* The address is there in letters as well. */
		if (r == 0)
			r = buffer_append_text(out, buffer_text(&code));
		else if (r == RESULT_TOO_LARGE)
			r = 0;
		buffer_wipe(&code);
	}
	if (r == 0)
		r = buffer_append_text(out, buffer_text(&words));
	buffer_wipe(&words);
	return r;
}
