/*
 * A TLS echo server on bare epoll and OpenSSL.
 *
 *   tls_echo PORT CERTIFICATE_AND_KEY     serves 127.0.0.1:PORT (0: any), and says where it listens
 *
 * For messages that a socket takes at once; it stops reading, and waits, where one does not.
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

enum { BUFFER = 64 * 1024, EVENTS = 1024, BACKLOG = 4096 };

static char buffer[BUFFER];
static int poller;

static void die(const char *what) {
  perror(what);
  ERR_print_errors_fp(stderr);
  exit(1);
}

static void drop(SSL *ssl) {
  close(SSL_get_fd(ssl));
  SSL_free(ssl);
}

static void accept_all(int listener, SSL_CTX *context) {
  int fd, on = 1;
  while ((fd = accept4(listener, NULL, NULL, SOCK_NONBLOCK)) >= 0) {
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    SSL *ssl = SSL_new(context);
    SSL_set_fd(ssl, fd);
    SSL_set_accept_state(ssl);
    struct epoll_event event = {.events = EPOLLIN, .data = {.ptr = ssl}};
    if (epoll_ctl(poller, EPOLL_CTL_ADD, fd, &event)) die("epoll_ctl");
  }
}

static void serve(SSL *ssl) {
  for (;;) {
    int got = SSL_read(ssl, buffer, sizeof buffer);
    if (got <= 0) {
      if (SSL_get_error(ssl, got) != SSL_ERROR_WANT_READ) drop(ssl);
      return;
    }
    int put;
    while ((put = SSL_write(ssl, buffer, got)) <= 0) {
      struct pollfd full = {.fd = SSL_get_fd(ssl), .events = POLLOUT};
      if (SSL_get_error(ssl, put) != SSL_ERROR_WANT_WRITE) {
        drop(ssl);
        return;
      }
      poll(&full, 1, -1);
    }
    if (!SSL_pending(ssl)) return;
  }
}

int main(int argc, char **argv) {
  if (argc != 3) {
    fprintf(stderr, "usage: tls_echo PORT CERTIFICATE_AND_KEY\n");
    return 2;
  }
  signal(SIGPIPE, SIG_IGN);
  SSL_CTX *context = SSL_CTX_new(TLS_server_method());
  if (!context || SSL_CTX_use_certificate_chain_file(context, argv[2]) != 1 ||
      SSL_CTX_use_PrivateKey_file(context, argv[2], SSL_FILETYPE_PEM) != 1)
    die("certificate");
  int on = 1, listener = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
  struct sockaddr_in address = {.sin_family = AF_INET,
                                .sin_port = htons(atoi(argv[1])),
                                .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
  socklen_t length = sizeof address;
  setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
  if (bind(listener, (struct sockaddr *)&address, length) || listen(listener, BACKLOG) ||
      getsockname(listener, (struct sockaddr *)&address, &length))
    die("listen");
  poller = epoll_create1(EPOLL_CLOEXEC);
  struct epoll_event event = {.events = EPOLLIN, .data = {.ptr = NULL}};
  if (poller < 0 || epoll_ctl(poller, EPOLL_CTL_ADD, listener, &event)) die("epoll");
  printf("listening on %d\n", ntohs(address.sin_port));
  fflush(stdout);
  static struct epoll_event events[EVENTS];
  for (;;) {
    int ready = epoll_wait(poller, events, EVENTS, -1);
    for (int i = 0; i < ready; i++) {
      if (events[i].data.ptr)
        serve(events[i].data.ptr);
      else
        accept_all(listener, context);
    }
  }
}
