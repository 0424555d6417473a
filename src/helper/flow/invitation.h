/* SPDX-License-Identifier: MIT
 *
 * What sends a person to a browser: the QR code of an address, who asks for a sign-in, for
 * whom and from where, what to do, and the warning. One text, so that it can be one
 * message: sshd holds back whatever comes before a question.
 */
#ifndef HELPER_FLOW_INVITATION_H
#define HELPER_FLOW_INVITATION_H

struct buffer;
struct flow;
struct flow_request;

/* Appends the text: it begins with a newline, and question is its end. link goes into the
 * QR code, which is left out where it does not fit beside the words; steps, one line or
 * more, and question are printable. Returns 0, RESULT_TOO_LARGE (the words alone are more
 * than out takes) or RESULT_MEMORY. */
int invitation_write(const struct flow *, const struct flow_request *, const char *link,
    const char *steps, const char *question, struct buffer *out);

#endif
