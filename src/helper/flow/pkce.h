/* SPDX-License-Identifier: MIT
 *
 * Proof Key for Code Exchange, RFC 7636, with the method S256: whoever has the code alone
 * gets no tokens for it.
 */
#ifndef HELPER_FLOW_PKCE_H
#define HELPER_FLOW_PKCE_H

#define PKCE_TEXT_SIZE 44 /* 32 bytes in base64url, and NUL: section 4.1's shortest */

struct pkce {
	char verifier[PKCE_TEXT_SIZE]; /* a secret until the code is exchanged */
	char challenge[PKCE_TEXT_SIZE];
};

/* A fresh pair. Returns 0 or RESULT_MEMORY (no random numbers). */
int pkce_make(struct pkce *);

/* The challenge of any verifier. Returns 0 or RESULT_MEMORY. */
int pkce_challenge(const char *verifier, char challenge[PKCE_TEXT_SIZE]);

#endif
