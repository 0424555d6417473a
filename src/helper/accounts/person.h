/* SPDX-License-Identifier: MIT
 *
 * One user of an export. Private to this folder.
 */
#ifndef HELPER_ACCOUNTS_PERSON_H
#define HELPER_ACCOUNTS_PERSON_H

struct accounts_settings;
struct config;
struct export_person;
struct json;

/* Fills an empty person from the document of one user. Returns what is wrong with it (static
 * text), or NULL; *r is RESULT_MEMORY when that ran out. person_free() in any case. */
const char *person_read(const struct config *, const struct accounts_settings *,
    const struct json *, struct export_person *, int *r);
void person_free(struct export_person *);

#endif
