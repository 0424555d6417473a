/* SPDX-License-Identifier: MIT
 *
 * What another program says of the host (sshd -T, cvtsudoers): the only file of the command
 * that starts one. The helper is started by module/spawn.c.
 */
#ifndef CLI_PROGRAM_H
#define CLI_PROGRAM_H

#include <stddef.h>

struct buffer;

#define PROGRAM_OUTPUT_MAX (512u * 1024) /* sudoers of a large site, as JSON */

/* Runs argv[0], an absolute path of a file that root alone can change, without a shell, with
 * an empty environment, /dev/null as its input, and 10 seconds. out gets what it writes to
 * standard output; why, of size bytes, the first line of its standard error, or ours.
 * Returns its exit status, or -1 when it was not there, not trusted, killed or too slow. */
int program_run(char *const argv[], struct buffer *out, char *why, size_t size);

#endif
