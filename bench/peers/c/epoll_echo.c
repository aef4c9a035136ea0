/*
 * A stream echo server on bare epoll: the most that one thread does without any library.
 *
 *   epoll_echo PORT     serves TCP 127.0.0.1:PORT (0: any), and says on stdout where it listens
 *   epoll_echo /PATH    the same over a Unix socket, which must not be there yet
 *
 * Level-triggered. Every readable socket is read once a turn into one shared buffer and written
 * back at once. What the peer does not take is kept, and that socket is not read again before the
 * rest is gone, so memory is bounded by one buffer a connection.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

enum { BUFFER = 256 * 1024, EVENTS = 1024, BACKLOG = 4096 };

struct peer {
  int fd;
  char *rest; /* what is still to be written; NULL while nothing is */
  size_t length;
  size_t written;
};

static char buffer[BUFFER];
static int poller;

static void die(const char *what) {
  perror(what);
  exit(1);
}

static void watch(int operation, struct peer *peer, uint32_t events) {
  struct epoll_event event = {.events = events, .data = {.ptr = peer}};
  if (epoll_ctl(poller, operation, peer->fd, &event)) die("epoll_ctl");
}

static void drop(struct peer *peer) {
  close(peer->fd);
  free(peer->rest);
  free(peer);
}

static void accept_all(int listener) {
  int fd, on = 1;
  while ((fd = accept4(listener, NULL, NULL, SOCK_NONBLOCK)) >= 0) {
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    struct peer *peer = calloc(1, sizeof *peer);
    if (!peer) die("calloc");
    peer->fd = fd;
    watch(EPOLL_CTL_ADD, peer, EPOLLIN);
  }
}

static void keep(struct peer *peer, const char *bytes, size_t length) {
  peer->rest = malloc(length);
  if (!peer->rest) die("malloc");
  memcpy(peer->rest, bytes, length);
  peer->length = length;
  peer->written = 0;
  watch(EPOLL_CTL_MOD, peer, EPOLLOUT);
}

static void echo(struct peer *peer) {
  ssize_t got = read(peer->fd, buffer, sizeof buffer);
  if (got <= 0) {
    if (got == 0 || errno != EAGAIN) drop(peer);
    return;
  }
  ssize_t put = write(peer->fd, buffer, got);
  if (put < 0 && errno != EAGAIN) {
    drop(peer);
    return;
  }
  if (put < 0) put = 0;
  if (put < got) keep(peer, buffer + put, got - put);
}

static void write_rest(struct peer *peer) {
  ssize_t put = write(peer->fd, peer->rest + peer->written, peer->length - peer->written);
  if (put < 0) {
    if (errno != EAGAIN) drop(peer);
    return;
  }
  peer->written += put;
  if (peer->written < peer->length) return;
  free(peer->rest);
  peer->rest = NULL;
  watch(EPOLL_CTL_MOD, peer, EPOLLIN);
}

static int listen_on_path(const char *path) {
  int listener = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0);
  if (listener < 0) die("socket");
  struct sockaddr_un address = {.sun_family = AF_UNIX};
  if (strlen(path) >= sizeof address.sun_path) {
    errno = ENAMETOOLONG;
    die(path);
  }
  strcpy(address.sun_path, path);
  if (bind(listener, (struct sockaddr *)&address, sizeof address)) die("bind");
  if (listen(listener, BACKLOG)) die("listen");
  printf("listening on %s\n", path);
  return listener;
}

static int listen_on_port(int port) {
  int listener = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0), on = 1;
  if (listener < 0) die("socket");
  setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
  struct sockaddr_in address = {
      .sin_family = AF_INET, .sin_port = htons(port), .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
  socklen_t length = sizeof address;
  if (bind(listener, (struct sockaddr *)&address, length)) die("bind");
  if (listen(listener, BACKLOG)) die("listen");
  if (getsockname(listener, (struct sockaddr *)&address, &length)) die("getsockname");
  printf("listening on %d\n", ntohs(address.sin_port));
  return listener;
}

int main(int argc, char **argv) {
  if (argc != 2) {
    fprintf(stderr, "usage: epoll_echo PORT|/PATH\n");
    return 2;
  }
  signal(SIGPIPE, SIG_IGN);
  struct rlimit files;
  if (getrlimit(RLIMIT_NOFILE, &files) == 0) {
    files.rlim_cur = files.rlim_max;
    setrlimit(RLIMIT_NOFILE, &files);
  }
  poller = epoll_create1(EPOLL_CLOEXEC);
  if (poller < 0) die("epoll_create1");
  const char *where = argv[1];
  struct peer listener = {.fd = *where == '/' ? listen_on_path(where) : listen_on_port(atoi(where))};
  fflush(stdout);
  watch(EPOLL_CTL_ADD, &listener, EPOLLIN);

  static struct epoll_event events[EVENTS];
  for (;;) {
    int ready = epoll_wait(poller, events, EVENTS, -1);
    for (int i = 0; i < ready; i++) {
      struct peer *peer = events[i].data.ptr;
      if (peer == &listener) {
        accept_all(peer->fd);
      } else if (peer->rest) {
        write_rest(peer);
      } else {
        echo(peer);
      }
    }
  }
}
