/* SPDX-License-Identifier: MIT
 *
 * One login, from the module's REQUEST to the verdict: configuration, flow, keys, token,
 * policy.
 */
#ifndef HELPER_LOGIN_H
#define HELPER_LOGIN_H

struct frame;
struct outcome;

/* What is told to the module; texts are printable. */
struct outcome {
	int result; /* RESULT_ALLOWED or why not; never 0 */
	char message[512], detail[512], sub[256], rule[256], flow[16];
};

/* request is a decoded REQUEST frame; fd the socket it came from. */
void login_run(int fd, const struct frame *request, struct outcome *);

#endif
