/* SPDX-License-Identifier: MIT
 *
 * The settings that are in force: given, default or derived. Never the secret.
 */
#ifndef CLI_SETTINGS_H
#define CLI_SETTINGS_H

struct config;
struct output;

void settings_report(struct output *, const struct config *);

#endif
