/* SPDX-License-Identifier: MIT
 *
 * The challenges that ask which way: which first factor, which second one.
 */
#ifndef HELPER_FLOW_SELECT_H
#define HELPER_FLOW_SELECT_H

struct challenge;

/* Each answers its challenge; returns 0 or a result code with the flow's detail set. What
 * a terminal cannot do is not offered; when nothing else is there, RESULT_CHALLENGE. */
int select_mfa_type(struct challenge *); /* SELECT_MFA_TYPE */
int select_challenge(struct challenge *); /* SELECT_CHALLENGE */

#endif
