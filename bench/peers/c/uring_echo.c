/*
 * An echo server on io_uring: multishot accept, multishot receive into a ring of provided buffers,
 * one send under way for each connection, straight from the buffer that was received into.
 *
 *   uring_echo PORT     serves 127.0.0.1:PORT (0: any), and says where it listens
 */
#define _GNU_SOURCE
#include <errno.h>
#include <liburing.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

enum { BUFFERS = 1024, BUFFER = 32 * 1024, ENTRIES = 4096, COMPLETIONS = 16384, BACKLOG = 4096 };
enum { ACCEPT = 0, RECEIVE = 1, SEND = 2, KIND = 3 }; /* in the low bits of a completion's data */

struct piece {
  int buffer, length;
};

struct peer {
  int fd;
  int receiving, sending, ended;
  int head, tail, room; /* the pieces to be sent; a ring in queue */
  struct piece *queue;
  struct peer *next_starved;
};

static struct io_uring ring;
static struct io_uring_buf_ring *buffers;
static char *memory;
static struct peer *starved; /* those that found no buffer to receive into */

static void die(const char *what, int error) {
  fprintf(stderr, "uring_echo: %s: %s\n", what, strerror(error));
  exit(1);
}

static struct io_uring_sqe *entry(void) {
  struct io_uring_sqe *entry = io_uring_get_sqe(&ring);
  if (entry) return entry;
  io_uring_submit(&ring);
  return io_uring_get_sqe(&ring);
}

/* Preparing an entry clears it, so its data is set afterwards. */
static void set_data(struct io_uring_sqe *entry, void *peer, int kind) {
  io_uring_sqe_set_data64(entry, (uint64_t)(uintptr_t)peer | kind);
}

static void accept_next(int listener) {
  struct io_uring_sqe *next = entry();
  io_uring_prep_multishot_accept(next, listener, NULL, NULL, 0);
  set_data(next, NULL, ACCEPT);
}

static void receive(struct peer *peer) {
  struct io_uring_sqe *next = entry();
  io_uring_prep_recv_multishot(next, peer->fd, NULL, 0, 0);
  next->flags |= IOSQE_BUFFER_SELECT;
  next->buf_group = 0;
  set_data(next, peer, RECEIVE);
  peer->receiving = 1;
}

static void send_next(struct peer *peer) {
  struct piece *piece = &peer->queue[peer->head % peer->room];
  struct io_uring_sqe *next = entry();
  io_uring_prep_send(next, peer->fd, memory + (size_t)piece->buffer * BUFFER, piece->length,
                     MSG_WAITALL | MSG_NOSIGNAL);
  set_data(next, peer, SEND);
  peer->sending = 1;
}

static void give_back(int buffer) {
  io_uring_buf_ring_add(buffers, memory + (size_t)buffer * BUFFER, BUFFER, buffer,
                        io_uring_buf_ring_mask(BUFFERS), 0);
  io_uring_buf_ring_advance(buffers, 1);
  if (!starved) return;
  struct peer *peer = starved;
  starved = peer->next_starved;
  receive(peer);
}

static void drop_when_done(struct peer *peer) {
  if (!peer->ended || peer->sending || peer->receiving) return;
  for (; peer->head < peer->tail; peer->head++)
    give_back(peer->queue[peer->head % peer->room].buffer);
  close(peer->fd);
  free(peer->queue);
  free(peer);
}

static void keep(struct peer *peer, struct piece piece) {
  if (peer->tail - peer->head == peer->room) {
    int room = peer->room ? 2 * peer->room : 4;
    struct piece *queue = malloc(room * sizeof *queue);
    if (!queue) die("malloc", ENOMEM);
    for (int i = peer->head; i < peer->tail; i++) queue[i % room] = peer->queue[i % peer->room];
    free(peer->queue);
    peer->queue = queue;
    peer->room = room;
  }
  peer->queue[peer->tail++ % peer->room] = piece;
}

