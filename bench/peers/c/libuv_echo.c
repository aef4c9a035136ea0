/*
 * An echo server on libuv: one shared read buffer, and what is read is written at once.
 *
 *   libuv_echo PORT     serves 127.0.0.1:PORT (0: any), and says where it listens
 */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <uv.h>

enum { BUFFER = 256 * 1024, BACKLOG = 4096 };

struct rest {
  uv_write_t request;
  char bytes[];
};

static char buffer[BUFFER];

static void check(int status, const char *what) {
  if (status == 0) return;
  fprintf(stderr, "libuv_echo: %s: %s\n", what, uv_strerror(status));
  exit(1);
}

static void use_buffer(uv_handle_t *peer, size_t hint, uv_buf_t *into) {
  (void)peer, (void)hint;
  *into = uv_buf_init(buffer, sizeof buffer);
}

static void closed(uv_handle_t *peer) { free(peer); }

static void written(uv_write_t *request, int status) {
  (void)status; /* a broken connection shows when it is read */
  free(request);
}

static void echo(uv_stream_t *peer, ssize_t got, const uv_buf_t *data) {
  if (got < 0) {
    uv_close((uv_handle_t *)peer, closed);
    return;
  }
  if (got == 0) return;
  uv_buf_t all = uv_buf_init(data->base, got);
  int put = uv_try_write(peer, &all, 1);
  if (put < 0) put = 0;
  if (put == got) return;
  struct rest *rest = malloc(sizeof *rest + got - put);
  if (!rest) exit(1);
  memcpy(rest->bytes, data->base + put, got - put);
  uv_buf_t left = uv_buf_init(rest->bytes, got - put);
  uv_write(&rest->request, peer, &left, 1, written);
}

static void connected(uv_stream_t *listener, int status) {
  check(status, "accept");
  uv_tcp_t *peer = malloc(sizeof *peer);
  if (!peer) exit(1);
  uv_tcp_init(listener->loop, peer);
  if (uv_accept(listener, (uv_stream_t *)peer)) {
    uv_close((uv_handle_t *)peer, closed);
    return;
  }
  uv_tcp_nodelay(peer, 1);
  uv_read_start((uv_stream_t *)peer, use_buffer, echo);
}

int main(int argc, char **argv) {
  if (argc != 2) {
    fprintf(stderr, "usage: libuv_echo PORT\n");
    return 2;
  }
  signal(SIGPIPE, SIG_IGN);
  uv_loop_t *loop = uv_default_loop();
  uv_tcp_t listener;
  struct sockaddr_in address;
  int length = sizeof address;
  uv_tcp_init(loop, &listener);
  uv_ip4_addr("127.0.0.1", atoi(argv[1]), &address);
  check(uv_tcp_bind(&listener, (struct sockaddr *)&address, 0), "bind");
  check(uv_listen((uv_stream_t *)&listener, BACKLOG, connected), "listen");
  check(uv_tcp_getsockname(&listener, (struct sockaddr *)&address, &length), "getsockname");
  printf("listening on %d\n", ntohs(address.sin_port));
  fflush(stdout);
  return uv_run(loop, UV_RUN_DEFAULT);
}
