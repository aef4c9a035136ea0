/*
 * Load for a TLS echo server: N connections, each with one message under way at any time.
 *
 *   tls echo|handshake|resumed PORT CONNECTIONS SIZE WARM_SECONDS SECONDS SERVER_PID
 *
 * TLS 1.3, AES-128-GCM, X25519, whatever the server prefers. With "handshake" every connection has
 * one message echoed and is closed, and the next one takes its place. With "resumed" that next one
 * shows the ticket that the server gave to the one before; else there is no resumption. Replies of
 * the warm-up are compared with what was sent, byte by byte; in the measured window only lengths
 * are. The certificate is not verified. Prints one line of JSON; exits 1 when a reply is wrong, a
 * connection breaks, a session is not resumed that shall be, or nothing moves any more.
 */
#include "load.h"

#include <openssl/err.h>
#include <openssl/ssl.h>
#include <signal.h>

struct connection {
  int fd;
  SSL *ssl;
  int secure;         /* the handshake is done */
  int waits_to_write; /* what the poller watches for, besides input */
  int sent, received; /* of the message under way */
  double started;
  SSL_SESSION *ticket; /* of the connection before */
};

static int poller, server_port, verifying = 1, finishing, connected, handshakes, resuming, size;
static char *message, buffer[BUFFER];
static SSL_CTX *context;

static void tls_fail(const char *what) {
  ERR_print_errors_fp(stderr);
  fail(what);
}

static void watch(int operation, struct connection *c, int writing) {
  struct epoll_event event = {.events = EPOLLIN | (writing ? EPOLLOUT : 0), .data = {.ptr = c}};
  if (epoll_ctl(poller, operation, c->fd, &event)) fail("epoll_ctl");
  c->waits_to_write = writing;
}

/* Goes on when the socket can do what the last call on it lacked. */
static void wait_for(struct connection *c, int outcome, const char *what) {
  int error = SSL_get_error(c->ssl, outcome);
  if (error != SSL_ERROR_WANT_READ && error != SSL_ERROR_WANT_WRITE) tls_fail(what);
  int writing = error == SSL_ERROR_WANT_WRITE || (c->secure && c->sent < size);
  if (writing != c->waits_to_write) watch(EPOLL_CTL_MOD, c, writing);
}

static void open_connection(struct connection *c) {
  *c = (struct connection){.fd = connecting(server_port), .ssl = SSL_new(context), .started = now(),
                           .ticket = c->ticket};
  SSL_set_app_data(c->ssl, c);
  if (c->ticket && SSL_set_session(c->ssl, c->ticket) != 1) tls_fail("ticket");
  SSL_set_fd(c->ssl, c->fd);
  SSL_set_connect_state(c->ssl);
  watch(EPOLL_CTL_ADD, c, 1);
  connected++;
}

/* The last ticket is kept; OpenSSL calls this while it reads. */
static int got_ticket(SSL *ssl, SSL_SESSION *ticket) {
  struct connection *c = SSL_get_app_data(ssl);
  SSL_SESSION_free(c->ticket);
  c->ticket = ticket;
  return 1;
}

static void close_connection(struct connection *c) {
  SSL_shutdown(c->ssl);
  SSL_free(c->ssl);
  close(c->fd);
  connected--;
}

/* A whole reply is here: the next message, or the next connection. */
static void complete(struct connection *c) {
  double time = now();
  count_request(c->started, time);
  if (resuming && !c->ticket) give_up("the server gave no ticket");
  if (finishing || handshakes) {
    close_connection(c);
    if (!finishing) open_connection(c);
    return;
  }
  c->sent = c->received = 0;
  c->started = time;
}

static void receive(struct connection *c, int got) {
  int wrong = c->received + got > size;
  if (!wrong && verifying) wrong = memcmp(buffer, message + c->received, got) != 0;
  if (wrong) give_up("the reply is not what was sent");
  c->received += got;
}

/* Does all that the socket allows now. */
static void proceed(struct connection *c) {
  errno = 0;
  if (!c->secure) {
    int done = SSL_do_handshake(c->ssl);
    if (done != 1) {
      wait_for(c, done, "handshake");
      return;
    }
    c->secure = 1;
    if (c->ticket && !SSL_session_reused(c->ssl)) give_up("the server did not resume a session");
  }
  for (int put = 1, got = 1; put > 0 || got > 0;) {
    put = c->sent < size ? SSL_write(c->ssl, message + c->sent, size - c->sent) : 0;
    if (put > 0) c->sent += put;
    if (put < 0) wait_for(c, put, "write");
    got = SSL_read(c->ssl, buffer, sizeof buffer);
    if (got <= 0) {
      wait_for(c, got, "read");
      continue;
    }
    receive(c, got);
    if (c->received < size) continue;
    complete(c);
    if (finishing || handshakes) return;
  }
}

static void run_until(double end) {
  static struct epoll_event events[EVENTS];
  double progress = now();
  for (double time; (time = now()) < end && connected > 0;) {
    int ready = epoll_wait(poller, events, EVENTS, 100);
    for (int i = 0; i < ready; i++) proceed(events[i].data.ptr);
    if (ready > 0) progress = time;
    if (time - progress > STUCK_SECONDS) give_up("no reply any more");
  }
}

static void prepare_context(void) {
  context = SSL_CTX_new(TLS_client_method());
  if (!context || !SSL_CTX_set_min_proto_version(context, TLS1_3_VERSION) ||
      !SSL_CTX_set_ciphersuites(context, "TLS_AES_128_GCM_SHA256") ||
      !SSL_CTX_set1_groups_list(context, "X25519"))
    tls_fail("context");
  if (resuming) SSL_CTX_sess_set_new_cb(context, got_ticket);
  SSL_CTX_set_session_cache_mode(
      context, resuming ? SSL_SESS_CACHE_CLIENT | SSL_SESS_CACHE_NO_INTERNAL : SSL_SESS_CACHE_OFF);
  SSL_CTX_set_mode(context, SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
}

int main(int argc, char **argv) {
  if (argc != 8) {
    fprintf(stderr, "usage: tls echo|handshake|resumed PORT CONNECTIONS SIZE WARM_SECONDS SECONDS"
                    " SERVER_PID\n");
    return 2;
  }
  resuming = strcmp(argv[1], "resumed") == 0;
  handshakes = resuming || strcmp(argv[1], "handshake") == 0;
  server_port = atoi(argv[2]);
  int count = atoi(argv[3]);
  size = atoi(argv[4]);
  double warm = atof(argv[5]), window = atof(argv[6]);
  if (count < 1 || size < 1 || window <= 0) give_up("CONNECTIONS, SIZE, SECONDS must be positive");
  measure_process(atoi(argv[7]));
  allow_many_files();
  signal(SIGPIPE, SIG_IGN);
  prepare_context();

  poller = epoll_create1(EPOLL_CLOEXEC);
  message = malloc(size);
  struct connection *connections = calloc(count, sizeof *connections);
  if (poller < 0 || !message || !connections) fail("start");
  for (int i = 0; i < size; i++) message[i] = (char)(i * 131 + (i >> 8));
  for (int i = 0; i < count; i++) open_connection(&connections[i]);
  run_until(now() + warm);

  verifying = 0;
  begin_window();
  run_until(began + window);
  end_window();
  long counted = requests;
  finishing = 1;
  run_until(now() + 2 * STUCK_SECONDS);
  print_window(counted);
  return 0;
}
