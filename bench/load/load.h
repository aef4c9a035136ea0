/*
 * What the load programs share: clocks, sockets, and the measured window.
 *
 * The CPU clock of the server's whole process is read exactly at the two ends of the window; what
 * its threads do for themselves (compile, collect) is in it.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

enum { BUFFER = 256 * 1024, EVENTS = 1024, SAMPLES = 1 << 20, SOURCES = 200 };
static const double STUCK_SECONDS = 10;

static long requests, lost;
static float latencies[SAMPLES]; /* microseconds, the first SAMPLES of the window */

static void fail(const char *what) {
  fprintf(stderr, "%s: %s: %s\n", program_invocation_short_name, what,
          errno ? strerror(errno) : "closed by the server");
  exit(1);
}

static void give_up(const char *why) {
  fprintf(stderr, "%s: %s\n", program_invocation_short_name, why);
  exit(1);
}

static double seconds(clockid_t clock) {
  struct timespec time;
  if (clock_gettime(clock, &time)) fail("clock_gettime");
  return time.tv_sec + time.tv_nsec * 1e-9;
}

static double now(void) { return seconds(CLOCK_MONOTONIC); }

static inline void allow_many_files(void) {
  struct rlimit files;
  if (getrlimit(RLIMIT_NOFILE, &files) == 0) {
    files.rlim_cur = files.rlim_max;
    setrlimit(RLIMIT_NOFILE, &files);
  }
}

/* ---- a socket on its way to 127.0.0.1 ---- */

/* From one of many loopback addresses, so that closed connections do not use up the ports of one. */
static inline int connecting(int port) {
  static uint32_t turn;
  int fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0), on = 1;
  if (fd < 0) fail("socket");
  if (turn == 0) turn = getpid();
  struct sockaddr_in source = {
      .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK + 1 + turn++ % SOURCES)};
  setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  setsockopt(fd, IPPROTO_IP, IP_BIND_ADDRESS_NO_PORT, &on, sizeof on);
  if (bind(fd, (struct sockaddr *)&source, sizeof source)) fail("bind");
  struct sockaddr_in server = {
      .sin_family = AF_INET, .sin_port = htons(port), .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
  if (connect(fd, (struct sockaddr *)&server, sizeof server) && errno != EINPROGRESS)
    fail("connect");
  return fd;
}

/* ---- the measured window ---- */

static clockid_t server_clock;
static double began, elapsed, server_cpu, own_cpu;

static void measure_process(int pid) {
  if ((errno = clock_getcpuclockid(pid, &server_clock))) fail("CPU clock of the server");
}

static void count_request(double started, double time) {
  if (requests < SAMPLES) latencies[requests] = (float)((time - started) * 1e6);
  requests++;
}

static void begin_window(void) {
  requests = lost = 0;
  server_cpu = seconds(server_clock);
  own_cpu = seconds(CLOCK_PROCESS_CPUTIME_ID);
  began = now();
}

static void end_window(void) {
  server_cpu = seconds(server_clock) - server_cpu;
  own_cpu = seconds(CLOCK_PROCESS_CPUTIME_ID) - own_cpu;
  elapsed = now() - began;
}

static int by_value(const void *a, const void *b) {
  float x = *(const float *)a, y = *(const float *)b;
  return (x > y) - (x < y);
}

/* COUNTED is the number of requests when the window ended. */
static void print_window(long counted) {
  if (counted == 0) give_up("not one reply in the measured window");
  long samples = counted < SAMPLES ? counted : SAMPLES;
  qsort(latencies, samples, sizeof *latencies, by_value);
  printf("{\"requests\": %ld, \"rps\": %.1f, \"server_us\": %.3f, \"server_busy\": %.3f,"
         " \"load_busy\": %.3f, \"p50_us\": %.1f, \"p99_us\": %.1f, \"lost\": %ld}\n",
         counted, counted / elapsed, server_cpu * 1e6 / counted, server_cpu / elapsed,
         own_cpu / elapsed, latencies[samples / 2], latencies[samples * 99 / 100], lost);
}
