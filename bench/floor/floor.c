/*
 * The floor: what the kernel alone asks for the work of the benches. A relay on epoll and libc, one thread. A frame is built
 * once, and what one turn of the loop has for a socket goes out in one write. It keeps nothing, checks nothing, and reads no
 * JSON: it looks for the few words that the generator is known to send.
 *
 *   cc -O2 -Wall -Wextra -o floor floor.c && ./floor
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/tcp.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

static void die(const char *what) {
  perror(what);
  exit(1);
}

static void *resized(void *memory, size_t bytes) {
  void *more = realloc(memory, bytes);
  if (more == NULL) die("realloc");
  return more;
}

/* ------------------------------------------------- bytes that grow -- */

typedef struct {
  char *at;
  size_t length, room;
} bytes;

static void add(bytes *to, const void *from, size_t length) {
  if (to->length + length > to->room) {
    to->room = (to->length + length) * 2;
    to->at = resized(to->at, to->room);
  }
  memcpy(to->at + to->length, from, length);
  to->length += length;
}

static void drop(bytes *of, size_t length) {
  of->length -= length;
  memmove(of->at, of->at + length, of->length);
}

static void discard(bytes *all) {
  free(all->at);
  *all = (bytes){0};
}

/* ------------------------------------------- sockets and their rooms -- */

typedef struct {
  int fd;
  char open, dirty, blocked;
  bytes in, out; /* what is not whole yet, and what waits for the end of the turn */
  struct room **rooms;
  int joined;
  double due, every; /* of its stream, in microseconds */
  int left;
} conn;

typedef struct room {
  struct room *next;
  conn **members;
  int size, space;
  char name[];
} room;

enum { BUCKETS = 1 << 16, EVENTS = 1024, READ = 1 << 18 };
static room *rooms[BUCKETS];
static int epoll;
/* Sockets with something to write, and those that stream. */
static conn **dirty, **streams;
static int dirt, dirt_space, streaming, stream_space;

static room *room_named(const char *name, size_t length) {
  uint32_t hash = 2166136261u;
  for (size_t i = 0; i < length; i++) hash = (hash ^ (unsigned char)name[i]) * 16777619u;
  room **place = &rooms[hash % BUCKETS];
  for (room *found = *place; found != NULL; found = found->next)
    if (strlen(found->name) == length && memcmp(found->name, name, length) == 0) return found;
  room *made = calloc(1, sizeof *made + length + 1);
  if (made == NULL) die("calloc");
  memcpy(made->name, name, length);
  made->next = *place;
  return *place = made;
}

static void join(conn *who, room *to) {
  if (to->size == to->space) to->members = resized(to->members, sizeof(conn *) * (size_t)(to->space = to->space * 2 + 4));
  to->members[to->size++] = who;
  who->rooms = resized(who->rooms, sizeof(room *) * (size_t)(who->joined + 1));
  who->rooms[who->joined++] = to;
}

static void leave_all(conn *who) {
  for (int i = 0; i < who->joined; i++) {
    room *from = who->rooms[i];
    for (int k = 0; k < from->size; k++)
      if (from->members[k] == who) from->members[k--] = from->members[--from->size];
  }
}

/* -------------------------------------------------------- going out -- */

static void add_out(conn *to, const void *from, size_t length) {
  add(&to->out, from, length);
  if (to->dirty || to->blocked) return;
  to->dirty = 1;
  if (dirt == dirt_space) dirty = resized(dirty, sizeof(conn *) * (size_t)(dirt_space = dirt_space * 2 + 64));
  dirty[dirt++] = to;
}

static size_t header(unsigned char *to, int opcode, size_t length) {
  to[0] = (unsigned char)(0x80 | opcode);
  if (length < 126) return to[1] = (unsigned char)length, 2;
  if (length < 65536) return to[1] = 126, to[2] = (unsigned char)(length >> 8), to[3] = (unsigned char)length, 4;
  to[1] = 127;
  for (int i = 0; i < 8; i++) to[2 + i] = (unsigned char)((uint64_t)length >> (56 - 8 * i));
  return 10;
}

