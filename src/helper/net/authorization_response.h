/* SPDX-License-Identifier: MIT
 *
 * The authorization response (RFC 6749 section 4.1.2), brought by hand: a person pastes the
 * code, the code and a part of the state as docs/callback.html shows them, or the whole
 * address that the browser landed on. Pure.
 */
#ifndef HELPER_NET_AUTHORIZATION_RESPONSE_H
#define HELPER_NET_AUTHORIZATION_RESPONSE_H

#include "helper/net/cognito_api.h"

#define AUTHORIZATION_PASTED_MAX 500 /* bytes; sudo -S takes 511, and all of it fits a line */
#define AUTHORIZATION_STATE_SHOWN 8 /* characters of the state behind the code's dot */

/* Takes the code out of what was pasted; spaces and quotes around it are forgiven. Only
 * printable ASCII without spaces can be a code. An address must have our state, whole; the
 * eight characters behind a dot must be its first. Returns 0, or RESULT_CANCELLED (nothing),
 * RESULT_ANSWER_LONG, RESULT_AUTHORIZATION_TWICE (the same text two times in a row),
 * RESULT_AUTHORIZATION_FORM (no code in it, or more than one), RESULT_AUTHORIZATION_STATE,
 * RESULT_AUTHORIZATION_ERROR (the address tells an error: error->type and its description,
 * both printable; a state is not asked for then, for nothing is gained by it). code is ""
 * unless 0 is returned. */
int authorization_response_code(const char *pasted, const char *state,
    char code[AUTHORIZATION_PASTED_MAX + 1], struct api_error *error);

#endif
