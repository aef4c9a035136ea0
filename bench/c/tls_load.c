/*
 * Load for a TLS echo server: N connections, each with one message under way at any time.
 *
 *   tls_load PORT CONNECTIONS SIZE WARM_SECONDS SECONDS SERVER_PID
 *
 * As load.c, over OpenSSL: replies of the warm-up are compared byte by byte, in the measured window
 * only lengths are. The certificate is not verified, since only records are measured. Prints one line
 * of JSON; exits 1 when a reply is wrong, a connection breaks, or nothing moves any more.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

enum { BUFFER = 64 * 1024, EVENTS = 1024, SAMPLES = 1 << 20 };
static const double STUCK_SECONDS = 10;

struct connection {
  int fd;
  SSL *ssl;
  int received; /* of the reply under way */
  double started;
};

static int poller, verifying = 1, finishing, connected, size;
static char *message, buffer[BUFFER];
static float latencies[SAMPLES]; /* microseconds, the first SAMPLES of the window */
static long requests;

static void fail(const char *what) {
  fprintf(stderr, "tls_load: %s: %s\n", what, errno ? strerror(errno) : "closed by the server");
  ERR_print_errors_fp(stderr);
  exit(1);
}

static double seconds(clockid_t clock) {
  struct timespec time;
  if (clock_gettime(clock, &time)) fail("clock_gettime");
  return time.tv_sec + time.tv_nsec * 1e-9;
}

static double now(void) { return seconds(CLOCK_MONOTONIC); }

static void open_connection(struct connection *c, SSL_CTX *context, int port) {
  int on = 1;
  c->fd = socket(AF_INET, SOCK_STREAM, 0);
  struct sockaddr_in server = {
      .sin_family = AF_INET, .sin_port = htons(port), .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
  if (c->fd < 0 || connect(c->fd, (struct sockaddr *)&server, sizeof server)) fail("connect");
  setsockopt(c->fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  c->ssl = SSL_new(context);
  SSL_set_fd(c->ssl, c->fd);
  if (SSL_connect(c->ssl) != 1) fail("handshake");
  fcntl(c->fd, F_SETFL, O_NONBLOCK);
  struct epoll_event event = {.events = EPOLLIN, .data = {.ptr = c}};
  if (epoll_ctl(poller, EPOLL_CTL_ADD, c->fd, &event)) fail("epoll_ctl");
  connected++;
}

static void start_message(struct connection *c, double time) {
  c->received = 0;
  c->started = time;
  while (SSL_write(c->ssl, message, size) <= 0) { /* a large one: wait until the socket takes more */
    struct pollfd full = {.fd = c->fd, .events = POLLOUT};
    if (SSL_get_error(c->ssl, -1) != SSL_ERROR_WANT_WRITE) fail("write");
    poll(&full, 1, -1);
  }
}

/* Reads what there is; a whole reply is counted and answered by the next message. */
static void pull(struct connection *c) {
  errno = 0;
  for (;;) {
    int got = SSL_read(c->ssl, buffer, sizeof buffer);
    if (got <= 0) {
      if (SSL_get_error(c->ssl, got) == SSL_ERROR_WANT_READ) return;
      fail("read");
    }
    int wrong = c->received + got > size;
    if (!wrong && verifying) wrong = memcmp(buffer, message + c->received, got) != 0;
    if (wrong) {
      fprintf(stderr, "tls_load: the reply is not what was sent\n");
      exit(1);
    }
    c->received += got;
    if (c->received < size) continue;
    if (finishing) {
      close(c->fd);
      connected--;
      return;
    }
    double time = now();
    if (requests < SAMPLES) latencies[requests] = (float)((time - c->started) * 1e6);
    requests++;
    start_message(c, time);
    return; /* nothing can have come yet */
  }
}

static void run_until(double end) {
  static struct epoll_event events[EVENTS];
  double progress = now();
  while (now() < end && (!finishing || connected > 0)) {
    int ready = epoll_wait(poller, events, EVENTS, 100);
    for (int i = 0; i < ready; i++) pull(events[i].data.ptr);
    if (ready > 0) progress = now();
    if (now() - progress > STUCK_SECONDS) {
      fprintf(stderr, "tls_load: no reply for %.0f s\n", STUCK_SECONDS);
      exit(1);
    }
  }
}

static int by_value(const void *a, const void *b) {
  float x = *(const float *)a, y = *(const float *)b;
  return (x > y) - (x < y);
}

int main(int argc, char **argv) {
  if (argc != 7) {
    fprintf(stderr, "usage: tls_load PORT CONNECTIONS SIZE WARM_SECONDS SECONDS SERVER_PID\n");
    return 2;
  }
  int port = atoi(argv[1]), count = atoi(argv[2]);
  size = atoi(argv[3]);
  double warm = atof(argv[4]), window = atof(argv[5]);
  clockid_t server;
  if ((errno = clock_getcpuclockid(atoi(argv[6]), &server))) fail("CPU clock of the server");
  signal(SIGPIPE, SIG_IGN);

  SSL_CTX *context = SSL_CTX_new(TLS_client_method());
  poller = epoll_create1(EPOLL_CLOEXEC);
  message = malloc(size);
  struct connection *connections = calloc(count, sizeof *connections);
  if (!context || poller < 0 || !message || !connections) fail("start");
  for (int i = 0; i < size; i++) message[i] = (char)(i * 131 + (i >> 8));
  for (int i = 0; i < count; i++) open_connection(&connections[i], context, port);
  for (int i = 0; i < count; i++) start_message(&connections[i], now());
  run_until(now() + warm);

  verifying = 0;
  requests = 0;
  double server_cpu = seconds(server), own_cpu = seconds(CLOCK_PROCESS_CPUTIME_ID), start = now();
  run_until(start + window);
  server_cpu = seconds(server) - server_cpu;
  own_cpu = seconds(CLOCK_PROCESS_CPUTIME_ID) - own_cpu;
  double elapsed = now() - start;
  finishing = 1;
  run_until(now() + 2 * STUCK_SECONDS);
  if (requests == 0) {
    fprintf(stderr, "tls_load: not one reply in %.2f s\n", elapsed);
    return 1;
  }

  long samples = requests < SAMPLES ? requests : SAMPLES;
  qsort(latencies, samples, sizeof *latencies, by_value);
  printf("{\"requests\": %ld, \"rps\": %.1f, \"server_us\": %.3f, \"server_busy\": %.3f,"
         " \"load_busy\": %.3f, \"p50_us\": %.1f, \"p99_us\": %.1f}\n",
         requests, requests / elapsed, server_cpu * 1e6 / requests, server_cpu / elapsed,
         own_cpu / elapsed, latencies[samples / 2], latencies[samples * 99 / 100]);
  return 0;
}