static void say(conn *to, int opcode, const char *text, size_t length) {
  unsigned char head[10];
  add_out(to, head, header(head, opcode, length));
  add_out(to, text, length);
}

static void watch(conn *of, int operation) {
  struct epoll_event wish = {.events = EPOLLIN | (of->blocked ? (uint32_t)EPOLLOUT : 0), .data.ptr = of};
  epoll_ctl(epoll, operation, of->fd, &wish);
}

static void flush(conn *of) {
  ssize_t sent = of->fd < 0 ? 0 : send(of->fd, of->out.at, of->out.length, MSG_NOSIGNAL);
  if (sent < 0 && errno != EAGAIN) sent = (ssize_t)of->out.length; /* gone; reading will tell */
  if (sent > 0) drop(&of->out, (size_t)sent);
  char blocked = of->out.length > 0;
  if (blocked == of->blocked || of->fd < 0) return;
  of->blocked = blocked;
  watch(of, EPOLL_CTL_MOD);
}

static void flush_all(void) {
  for (int i = 0; i < dirt; i++) {
    dirty[i]->dirty = 0;
    flush(dirty[i]);
  }
  dirt = 0;
}

/* ---------------------------------------------------------- streams -- */

static double now(void) {
  struct timespec time;
  clock_gettime(CLOCK_REALTIME, &time);
  return (double)time.tv_sec * 1e6 + (double)time.tv_nsec / 1e3;
}

static void begin_stream(conn *to, double every_ms, int pieces) {
  to->every = every_ms * 1000;
  to->due = now() + to->every * (1 + (double)rand() / RAND_MAX);
  to->left = pieces;
  if (streaming == stream_space) streams = resized(streams, sizeof(conn *) * (size_t)(stream_space = stream_space * 2 + 64));
  streams[streaming++] = to;
}

/* Says what is due; returns the milliseconds until something is, or -1. */
static int stream_on(void) {
  double at = now(), next = -1;
  for (int i = 0; i < streaming; i++) {
    conn *to = streams[i];
    for (; to->left > 0 && to->due <= at; to->due += to->every, to->left--) {
      char text[128];
      int length = snprintf(text, sizeof text, "{\"type\":\"piece\",\"text\":\"~T%016llx some words of an answer \"}",
                            (unsigned long long)to->due);
      say(to, 1, text, (size_t)length);
    }
    if (to->left > 0) {
      if (next < 0 || to->due < next) next = to->due;
      continue;
    }
    if (to->fd >= 0) say(to, 1, "{\"type\":\"end\"}", 14);
    streams[i--] = streams[--streaming];
  }
  return next < 0 ? -1 : (int)((next - at) / 1000) + 1;
}

/* -------------------------------------------------------- coming in -- */

/* Where the value of a field begins, or NULL. */
static const char *field(const char *text, size_t length, const char *name) {
  const char *found = memmem(text, length, name, strlen(name));
  return found == NULL ? NULL : found + strlen(name);
}

static int begins(const char *text, size_t length, const char *with) {
  return length >= strlen(with) && memcmp(text, with, strlen(with)) == 0;
}

static const char PUBLISH[] = "{\"type\":\"publish\"", MESSAGE[] = "{\"type\":\"message\"", JOIN[] = "{\"type\":\"join\"",
                  JOINED[] = "{\"type\":\"joined\"", ECHO[] = "{\"type\":\"echo\"", STREAM[] = "{\"type\":\"stream\"";

/* The same text under another type, as a frame. */
static bytes *frame_of(const char *type, const char *rest, size_t length) {
  static bytes frame;
  unsigned char head[10];
  frame.length = 0;
  add(&frame, head, header(head, 1, strlen(type) + length));
  add(&frame, type, strlen(type));
  add(&frame, rest, length);
  return &frame;
}

