/* SPDX-License-Identifier: MIT */
#include "helper/accounts/date.h"

#include <string.h>
#include <time.h>

#include "helper/json/json.h"

static bool take_digits(const char **at, const char *end, int count, long *out)
{
	*out = 0;
	for (int i = 0; i < count; i++, (*at)++) {
		if (*at == end || **at < '0' || **at > '9')
			return false;
		*out = *out * 10 + (**at - '0');
	}
	return true;
}

/* Of a fraction the first three digits; the rest is skipped. */
static bool take_fraction(const char **at, const char *end, int64_t *ms)
{
	int digits = 0;
	*ms = 0;
	if (*at == end || **at != '.')
		return true;
	for ((*at)++; *at < end && **at >= '0' && **at <= '9'; (*at)++, digits++)
		if (digits < 3)
			*ms = *ms * 10 + (**at - '0');
	for (int i = digits; i < 3; i++)
		*ms *= 10;
	return digits > 0;
}

static bool read_epoch(const char *at, const char *end, int64_t *ms)
{
	int64_t seconds = 0, fraction = 0;
	int digits = 0;
	for (; at < end && *at >= '0' && *at <= '9' && digits < 12; at++, digits++)
		seconds = seconds * 10 + (*at - '0');
	if (digits == 0 || !take_fraction(&at, end, &fraction) || at != end)
		return false;
	*ms = seconds * 1000 + fraction;
	return true;
}

/* "Z", "+hh:mm" or "-hh:mm"; seconds east of Greenwich. */
static bool take_zone(const char **at, const char *end, long *east)
{
	long hours = 0, minutes = 0;
	*east = 0;
	if (*at < end && **at == 'Z') {
		(*at)++;
		return true;
	}
	if (*at == end || (**at != '+' && **at != '-'))
		return false;
	bool is_west = *(*at)++ == '-';
	if (!take_digits(at, end, 2, &hours) || *at == end || *(*at)++ != ':' ||
	    !take_digits(at, end, 2, &minutes) || hours > 14 || minutes > 59)
		return false;
	*east = (is_west ? -60 : 60) * (hours * 60 + minutes);
	return true;
}

bool date_read(const char *text, size_t len, int64_t *ms)
{
	static const char between[] = "--T::";
	const char *at = text, *end = text + len;
	long part[6] = {0}, east = 0;
	int64_t fraction = 0;
	if (len < 5 || text[4] != '-')
		return read_epoch(at, end, ms);
	for (int i = 0; i < 6; i++) {
		if (i > 0 && (at == end || *at++ != between[i - 1]))
			return false;
		if (!take_digits(&at, end, i == 0 ? 4 : 2, &part[i]))
			return false;
	}
	if (!take_fraction(&at, end, &fraction) || !take_zone(&at, end, &east) || at != end ||
	    part[0] < 1970 || part[1] < 1 || part[1] > 12 || part[2] < 1 || part[2] > 31 ||
	    part[3] > 23 || part[4] > 59 || part[5] > 60)
		return false;
	struct tm tm = {.tm_year = (int)part[0] - 1900,
	    .tm_mon = (int)part[1] - 1,
	    .tm_mday = (int)part[2],
	    .tm_hour = (int)part[3],
	    .tm_min = (int)part[4],
	    .tm_sec = (int)part[5]};
	*ms = ((int64_t)timegm(&tm) - east) * 1000 + fraction;
	return true;
}

bool date_read_value(const struct json *document, const struct cJSON *value, int64_t *ms)
{
	struct scan_slice raw;
	const char *text = json_string(value);
	if (text != NULL)
		return date_read(text, strlen(text), ms);
	return json_type(value) == JSON_NUMBER && json_raw(document, value, &raw, NULL) &&
	       read_epoch(raw.bytes, raw.bytes + raw.len, ms);
}
