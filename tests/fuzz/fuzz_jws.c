/* SPDX-License-Identifier: MIT
 *
 * Forgery: the key set is fixed and its private key is gone, so exactly the two tokens
 * below may ever verify, byte for byte; both are seeds.
 */
#include <string.h>

#include "common/buffer.h"
#include "common/result.h"
#include "fuzz.h"
#include "helper/token/claims.h"
#include "helper/token/jwks.h"
#include "helper/token/jwt.h"

static const char keys[] =
    "{\"keys\":["
    "{\"kty\":\"RSA\",\"kid\":\"k/"
    "1=\",\"use\":\"sig\",\"alg\":\"RS256\",\"e\":\"AQAB\",\"n\":\"vX7kqA23r20z"
    "QYBjT8Nh1Vfabew3k1a72To7MdR4FbWuQ4zqYCAI17XhqqQCeeI9jKoQkGsUdSQL_5ZhYboWBgPgQ_Uz"
    "GfbmQslZP6tc2DDMWrer6K6Lz79aY5ZubWBS4ehVEHF0Nw0CszTfA0tyMBQjTnRf6SbXAmlOslutUOne"
    "mqxPH7W1V5l7MMFBYoyjsvFAmDAzGGQtRLDRNejO446xyTIKzGKZ-UEhhrAuNPfimCfFy07OgPw6kXk-"
    "hUpaP8Qhl8kPgTSdYtup-UFTLFwPtOOzWTF9B5UB5E2a-xFJwvxTYBTqYZHFnVnib7wv2nbpOL5oSDb9"
    "dsF5nwgcUQ\"}"
    "]}";

/* {"sub":"alice"} */
static const char good_claims[] =
    "eyJraWQiOiJrXC8xPSIsImFsZyI6IlJTMjU2In0.eyJzdWIiOiJhbGljZSJ9.E5wqHwx5pX-aRLVV1WB"
    "LFsDpKITDyupqHXgHJtp-BF78w9Sa__iddms-dr4wKWSdUWMqM0jAp336iq8nCQhpgNrI7E1um1gV7F5"
    "uddLzJjlZHI7qh-0Vf_iAilmApQiqz5Tng51mTCtT5OyyarVY49fdGzS6RJSPPQPSWn0ZiQ6bR3wgW4b"
    "OETcosz4RaH04-BHYUrRY674mco1biCGBLaHBxvbObqHzsmDtJTSpa2DqrSChvHUpObscJVtPHMobGMY"
    "fcn7tF2BPN6tQJ-8U_zrTj_UNNK9K7LZZ4u_q60lK0HqPJntHU8Rk_V-_cll3NkRGBQBvVR96kNdAKbM"
    "DYA";

/* A payload that is no JSON: good as a JWS, not as a JWT. */
static const char good_bytes[] =
    "eyJhbGciOiJSUzI1NiIsImtpZCI6ImsvMT0iLCJ0eXAiOiJKV1QifQ.bm8gSlNPTg.seo3yx53eL1Q-n"
    "OZ2zjaBix0R0y8QvtIk80ysrkUFH_GQYgJpcPUILMsu7DrkG0jn3kj2YNEMYgAz601G3z4XSwjxOPhKj"
    "9HaHQ5oPcYU5zNJ8RObU_UmL-ojztgXWYRerMME6mQPrXsMSY7OGtttAjKUIzjdjInvZLIOeh7Dn9azO"
    "d-mqtoT8dvqax6R1ZJdVoNxZuOKpBycE865z69nUeQCixiNkVeWoTvAMb8BBGow2rHgxkVWEc5F5PnGa"
    "BMpB7GYMUP44ntk3d3pZcmSomfQ3n63pf8C0SeOVes5vUozHdSGSE4lEtupMrGd_H-gOX_qfhIPUpBF_"
    "_QaZnjXw";

static bool is_text(const uint8_t *bytes, size_t len, const char *text)
{
	return len == strlen(text) && memcmp(bytes, text, len) == 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
	/* Kept for the next input; a fuzzer's process has no end to free it at. */
	static struct jwks *set;
	struct buffer payload = BUFFER_INIT(JWT_MAX);
	struct claims *claims = NULL;
	bool is_claims = is_text(bytes, len, good_claims);
	bool is_good = is_claims || is_text(bytes, len, good_bytes);
	if (set == NULL)
		HOLDS(jwks_parse(keys, strlen(keys), &set) == 0);
	int r = jws_verify((const char *)bytes, len, set, true, &payload);
	HOLDS((r == 0) == is_good);
	HOLDS(r == 0 || payload.len == 0);
	buffer_wipe(&payload);
	r = jwt_verify((const char *)bytes, len, set, &claims);
	HOLDS((r == 0) == is_claims && (claims != NULL) == is_claims);
	claims_free(claims);
	return 0;
}
