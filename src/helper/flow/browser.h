/* SPDX-License-Identifier: MIT
 *
 * The browser flow: authorization code with PKCE (RFC 6749 section 4.1, RFC 7636, OpenID
 * Connect Core 3.1). The person opens an address on whatever machine they sit at, signs in
 * there, and pastes back what the browser ends at. No server listens anywhere.
 */
#ifndef HELPER_FLOW_BROWSER_H
#define HELPER_FLOW_BROWSER_H

struct flow;
struct flow_request;
struct keys;

/* Shows the address, fetches keys meanwhile, takes what is pasted and exchanges the code.
 * On 0 the flow holds the tokens, not verified yet, and the nonce that they must have.
 * Returns 0 or a result code with the flow's detail set. */
int browser_run(struct flow *, struct keys *, const struct flow_request *);

#endif
