/*
 * A TLS echo server on bare epoll and OpenSSL.
 *
 *   tls_echo CERTIFICATE_AND_KEY PORT     serves 127.0.0.1:PORT (0: any), and says where it listens
 *
 * What is there is read into one shared buffer until no record is left or the buffer is nearly full,
 * then written back. What the socket does not take is kept, and that connection is not read again
 * before the rest is gone.
 */
#define _GNU_SOURCE
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

enum { BUFFER = 256 * 1024, RECORD = 16 * 1024, EVENTS = 1024, BACKLOG = 4096 };

struct peer {
  int fd;
  int secure; /* the handshake is done */
  SSL *ssl;
  char *rest; /* what is still to be written; NULL while nothing is */
  int length, written;
};

static char buffer[BUFFER];
static int poller;

static void die(const char *what) {
  perror(what);
  ERR_print_errors_fp(stderr);
  exit(1);
}

static void watch(int operation, struct peer *peer, uint32_t events) {
  struct epoll_event event = {.events = events, .data = {.ptr = peer}};
  if (epoll_ctl(poller, operation, peer->fd, &event)) die("epoll_ctl");
}

static void drop(struct peer *peer) {
  ERR_clear_error();
  SSL_free(peer->ssl);
  close(peer->fd);
  free(peer->rest);
  free(peer);
}

static void accept_all(int listener, SSL_CTX *context) {
  int fd, on = 1;
  while ((fd = accept4(listener, NULL, NULL, SOCK_NONBLOCK)) >= 0) {
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    struct peer *peer = calloc(1, sizeof *peer);
    if (!peer) die("calloc");
    peer->fd = fd;
    peer->ssl = SSL_new(context);
    SSL_set_fd(peer->ssl, fd);
    SSL_set_accept_state(peer->ssl);
    watch(EPOLL_CTL_ADD, peer, EPOLLIN);
  }
}

/* Writes LENGTH bytes from the buffer; 0 when some are left to be written later. */
static int write_back(struct peer *peer, int length) {
  int written = 0, put;
  while (written < length && (put = SSL_write(peer->ssl, buffer + written, length - written)) > 0)
    written += put;
  if (written == length) return 1;
  peer->length = length - written;
  peer->written = 0;
  peer->rest = malloc(peer->length);
  if (!peer->rest) die("malloc");
  memcpy(peer->rest, buffer + written, peer->length);
  watch(EPOLL_CTL_MOD, peer, EPOLLOUT);
  return 0;
}

/* Writes what was kept; 0 when some of it is still left. */
static int write_rest(struct peer *peer) {
  int put = SSL_write(peer->ssl, peer->rest + peer->written, peer->length - peer->written);
  if (put <= 0) {
    if (SSL_get_error(peer->ssl, put) != SSL_ERROR_WANT_WRITE) drop(peer);
    return 0;
  }
  peer->written += put;
  if (peer->written < peer->length) return 0;
  free(peer->rest);
  peer->rest = NULL;
  watch(EPOLL_CTL_MOD, peer, EPOLLIN);
  return 1;
}

static void serve(struct peer *peer) {
  if (!peer->secure) {
    int done = SSL_do_handshake(peer->ssl);
    if (done != 1) {
      if (SSL_get_error(peer->ssl, done) != SSL_ERROR_WANT_READ) drop(peer);
      return;
    }
    peer->secure = 1;
  }
  if (peer->rest && !write_rest(peer)) return;
  for (;;) {
    int length = 0, got = 1, error = SSL_ERROR_NONE;
    while (length <= BUFFER - RECORD &&
           (got = SSL_read(peer->ssl, buffer + length, BUFFER - length)) > 0)
      length += got;
    if (got <= 0) error = SSL_get_error(peer->ssl, got);
    if (length > 0 && !write_back(peer, length)) return;
    if (error != SSL_ERROR_NONE) {
      if (error != SSL_ERROR_WANT_READ) drop(peer);
      return;
    }
  }
}

static SSL_CTX *identity(const char *file) {
  SSL_CTX *context = SSL_CTX_new(TLS_server_method());
  if (!context || SSL_CTX_use_certificate_chain_file(context, file) != 1 ||
      SSL_CTX_use_PrivateKey_file(context, file, SSL_FILETYPE_PEM) != 1)
    die("certificate");
  SSL_CTX_set_mode(context, SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER |
                                SSL_MODE_RELEASE_BUFFERS);
  return context;
}

static int listen_on(int port) {
  int on = 1, listener = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
  struct sockaddr_in address = {
      .sin_family = AF_INET, .sin_port = htons(port), .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
  socklen_t length = sizeof address;
  setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
  if (bind(listener, (struct sockaddr *)&address, length) || listen(listener, BACKLOG) ||
      getsockname(listener, (struct sockaddr *)&address, &length))
    die("listen");
  printf("listening on %d\n", ntohs(address.sin_port));
  fflush(stdout);
  return listener;
}

int main(int argc, char **argv) {
  if (argc != 3) {
    fprintf(stderr, "usage: tls_echo CERTIFICATE_AND_KEY PORT\n");
    return 2;
  }
  signal(SIGPIPE, SIG_IGN);
  SSL_CTX *context = identity(argv[1]);
  poller = epoll_create1(EPOLL_CLOEXEC);
  if (poller < 0) die("epoll_create1");
  struct peer listener = {.fd = listen_on(atoi(argv[2]))};
  watch(EPOLL_CTL_ADD, &listener, EPOLLIN);
  static struct epoll_event events[EVENTS];
  for (;;) {
    int ready = epoll_wait(poller, events, EVENTS, -1);
    for (int i = 0; i < ready; i++) {
      struct peer *peer = events[i].data.ptr;
      if (peer == &listener)
        accept_all(listener.fd, context);
      else
        serve(peer);
    }
  }
}
