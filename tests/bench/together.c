/* SPDX-License-Identifier: MIT
 *
 * together COUNT STDIN COMMAND...: runs the command so many times at once, each with that file
 * as its standard input. Prints the milliseconds from the start of all to the end of the last,
 * the processor time of all and their descendants in ms, and how many failed.
 */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define COUNT_MAX 1000 /* five times as many as any row */

static double now_ms(void)
{
	struct timespec now;
	clock_gettime(CLOCK_MONOTONIC, &now);
	return (double)now.tv_sec * 1e3 + (double)now.tv_nsec / 1e6;
}

static double ms(struct timeval t)
{
	return (double)t.tv_sec * 1e3 + (double)t.tv_usec / 1e3;
}

/* The child: begins when the gate's other end is closed. */
static void run(int gate, const char *input, char *const command[])
{
	char byte;
	int in = open(input, O_RDONLY | O_CLOEXEC), out = open("/dev/null", O_WRONLY);
	/* The kernel shares processors fairly between sessions: each has one, as on a terminal.
	 */
	setsid();
	if (in < 0 || out < 0 || dup2(in, 0) != 0 || dup2(out, 1) != 1 || dup2(out, 2) != 2)
		_exit(126);
	if (read(gate, &byte, 1) != 0)
		_exit(126);
	execvp(command[0], command);
	_exit(127);
}

int main(int argc, char **argv)
{
	int gate[2], failed = 0, status;
	long count = argc > 3 ? strtol(argv[1], NULL, 10) : 0;
	struct rusage used;
	if (count < 1 || count > COUNT_MAX || pipe2(gate, O_CLOEXEC) != 0)
		return 2;
	for (long i = 0; i < count; i++) {
		pid_t child = fork();
		if (child < 0)
			return 2;
		if (child == 0) {
			close(gate[1]);
			run(gate[0], argv[2], argv + 3);
		}
	}
	double start = now_ms();
	close(gate[1]);
	while (wait(&status) > 0)
		failed += status != 0;
	double took = now_ms() - start;
	getrusage(RUSAGE_CHILDREN, &used);
	printf("%.3f %.3f %d\n", took, ms(used.ru_utime) + ms(used.ru_stime), failed);
	return 0;
}
