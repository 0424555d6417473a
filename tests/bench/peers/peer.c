/* SPDX-License-Identifier: MIT
 *
 * peer FOLDER: verifies FOLDER/token with FOLDER/jwks (made by "bench_verify write") and prints
 * medians in microseconds: with the keys read before, and from the key set's text. A library
 * that lets a changed token pass ends the program.
 */
#include "bench/peers/peer.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define BATCHES 11
#define BATCH 50
#define TEXT_MAX 65536

static char token[TEXT_MAX], jwks[TEXT_MAX], pem[TEXT_MAX], issuer[TEXT_MAX], client[TEXT_MAX];

static double now_us(void)
{
	struct timespec now;
	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now); /* others run meanwhile */
	return (double)now.tv_sec * 1e6 + (double)now.tv_nsec / 1e3;
}

static void read_text(const char *folder, const char *name, char text[TEXT_MAX])
{
	char path[4096];
	snprintf(path, sizeof(path), "%s/%s", folder, name);
	FILE *f = fopen(path, "re");
	size_t len = f != NULL ? fread(text, 1, TEXT_MAX - 1, f) : 0;
	if (len == 0) {
		perror(path);
		exit(1);
	}
	text[len] = '\0';
	fclose(f);
}

static void expect(bool is_good, const char *what)
{
	if (is_good)
		return;
	fprintf(stderr, "peer: %s\n", what);
	exit(1);
}

static void *keys_of(const char *text)
{
	void *keys = peer.read_keys(text, pem);
	expect(keys != NULL, "the keys are not read");
	return keys;
}

/* Another payload, and another signature. */
static void refuses_changes(void *keys)
{
	char *const places[] = {strchr(token, '.') + 20, strrchr(token, '.') + 20};
	for (size_t i = 0; i < sizeof(places) / sizeof(places[0]); i++) {
		char was = *places[i];
		*places[i] = was == 'A' ? 'B' : 'A';
		expect(
		    !peer.verify(keys, token, issuer, client), "a changed token is verified");
		*places[i] = was;
	}
	expect(!peer.verify(keys, token, "https://example.com", client), "another issuer");
	expect(!peer.verify(keys, token, issuer, "another"), "another client");
}

static double batch(void *ready)
{
	double start = now_us();
	for (int i = 0; i < BATCH; i++) {
		void *keys = ready != NULL ? ready : keys_of(jwks);
		expect(peer.verify(keys, token, issuer, client), "a good token is refused");
		if (ready == NULL)
			peer.forget_keys(keys);
	}
	return (now_us() - start) / BATCH;
}

static int order(const void *a, const void *b)
{
	const double *x = a, *y = b;
	return (*x > *y) - (*x < *y);
}

int main(int argc, char **argv)
{
	double ready_us[BATCHES], cold_us[BATCHES];
	expect(argc == 2, "FOLDER");
	read_text(argv[1], "token", token);
	read_text(argv[1], "jwks", jwks);
	read_text(argv[1], "pem", pem);
	read_text(argv[1], "issuer", issuer);
	read_text(argv[1], "client", client);
	void *keys = keys_of(jwks);
	refuses_changes(keys);
	for (int i = 0; i < BATCHES; i++) {
		ready_us[i] = batch(keys);
		cold_us[i] = batch(NULL);
	}
	peer.forget_keys(keys);
	qsort(ready_us, BATCHES, sizeof(double), order);
	qsort(cold_us, BATCHES, sizeof(double), order);
	printf("%.2f %.2f\n", ready_us[BATCHES / 2], cold_us[BATCHES / 2]);
	return 0;
}
