/* SPDX-License-Identifier: MIT */
#include "helper/flow/flow.h"

#include <stdio.h>
#include <string.h>

#include "common/text.h"

int flow_failed(struct flow *flow, int result, const char *step)
{
	char shown[64] = "";
	/* The first to fail knows best. */
	if (flow->detail[0] != '\0')
		return result;
	/* A step may be the name of a challenge, in the service's words. */
	if (step != NULL)
		text_printable(step, strlen(step), shown, sizeof(shown));
	const struct api_error *e = &flow->error;
	snprintf(flow->detail, sizeof(flow->detail), "%s%s%s%s%s", shown,
	    e->type[0] != '\0' ? ": " : "", e->type, e->message[0] != '\0' ? ": " : "",
	    e->message);
	return result;
}

void flow_forget(struct flow *flow)
{
	flow->detail[0] = flow->message[0] = '\0';
	flow->error = (struct api_error){"", ""};
}
