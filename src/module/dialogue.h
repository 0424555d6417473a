/* SPDX-License-Identifier: MIT
 *
 * The module's half of the protocol: sends the REQUEST and serves the helper's frames until
 * its RESULT.
 */
#ifndef MODULE_DIALOGUE_H
#define MODULE_DIALOGUE_H

struct buffer;
struct helper;
struct transaction;

/* config is the file's content. Returns the helper's verdict (RESULT_ALLOWED only with a
 * sub; RESULT_DONE when the purpose was not a login), or why there is none; never 0. Fills the
 * transaction's detail, message, sub, rule and flow. */
int dialogue_run(struct transaction *, const struct helper *, const struct buffer *config);

#endif