static void heard(conn *from, const char *text, size_t length) {
  const char *end = text + length, *name = field(text, length, "\"room\":\"");
  const char *name_end = name == NULL ? NULL : memchr(name, '"', (size_t)(end - name));
  room *in = name_end == NULL ? NULL : room_named(name, (size_t)(name_end - name));
  if (begins(text, length, ECHO)) return say(from, 1, text, length);
  if (begins(text, length, STREAM)) {
    const char *every = field(text, length, "\"everyMs\":"), *pieces = field(text, length, "\"pieces\":");
    if (every != NULL && pieces != NULL) begin_stream(from, atof(every), atoi(pieces));
  } else if (in != NULL && begins(text, length, JOIN)) {
    join(from, in);
    const char *rest = text + sizeof JOIN - 1;
    bytes *frame = frame_of(JOINED, rest, (size_t)(end - rest));
    add_out(from, frame->at, frame->length);
  } else if (in != NULL && begins(text, length, PUBLISH)) {
    const char *rest = text + sizeof PUBLISH - 1;
    bytes *frame = frame_of(MESSAGE, rest, (size_t)(end - rest));
    for (int i = 0; i < in->size; i++) add_out(in->members[i], frame->at, frame->length);
  }
}

/* --------------------------------------------------- the handshake -- */

static uint32_t turned(uint32_t word, int by) { return word << by | word >> (32 - by); }

static void sha1_block(uint32_t state[5], const unsigned char *block) {
  uint32_t w[80], a = state[0], b = state[1], c = state[2], d = state[3], e = state[4];
  for (int i = 0; i < 80; i++)
    w[i] = i < 16 ? (uint32_t)block[4 * i] << 24 | (uint32_t)block[4 * i + 1] << 16 | (uint32_t)block[4 * i + 2] << 8 | block[4 * i + 3]
                  : turned(w[i - 3] ^ w[i - 8] ^ w[i - 14] ^ w[i - 16], 1);
  for (int i = 0; i < 80; i++) {
    uint32_t f = i < 20 ? ((b & c) | (~b & d)) + 0x5a827999u
               : i < 40 ? (b ^ c ^ d) + 0x6ed9eba1u
               : i < 60 ? ((b & c) | (b & d) | (c & d)) + 0x8f1bbcdcu
                        : (b ^ c ^ d) + 0xca62c1d6u;
    uint32_t next = turned(a, 5) + f + e + w[i];
    e = d, d = c, c = turned(b, 30), b = a, a = next;
  }
  state[0] += a, state[1] += b, state[2] += c, state[3] += d, state[4] += e;
}

