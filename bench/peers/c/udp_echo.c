/*
 * A UDP echo server on bare epoll: the most that one thread does without any library.
 *
 *   udp_echo PORT     serves 127.0.0.1:PORT (0: any), and says on stdout where it listens
 *
 * One socket. When it is readable, up to BATCH datagrams are received and sent back one by one;
 * one that finds no room to be sent is dropped, as UDP may.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

enum { BUFFER = 64 * 1024, BATCH = 32, RECEIVE_BUFFER = 4 * 1024 * 1024 };

static char buffer[BUFFER];

static void die(const char *what) {
  perror(what);
  exit(1);
}

static int bind_to(int port) {
  int fd = socket(AF_INET, SOCK_DGRAM | SOCK_NONBLOCK, 0), room = RECEIVE_BUFFER;
  if (fd < 0) die("socket");
  setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &room, sizeof room); /* the system takes what it allows */
  struct sockaddr_in address = {
      .sin_family = AF_INET, .sin_port = htons(port), .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
  socklen_t length = sizeof address;
  if (bind(fd, (struct sockaddr *)&address, length)) die("bind");
  if (getsockname(fd, (struct sockaddr *)&address, &length)) die("getsockname");
  printf("listening on %d\n", ntohs(address.sin_port));
  fflush(stdout);
  return fd;
}

static void echo_what_is_there(int fd) {
  for (int i = 0; i < BATCH; i++) {
    struct sockaddr_in peer;
    socklen_t length = sizeof peer;
    ssize_t got = recvfrom(fd, buffer, sizeof buffer, 0, (struct sockaddr *)&peer, &length);
    if (got < 0) {
      if (errno != EAGAIN) die("recvfrom");
      return;
    }
    if (sendto(fd, buffer, got, 0, (struct sockaddr *)&peer, length) < 0 && errno != EAGAIN) {
      die("sendto");
    }
  }
}

int main(int argc, char **argv) {
  if (argc != 2) {
    fprintf(stderr, "usage: udp_echo PORT\n");
    return 2;
  }
  int poller = epoll_create1(EPOLL_CLOEXEC), fd = bind_to(atoi(argv[1]));
  struct epoll_event event = {.events = EPOLLIN};
  if (poller < 0 || epoll_ctl(poller, EPOLL_CTL_ADD, fd, &event)) die("epoll");
  for (;;) {
    if (epoll_wait(poller, &event, 1, -1) > 0) echo_what_is_there(fd);
  }
}
