/* SPDX-License-Identifier: MIT */
#include "helper/policy/evidence.h"

#include "helper/config/config.h"
#include "helper/json/json.h"
#include "helper/policy/subject.h"
#include "helper/token/claims.h"

/* OpenID Connect says it in amr, Cognito in acr too. */
bool evidence_claims_mfa(const struct config *config, const struct claims *claims)
{
	const struct cJSON *amr = claims_get(claims, "amr");
	const char *acr = claims_text(claims, "acr");
	return (acr != NULL && config_list_has(&config->mfa_acr, acr)) ||
	       (subject_is_readable(amr) && subject_value_is(amr, "mfa", true));
}

struct evidence evidence_of(
    const struct config *config, const struct claims *claims, bool answered)
{
	struct evidence e = {-1, answered};
	claims_integer(claims, "auth_time", &e.auth_time);
	if (claims_get(claims, "amr") != NULL || claims_get(claims, "acr") != NULL)
		e.mfa = evidence_claims_mfa(config, claims);
	return e;
}

struct evidence evidence_refreshed(
    struct evidence e, const struct config *config, const struct claims *refreshed)
{
	struct evidence now = evidence_of(config, refreshed, e.mfa);
	if (now.auth_time >= 0 && now.auth_time < e.auth_time)
		e.auth_time = now.auth_time;
	e.mfa = e.mfa && now.mfa;
	return e;
}
