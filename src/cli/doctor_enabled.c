/* SPDX-License-Identifier: MIT */
#include "cli/doctor.h"
#include "cli/place.h"
#include "cli/trial.h"

void doctor_enabled(struct diagnosis *d)
{
	for (const struct place *p = places; p->name != NULL; p++) {
		const char *fault = place_fault(p);
		if (fault != NULL)
			diagnosis_say(d, DOCTOR_FAIL, FOUND_ENABLED, "%s %s", p->path, fault);
		else if (place_is_known(p))
			diagnosis_say(
			    d, DOCTOR_OK, FOUND_ENABLED, "%s: put in place by enable", p->path);
	}
	if (trial_is_pending())
		diagnosis_say(d, DOCTOR_WARN, FOUND_TRY,
		    "a try is pending: unless it is confirmed, the old files come back");
}
