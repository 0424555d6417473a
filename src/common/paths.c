/* SPDX-License-Identifier: MIT */
#include "common/paths.h"

/* Without the constants, a compiler would name the first of them only. */
#ifndef SYSCONFDIR
#error "the Makefile gives the paths"
#endif

const struct paths paths = {
    .config = SYSCONFDIR "/config.json",
    .helper = LIBEXECDIR "/helper",
    .cache = CACHEDIR,
    .run = RUNDIR,
    .warm_socket = RUNDIR "-helper/socket",
    .state = STATEDIR,
    .userdb = USERDBDIR,
    .samples = SAMPLEDIR,
    .module = PAMDIR "/pam_cognito_oidc.so",
    .modules = PAMDIR,
    .helper_user = HELPER_USER,
    .trusted_uid = TRUSTED_UID,
    .fail_delay = FAIL_DELAY_USEC,
    .sanitized = SANITIZED,
    .service_idle = SERVICE_IDLE,
    .service_age = SERVICE_AGE,
    .service_children = SERVICE_CHILDREN,
    .service_crowd = SERVICE_CROWD,
    .version = VERSION,
    .build_id = BUILD_ID,
};
