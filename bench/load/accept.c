/*
 * How fast does a server take connections? Each is opened, has one byte echoed and is closed.
 *
 *   accept PORT AT_A_TIME WARM_SECONDS SECONDS SERVER_PID
 *
 * AT_A_TIME connections are under way at any time, to 127.0.0.1:PORT. A request is a connection,
 * its latency the time from connect() to the byte that came back. Prints one line of JSON; exits 1
 * when a connection breaks or nothing moves any more.
 */
#include "load.h"

struct connection {
  int fd;
  int sent; /* the byte, so its echo is awaited */
  double started;
};

static int poller, server_port;

static void watch(int operation, struct connection *c, uint32_t events) {
  struct epoll_event event = {.events = events, .data = {.ptr = c}};
  if (epoll_ctl(poller, operation, c->fd, &event)) fail("epoll_ctl");
}

static void open_next(struct connection *c) {
  c->started = now();
  c->sent = 0;
  c->fd = connecting(server_port);
  watch(EPOLL_CTL_ADD, c, EPOLLOUT);
}

static void proceed(struct connection *c) {
  char byte = 'x';
  errno = 0;
  if (!c->sent) {
    if (send(c->fd, &byte, 1, MSG_NOSIGNAL) != 1) fail("connect");
    c->sent = 1;
    watch(EPOLL_CTL_MOD, c, EPOLLIN);
    return;
  }
  if (recv(c->fd, &byte, 1, 0) != 1) fail("recv");
  count_request(c->started, now());
  close(c->fd);
  open_next(c);
}

static void run_until(double end) {
  static struct epoll_event events[EVENTS];
  double progress = now();
  for (double time; (time = now()) < end;) {
    int ready = epoll_wait(poller, events, EVENTS, 100);
    for (int i = 0; i < ready; i++) proceed(events[i].data.ptr);
    if (ready > 0) progress = time;
    if (time - progress > STUCK_SECONDS) give_up("no reply any more");
  }
}

int main(int argc, char **argv) {
  if (argc != 6) {
    fprintf(stderr, "usage: accept PORT AT_A_TIME WARM_SECONDS SECONDS SERVER_PID\n");
    return 2;
  }
  server_port = atoi(argv[1]);
  int count = atoi(argv[2]);
  double warm = atof(argv[3]), window = atof(argv[4]);
  if (count < 1 || window <= 0) give_up("AT_A_TIME and SECONDS must be positive");
  measure_process(atoi(argv[5]));

  poller = epoll_create1(EPOLL_CLOEXEC);
  struct connection *connections = calloc(count, sizeof *connections);
  if (poller < 0 || !connections) fail("start");
  for (int i = 0; i < count; i++) open_next(&connections[i]);
  run_until(now() + warm);
  begin_window();
  run_until(began + window);
  end_window();
  print_window(requests);
  return 0;
}
