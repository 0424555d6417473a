/* SPDX-License-Identifier: MIT
 *
 * MFA_SETUP: the person gets an authenticator code of their own, once.
 */
#ifndef HELPER_FLOW_MFA_SETUP_H
#define HELPER_FLOW_MFA_SETUP_H

struct challenge;

/* AssociateSoftwareToken, shows the secret as text and as a QR code of its otpauth: URI,
 * VerifySoftwareToken, then goes on. A second factor that was set up in this login is no
 * evidence of one: whoever had the password chose it. Returns 0 or a result code with the
 * flow's detail set. */
int mfa_setup(struct challenge *);

#endif
