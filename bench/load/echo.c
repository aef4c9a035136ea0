/*
 * Load for an echo server: N connections, each with one message under way at any time.
 *
 *   echo PORT|/PATH|udp:PORT CONNECTIONS SIZE WARM_SECONDS SECONDS SERVER_PID
 *
 * TCP to 127.0.0.1, a Unix socket, or UDP, where a connection is a socket of its own. A datagram
 * that is not answered for RESEND_SECONDS counts as lost and is sent again; messages are numbered,
 * so that an answer that comes after all is not taken for the next one's.
 *
 * Every reply of the warm-up is compared with what was sent, byte by byte. In the measured window
 * that follows only lengths are checked, and the CPU clock of the server's whole process is read
 * exactly at its two ends. Then each connection gets its last reply and is closed. Prints one line
 * of JSON; exits 1 when a reply is wrong, a connection breaks, or nothing moves any more.
 */
#include "load.h"

static const double RESEND_SECONDS = 0.2;

struct connection {
  int fd;
  int waits_to_write;
  uint32_t number; /* of the message under way, the first bytes of a datagram */
  size_t sent, received; /* of the message under way */
  double started;
};

static int poller, verifying = 1, finishing, connected, datagrams;
static size_t size;
static char *message, buffer[BUFFER];
static struct connection *connections;
static int count;

static void watch(int operation, struct connection *c, uint32_t events) {
  struct epoll_event event = {.events = events, .data = {.ptr = c}};
  if (epoll_ctl(poller, operation, c->fd, &event)) fail("epoll_ctl");
}

static int connect_to(const char *where) {
  int on = 1, fd;
  if (*where == '/') {
    struct sockaddr_un path = {.sun_family = AF_UNIX};
    if (strlen(where) >= sizeof path.sun_path) {
      errno = ENAMETOOLONG;
      fail(where);
    }
    strcpy(path.sun_path, where);
    fd = socket(AF_UNIX, SOCK_STREAM, 0);
    if (fd < 0) fail("socket");
    if (connect(fd, (struct sockaddr *)&path, sizeof path)) fail("connect");
    return fd;
  }
  int port = atoi(datagrams ? where + 4 : where);
  struct sockaddr_in server = {
      .sin_family = AF_INET, .sin_port = htons(port), .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
  fd = socket(AF_INET, datagrams ? SOCK_DGRAM : SOCK_STREAM, 0);
  if (fd < 0) fail("socket");
  if (connect(fd, (struct sockaddr *)&server, sizeof server)) fail("connect");
  if (!datagrams) setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  return fd;
}

static void open_connection(struct connection *c, const char *where) {
  c->fd = connect_to(where);
  watch(EPOLL_CTL_ADD, c, EPOLLIN);
  connected++;
}

/* Sends the message under way as one datagram that bears its number. */
static void send_datagram(struct connection *c) {
  memcpy(message, &c->number, sizeof c->number);
  if (send(c->fd, message, size, MSG_DONTWAIT) < 0 && errno != EAGAIN) fail("send");
  c->started = now();
}

/* Writes what the socket takes of the current message; asks to be told when it takes more. */
static void push(struct connection *c) {
  while (c->sent < size) {
    ssize_t put = send(c->fd, message + c->sent, size - c->sent, MSG_DONTWAIT | MSG_NOSIGNAL);
    if (put < 0) {
      if (errno != EAGAIN) fail("send");
      if (!c->waits_to_write) watch(EPOLL_CTL_MOD, c, EPOLLIN | EPOLLOUT);
      c->waits_to_write = 1;
      return;
    }
    c->sent += put;
  }
  if (c->waits_to_write) watch(EPOLL_CTL_MOD, c, EPOLLIN);
  c->waits_to_write = 0;
}

static void start_message(struct connection *c, double time) {
  c->sent = c->received = 0;
  c->started = time;
  if (datagrams) {
    c->number++;
    send_datagram(c);
  } else {
    push(c);
  }
}

/* Reads once; a whole reply is counted and answered by the next message. */
static void pull(struct connection *c) {
  errno = 0;
  ssize_t got = recv(c->fd, buffer, sizeof buffer, MSG_DONTWAIT);
  if (got < 0 && errno == EAGAIN) return;
  if (got <= 0) fail("recv");
  int wrong = c->received + got > size;
  if (datagrams && !wrong) {
    if (memcmp(buffer, &c->number, sizeof c->number)) return; /* the answer to one sent again */
    memcpy(message, &c->number, sizeof c->number);
    wrong = (size_t)got != size;
  }
  if (!wrong && verifying) wrong = memcmp(buffer, message + c->received, got) != 0;
  if (wrong) give_up("the reply is not what was sent");
  c->received += got;
  if (c->received < size) return;
  if (finishing) {
    close(c->fd);
    c->fd = -1;
    connected--;
    return;
  }
  double time = now();
  count_request(c->started, time);
  start_message(c, time);
}

/* Sends again what has had no answer for too long. */
static void resend(double time) {
  static double next;
  if (time < next) return;
  next = time + RESEND_SECONDS / 2;
  for (int i = 0; i < count; i++) {
    if (connections[i].fd >= 0 && time - connections[i].started > RESEND_SECONDS) {
      lost++;
      send_datagram(&connections[i]);
    }
  }
}

static double turn(double last_progress) {
  static struct epoll_event events[EVENTS];
  int ready = epoll_wait(poller, events, EVENTS, 100);
  for (int i = 0; i < ready; i++) {
    struct connection *c = events[i].data.ptr;
    if (events[i].events & EPOLLOUT) push(c);
    if (events[i].events & (EPOLLIN | EPOLLHUP | EPOLLERR)) pull(c);
  }
  double time = now();
  if (datagrams) resend(time);
  if (ready > 0) return time;
  if (time - last_progress > STUCK_SECONDS) give_up("no reply any more");
  return last_progress;
}

static void run_until(double end) {
  double progress = now();
  while (now() < end) progress = turn(progress);
}

static void finish(void) {
  double progress = now();
  finishing = 1;
  while (connected > 0) progress = turn(progress);
}

int main(int argc, char **argv) {
  if (argc != 7) {
    fprintf(stderr, "usage: echo PORT|/PATH|udp:PORT CONNECTIONS SIZE WARM_SECONDS SECONDS SERVER_PID\n");
    return 2;
  }
  const char *where = argv[1];
  datagrams = strncmp(where, "udp:", 4) == 0;
  count = atoi(argv[2]);
  size = strtoul(argv[3], NULL, 10);
  double warm = atof(argv[4]), window = atof(argv[5]);
  if (count < 1 || size < 1 || window <= 0) give_up("CONNECTIONS, SIZE, SECONDS must be positive");
  if (datagrams && (size < sizeof(uint32_t) || size > 65507)) give_up("a datagram has 4 to 65507 bytes");
  measure_process(atoi(argv[6]));
  allow_many_files();

  poller = epoll_create1(EPOLL_CLOEXEC);
  message = malloc(size);
  connections = calloc(count, sizeof *connections);
  if (poller < 0 || !message || !connections) fail("start");
  for (size_t i = 0; i < size; i++) message[i] = (char)(i * 131 + (i >> 8));
  for (int i = 0; i < count; i++) open_connection(&connections[i], where);
  for (int i = 0; i < count; i++) start_message(&connections[i], now());
  run_until(now() + warm);

  verifying = 0;
  begin_window();
  run_until(began + window);
  end_window();
  long counted = requests;
  finish();
  print_window(counted);
  return 0;
}
