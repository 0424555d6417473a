/* SPDX-License-Identifier: MIT
 *
 * A fleet against a pool's quota, in simulated time: 1,000 hosts recheck at 120 requests a
 * second, and what is over that is answered with TooManyRequests. The waits are the helper's
 * own (backoff.c). Prints a table, writes a picture, and fails when an aim is missed.
 */
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>

#include "helper/net/backoff.h"

#define HOSTS 1000
#define QUOTA 120 /* requests in any second that begins whole */
#define TIMEOUT_MS 100000 /* timeout= */
#define LAST_WORD_MS 300 /* http.c */
#define ANSWER_MS 100
#define SECONDS (TIMEOUT_MS / 1000 + 11)
#define RUNS 200
#define LATE_MS 16700 /* twice what an ideal fleet would need */

struct fleet {
	int done[SECONDS]; /* hosts, by the second of their yes */
	long requests;
	int refused, late;
};

static unsigned next_random(unsigned *state)
{
	*state ^= *state << 13;
	*state ^= *state >> 17;
	*state ^= *state << 5;
	return *state;
}

/* Hosts whose next request is due, in the order of time: one list for each millisecond. */
struct host {
	int next, begun, sent;
};

static void run(int spread_ms, unsigned seed, struct fleet *out)
{
	static int due[SECONDS * 1000];
	static struct host hosts[HOSTS];
	int used[SECONDS] = {0};
	for (int i = 0; i < SECONDS * 1000; i++)
		due[i] = -1;
	for (int i = 0; i < HOSTS; i++) {
		int at = spread_ms > 0 ? (int)(next_random(&seed) % (unsigned)spread_ms) : 0;
		hosts[i] = (struct host){.next = due[at], .begun = at};
		due[at] = i;
	}
	for (int now = 0; now < SECONDS * 1000; now++)
		for (int i = due[now], next; i >= 0; i = next) {
			struct host *h = &hosts[i];
			next = h->next;
			out->requests++;
			if (used[now / 1000]++ < QUOTA) {
				out->done[now / 1000]++;
				out->late += now - h->begun > LATE_MS;
				continue;
			}
			int heard = now + ANSWER_MS;
			int left = h->begun + TIMEOUT_MS - LAST_WORD_MS - heard;
			if (h->sent == BACKOFF_REPEATS_MOST || left <= 0) {
				out->refused++;
				continue;
			}
			int at = heard + backoff_ms(BACKOFF_THROTTLE, h->sent++, left,
					     next_random(&seed));
			h->next = due[at];
			due[at] = i;
		}
}

static void draw(FILE *f, const struct fleet *once, const struct fleet *spread)
{
	fprintf(f, "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"640\" height=\"260\" "
		   "font-family=\"sans-serif\" font-size=\"12\">\n"
		   "<rect width=\"640\" height=\"260\" fill=\"white\"/>\n"
		   "<path d=\"M50 20V220H620\" fill=\"none\" stroke=\"black\"/>\n");
	const struct fleet *fleets[] = {once, spread};
	static const char *const colours[] = {"#c0392b", "#2471a3"};
	for (int k = 0; k < 2; k++) {
		double sum = 0;
		fprintf(f,
		    "<polyline fill=\"none\" stroke-width=\"2\" stroke=\"%s\" points=\"50,220",
		    colours[k]);
		for (int s = 0; s < 20; s++) {
			sum += (double)fleets[k]->done[s] / RUNS;
			fprintf(f, " %d,%.1f", 50 + (s + 1) * 28, 220 - sum / HOSTS * 200);
		}
		fprintf(f, "\"/>\n");
	}
	fprintf(f,
	    "<text x=\"300\" y=\"250\">seconds</text><text x=\"44\" y=\"236\">0</text>"
	    "<text x=\"603\" y=\"236\">20</text><text x=\"8\" y=\"25\">1000</text>\n"
	    "<text x=\"300\" y=\"150\" fill=\"%s\">all hosts at once</text>\n"
	    "<text x=\"300\" y=\"170\" fill=\"%s\">spread over 10 seconds</text>\n</svg>\n",
	    colours[0], colours[1]);
}

static int check(const char *what, double value, double aim)
{
	bool is_met = value <= aim;
	printf("| %s | %.3f | <= %.3f |%s\n", what, value, aim, is_met ? "" : " missed");
	return !is_met;
}

int main(int argc, char **argv)
{
	static struct fleet once, spread;
	for (unsigned i = 1; i <= RUNS; i++) {
		run(0, i * 2654435761u, &once);
		run(10000, i * 2246822519u, &spread);
	}
	const double all = (double)HOSTS * RUNS;
	int missed =
	    check("spread over 10 s: requests a recheck", (double)spread.requests / all, 1.1);
	missed += check("spread over 10 s: refused", spread.refused, 0);
	missed += check("all at once: requests a recheck", (double)once.requests / all, 2.1);
	missed += check(
	    "all at once: not done in 16.7 s", (double)(once.late + once.refused) / all, 0.01);
	missed += check("all at once: refused", once.refused, 0);
	FILE *f = argc > 1 ? fopen(argv[1], "we") : NULL;
	if (f != NULL) {
		draw(f, &once, &spread);
		fclose(f);
	}
	printf("%d passed, %d failed, 0 skipped\n", 5 - missed, missed);
	return missed != 0;
}
