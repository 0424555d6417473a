/* SPDX-License-Identifier: MIT
 *
 * Runs another program that describes this host (sshd -T, cvtsudoers). The only file of the
 * command that does; the helper is started by module/spawn.c.
 */
#ifndef CLI_PROGRAM_H
#define CLI_PROGRAM_H

struct buffer;
struct reason;

#define PROGRAM_OUTPUT_MAX (512u * 1024) /* sudoers of a large site, as JSON */

/* Runs argv[0], an absolute path of a file that only root can change: without a shell, with an
 * empty environment, /dev/null as its input, for 10 seconds at most. out gets its standard
 * output; the reason's detail is the first line of its standard error, or our own words.
 * Returns its exit status, or -1 if it is missing, not trusted, killed or too slow. */
int program_run(char *const argv[], struct buffer *out, struct reason *);

/* The same with a quarter of an hour, PATH, HOME=/root and one variable more, as NAME=VALUE:
 * AWS's command line reads its settings there, and pages through thousands of people at the
 * pool's rate. */
int program_run_long(char *const argv[], char *variable, struct buffer *out, struct reason *);

#endif
