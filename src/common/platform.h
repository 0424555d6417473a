/* SPDX-License-Identifier: MIT
 *
 * Where this can be compiled. The Makefile includes it before everything else: a 32-bit host
 * would get another ticket, other limits and other system call numbers than were tested.
 */
#ifndef COMMON_PLATFORM_H
#define COMMON_PLATFORM_H

/* x32 has long and pointers of 32 bits. */
#if !defined(__linux__) || !defined(__LP64__)
#error "pam_cognito_oidc needs 64-bit Linux"
#endif

#include <features.h>
/* Any header of libc defines it; that one is small. */
#ifndef __GLIBC__
#error "pam_cognito_oidc needs glibc"
#endif

#endif
