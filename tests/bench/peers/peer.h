/* SPDX-License-Identifier: MIT
 *
 * A library that verifies ID tokens as we do, with what its users write around it: the key
 * set's text is read, the token's signature verified by the key that it names, and its issuer
 * and client compared. peer.c measures it.
 */
#ifndef TESTS_BENCH_PEER_H
#define TESTS_BENCH_PEER_H

#include <stdbool.h>

struct peer {
	/* From the JWKS, or from the same key in PEM by a library that reads no JWKS. */
	void *(*read_keys)(const char *jwks, const char *pem);
	bool (*verify)(void *keys, const char *token, const char *issuer, const char *client);
	void (*forget_keys)(void *keys);
};

/* Of the library that this program is built with. */
extern const struct peer peer;

#endif
