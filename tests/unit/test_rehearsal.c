/* SPDX-License-Identifier: MIT
 *
 * What the warm helper does before it forks, and what it must not leave to its children.
 */
#include "helper/rehearsal.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <dirent.h>
#include <openssl/crypto.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/kdf.h>
#include <openssl/rand.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "helper/flow/srp.h"
#include "helper/token/jwks.h"
#include "mint.h"

static unsigned long allocations;
static struct rehearsal rehearsal;

static void *count_malloc(size_t size, const char *file, int line)
{
	(void)file, (void)line;
	allocations++;
	return malloc(size);
}

static void *count_realloc(void *old, size_t size, const char *file, int line)
{
	(void)file, (void)line;
	allocations++;
	return realloc(old, size);
}

static void count_free(void *old, const char *file, int line)
{
	(void)file, (void)line;
	free(old);
}

/* What work() writes, in a process of its own. */
static void in_child(void (*work)(unsigned char *), unsigned char *out, size_t len)
{
	int ends[2], status = 0;
	assert_int_equal(pipe(ends), 0);
	pid_t pid = fork();
	if (pid == 0) {
		work(out);
		_exit(write(ends[1], out, len) == (ssize_t)len ? 0 : 1);
	}
	close(ends[1]);
	assert_int_equal(read(ends[0], out, len), len);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(status, 0);
	close(ends[0]);
}

static size_t open_files(void)
{
	size_t count = 0;
	DIR *files = opendir("/proc/self/fd");
	assert_non_null(files);
	while (readdir(files) != NULL)
		count++;
	closedir(files);
	return count;
}

/* An emulator such as qemu-user has no seccomp, for which the rehearsal makes the filter. */
static void need_seccomp(void)
{
	if (prctl(PR_GET_SECCOMP) < 0) {
		print_message("# skipped: this kernel has no seccomp\n");
		skip();
	}
}

/* ---- which work is done already --------------------------------------------------------- */

/* A key as a key set and as a certificate has it. */
static struct {
	char set[1024];
	unsigned char der[512];
	int der_len;
} made;

/* In a child: what OpenSSL then remembers must not be there before the rehearsal. */
static void make_key(unsigned char *out)
{
	EVP_PKEY *key = mint_key(2048);
	char *jwk = mint_jwk(key, "\"kid\":\"a\",");
	char *set = mint_set((const char *const[]){jwk, NULL});
	unsigned char *der = NULL;
	made.der_len = i2d_PUBKEY(key, &der);
	snprintf(made.set, sizeof(made.set), "%s", set);
	memcpy(made.der, der, (size_t)made.der_len);
	OPENSSL_free(der);
	EVP_PKEY_free(key);
	free(jwk);
	free(set);
	memcpy(out, &made, sizeof(made));
}

static void read_key_set(void)
{
	struct jwks *set = NULL;
	assert_int_equal(jwks_parse(made.set, strlen(made.set), &set), 0);
	jwks_free(set);
}

static void read_certificate_key(void)
{
	const unsigned char *at = made.der;
	EVP_PKEY *key = d2i_PUBKEY(NULL, &at, made.der_len);
	assert_non_null(key);
	EVP_PKEY_free(key);
}

static void draw_secret(void)
{
	unsigned char secret[16];
	assert_int_equal(RAND_priv_bytes(secret, sizeof(secret)), 1);
}

static void begin_srp(void)
{
	struct srp *srp = NULL;
	assert_int_equal(srp_new_random(rehearsal.srp_group, &srp), 0);
	srp_free(srp);
}

static void derive_key(void)
{
	EVP_KDF *kdf = EVP_KDF_fetch(NULL, "TLS13-KDF", NULL);
	assert_non_null(kdf);
	EVP_KDF_free(kdf);
}

static void begin_tls(void)
{
	SSL_CTX *context = SSL_CTX_new(TLS_client_method());
	assert_non_null(context);
	SSL_CTX_free(context);
}

static void (*const works[])(void) = {
    read_key_set, read_certificate_key, draw_secret, begin_srp, derive_key, begin_tls};
#define WORKS (sizeof(works) / sizeof(works[0]))

static size_t nth;

/* Of the first time and of the second. */
static void count_work(unsigned char *out)
{
	unsigned long counts[2];
	for (size_t i = 0; i < 2; i++) {
		unsigned long before = allocations;
		works[nth]();
		counts[i] = allocations - before;
	}
	memcpy(out, counts, sizeof(counts));
}

/* What OpenSSL keeps, it allocates at the first time alone. */
static void a_child_finds_the_work_done(void **state)
{
	unsigned long counts[2];
	(void)state;
	need_seccomp();
	for (size_t i = 0; i < 2; i++) {
		for (nth = 0; nth < WORKS; nth++) {
			in_child(count_work, (unsigned char *)counts, sizeof(counts));
			bool is_done = counts[0] <= counts[1] + 8;
			if (is_done != (i == 1))
				fail_msg("work %zu: %lu allocations, then %lu", nth, counts[0],
				    counts[1]);
		}
		if (i == 0)
			assert_true(rehearsal_run(&rehearsal));
	}
	assert_non_null(rehearsal.srp_group);
	assert_non_null(rehearsal.filter);
	rehearsal_free(&rehearsal);
}

/* ---- what must not be there afterwards -------------------------------------------------- */

#define DRAWN 32

static void draw(unsigned char *out)
{
	RAND_bytes(out, DRAWN / 2);
	RAND_priv_bytes(out + DRAWN / 2, DRAWN / 2);
}

static void children_and_parent_draw_different_numbers(void **state)
{
	unsigned char drawn[4][DRAWN];
	(void)state;
	need_seccomp();
	assert_true(rehearsal_run(&rehearsal));
	for (size_t i = 0; i < 3; i++)
		in_child(draw, drawn[i], DRAWN);
	rehearsal_free(&rehearsal);
	draw(drawn[3]);
	for (size_t i = 0; i < 4; i++)
		for (size_t j = 0; j < i; j++) {
			assert_memory_not_equal(drawn[i], drawn[j], DRAWN / 2);
			assert_memory_not_equal(
			    drawn[i] + DRAWN / 2, drawn[j] + DRAWN / 2, DRAWN / 2);
		}
}

static void no_file_stays_open_and_no_error_stays_behind(void **state)
{
	(void)state;
	need_seccomp();
	assert_true(rehearsal_run(&rehearsal));
	rehearsal_free(&rehearsal);
	size_t before = open_files();
	assert_true(rehearsal_run(&rehearsal));
	rehearsal_free(&rehearsal);
	assert_int_equal(open_files(), before);
	assert_int_equal(ERR_peek_error(), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(a_child_finds_the_work_done), /* the first: nothing is done yet */
	    cmocka_unit_test(children_and_parent_draw_different_numbers),
	    cmocka_unit_test(no_file_stays_open_and_no_error_stays_behind),
	};
	if (CRYPTO_set_mem_functions(count_malloc, count_realloc, count_free) != 1)
		return 1;
	in_child(make_key, (unsigned char *)&made, sizeof(made));
	return cmocka_run_group_tests(tests, NULL, NULL);
}
