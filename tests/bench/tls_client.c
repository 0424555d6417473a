/* SPDX-License-Identifier: MIT
 *
 * tls_client CAFILE HOST PORT REQUEST...: the floor of all clients. Connects with OpenSSL,
 * checks the certificate, sends the files, each a whole HTTP request, and reads each answer.
 */
#include <netdb.h>
#include <openssl/ssl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define TEXT_MAX (64 * 1024)

static void expect(int is_good, const char *what)
{
	if (is_good)
		return;
	fprintf(stderr, "tls_client: %s\n", what);
	exit(1);
}

static int connected(const char *host, const char *port)
{
	struct addrinfo *found, hints = {.ai_family = AF_INET, .ai_socktype = SOCK_STREAM};
	expect(getaddrinfo(host, port, &hints, &found) == 0, "getaddrinfo");
	int fd = socket(found->ai_family, found->ai_socktype | SOCK_CLOEXEC, 0);
	expect(fd >= 0 && connect(fd, found->ai_addr, found->ai_addrlen) == 0, "connect");
	freeaddrinfo(found);
	return fd;
}

static void request(SSL *ssl, const char *path)
{
	static char text[TEXT_MAX];
	FILE *f = fopen(path, "re");
	expect(f != NULL, path);
	size_t len = fread(text, 1, sizeof(text), f);
	fclose(f);
	expect(SSL_write(ssl, text, (int)len) == (int)len, "write");
}

static void answer(SSL *ssl)
{
	static char text[TEXT_MAX];
	size_t len = 0, whole = 0;
	while (whole == 0 || len < whole) {
		int n = SSL_read(ssl, text + len, (int)(sizeof(text) - 1 - len));
		expect(n > 0, "read");
		len += (size_t)n;
		text[len] = '\0';
		const char *body = strstr(text, "\r\n\r\n"),
			   *length = strcasestr(text, "\r\ncontent-length:");
		if (whole == 0 && body != NULL && length != NULL)
			whole = (size_t)(body + 4 - text) + strtoul(length + 17, NULL, 10);
	}
	expect(strncmp(text, "HTTP/1.1 200 ", 13) == 0, "status");
}

int main(int argc, char **argv)
{
	expect(argc > 4, "CAFILE HOST PORT REQUEST...");
	SSL_CTX *context = SSL_CTX_new(TLS_client_method());
	expect(context != NULL && SSL_CTX_load_verify_file(context, argv[1]) == 1, argv[1]);
	SSL_CTX_set_verify(context, SSL_VERIFY_PEER, NULL);
	SSL *ssl = SSL_new(context);
	expect(ssl != NULL && SSL_set1_host(ssl, argv[2]) == 1 &&
		   SSL_set_tlsext_host_name(ssl, argv[2]) == 1 &&
		   SSL_set_fd(ssl, connected(argv[2], argv[3])) == 1 && SSL_connect(ssl) == 1,
	    "TLS");
	for (int i = 4; i < argc; i++) {
		request(ssl, argv[i]);
		answer(ssl);
	}
	SSL_free(ssl);
	SSL_CTX_free(context);
	return 0;
}