/* The answer to a key of 24 characters: SHA-1 of it and a fixed text, which are 60 bytes, in base64. */
static void accept_of(const char *key, char answer[29]) {
  unsigned char data[128] = {0}, hash[21] = {0};
  uint32_t state[5] = {0x67452301, 0xefcdab89, 0x98badcfe, 0x10325476, 0xc3d2e1f0};
  memcpy(data, key, 24);
  memcpy(data + 24, "258EAFA5-E914-47DA-95CA-C5AB0DC85B11", 36);
  data[60] = 0x80, data[126] = 60 * 8 >> 8, data[127] = (60 * 8) & 255;
  sha1_block(state, data), sha1_block(state, data + 64);
  for (int i = 0; i < 20; i++) hash[i] = (unsigned char)(state[i / 4] >> (24 - 8 * (i % 4)));
  static const char letters[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  for (int i = 0; i < 7; i++) {
    uint32_t three = (uint32_t)hash[3 * i] << 16 | (uint32_t)hash[3 * i + 1] << 8 | hash[3 * i + 2];
    for (int k = 0; k < 4; k++) answer[4 * i + k] = letters[three >> (18 - 6 * k) & 63];
  }
  answer[27] = '=', answer[28] = 0;
}

/* Both return how many bytes they took, 0 where more must come, -1 to close. */

static ssize_t shake_hands(conn *with, const char *at, size_t length) {
  const char *end = memmem(at, length, "\r\n\r\n", 4);
  if (end == NULL) return length > 8192 ? -1 : 0;
  const char *key = field(at, length, "Sec-WebSocket-Key: ");
  if (key == NULL || end - key < 24) return -1;
  char accept[29], answer[256];
  accept_of(key, accept);
  int size = snprintf(answer, sizeof answer,
                      "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
                      "Sec-WebSocket-Accept: %s\r\n\r\n", accept);
  /* At once: who stays silent needs no buffer. */
  if (send(with->fd, answer, (size_t)size, MSG_NOSIGNAL) != size) return -1;
  with->open = 1;
  return end + 4 - at;
}

static ssize_t read_frame(conn *from, char *at, size_t length) {
  unsigned char *head = (unsigned char *)at;
  if (length < 6) return 0;
  size_t size = head[1] & 127, start = size < 126 ? 6 : size == 126 ? 8 : 14;
  if (length < start) return 0;
  if (size == 126) size = (size_t)head[2] << 8 | head[3];
  else if (size == 127) size = (size_t)head[6] << 24 | (size_t)head[7] << 16 | (size_t)head[8] << 8 | head[9];
  if (length < start + size) return 0;
  const char *mask = at + start - 4;
  char *text = at + start;
  for (size_t i = 0; i < size; i++) text[i] ^= mask[i & 3];
  int opcode = head[0] & 15;
  if (opcode == 1) heard(from, text, size);
  else if (opcode == 9) say(from, 10, text, size);
  else if (opcode == 8) {
    say(from, 8, text, size < 2 ? 0 : 2);
    flush(from);
    return -1;
  }
  return (ssize_t)(start + size);
}

static void end(conn *of) {
  leave_all(of);
  close(of->fd);
  of->fd = -1;
  of->left = 0;
  discard(&of->in), discard(&of->out);
  free(of->rooms);
  of->rooms = NULL, of->joined = 0;
}

static void readable(conn *of) {
  static char buffer[READ];
  ssize_t got = recv(of->fd, buffer, sizeof buffer, 0);
  if (got < 0 && errno == EAGAIN) return;
  if (got <= 0) return end(of);
  char *at = buffer;
  size_t length = (size_t)got;
  if (of->in.length > 0) add(&of->in, buffer, length), at = of->in.at, length = of->in.length;
  size_t taken = 0;
  while (taken < length) {
    ssize_t more = of->open ? read_frame(of, at + taken, length - taken) : shake_hands(of, at + taken, length - taken);
    if (more < 0) return end(of);
    if (more == 0) break;
    taken += (size_t)more;
  }
  if (of->in.length > 0) drop(&of->in, taken);
  else if (taken < length) add(&of->in, at + taken, length - taken);
  if (of->in.length == 0) discard(&of->in);
}

/* --------------------------------------------------------- the loop -- */

static void accept_all(int listener) {
  for (;;) {
    int fd = accept4(listener, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC), yes = 1;
    if (fd < 0) return;
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof yes);
    /* Never freed: a socket that ended may still stand in a list of this turn. */
    conn *new = calloc(1, sizeof *new);
    if (new == NULL) die("calloc");
    new->fd = fd;
    watch(new, EPOLL_CTL_ADD);
  }
}

int main(void) {
  struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
  socklen_t size = sizeof address;
  int listener = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  if (bind(listener, (struct sockaddr *)&address, size) || listen(listener, 4096)) die("listen");
  getsockname(listener, (struct sockaddr *)&address, &size);
  epoll = epoll_create1(EPOLL_CLOEXEC);
  struct epoll_event wish = {.events = EPOLLIN, .data.ptr = NULL};
  epoll_ctl(epoll, EPOLL_CTL_ADD, listener, &wish);
  printf("ready at http://127.0.0.1:%d\n", ntohs(address.sin_port));
  fflush(stdout);
  for (;;) {
    static struct epoll_event events[EVENTS];
    int wait = stream_on();
    flush_all();
    int count = epoll_wait(epoll, events, EVENTS, wait);
    for (int i = 0; i < count; i++) {
      conn *of = events[i].data.ptr;
      if (of == NULL) accept_all(listener);
      else if (of->fd >= 0 && events[i].events & EPOLLOUT) flush(of);
      if (of != NULL && of->fd >= 0 && events[i].events & ~(uint32_t)EPOLLOUT) readable(of);
    }
  }
}