static void accepted(struct io_uring_cqe *done, int listener) {
  int on = 1;
  if (done->res >= 0) {
    setsockopt(done->res, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    struct peer *peer = calloc(1, sizeof *peer);
    if (!peer) die("calloc", ENOMEM);
    peer->fd = done->res;
    receive(peer);
  }
  if (!(done->flags & IORING_CQE_F_MORE)) accept_next(listener);
}

static void received(struct io_uring_cqe *done, struct peer *peer) {
  if (!(done->flags & IORING_CQE_F_MORE)) peer->receiving = 0;
  if (done->res == -ENOBUFS) {
    peer->next_starved = starved;
    starved = peer;
    return;
  }
  int buffer = done->flags >> IORING_CQE_BUFFER_SHIFT;
  if (done->res <= 0) {
    if (done->flags & IORING_CQE_F_BUFFER) give_back(buffer);
    peer->ended = 1;
    drop_when_done(peer);
    return;
  }
  keep(peer, (struct piece){.buffer = buffer, .length = done->res});
  if (!peer->sending) send_next(peer);
  if (!peer->receiving) receive(peer);
}

static void sent(struct io_uring_cqe *done, struct peer *peer) {
  peer->sending = 0;
  give_back(peer->queue[peer->head++ % peer->room].buffer);
  if (done->res < 0) peer->ended = 1;
  if (peer->head < peer->tail && !peer->ended) send_next(peer);
  if (peer->head == peer->tail) peer->head = peer->tail = 0;
  drop_when_done(peer);
}

static int listen_on(int port) {
  int on = 1, listener = socket(AF_INET, SOCK_STREAM, 0);
  struct sockaddr_in address = {
      .sin_family = AF_INET, .sin_port = htons(port), .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
  socklen_t length = sizeof address;
  setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
  if (bind(listener, (struct sockaddr *)&address, length) || listen(listener, BACKLOG) ||
      getsockname(listener, (struct sockaddr *)&address, &length))
    die("listen", errno);
  printf("listening on %d\n", ntohs(address.sin_port));
  fflush(stdout);
  return listener;
}

static void set_up(void) {
  struct io_uring_params how = {
      .flags = IORING_SETUP_SINGLE_ISSUER | IORING_SETUP_DEFER_TASKRUN |
               IORING_SETUP_COOP_TASKRUN | IORING_SETUP_CQSIZE,
      .cq_entries = COMPLETIONS};
  int failed = io_uring_queue_init_params(ENTRIES, &ring, &how);
  if (failed) die("io_uring", -failed);
  if (posix_memalign((void **)&memory, 4096, (size_t)BUFFERS * BUFFER) ||
      posix_memalign((void **)&buffers, 4096, BUFFERS * sizeof(struct io_uring_buf)))
    die("buffers", ENOMEM);
  struct io_uring_buf_reg provided = {.ring_addr = (uintptr_t)buffers, .ring_entries = BUFFERS};
  failed = io_uring_register_buf_ring(&ring, &provided, 0);
  if (failed) die("ring of buffers", -failed);
  io_uring_buf_ring_init(buffers);
  for (int i = 0; i < BUFFERS; i++)
    io_uring_buf_ring_add(buffers, memory + (size_t)i * BUFFER, BUFFER, i,
                          io_uring_buf_ring_mask(BUFFERS), i);
  io_uring_buf_ring_advance(buffers, BUFFERS);
}

int main(int argc, char **argv) {
  if (argc != 2) {
    fprintf(stderr, "usage: uring_echo PORT\n");
    return 2;
  }
  struct rlimit files;
  if (getrlimit(RLIMIT_NOFILE, &files) == 0) {
    files.rlim_cur = files.rlim_max;
    setrlimit(RLIMIT_NOFILE, &files);
  }
  set_up();
  int listener = listen_on(atoi(argv[1]));
  accept_next(listener);
  for (;;) {
    io_uring_submit_and_wait(&ring, 1);
    unsigned head, count = 0;
    struct io_uring_cqe *done;
    io_uring_for_each_cqe(&ring, head, done) {
      struct peer *peer = (struct peer *)(uintptr_t)(done->user_data & ~(uint64_t)KIND);
      count++;
      switch (done->user_data & KIND) {
        case ACCEPT: accepted(done, listener); break;
        case RECEIVE: received(done, peer); break;
        case SEND: sent(done, peer); break;
      }
    }
    io_uring_cq_advance(&ring, count);
  }
}
